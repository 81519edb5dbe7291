"""How right the product is: `python -m benchmarks.yardstick [--split frozen] [--variations full,no-reader] [--plain]`.

Builds the example company in an empty home, asks the questions of a split, judges, and prints a table with intervals.
The first variation answers all of them; the others, with `--plain` the plain ways to an answer (see `plain_way`), with
`--adapter FOLDER` the one that learnt, and with `--peers` other projects' default pipelines, a fixed draw, compared
question by question. `--draw-all`: the first answers the draw only, too.
`--short` asks sixty short ones instead, as people type them, that leave out the condition of the rule they ask for.
`--report FILE.html` writes the report with plots, failures first; `--out FILE.json` every judged answer.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.evaluation import Judged
from adapters.questions import SPLITS, Question, drawn, read_questions
from adapters.scores import compare, scores
from assistant.access import local_operator
from assistant.evaluation_report import breakdown_lines, html_report, lines
from assistant.example import load_example
from assistant.services import Services
from assistant.settings import Settings
from assistant.variation import FULL, VARIATIONS
from benchmarks import peers, plain_way

EXAMPLES = Path(__file__).parent.parent / "examples"
QUESTIONS = EXAMPLES / "questions.jsonl"
SHORT = Path(__file__).parent / "short_questions.jsonl"
USUAL = tuple(name for name in VARIATIONS if name != "no-adapter")  # no adapter is live yet: the same as full
PEERS = peers.NAMES[:2]  # the third takes as long again
DRAW = 120  # questions for what is compared: a peer's prompts of 2,000 tokens take a quarter of a minute each on a CPU


class Progress:
    """Prints every fiftieth question with the time left."""

    def __init__(self, name: str) -> None:
        self._name, self._began = name, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Told after each question."""
        if done % 50 == 0 or done == total:
            left = (time.monotonic() - self._began) / done * (total - done)
            print(f"  {self._name}: {done}/{total}, {left:.0f} s left", flush=True)


def run(
    questions: Path,
    split: str,
    variations: Sequence[str],
    peer_names: Sequence[str] = (),
    plain: Sequence[str] = (),
    adapter: Path | None = None,
    draw: int = DRAW,
    draw_all: bool = False,
    report: Path | None = None,
    out: Path | None = None,
) -> None:
    """Evaluate the first variation on all questions (unless `draw_all`), then the others, the plain ways and the peers
    on `draw` of them, and print; `report` and `out` are written as well."""
    runs: dict[str, list[Judged]] = {}
    chosen = drawn(read_questions(questions, split), draw)
    asked: Path | Sequence[Question] = chosen if draw_all else questions
    with tempfile.TemporaryDirectory() as home:
        services = Services(Settings(home=Path(home), models=Settings().models_folder))
        load_example(services, EXAMPLES, lambda _line: None)
        with services.database.read() as session:
            operator = local_operator(session, "benchmark")
        for name in variations:
            kept = services.evaluations.run(operator, asked, split, variation=name, progress=Progress(name))
            runs[name] = kept.judged
            asked = chosen
            _keep(runs, out)
        for name in plain:
            runs[name] = plain_way.run(name, services, operator, chosen, adapter, Progress(name))
            _keep(runs, out)
        versions = services.evaluated_versions(FULL)
        services.close()
    for name in peer_names:
        runs[name] = peers.run(name, split, draw, Progress(name))
        _keep(runs, out)
    first, *others = runs
    rows = {name: scores(judged) for name, judged in runs.items()}
    if others:
        ids = {one.id for one in runs[others[0]]}
        rows[f"{first}, the others' questions"] = scores([one for one in runs[first] if one.id in ids])
    print("\n".join(lines(rows)))
    print("\n".join(breakdown_lines(runs[first])))
    for other in others:
        found = compare(runs[first], runs[other])
        print(
            f"{other} against {first}: right {100 * found.difference:+.1f} points of all questions "
            f"[{100 * found.low:+.1f}, {100 * found.high:+.1f}], McNemar p = {found.p_value:.3g}"
        )
    if report:
        report.write_text(html_report(runs, {"split": split, **versions}), encoding="utf-8")


def _keep(runs: Mapping[str, Sequence[Judged]], out: Path | None) -> None:
    """Write what there is so far: all of it may take an hour."""
    if out:
        judged_answers = {name: [one.as_dict() for one in judged] for name, judged in runs.items()}
        out.write_text(json.dumps(judged_answers, ensure_ascii=False), encoding="utf-8")


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", default="frozen", choices=SPLITS)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--variations", default=",".join(USUAL))
    parser.add_argument("--peers", nargs="?", const=",".join(PEERS), default="")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--adapter", type=Path, help="what `train_writer --passages` wrote")
    parser.add_argument("--draw", type=int, default=DRAW, help="questions for all but the first variation")
    parser.add_argument("--draw-all", action="store_true")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    named = given.peers.split(",") if given.peers else []
    if given.short and named:
        parser.error("the peers are asked the questions of a split, not the short ones")
    asked, split = (SHORT, "calibration") if given.short else (QUESTIONS, given.split)
    plain = [*(plain_way.AS_THEY_COME if given.plain else ()), *([plain_way.LEARNT] if given.adapter else ())]
    run(
        asked,
        split,
        given.variations.split(","),
        named,
        plain,
        given.adapter,
        given.draw,
        given.draw_all,
        given.report,
        given.out,
    )


if __name__ == "__main__":
    main()
