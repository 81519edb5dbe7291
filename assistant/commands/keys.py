"""`madoguchi keys new`, `rotate` and `apply`: documents, index and records at rest, for holders of the key alone."""

import getpass
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from assistant import keys
from assistant.commands.output import Json, emit, spoken
from assistant.errors import BadInput, Conflict
from assistant.settings import Settings
from assistant.wording import say

group = typer.Typer(no_args_is_help=True, help="Encryption of documents, index and records on the disk.")


@group.command("new")
def new(file: Annotated[Path, typer.Argument(help="The key file to make, outside the home.")]) -> None:
    """Make a key file with one key; MADOGUCHI_KEY_FILE names it from then on."""
    file = file.expanduser().absolute()
    if file.exists():
        raise Conflict("key_file_exists", file=str(file))
    if Settings().home in file.parents:
        raise BadInput("key_file_in_home", file=str(file))
    typer.echo(say(spoken(), "keys.made", key=keys.add(file).id, file=str(file)))


@group.command("rotate")
def rotate(json: Json = False) -> None:
    """Put a new key first in the key file, and seal everything with it."""
    _apply(json, rotate=True)


@group.command("apply")
def apply(json: Json = False) -> None:
    """Seal everything with the newest key: a home that is in clear, or where a rotation was cut off."""
    _apply(json, rotate=False)


def _apply(json: bool, *, rotate: bool) -> None:
    applied = keys.apply(Settings(), f"cli:{getpass.getuser()}", rotate=rotate)
    where = "records_elsewhere" if applied.records is None else "applied"
    emit(asdict(applied), json, say(spoken(), f"keys.{where}", key=applied.key, documents=applied.documents))


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.add_typer(group, name="keys")
