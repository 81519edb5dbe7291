"""The command line, `madoguchi`: the same services as the pages, for the person who runs the machine.

`--json` prints one JSON document on stdout and nothing else there. Exit code 0: done (a held answer or a file
that failed among others is done), 1: refused or failed, with one line on stderr, 2: wrong usage.
"""

import sys
from collections.abc import Sequence
from importlib import import_module

import typer
from pydantic import ValidationError

from adapters import offline as _offline  # noqa: F401  # its switches come before any import that reads them
from adapters.egress import Egress
from assistant.commands.output import fail_with
from assistant.egress import egress_of
from assistant.settings import Settings

MODULES = (
    "account",
    "answers",
    "audit",
    "desk",
    "doctor",
    "documents",
    "domain",
    "domain_check",
    "evaluate",
    "examples",
    "glossary",
    "ingest",
    "keys",
    "serve",
    "token",
    "trace",
    "versions",
)


def main() -> None:
    """The console script's entry: the one place where an unexpected error becomes a line and an exit code."""
    try:
        _allowed().enforce()
        application(sys.argv[1:])()
    except Exception as error:  # noqa: BLE001  # border: command line
        sys.exit(fail_with(error))


def application(arguments: Sequence[str]) -> typer.Typer:
    """The command line for these arguments. A server needs none of the other commands, which take seconds to import:
    the second one of a home is refused at once.
    """
    made = typer.Typer(
        name="madoguchi",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="An assistant that answers a company's people from its documents, cited, and holds when unsure.",
    )
    made.callback()(_named)
    for module in ("serve",) if arguments[:1] == ["serve"] else MODULES:
        import_module(f"assistant.commands.{module}").register(made)
    return made


def _named() -> None:
    """Lets a command be called by its name also where it is the only one."""


def _allowed() -> Egress:
    """What the settings name; nothing where they cannot be read: help needs none, and any other command says which."""
    try:
        return egress_of(Settings())
    except ValidationError:
        return Egress(frozenset())
