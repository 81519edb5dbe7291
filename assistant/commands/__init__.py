"""The command line, `madoguchi`: the same services as the pages, for the person who runs the machine.

`--json` prints one JSON document on stdout and nothing else there. Exit code 0: done (a held answer or a file
that failed among others is done), 1: refused or failed, with one line on stderr, 2: wrong usage.
"""

import sys

from pydantic import ValidationError

from adapters import offline as _offline  # noqa: F401  # its switches come before any import that reads them
from adapters.egress import Egress
from assistant.commands import (
    account,
    answers,
    audit,
    desk,
    doctor,
    documents,
    domain,
    domain_check,
    evaluate,
    examples,
    glossary,
    ingest,
    keys,
    serve,
    token,
    trace,
    versions,
)
from assistant.commands.output import application, fail_with
from assistant.egress import egress_of
from assistant.settings import Settings

for module in (
    account,
    answers,
    audit,
    desk,
    doctor,
    documents,
    domain,
    domain_check,
    evaluate,
    examples,
    glossary,
    ingest,
    keys,
    serve,
    token,
    trace,
    versions,
):
    module.register(application)


def main() -> None:
    """The console script's entry: the one place where an unexpected error becomes a line and an exit code."""
    try:
        _allowed().enforce()
        application()
    except Exception as error:  # noqa: BLE001  # border: command line
        sys.exit(fail_with(error))


def _allowed() -> Egress:
    """What the settings name; nothing where they cannot be read: help needs none, and any other command says which."""
    try:
        return egress_of(Settings())
    except ValidationError:
        return Egress(frozenset())
