"""`madoguchi serve`: the web application, after everything it needs is in place."""

import fcntl
import gc
import ipaddress
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from adapters import model_store
from assistant.commands.output import spoken
from assistant.errors import BadInput, Conflict, NotAllowed
from assistant.example import load_example
from assistant.services import Services
from assistant.settings import Settings
from assistant.settings_record import record_settings
from assistant.wording import say
from index import locked

SERVED = ".served"  # in the home; held by its server
LOOKS_FOR_GARBAGE = (10_000, 10, 50)  # see `gc.set_threshold`


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
        _serve(settings, listener, host, example)


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


def _serve(settings: Settings, listener: socket.socket, host: str, example: Path | None) -> None:
    address = _address(host, listener.getsockname()[1])
    model_store.ensure(settings.models_folder, typer.echo, settings.encoder, settings.language_model)
    services = Services(settings)
    if not services.accounts.any_exist() and not _is_loopback(host):
        services.close()
        raise NotAllowed("not_open_beyond_machine", host=host)
    record_settings(services.database, settings, "cli:serve")
    if example is not None:
        load_example(services, example, typer.echo)
    _announce(services, address)
    run(services, listener)


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


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def _announce(services: Services, address: str) -> None:
    typer.echo(say(spoken(), "serve.address", address=address))
    if not services.accounts.any_exist():
        token = services.accounts.one_time_link("cli:serve")
        typer.echo(say(spoken(), "serve.first", link=f"{address}/welcome?token={token}"))


def _settle() -> None:
    """Take what the start has made, a million objects, out of what Python looks through for garbage, and let it look
    more seldom through what people's open pages hold: every look stopped everybody for half a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*LOOKS_FOR_GARBAGE)


def run(services: Services, listener: socket.socket) -> None:
    """Serve on a listening socket until stopped."""
    # Gradio may hand out files below the working directory, and keeps uploads in its own folder
    os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="madoguchi-uploads-")
    import uvicorn

    from assistant.web import create_application

    application = create_application(services)
    empty = tempfile.mkdtemp(prefix="madoguchi-empty-")
    os.chdir(empty)
    services.warm_up(then=_settle)
    config = uvicorn.Config(application, log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])


def register(application: typer.Typer) -> None:
    """Put the command in place."""
    application.command()(serve)
