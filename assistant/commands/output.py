"""What commands share: the opened home, who acts, and how results and refusals are printed."""

import getpass
import json
import locale
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from assistant.access import User, local_operator
from assistant.errors import NotFound
from assistant.settings import Settings
from assistant.wording import Coded, Language, as_language, say, say_error

if TYPE_CHECKING:
    from assistant.services import Services

_COMMANDS_A_TERMINAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
As = Annotated[str | None, typer.Option("--as", metavar="USER", help="Act as this account.")]
OfDomain = Annotated[str, typer.Option("--domain", help="The department.")]
InDomain = Annotated[str | None, typer.Option("--domain", help="Department; without it the router decides.")]


def spoken() -> Language:
    """The language of this terminal: MADOGUCHI_LANGUAGE, else the locale's, else English."""
    named = os.environ.get("MADOGUCHI_LANGUAGE") or locale.getlocale()[0] or ""
    named = named if named[:2].lower() in ("ja", "en") else os.environ.get("LANG", "")
    return as_language(named[:2].lower())


@contextmanager
def home() -> Iterator["Services"]:
    """The home's services, closed at the end."""
    from assistant.services import Services  # with the models' libraries: seconds

    services = Services(Settings())
    try:
        yield services
    finally:
        services.close()


def acting(services: "Services", name: str | None) -> User:
    """Who acts: the named account, or the local operator, who owns every domain. Raises NotFound."""
    if name is not None:
        return services.accounts.user_by_name(name)
    with services.database.read() as session:
        return local_operator(session, getpass.getuser())


def visible(user: User, domain: str | None) -> str | None:
    """`domain`, if this person sees it. Raises NotFound."""
    if domain is not None and domain not in user.roles:
        raise NotFound("unknown_domain", domain=domain)
    return domain


def asked(done: int, total: int) -> None:
    """Say on stderr how many questions of an evaluation were asked."""
    if done % 10 == 0 or done == total:
        typer.echo(say(spoken(), "evaluation.progress", done=done, total=total), err=True)


def emit(result: Any, as_json: bool, human: str) -> None:
    """Print a result: as one JSON document, or for reading."""
    typer.echo(json.dumps(result, ensure_ascii=False, indent=2) if as_json else plain(human))


def plain(words: str) -> str:
    """Words as a terminal may be given them: what would move its cursor, colour it or turn the reading direction, in a
    file's name or a person's question, becomes a mark.
    """
    return _COMMANDS_A_TERMINAL.sub("\ufffd", words)


def fail_with(error: Exception) -> int:
    """One line on stderr; an unexpected error's trace goes to the log. Returns the exit code."""
    if isinstance(error, Coded):
        typer.echo(plain(say_error(spoken(), error)), err=True)
    elif isinstance(error, ValidationError):
        wrong = error.errors()[0]
        name = "MADOGUCHI_" + str(wrong["loc"][0]).upper()
        typer.echo(say(spoken(), "error.bad_setting", name=name, value=wrong["input"], detail=wrong["msg"]), err=True)
        return 2
    elif isinstance(error, OSError) and error.errno is not None:
        detail = f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)
        typer.echo(detail, err=True)
    else:
        logging.getLogger("madoguchi").exception("unexpected", exc_info=error)
        typer.echo(f"{type(error).__name__}: {error}", err=True)
    sys.stderr.flush()
    return 1
