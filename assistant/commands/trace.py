"""`madoguchi why ANSWER` and `replay ANSWER`: from an answer back to what made it, and made again."""

from typing import Annotated

import typer

from assistant.commands.output import As, Json, acting, emit, home, spoken
from assistant.provenance import Provenance
from assistant.provenance_words import UNKNOWN, replayed, told

AnswerId = Annotated[str, typer.Argument(metavar="ANSWER", help="The id of an answer.")]
Reason = Annotated[str, typer.Option(help="Why somebody else's is read; goes on record.")]


def why(
    answer: AnswerId,
    reason: Reason = "",
    as_user: As = None,
    json: Json = False,
) -> None:
    """Walk from an answer back to its passages, the example and the adapter version that made it."""
    with home() as services:
        found = services.provenances.of(acting(services, as_user), answer, reason)
    emit(found.as_dict(), json, _told(found))


def _told(found: Provenance) -> str:
    answer = found.answer
    lines = [f"{answer['at'][:16]}  {answer['question']}", f"→ {answer['answer'] or answer['draft'] or UNKNOWN}"]
    for section in told(spoken(), found):
        lines += ["", section.title]
        for line in section.lines:
            lines += [f"  {line.text}", *([f"    {line.said}"] if line.said else [])]
    return "\n".join(lines)


def replay(
    answer: AnswerId,
    reason: Reason = "",
    as_user: As = None,
    json: Json = False,
) -> None:
    """Make an answer again with the versions of its day; exit code 1 where another decision comes of it."""
    with home() as services:
        found = services.replays.of(acting(services, as_user), answer, reason)
    emit(
        [one.as_dict() for one in found],
        json,
        "\n\n".join("\n".join([one.question, *replayed(spoken(), one)]) for one in found),
    )
    if not all(one.same for one in found):
        raise typer.Exit(1)


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.command()(why)
    application.command()(replay)
