"""`madoguchi account token add`, `list` and `revoke`."""

from typing import Annotated, Any

import typer

from assistant.commands import account
from assistant.commands.output import As, Json, acting, emit, home
from assistant.tokens import SCOPES, TokenInfo

group = typer.Typer(no_args_is_help=True, help="Tokens with which a person's programs call the REST interface.")


@group.command("add")
def add(
    name: str,
    scope: Annotated[list[str], typer.Option(help=f"What it may do: {', '.join(SCOPES)}; may be repeated.")],
    days: Annotated[int, typer.Option(help="How long it is valid.")] = 90,
    as_user: As = None,
    json: Json = False,
) -> None:
    """Make a token for a person's programs (--as USER); it is printed once."""
    with home() as services:
        secret, made = services.tokens.add(acting(services, as_user), name, scope, days)
    emit(_told(made) | {"token": secret}, json, secret)


@group.command("list")
def listing(as_user: As = None, json: Json = False) -> None:
    """List a person's tokens (--as USER), without their text."""
    with home() as services:
        rows = [_told(one) for one in services.tokens.listing(acting(services, as_user))]
    emit(
        rows,
        json,
        "\n".join(f"{r['id']}  {'live' if r['live'] else 'over':<5} {r['name']}  {r['scopes']}" for r in rows),
    )


@group.command("revoke")
def revoke(identifier: Annotated[str, typer.Argument(metavar="ID")], as_user: As = None) -> None:
    """End a token at once."""
    with home() as services:
        services.tokens.revoke(acting(services, as_user), identifier)
    typer.echo(identifier)


def _told(one: TokenInfo) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "scopes": list(one.scopes),
        "live": one.live,
        "expires_at": one.expires_at.isoformat(),
        "last_used_at": one.last_used_at.isoformat() if one.last_used_at else None,
    }


def register(_application: typer.Typer) -> None:
    """Put the commands in place, under `account`."""
    account.group.add_typer(group, name="token")
