"""The queue of files at work: each is read, cut, embedded and put in force, or says why not.

A job is a version's own row. It outlives a page and a restart: whoever reads next finds it, by itself or half read by
one that a crash ended. One reader at a time over all processes of a home; who may ask for what is decided elsewhere.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable

from assistant.database import Change, Database
from assistant.errors import Conflict, Refusal
from index import (
    DocumentError,
    DocumentInfo,
    GivenUp,
    Index,
    Pace,
    Prepared,
    ReadAhead,
    VersionInfo,
    WrongState,
    listing,
    queue,
)
from index.tables import DocumentVersion

ACTOR = "job:ingest"
IDLE_SECONDS = 5.0
POLL_SECONDS = 0.1
LOOK_SECONDS = 0.5  # between two looks whether a reading is still wanted

log = logging.getLogger(__name__)


class Ingestion:
    """The reading of what waits, in one home."""

    def __init__(self, database: Database, index: Index) -> None:
        self._database = database
        self._index = index
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._turns: dict[str, int] = {}  # by uploader, when his last file was read
        self._ahead = ReadAhead(index.library.cuts)

    def start(self) -> None:
        """Begin reading what is queued, and what a crash left, on a thread of its own."""
        self._thread = threading.Thread(target=self._work, name="ingestion", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something was queued."""
        self._wake.set()

    def close(self) -> None:
        """Stop at the next page; the file that is being read waits for the next start."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self._ahead.close()

    def version(self, version: str) -> VersionInfo:
        """A version as it is now."""
        with self._database.read() as session:
            return VersionInfo.of(session.get_one(DocumentVersion, version))

    def pace(self, version: VersionInfo) -> Pace | None:
        """How far the reading of a version is, while it is being read."""
        pace = self._index.turnstile.pace() if version.state == "indexing" else None
        return pace if pace is not None and pace.version == version.id else None

    def wait(self, version: str, seconds: float) -> VersionInfo:
        """A version once it waits no more, or after `seconds`."""
        end = time.monotonic() + seconds
        while (now := self.version(version)).waits and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        return now

    def settle(self, version: str) -> VersionInfo:
        """Read a version here and now, or wait while another process reads; what became of it."""
        while (now := self.version(version)).waits:
            if not self._read_alone(lambda: version):
                time.sleep(POLL_SECONDS)
        return now

    def cancel(self, change: Change, version: VersionInfo) -> None:
        """Leave a version unread, also one that is being read. Raises Conflict: it is over."""
        row, before = self._moved(change, version, lambda row: queue.move(row, "cancelled"))
        change.record("document.stopped", "document", row.document_id, before, _moved_to(row))

    def ask_again(self, change: Change, version: VersionInfo) -> None:
        """Read a version that failed or was cancelled once more. Raises Conflict: it is neither."""
        row, before = self._moved(change, version, queue.ask_again)
        change.record("document.queued-again", "document", row.document_id, before, _moved_to(row))

    @staticmethod
    def _moved(
        change: Change, version: VersionInfo, act: Callable[[DocumentVersion], None]
    ) -> tuple[DocumentVersion, dict[str, str]]:
        row = change.session.get_one(DocumentVersion, version.id)
        before = {"state": row.state}
        try:
            act(row)
        except WrongState as error:
            raise Conflict("version_is_over", state=row.state) from error
        return row, before

    def _work(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                worked = self._read_waiting()
            except Exception:  # border: job runner; a full disk or a locked database passes
                log.exception("reading what waits failed and is tried again")
                worked = False
            if not worked:
                self._wake.wait(IDLE_SECONDS)

    def _read_waiting(self) -> bool:
        """Clear away what was not received to its end, read all that waits; whether there was anything to read here."""
        worked = False
        self._index.tidy(self._database.read)
        while not self._stop.is_set() and self._read_alone(self._next):
            worked = True
        if worked:
            self._index.refresh(self._database.read)  # once for all, not after each
        return worked

    def _next(self) -> str | None:
        with self._database.read() as session:
            found = queue.next_waiting(session, self._turns)
        if found is None:
            return None
        version, uploader = found
        self._turns[uploader] = max(self._turns.values(), default=0) + 1
        return version

    def _read_alone(self, choose: Callable[[], str | None]) -> bool:
        """Read the version chosen, if no other reader is at work; whether one was read."""
        with self._index.turnstile.through() as alone:
            version = choose() if alone else None
            if version is not None:
                self._read(version)
            return version is not None

    def _read(self, version_id: str) -> None:
        """One version to its end: in force, failed with its reason, or waiting again. Border of the job runner."""
        version = self._begin(version_id)
        if version is None:
            return
        try:
            prepared = self._prepare(version)
            with self._database.transaction(ACTOR, "read") as change:
                row = change.session.get_one(DocumentVersion, version_id)
                if row.state != "indexing":
                    return  # cancelled, replaced or deleted meanwhile
                serving = listing.info(change.session, row.document_id).serving
                done = self._index.library.publish(change.session, version_id, prepared)
                before = {"version": serving.number if serving else None}
                change.record("document.published", "document", done.id, before, told(done))
                ahead = self._index.ahead(change.session)
            self._index.adopt(ahead)
        except GivenUp:
            self._put_back(version_id)
        except DocumentError as error:
            self._fail(version_id, error)
        except Refusal as error:  # no room in the records
            log.warning("version %s waits for room: %s", version_id, error)
            self._fail(version_id, DocumentError("disk_full", file=version.filename))
        except Exception:  # border: job runner; the next file must not wait for this one
            reference = secrets.token_hex(4)
            log.exception("reading version %s failed, reference %s", version_id, reference)
            self._fail(version_id, DocumentError("not_indexed", file=version.filename, reference=reference))

    def _prepare(self, version: VersionInfo) -> Prepared:
        """A version read, cut and embedded; meanwhile the next one is read. Raises DocumentError, GivenUp."""
        library, watch = self._index.library, self._watching(version.id)
        passages = self._ahead.passages(version.id, watch)
        if passages is None:
            passages = library.cuts(version.path, version.filename, watch)
        with self._database.read() as session:
            found = queue.next_waiting(session, self._turns)
        if found is not None and found[0] != version.id:
            following = self.version(found[0])
            self._ahead.begin(following.id, following.path, following.filename)
        return library.prepare(version.filename, passages, watch)

    def _begin(self, version_id: str) -> VersionInfo | None:
        """Take a version up; None where it is not to be read any more, or was cut off too often."""
        with self._database.transaction(ACTOR, "reading begins") as change:
            row = change.session.get_one(DocumentVersion, version_id)
            if row.state not in queue.WAITING:
                return None
            before = {"state": row.state, "attempt": row.attempts}
            if not queue.begin(row):
                queue.fail(row, DocumentError("interrupted", file=row.filename))
                after = {"state": row.state, "code": "interrupted", "version": row.number}
                change.record("document.failed", "document", row.document_id, before, after)
                return None
            after = {"state": row.state, "attempt": row.attempts, "version": row.number}
            change.record("document.reading", "document", row.document_id, before, after)
            return VersionInfo.of(row)

    def _watching(self, version_id: str) -> Callable[[str, int, int], bool]:
        """Shows how far the reading is, and finds out now and then whether it is still wanted."""
        looked = 0.0

        def watch(stage: str, done: int, of: int) -> bool:
            nonlocal looked
            if time.monotonic() - looked > LOOK_SECONDS:
                looked = time.monotonic()
                self._index.turnstile.tell(Pace(version_id, stage, done, of))
                return not self._stop.is_set() and self.version(version_id).state == "indexing"
            return not self._stop.is_set()

        return watch

    def _put_back(self, version_id: str) -> None:
        with self._database.transaction(ACTOR, "the reader was asked to end") as change:
            row = change.session.get_one(DocumentVersion, version_id)
            if row.state == "indexing":
                before = {"state": row.state}
                queue.put_back(row)
                change.record("document.queued-again", "document", row.document_id, before, _moved_to(row))

    def _fail(self, version_id: str, error: DocumentError) -> None:
        with self._database.transaction(ACTOR, "could not be read") as change:
            row = change.session.get_one(DocumentVersion, version_id)
            if row.state == "indexing":  # else it was cancelled or deleted meanwhile
                before = {"state": row.state}
                queue.fail(row, error)
                after = {"state": row.state, "code": error.code, "version": row.number}
                change.record("document.failed", "document", row.document_id, before, after)


def _moved_to(row: DocumentVersion) -> dict[str, object]:
    return {"state": row.state, "version": row.number}


def told(info: DocumentInfo) -> dict[str, object]:
    """What the audit chain says of a document: no names, no words."""
    return {"version": info.latest.number, "passages": info.passages, "domain": info.domain}
