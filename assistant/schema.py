"""The shape of the records: brings the tables of all three rooms to the newest version, by Alembic.

Started with every command, so that an older home works with a newer product without anybody's doing.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

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
    with database.engine.execution_options(immediate=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
