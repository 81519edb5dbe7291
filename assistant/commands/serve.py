"""`madoguchi serve`: refused at once where another serves the home or the port is taken, else the server."""

import fcntl
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from assistant.errors import BadInput, Conflict
from assistant.settings import Settings
from index import locked

SERVED = ".served"  # in the home; held by its server


def serve(
    host: Annotated[str | None, typer.Option(help="Address to bind to.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to bind to.")] = None,
    example: Annotated[Path | None, typer.Option(help="Folder of the example company, for an empty home.")] = None,
) -> None:
    """Start the assistant; prints its address."""
    settings = Settings()
    host, port = host or settings.host, settings.port if port is None else port
    listener = _listen(host, port)
    with _alone(settings.home):
        from assistant.commands.server import start  # with the models' libraries: seconds, which a refusal saves

        start(settings, listener, host, example)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """The only server of the home until the block ends, or the process: two would do each other's trainings and mails.

    Raises Conflict (home_served).
    """
    with ExitStack() as held:
        try:
            held.enter_context(locked(home / SERVED, fcntl.LOCK_EX | fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise Conflict("home_served", home=str(home)) from error
        yield


def _listen(host: str, port: int) -> socket.socket:
    """The listening socket, taken before anything slow, so that a port in use is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise BadInput("port_in_use", host=host, port=port, other=port + 1, detail=error.strerror) from error
    return listener


def register(application: typer.Typer) -> None:
    """Put the command in place."""
    application.command()(serve)
