"""`madoguchi ingest PATH… --domain D`."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.access import User
from assistant.commands.output import As, Json, acting, emit, home, spoken
from assistant.documents import Ingested, Upload, as_label
from assistant.errors import BadInput, NotFound
from assistant.services import Services
from assistant.wording import Language, say_error


def files_of(paths: list[Path]) -> Iterator[tuple[Path, Path | None]]:
    """The files named, and those in the folders named, each with its folder, in order; hidden ones are left out.

    Raises BadInput.
    """
    for path in paths:
        if path.is_dir():
            folder = _plain(path)
            inside = sorted(p for p in path.rglob("*") if p.is_file())
            shown = (p for p in inside if not any(part.startswith(".") for part in p.relative_to(path).parts))
            yield from ((p, folder) for p in shown)
        elif path.exists():
            yield path, None
        else:
            raise BadInput("no_such_path", path=str(path))


def _plain(path: Path) -> Path:
    return Path(os.path.abspath(path))  # `..` taken out, links left as they are named


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
    label: Annotated[str | None, typer.Option(help="public, internal or confidential; as before if left out.")] = None,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Take documents into the index. What is cut off goes on when the command or the server is started again.

    Exits with 1 where none could be read.
    """
    language = spoken()
    files = list(files_of(paths))
    rows = []
    with home() as services:
        user = acting(services, as_user)
        if domain not in user.roles:
            raise NotFound("unknown_domain", domain=domain)
        taken = [(path, _take(services, user, path, folder, domain, label)) for path, folder in files]
        for path, one in taken:
            row = as_row(services.documents.settle(path, one), language)
            rows.append(row)
            if not json:
                typer.echo(f"{row['status']:<10} {row['path']}  " + (row["error"] or f"{row['passages']}"))
    if json:
        emit(rows, True, "")
    if rows and all(row["status"] == "failed" for row in rows):
        raise typer.Exit(1)


def _take(services: Services, user: User, path: Path, folder: Path | None, domain: str, label: str | None) -> Ingested:
    upload = Upload(path.name, domain, sensitivity=as_label(label), place=_plain(path), folder=folder)
    return services.documents.take(user, path, upload)


def register(application: typer.Typer) -> None:
    """Put the command in place."""
    application.command()(ingest)
