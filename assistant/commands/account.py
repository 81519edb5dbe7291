"""`madoguchi account add`, `password`, `email`, `role`, `list`, `disable`, `link`, `export` and `erase`."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from assistant.access import User
from assistant.commands.output import As, Json, acting, emit, home, spoken
from assistant.errors import BadInput, NotAllowed
from assistant.personal import Holdings
from assistant.services import Services
from assistant.wording import say

group = typer.Typer(no_args_is_help=True, help="People who sign in, and their roles.")


def _administrator(services: Services, name: str | None) -> User:
    user = acting(services, name)
    if not user.administrator:
        raise NotAllowed("needs_administrator")
    return user


def _password() -> str:
    """From MADOGUCHI_PASSWORD, a pipe, or a prompt; never from the arguments, which others can list."""
    given = os.environ.get("MADOGUCHI_PASSWORD")
    if given is not None:
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


@group.command("add")
def add(
    name: str,
    display_name: Annotated[str, typer.Option(help="As others see it.")] = "",
    administrator: Annotated[bool, typer.Option(help="Runs the system.")] = False,
    keep_password: Annotated[bool, typer.Option(help="Do not ask for a new one at the first sign-in.")] = False,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Make an account; the password is read from a prompt, a pipe or MADOGUCHI_PASSWORD."""
    with home() as services:
        actor = _administrator(services, as_user).actor
        identifier = services.accounts.create(
            actor,
            name,
            _password(),
            display_name=display_name,
            administrator=administrator,
            must_change=not keep_password,
        )
    emit({"id": identifier, "name": name}, json, name)


@group.command("password")
def password(name: str, as_user: As = None, json: Json = False) -> None:
    """Give a new first password, read as for add; it opens a closed account again."""
    with home() as services:
        actor = _administrator(services, as_user).actor
        services.accounts.give_password(actor, services.accounts.id_of(name), _password())
    emit({"name": name}, json, say(spoken(), "people.added", name=name))


@group.command("email")
def email(name: str, address: str, as_user: As = None, json: Json = False) -> None:
    """Say where a person is told of replies by mail; an empty address takes it away."""
    with home() as services:
        actor = _administrator(services, as_user).actor
        services.accounts.set_email(actor, services.accounts.user_by_name(name).id, address)
    emit({"name": name, "email": address}, json, say(spoken(), "people.email_set"))


@group.command("role")
def role(
    name: str,
    domain: str,
    role: Annotated[str, typer.Argument(help="employee, reviewer, owner, or none to take it.")],
    as_user: As = None,
    json: Json = False,
) -> None:
    """Give a role in a department, or take it."""
    with home() as services:
        actor = _administrator(services, as_user).actor
        account = services.accounts.user_by_name(name)
        if account.account is None:
            raise BadInput("unknown_account", name=name)
        services.accounts.set_role(actor, account.account, domain, None if role == "none" else role)
    emit({"name": name, "domain": domain, "role": role}, json, f"{name}: {domain} {role}")


@group.command("list")
def listing(as_user: As = None, json: Json = False) -> None:
    """List accounts and roles."""
    with home() as services:
        _administrator(services, as_user)
        rows = [
            {
                "name": account.name,
                "display_name": account.display_name,
                "administrator": account.administrator,
                "disabled": account.disabled_at is not None,
                "roles": roles,
            }
            for account, roles in services.accounts.listing()
        ]
    emit(rows, json, "\n".join(f"{r['name']:<20} {r['display_name']}  {r['roles']}" for r in rows))


@group.command("disable")
def disable(name: str, as_user: As = None, json: Json = False) -> None:
    """Close an account."""
    with home() as services:
        actor = _administrator(services, as_user).actor
        account = services.accounts.user_by_name(name)
        if account.account is not None:
            services.accounts.disable(actor, account.account)
    emit({"name": name, "disabled": True}, json, name)


@group.command("link")
def link(as_user: As = None, json: Json = False) -> None:
    """Make a new one-time link for the first administrator."""
    with home() as services:
        actor = _administrator(services, as_user).actor
        token = services.accounts.one_time_link(actor)
        address = f"http://{services.settings.host}:{services.settings.port}/welcome?token={token}"
    emit({"link": address}, json, address)


@group.command("export")
def export(
    name: str,
    to: Annotated[Path, typer.Argument(metavar="FILE.zip", help="Where to.")],
    as_user: As = None,
    json: Json = False,
) -> None:
    """Write all that is kept of a person to a zip: questions, answers, flags, uploads."""
    with home() as services:
        user = acting(services, as_user)
        account = services.accounts.id_of(name)
        with ExitStack() as undo, to.open("xb") as file:
            undo.callback(to.unlink)
            services.personal.export(user, account, file)
            undo.pop_all()
    emit({"file": str(to), "name": name}, json, str(to))


@group.command("erase")
def erase(
    name: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, say what would go and what would stay.")] = False,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Take a person's name, questions and uploads out of the records, and close the account."""
    with home() as services:
        user = _administrator(services, as_user)
        account = services.accounts.id_of(name)
        held = services.personal.erase(user, account) if yes else services.personal.holdings(user, account)
    lines = [*told(held), say(spoken(), "data.erased" if yes else "data.sure")]
    emit({"name": name, "erased": yes} | held.as_dict(), json, "\n".join(lines))


def told(held: Holdings) -> list[str]:
    """What would go and what would stay, in sentences."""
    counts = held.as_dict()
    lines = [say(spoken(), "data.would_go", **counts), say(spoken(), "data.would_stay", **counts)]
    for domain, examples in held.own_words.items():
        lines.append(say(spoken(), "data.own_words", domain=domain, examples=", ".join(examples)))
    return lines


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.add_typer(group, name="account")
