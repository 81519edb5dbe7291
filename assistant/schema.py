"""The shape of the records: brings the tables of all three rooms to the newest version, by Alembic.

Started with every command, so that an older home works with a newer product without anybody's doing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, event

import adapters.tables
import index.tables
from assistant import tables
from assistant.database import Database

METADATA: tuple[MetaData, ...] = (
    tables.Base.metadata,
    index.tables.metadata,
    adapters.tables.metadata,
)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def is_newest(database: Database) -> bool:
    """Whether nothing is left to migrate."""
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current == ScriptDirectory.from_config(_config()).get_current_head()


def upgrade(database: Database) -> None:
    """Migrate to the newest version, in one transaction where the database can."""
    if is_newest(database):
        return
    config = _config()
    with _references_unwatched(database) as engine, engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if database.engine.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"the migration would leave rows that refer to nothing: {broken[:3]}")


@contextmanager
def _references_unwatched(database: Database) -> Iterator[Engine]:
    """An engine to migrate with. SQLite changes some tables by copying them, and would miss the old one meanwhile."""
    sqlite = database.engine.dialect.name == "sqlite"
    database.engine.dispose()  # connections that are open watch already
    if sqlite:
        event.listen(database.engine, "connect", _unwatched)
    try:
        yield database.engine.execution_options(immediate=True)
    finally:
        if sqlite:
            event.remove(database.engine, "connect", _unwatched)
        database.engine.dispose()


def _unwatched(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")
