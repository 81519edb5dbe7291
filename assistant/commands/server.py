"""The server: the web application, after everything it needs is in place."""

import gc
import ipaddress
import os
import socket
import tempfile
from pathlib import Path

import typer

from adapters import model_store
from assistant.commands.output import spoken
from assistant.errors import NotAllowed
from assistant.example import load_example
from assistant.services import Services
from assistant.settings import Settings
from assistant.settings_record import record_settings
from assistant.wording import say

LOOKS_FOR_GARBAGE = (10_000, 10, 50)  # see `gc.set_threshold`


def start(settings: Settings, listener: socket.socket, host: str, example: Path | None) -> None:
    """Make ready what is missing, say where the assistant is, and serve until stopped.

    Raises NotAllowed (not_open_beyond_machine).
    """
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
