"""`madoguchi audit list`, `export`, `checkpoint` and `verify`."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from assistant.audit_log import Wanted
from assistant.commands.output import As, Json, acting, emit, home, spoken
from assistant.wording import say

group = typer.Typer(no_args_is_help=True, help="What changed, by whom and why.")

Who = Annotated[str, typer.Option(help="A sign-in name, or a part of the actor.")]
What = Annotated[str, typer.Option(help="An action or its beginning, such as document.")]
Thing = Annotated[str, typer.Option("--object", help="An object's kind, or a part of its id.")]
Since = Annotated[str, typer.Option(help="First day, YYYY-MM-DD (UTC).")]
Until = Annotated[str, typer.Option(help="Last day.")]


@group.command("list")
def listing(
    who: Who = "",
    what: What = "",
    thing: Thing = "",
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, latest first.")] = 50,
    as_user: As = None,
    json: Json = False,
) -> None:
    """List changes, latest first."""
    with home() as services:
        wanted = Wanted(who, what, thing, since, until)
        entries, _ = services.audit_log.search(acting(services, as_user), wanted, limit=limit)
    human = "\n".join(
        f"{e.number:>6}  {e.time[:19]}  {e.person or e.actor:<24}  {e.action:<22}  {e.object_id}" for e in entries
    )
    emit([entry.as_dict() for entry in entries], json, human)


@group.command("export")
def export(
    to: Annotated[Path, typer.Argument(metavar="FILE", help="Ending in .csv or .jsonl; - for JSON lines on stdout.")],
    who: Who = "",
    what: What = "",
    thing: Thing = "",
    since: Since = "",
    until: Until = "",
    as_user: As = None,
) -> None:
    """Write changes to a file, oldest first; that they were exported goes on record."""
    form = "jsonl" if str(to) == "-" else to.suffix.lstrip(".").lower()
    with home() as services:
        lines = services.audit_log.export(acting(services, as_user), Wanted(who, what, thing, since, until), form)
        if str(to) == "-":
            sys.stdout.writelines(lines)
            return
        with to.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
    typer.echo(str(to))


@group.command("checkpoint")
def checkpoint(
    to: Annotated[Path, typer.Option("--to", help="A file, or a folder; best on another machine.")],
    as_user: As = None,
    json: Json = False,
) -> None:
    """Sign what the chain is now, and add that to a file."""
    with home() as services:
        made = services.audit_log.checkpoint(acting(services, as_user), to)
    body = {"entries": made.entries, "hash": made.hash, "time": made.time, "key": made.key}
    emit(body, json, say(spoken(), "audit.checkpointed", entries=made.entries, public_key=made.key))


@group.command("verify")
def verify(
    checkpoints: Annotated[Path | None, typer.Option(help="The file that `audit checkpoint` wrote.")] = None,
    key: Annotated[str | None, typer.Option(help="The public key that must have signed it.")] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Check that no entry was altered, removed or inserted; with checkpoints, that nothing was rebuilt or cut off."""
    with home() as services:
        result = services.audit_log.verify(acting(services, as_user), checkpoints, key)
    if result.intact:
        human = say(spoken(), "audit.intact", entries=result.entries)
    else:
        human = say(spoken(), f"audit.problem_{result.problem}", number=result.first_broken)
    emit(asdict(result), json, human)
    if not result.intact:
        raise typer.Exit(1)


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.add_typer(group, name="audit")
