"""The records: one engine, sessions to read with, and `transaction`, the only way to change anything.

Knows SQLite and PostgreSQL; what the tables mean is the business of those who use them.
"""

import errno
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlcipher3 import dbapi2 as sqlcipher

from assistant import audit, sealed_records
from assistant.errors import Refusal
from index import NO_KEYS, Keyring

BUSY_MILLISECONDS = 10_000
STATEMENTS = 32  # prepared ones that each connection keeps: some ten thousand bytes each
CONNECTIONS = 20  # kept open, and as many again when busy: opening one costs more than most questions to it
_NO_ROOM = re.compile(r"disk is full|no space left|disk I/O error", re.IGNORECASE)


@dataclass
class Change:
    """A transaction under way: the session to change with, and the events that tell of it."""

    session: Session
    events: list[audit.Event] = field(default_factory=list)

    def record(
        self,
        action: str,
        object_type: str,
        object_id: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Tell what changed; written to the audit chain when the transaction commits."""
        self.events.append(audit.Event(action, object_type, object_id, before or {}, after or {}))


class UnrecordedChange(RuntimeError):
    """A programming error: a transaction changed something and told nobody."""


class Database:
    """The records of one home."""

    def __init__(self, address: str, keys: Keyring = NO_KEYS) -> None:
        """`keys` seal records in SQLite; a server has its own. Raises Conflict, see `sealed_records.key_of`."""
        self.engine: Engine = _engine(make_url(address), keys)
        self.before_commit: list[Callable[[Change], None]] = []  # told of each change, and may add to it
        self.spare: Callable[[], bool] = lambda: False  # makes some room on a full disk; whether there was any
        if self.engine.dialect.name == "sqlite":
            if self.engine.url.database:
                Path(self.engine.url.database).parent.mkdir(parents=True, exist_ok=True)
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._writing = self.engine.execution_options(immediate=True)
        self._alone = self.engine.execution_options(alone=True)
        self._turn = threading.RLock()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; whatever is changed in it is thrown away."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def statement(self) -> Iterator[Connection]:
        """For one statement that reads. On SQLite no transaction is around it, whose begin and end cost as much."""
        with self._alone.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self, actor: str, reason: str) -> Iterator[Change]:
        """Change the records: all of it with its audit entries, or nothing.

        On SQLite the write lock is taken at the start, so that reading before writing never fails half-way; threads of
        one process wait for each other before that, since SQLite looks for its lock again and again, in no order.
        Raises Refusal (no_disk) where there is no room; then nothing has changed.
        """
        turn = self._turn if self.engine.dialect.name == "sqlite" else nullcontext()
        try:
            with needing_room(), turn, Session(self._writing, expire_on_commit=False) as session:
                change = Change(session)
                yield change
                session.flush()
                for told in self.before_commit:
                    told(change)
                if change.events:
                    audit.append(session, change.events, actor, reason)
                elif session.info.pop("wrote", False):
                    raise UnrecordedChange(f"{actor} changed something without an audit entry ({reason})")
                session.commit()
        except OperationalError as error:
            if _NO_ROOM.search(str(error.orig)):
                raise Refusal("no_disk", detail=str(error.orig)) from error
            raise

    def scrub(self, *, thoroughly: bool = False) -> bool:
        """Take what was deleted out of the files as well, SQLite's write-ahead log among them.

        Args:
            thoroughly: write the whole database anew, what older versions left in free pages too; nobody writes
                meanwhile.

        Returns whether it is done; False: somebody was reading or writing, and the log goes with a later one.
        """
        try:
            if self.engine.dialect.name == "postgresql":
                with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("VACUUM FULL" if thoroughly else "VACUUM")
                return True
            raw = self.engine.raw_connection()
            try:
                if thoroughly:
                    raw.cursor().execute("VACUUM")
                busy = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                raw.close()
        except (OperationalError, sqlite3.OperationalError, sqlcipher.OperationalError):
            return False
        return not busy

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


@contextmanager
def needing_room() -> Iterator[None]:
    """Files are written until the block ends. Raises Refusal (no_disk) where there is no room."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Refusal("no_disk", detail=error.strerror) from error
        raise


@event.listens_for(Session, "after_flush")
def _note_write(session: Session, _context: object) -> None:
    session.info["wrote"] = True


def _engine(address: URL, keys: Keyring) -> Engine:
    # the last one given back is used first: where few are busy, few fill their caches of pages and statements
    options: dict[str, Any] = {"pool_size": CONNECTIONS, "max_overflow": CONNECTIONS, "pool_use_lifo": True}
    if address.get_backend_name() == "sqlite" and address.database:
        file = Path(address.database)
        key = sealed_records.key_of(file, keys)
        options["connect_args"] = {"cached_statements": STATEMENTS}
        if key is not None:
            options |= {"module": sqlcipher, "creator": lambda: sealed_records.connect(file, key)}
    return create_engine(address, **options)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("alone"):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("immediate") else "BEGIN")
