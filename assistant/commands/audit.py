"""`madoguchi audit list` and `audit verify`."""

import json as jsonlib
from typing import Annotated, Any

import typer
from sqlalchemy import select

from assistant import audit
from assistant.commands.output import Json, emit, home
from assistant.tables import AuditEntry

group = typer.Typer(no_args_is_help=True, help="What changed, by whom and why.")


def _as_row(entry: AuditEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "time": entry.time,
        "actor": entry.actor,
        "action": entry.action,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "reason": entry.reason,
        "before": jsonlib.loads(entry.before),
        "after": jsonlib.loads(entry.after),
        "hash": entry.hash,
    }


@group.command("list")
def listing(
    limit: Annotated[int, typer.Option(min=1, help="How many, latest first.")] = 50, json: Json = False
) -> None:
    """List changes, latest first."""
    with home() as services, services.database.read() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(limit)).all()
    human = "\n".join(f"{e.number:>6}  {e.time[:19]}  {e.actor:<24}  {e.action:<22}  {e.object_id}" for e in entries)
    emit([_as_row(entry) for entry in entries], json, human)


@group.command("verify")
def verify(json: Json = False) -> None:
    """Check that no entry was altered, removed or inserted."""
    with home() as services, services.database.read() as session:
        result = audit.verify(session)
    body = {
        "intact": result.intact,
        "entries": result.entries,
        "first_broken": result.first_broken,
        "problem": result.problem,
    }
    emit(
        body,
        json,
        f"intact: {result.entries}" if result.intact else f"broken at {result.first_broken}: {result.problem}",
    )
    if not result.intact:
        raise typer.Exit(1)


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.add_typer(group, name="audit")
