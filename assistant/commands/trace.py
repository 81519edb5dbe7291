"""`madoguchi why ANSWER` and `replay ANSWER`: from an answer back to what made it, and made again."""

from typing import Annotated

import typer

from assistant.commands.output import As, Json, acting, emit, home, spoken
from assistant.provenance import Provenance
from assistant.replay import TOLERANCE, Replayed
from assistant.wording import say

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
    answer, unknown = found.answer, "–"
    lines = [f"{answer['at'][:16]}  {answer['question']}", f"→ {answer['answer'] or answer['draft'] or unknown}", ""]
    lines.append(say(spoken(), "trace.models", models=", ".join(map(str, found.made_with.get("models", {}).values()))))
    for source in found.sources:
        version = source["document_version"] or {"number": unknown, "state": unknown}
        key = "trace.source" if source["still_says_so"] else "trace.source_changed"
        told = {"n": source["n"], "file": source["file"], "number": version["number"], "passage": source["passage"]}
        lines.append(say(spoken(), key, **told))
    if found.example:
        lines.append(say(spoken(), "trace.example", example=found.example["id"], state=found.example["state"]))
    if found.version:
        lines.append(say(spoken(), "trace.version", version=found.version["id"], examples=found.version["learnt_from"]))
    else:
        lines.append(say(spoken(), "trace.no_version"))
    lines += [say(spoken(), "trace.verdict", **verdict) for verdict in found.verdicts]
    lines.append(say(spoken(), "trace.entries", entries=", ".join(map(str, found.entries))))
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
    emit([one.as_dict() for one in found], json, "\n\n".join(map(_replayed, found)))
    if not all(one.same for one in found):
        raise typer.Exit(1)


def _replayed(one: Replayed) -> str:
    then, now = (say(spoken(), f"ask.{status}") for status in one.status)
    figures = [f"{round(100 * confidence, 1)} %" for confidence in one.confidence]
    lines = [one.question, say(spoken(), "replay.decision", then=f"{then}, {figures[0]}", now=f"{now}, {figures[1]}")]
    lines += [
        say(spoken(), "replay.signal", signal=say(spoken(), f"signal.{name}"), then=f"{then:.3f}", now=f"{now:.3f}")
        for name, (then, now) in one.signals.items()
        if abs(then - now) > TOLERANCE
    ]
    lines += [say(spoken(), "replay.not_read", why=", ".join(one.obstacles))] if one.obstacles else []
    return "\n".join([*lines, say(spoken(), "replay.same" if one.same else "replay.other")])


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.command()(why)
    application.command()(replay)
