"""Other projects' default pipelines on the same questions, by the same judge, with the same models.

Their chunking, retrieval and prompting as their documentation starts people off; they are handed our embedded
encoder and language model, and the documents as our parsers read them. They run in an environment of their own
(`data/peers`), made on first use, and never in the product's.
"""

import json
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from adapters.evaluation import Judged, Outcome, Progress, judge
from adapters.questions import drawn, read_questions

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parent / "data" / "peers"
REQUIREMENTS = HERE / "requirements-peers.txt"
NAMES = ("llama-index", "haystack", "langchain")


def environment() -> Path:
    """The peers' interpreter; sees the product's packages after its own. Made once."""
    python = ENVIRONMENT / "bin" / "python"
    done = ENVIRONMENT / "installed.txt"
    if not done.exists() or done.read_text() != REQUIREMENTS.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
        own = Path(
            subprocess.check_output(
                [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
            ).strip()
        )
        (own / "zz_product.pth").write_text(sysconfig.get_path("purelib") + "\n")
        install = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(REQUIREMENTS)]
        subprocess.run(install, check=True)
        done.write_text(REQUIREMENTS.read_text())
    return python


def run(name: str, split: str, count: int, progress: Progress) -> list[Judged]:
    """A peer's judged answers to `count` questions of a split of the example company. Raises RuntimeError."""
    questions = drawn(read_questions(HERE.parent / "examples" / "questions.jsonl", split), count)
    judged = []
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            [str(environment()), "-m", "benchmarks.peer_pipelines", name, split, str(count)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=HERE.parent,
        ) as process,
    ):
        assert process.stdout is not None
        for number, (question, line) in enumerate(zip(questions, process.stdout, strict=False), start=1):
            judged.append(judge(question, Outcome(**json.loads(line))))
            progress(number, len(questions))
        if process.wait() != 0:
            log.seek(0)
            raise RuntimeError(f"{name} failed: {log.read()[-2000:].decode(errors='replace')}")
    return judged
