"""What all rooms' tests share: the prepared models, and the two databases that the records run on."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text

from adapters import Encoder, Matcher, Reader, Reranker, shipped_sentences, skills
from assistant.settings import Settings
from index.file_lock import locked

settings.register_profile("untimed", deadline=None)  # a timing is a benchmark, and this machine may be busy
settings.load_profile("untimed")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that takes long to make: one of the processes that run the tests makes it, the others find it."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with locked(shared / f"{name}.lock"):
        if not (shared / name).exists():
            unfinished = shared / f"{name}.new"
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(shared / name)
    return shared / name


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """The converted embedded models; `make setup` makes them."""
    folder = Settings().models_folder
    if not (folder / "multilingual-e5-small").is_dir():
        pytest.fail(f"The models are not prepared in {folder}. Run: make setup")
    return folder


@pytest.fixture(scope="session")
def encoder(models_folder: Path) -> Encoder:
    """The embedded encoder, loaded once."""
    encoder = Encoder.load("embedded", models_folder, threads=1)
    shipped_sentences.recall(encoder, models_folder)
    return encoder


@pytest.fixture(scope="session")
def route_encoder(encoder: Encoder, models_folder: Path) -> Encoder:
    """The same with the router's skill, made once."""
    encoder = skills.load_router(encoder)
    shipped_sentences.recall(encoder, models_folder)
    return encoder


@pytest.fixture(scope="session")
def span_reader(models_folder: Path) -> Reader:
    """The shipped reader, loaded once."""
    return Reader.load(models_folder)


@pytest.fixture(scope="session")
def reranker(models_folder: Path) -> Reranker:
    """The shipped reranker, loaded once."""
    return Reranker.load(models_folder)


@pytest.fixture(scope="session")
def matcher(models_folder: Path, encoder: Encoder) -> Matcher:
    """The shipped matcher, loaded once."""
    return Matcher.load(models_folder, words=encoder.word_embeddings)


@pytest.fixture(scope="session")
def loaded(
    encoder: Encoder, route_encoder: Encoder, span_reader: Reader, reranker: Reranker, matcher: Matcher
) -> dict[str, object]:
    """What services load, by their names for it; put into theirs, a test need not load it again."""
    embed = {"encoder": encoder, "route_encoder": route_encoder}
    return embed | {"span_reader": span_reader, "reranker": reranker, "matcher": matcher}


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL server of this run: its SQLAlchemy address."""
    import pgserver

    server = pgserver.get_server(  # type: ignore[attr-defined]
        tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete"
    )
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:  # no test cuts the power, and hundreds of databases take long to be written
        for setting in ("fsync", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    yield address
    server.cleanup()


def create_database(server: str, name: str, template: str = "template1") -> str:
    """A new PostgreSQL database, empty or a copy of another: its SQLAlchemy address."""
    short = "t_" + re.sub(r"\W", "_", name)[-50:].lower()
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{short}" TEMPLATE "{template}"'))
    engine.dispose()
    return server.replace("/postgres?", f"/{short}?", 1)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The SQLAlchemy address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'records.db'}"
    return create_database(request.getfixturevalue("postgresql"), str(tmp_path))
