"""`madoguchi doctor` and `madoguchi models`: is everything in order, and if not, the command that mends it."""

import getpass
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import typer
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from adapters import ModelError, model_store
from adapters.pins import DECODER, EMBEDDED, ENCODER, LANGUAGE_MODEL, Pin
from assistant import audit, keys
from assistant.commands.output import Json, emit, spoken
from assistant.database import Database
from assistant.errors import Refusal
from assistant.schema import is_newest
from assistant.services import Services
from assistant.settings import Settings
from assistant.wording import say, say_error

MIN_FREE = 1_000_000_000  # bytes


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `mend` is the command that puts it right."""

    name: str
    ok: bool
    detail: str
    mend: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at disk, models, records, audit chain and index, the cheap first."""
    yield _disk(settings.home)
    models_whole = True
    used = ((settings.encoder, ENCODER), (EMBEDDED, DECODER), (settings.language_model, LANGUAGE_MODEL))
    for spec, pin in used:
        finding = _model(spec, pin, settings.models_folder)
        models_whole &= finding.ok
        yield finding
    if not settings.home.exists() and settings.database is None:
        yield Finding("records", True, say(spoken(), "doctor.empty_home"))
        return
    records = list(_records(settings))
    yield from records
    if models_whole and all(one.ok for one in records if one.name == "records"):
        yield from _index(settings)


def _disk(home: Path) -> Finding:
    place = next(p for p in (home, *home.parents) if p.exists())
    free = shutil.disk_usage(place).free
    return Finding("disk", free >= MIN_FREE, say(spoken(), "doctor.free", gigabytes=f"{free / 1e9:.1f}"))


def _model(spec: str, pin: Pin, folder: Path) -> Finding:
    name = pin.name if spec == EMBEDDED else spec
    try:
        place = Path(model_store.resolve(spec, pin, folder))
    except ModelError as error:
        return Finding(name, False, say_error(spoken(), error), "madoguchi models")
    return Finding(name, True, str(place))


def _records(settings: Settings) -> Iterator[Finding]:
    try:
        held = keys.load(settings.key_file)
        database = Database(settings.database_address, held)
    except Refusal as error:
        yield Finding("records", False, say_error(spoken(), error), "madoguchi keys --help")
        return
    sealed = say(spoken(), "doctor.sealed", key=held.keys[0].id) if held.keys else say(spoken(), "doctor.in_clear")
    yield Finding("encryption", True, sealed)
    try:
        with database.read() as session:
            if database.engine.dialect.name == "sqlite":
                told = session.execute(text("PRAGMA quick_check")).scalar()
                yield Finding("records", told == "ok", str(told), "" if told == "ok" else "restore a backup")
            newest = is_newest(database)
            yield Finding(
                "schema",
                newest,
                say(spoken(), "doctor.newest" if newest else "doctor.older"),
                "" if newest else "madoguchi domain list",
            )
            if newest:
                result = audit.verify(session)
                detail = (
                    say(spoken(), "doctor.entries", count=result.entries)
                    if result.intact
                    else f"{result.first_broken}: {result.problem}"
                )
                yield Finding("audit", result.intact, detail, "" if result.intact else "madoguchi audit verify")
    except SQLAlchemyError as error:
        yield Finding("records", False, str(error).splitlines()[0], "restore a backup")
    finally:
        database.close()


def _index(settings: Settings) -> Iterator[Finding]:
    services = Services(settings)
    try:
        with services.database.read() as session:
            stale = services.index.stale_vectors(session)
        yield Finding(
            "vectors",
            stale == 0,
            say(spoken(), "doctor.stale", count=stale),
            "" if not stale else "madoguchi reencode",
        )
        services.index.refresh(services.database.read)
        yield Finding("index", True, services.index.generation)
    finally:
        services.close()


def doctor(json: Json = False) -> None:
    """Say whether everything is in order, or what is wrong and the command that mends it."""
    findings = list(examine(Settings()))
    human = "\n".join(
        f"{'ok ' if f.ok else 'BAD'}  {f.name:<24} {f.detail}" + (f"\n     → {f.mend}" if f.mend and not f.ok else "")
        for f in findings
    )
    good = all(f.ok for f in findings)
    emit({"ok": good, "findings": [asdict(f) for f in findings]}, json, human)
    if not good:
        raise typer.Exit(1)


def models() -> None:
    """Prepare the base models, once."""
    settings = Settings()
    model_store.ensure(settings.models_folder, typer.echo, settings.encoder, settings.language_model, thorough=True)


def reencode(json: Json = False) -> None:
    """Give every passage a vector of the present encoder, after that was changed."""
    services = Services(Settings())
    try:
        with services.database.transaction(f"cli:{getpass.getuser()}", "the encoder was changed") as change:
            count = services.index.reencode(change.session)
            change.record("index.reencoded", "index", "passages", after={"passages": count})
    finally:
        services.close()
    emit({"passages": count}, json, str(count))


def register(application: typer.Typer) -> None:
    """Put the commands in place."""
    application.command()(doctor)
    application.command()(models)
    application.command()(reencode)
