"""`madoguchi why ANSWER`: from an answer back to what made it."""

from typing import Annotated

import typer

from assistant.commands.output import As, Json, acting, emit, home, spoken
from assistant.provenance import Provenance
from assistant.wording import say


def why(
    answer: Annotated[str, typer.Argument(help="The id of an answer.")],
    reason: Annotated[str, typer.Option(help="Why somebody else's is read; goes on record.")] = "",
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


def register(application: typer.Typer) -> None:
    """Put the command in place."""
    application.command()(why)
