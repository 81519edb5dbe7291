"""Are documents noticed that contradict each other? `python -m benchmarks.contradictions [--company ja|en|examples]`.

One notice after the other (`rivals/`) is put beside a company's documents and its question is asked: a notice that says
otherwise in the same matter must be noticed; one of another matter, and one that says the same, must not. Then the
company's own questions are asked without any notice: what is noticed there is read by eye. The bounds were chosen on
`ja` and `en`; `examples` was written before it was tried, with the questions as the company has them.
"""

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from assistant.access import User, local_operator
from assistant.answer import Answer
from assistant.services import Services
from benchmarks.company import COMPANIES, opened

RIVALS = Path(__file__).parent / "rivals"


def noticed(answer: Answer) -> bool:
    """Whether a second document was found that says otherwise."""
    return bool(answer.signals["contradicted"])


def told(answer: Answer) -> str:
    """The first two sources."""
    return "".join(f"\n     {one.file}: {' '.join(one.quote.split())[:110]}" for one in answer.citations[:2])


def beside(services: Services, operator: User, notice: dict[str, Any]) -> Answer:
    """The answer to a notice's question while the notice is in force."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / notice["file"]
        path.write_text(notice["text"], encoding="utf-8")
        document = services.documents.ingest(operator, path, notice["domain"]).document
    answer = services.assistant.ask(notice["question"], operator, reviewed=False)
    if document is not None:
        services.document_care.withdraw(operator, document)
        services.index.refresh(services.database.read)
    return answer


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--company", choices=["ja", "en", "examples"], default="examples")
    company = next(one for one in COMPANIES if one.folder.name == parser.parse_args().company)
    lines = (RIVALS / f"{company.folder.name}.jsonl").read_text("utf-8").splitlines()
    counted = Counter[tuple[str, bool]]()
    with opened(folder=company.folder) as (services, _):
        with services.database.read() as session:
            operator = local_operator(session, "benchmark")
        for notice in map(json.loads, lines):
            answer = beside(services, operator, notice)
            counted["contradicts" if notice["contradicts"] else "does not", noticed(answer)] += 1
            if noticed(answer) != notice["contradicts"]:
                word = "missed" if notice["contradicts"] else "wrongly noticed"
                print(
                    f"{word} ({answer.status}, {answer.confidence:.2f}): {notice['question']}{told(answer)}", flush=True
                )
        for question in company.questions():
            answer = services.assistant.ask(question.question, operator, reviewed=False)
            counted["own questions", noticed(answer)] += 1
            if noticed(answer):
                print(f"noticed at ({answer.confidence:.2f}): {question.question}{told(answer)}", flush=True)
    for kind in ("contradicts", "does not", "own questions"):
        found, left = counted[kind, True], counted[kind, False]
        print(f"{kind:>14}: noticed at {found} of {found + left}")


if __name__ == "__main__":
    main()
