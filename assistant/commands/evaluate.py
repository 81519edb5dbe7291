"""`madoguchi evaluate`: ask questions with known answers, judge, keep the run and print the figures."""

from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.questions import SPLITS
from adapters.scores import broken_down, compare, scores
from assistant.commands.output import As, InDomain, Json, acting, asked, emit, home
from assistant.errors import BadInput
from assistant.evaluation_report import breakdown_lines, failures, html_report, lines
from assistant.evaluations import Run
from assistant.variation import VARIATIONS

QUESTIONS = Path("examples/questions.jsonl")


def evaluate(
    domain: InDomain = None,
    questions: Annotated[Path, typer.Option(help="Questions with known answers, one JSON object a line.")] = QUESTIONS,
    split: Annotated[str, typer.Option(help=f"Which of them: {', '.join(SPLITS)}.")] = "frozen",
    variation: Annotated[str, typer.Option(help=f"What takes part: {', '.join(VARIATIONS)}.")] = "full",
    against: Annotated[str | None, typer.Option(metavar="RUN", help="Compare with an earlier run.")] = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE.html", help="Write a report with plots.")] = None,
    details: Annotated[bool, typer.Option("--details", help="Every question, not only the figures.")] = False,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Judge the assistant on questions with known answers. The run is kept; conversations and desks see nothing."""
    if split not in SPLITS:
        raise BadInput("unknown_split", split=split, known=", ".join(SPLITS))
    with home() as services:
        user = acting(services, as_user)
        earlier = services.evaluations.get(user, against) if against else None

        run = services.evaluations.run(user, questions, split, domain=domain, variation=variation, progress=asked)
        if report is not None:
            shown = {run.title: run.judged} | ({earlier.title: earlier.judged} if earlier else {})
            report.write_text(html_report(shown, run.versions), encoding="utf-8")
        emit(_as_result(run, earlier, details), json, "\n".join(_told(run, earlier, details)))


def _as_result(run: Run, earlier: Run | None, details: bool) -> dict[str, Any]:
    result: dict[str, Any] = {
        "run": run.id,
        "variation": run.variation,
        "split": run.split,
        "domain": run.domain,
        "questions_hash": run.questions_hash,
        "versions": run.versions,
        "scores": scores(run.judged).as_dict(),
        "by": {
            key: {value: figures.as_dict() for value, figures in rows.items()}
            for key, rows in broken_down(run.judged).items()
        },
    }
    if earlier is not None:
        result["against"] = {"run": earlier.id} | vars(compare(earlier.judged, run.judged))
    if details:
        result["judged"] = [one.as_dict() for one in run.judged]
    return result


def _told(run: Run, earlier: Run | None, details: bool) -> list[str]:
    rows = {"run": scores(run.judged)} | ({"against": scores(earlier.judged)} if earlier else {})
    told = [*lines(rows), *breakdown_lines(run.judged)]
    if earlier is not None:
        found = compare(earlier.judged, run.judged)
        told.append(
            f"\nright {100 * found.difference:+.1f} points [{100 * found.low:+.1f}, {100 * found.high:+.1f}], "
            f"McNemar p = {found.p_value:.3g}, {found.questions} questions"
        )
    if details:
        told.append("")
        told += [
            f"{one.verdict:<9}{one.failed or '':<9}{one.confidence:.2f}  {one.id}  {one.question} → "
            + " ".join((one.text or "–").split())[:120]
            for one in failures(run.judged)
        ]
    return [*told, f"\nrun {run.id}"]


def register(application: typer.Typer) -> None:
    """Put the command in place."""
    application.command()(evaluate)
