"""`madoguchi ingest PATH… --domain D`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.commands.output import As, Json, acting, emit, home, spoken
from assistant.documents import Ingested
from assistant.errors import BadInput, NotFound
from assistant.wording import Language, say_error


def files_of(paths: list[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named, in order; hidden ones left out. Raises BadInput."""
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file())
            yield from (p for p in inside if not any(part.startswith(".") for part in p.relative_to(path).parts))
        elif path.exists():
            yield path
        else:
            raise BadInput("no_such_path", path=str(path))


def as_row(done: Ingested, language: Language) -> dict[str, Any]:
    """One file's outcome as the contract has it."""
    return {
        "path": done.path,
        "document": done.document,
        "version": done.version,
        "passages": done.passages,
        "status": done.status,
        "error": say_error(language, done.error) if done.error else None,
    }


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    domain: Annotated[str, typer.Option(help="Department that they belong to.")],
    as_user: As = None,
    json: Json = False,
) -> None:
    """Take documents into the index."""
    language = spoken()
    files = list(files_of(paths))
    rows = []
    with home() as services:
        user = acting(services, as_user)
        if domain not in user.roles:
            raise NotFound("unknown_domain", domain=domain)
        for file in files:
            row = as_row(services.documents.ingest(user, file, domain), language)
            rows.append(row)
            if not json:
                typer.echo(f"{row['status']:<10} {row['path']}  " + (row["error"] or f"{row['passages']}"))
    if json:
        emit(rows, True, "")


def register(application: typer.Typer) -> None:
    """Put the command in place."""
    application.command()(ingest)
