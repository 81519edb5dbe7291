"""Documents on their way into the index: uploads, the queue that reads them, replacing, accepting, deleting.

An upload is acknowledged once the file is stored and its row committed; a crash after that only delays it.
Who may do what is decided here; what a document is, is `index`'s business.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from assistant.access import User
from assistant.database import Change, Database
from assistant.errors import NotAllowed, NotFound
from index import DocumentError, DocumentRow, Index, StoredFile, Visibility

IDLE_SECONDS = 5.0


@dataclass(frozen=True)
class Ingested:
    """What became of one file."""

    path: str
    document: str | None
    version: int | None
    passages: int
    status: str  # indexed | unchanged | queued | failed
    error: DocumentError | None = None


class Documents:
    """The documents of one home, as people handle them."""

    def __init__(self, database: Database, index: Index) -> None:
        self._database = database
        self._index = index
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # --- taking files ---------------------------------------------------------------------------------

    def upload(
        self, user: User, content: BinaryIO | Path, filename: str, domain: str, replaces: str | None = None
    ) -> Ingested:
        """Store a file and queue it. Returns at once; `status` is 'queued' or 'unchanged'.

        A reviewer's upload is for the department, an employee's for himself until a reviewer accepts it.
        Raises DocumentError (too large, disk full), NotFound, NotAllowed.
        """
        visibility = self._visibility(user, domain)
        if replaces is not None:
            self._own(user, replaces)
        stored = self._index.library.receive(content, filename)
        with self._database.transaction(user.actor, "uploaded") as change:
            registered = self._register(change, user, stored, filename, domain, visibility, replaces)
        self._wake.set()
        return registered

    def ingest(self, user: User, path: Path, domain: str) -> Ingested:
        """Take a file and index it now: all of it in one transaction, or nothing."""
        visibility = self._visibility(user, domain)
        try:
            stored = self._index.library.receive(path, path.name)
            with self._database.read() as session:
                known = self._index.library.unchanged(session, stored, domain, path.name, user.id, visibility)
            if known is not None:
                return Ingested(str(path), known.document, known.version, known.passages, "unchanged")
            prepared = self._index.library.prepare(stored, path.name)
            with self._database.transaction(user.actor, "ingested") as change:
                done = self._register(change, user, stored, path.name, domain, visibility, None)
                version = self._index.library.publish(change.session, done.version_id, prepared)
                change.record(
                    "document.published", "document", version.document, after={"passages": version.passages}
                )
        except DocumentError as error:
            return Ingested(str(path), None, None, 0, "failed", error)
        self._index.refresh(self._database.read)
        return Ingested(str(path), version.document, version.version, version.passages, "indexed")
