"""How right the product is: `python -m benchmarks.yardstick [--split frozen] [--variations full,no-reader] [--peers]`.

Builds the example company in an empty home, asks the questions of a split in every variation, judges, and prints a
table with intervals; `--peers` adds other projects' default pipelines on the same questions, by the same judge.
`--report FILE.html` writes the report with plots, failures first; `--out FILE.json` every judged answer.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from adapters.evaluation import Judged
from adapters.questions import SPLITS
from adapters.scores import compare, scores
from assistant.access import local_operator
from assistant.evaluation_report import breakdown_lines, html_report, lines
from assistant.example import load_example
from assistant.services import Services
from assistant.settings import Settings
from assistant.variation import VARIATIONS
from benchmarks import peers

EXAMPLES = Path(__file__).parent.parent / "examples"


class Progress:
    """Prints every fiftieth question with the time left."""

    def __init__(self, name: str) -> None:
        self._name, self._began = name, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Told after each question."""
        if done % 50 == 0 or done == total:
            left = (time.monotonic() - self._began) / done * (total - done)
            print(f"  {self._name}: {done}/{total}, {left:.0f} s left", flush=True)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", default="frozen", choices=SPLITS)
    parser.add_argument("--variations", default=",".join(name for name in VARIATIONS if name != "no-adapter"))
    parser.add_argument("--peers", nargs="?", const=",".join(peers.USUAL), default="")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    runs: dict[str, list[Judged]] = {}
    with tempfile.TemporaryDirectory() as home:
        services = Services(Settings(home=Path(home), models=Settings().models_folder))
        load_example(services, EXAMPLES, lambda _line: None)
        with services.database.read() as session:
            operator = local_operator(session, "benchmark")
        for name in options.variations.split(","):
            run = services.evaluations.run(
                operator, EXAMPLES / "questions.jsonl", options.split, variation=name, progress=Progress(name)
            )
            runs[name] = run.judged
        versions = services.evaluated_versions()
        services.close()
    if options.peers:
        runs |= peers.run(options.split, Progress, options.peers.split(","))
    print("\n".join(lines({name: scores(judged) for name, judged in runs.items()})))
    first, *others = runs
    print("\n".join(breakdown_lines(runs[first])))
    for other in others:
        found = compare(runs[first], runs[other])
        print(
            f"{other} against {first}: right {100 * found.difference:+.1f} points of all questions "
            f"[{100 * found.low:+.1f}, {100 * found.high:+.1f}], McNemar p = {found.p_value:.3g}"
        )
    if options.report:
        options.report.write_text(html_report(runs, {"split": options.split, **versions}), encoding="utf-8")
    if options.out:
        options.out.write_text(
            json.dumps({name: [one.as_dict() for one in judged] for name, judged in runs.items()}, ensure_ascii=False),
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
