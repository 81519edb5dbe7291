"""Documents on their way into the index: uploads, the queue that reads them, replacing, accepting, deleting.

An upload is acknowledged once the file is stored and its row committed; a crash after that only delays it.
Who may do what is decided here; what a document is, is `index`'s business.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.access import User
from assistant.answer import Citation
from assistant.database import Change, Database
from assistant.errors import NotAllowed, NotFound
from assistant.tables import Account
from index import DocumentError, DocumentInfo, Hit, Index, Passage, Scope, StoredFile, Visibility, page_image
from index.tables import DocumentVersion

AROUND = 12  # passages before and after a cited one that are shown with it
IDLE_SECONDS = 5.0
POLL_SECONDS = 0.1

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ingested:
    """What became of one file; `status` is indexed, unchanged, queued or failed."""

    path: str
    document: str | None
    version: int | None
    version_id: str | None
    passages: int
    status: str
    error: DocumentError | None = None


@dataclass(frozen=True)
class Progress:
    """How far a queued version is; `over` when it will not change by itself any more."""

    state: str
    passages: int
    error: DocumentError | None

    @property
    def over(self) -> bool:
        """Whether it is read, or will not be."""
        return self.state not in ("queued", "indexing")


class Documents:
    """The documents of one home, as people handle them."""

    def __init__(self, database: Database, index: Index) -> None:
        self._database = database
        self._index = index
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def upload(
        self, user: User, content: BinaryIO | Path, filename: str, domain: str, replaces: str | None = None
    ) -> Ingested:
        """Store a file and queue it. Returns at once; `status` is 'queued' or 'unchanged'.

        A reviewer's upload is for the department, an employee's for himself until a reviewer accepts it. A file of
        the same name in the same place becomes that document's next version.
        Raises DocumentError (too large, empty, disk full), NotFound, NotAllowed.
        """
        visibility = self._visibility(user, domain)
        stored = self._index.library.receive(content, filename)
        with self._database.read() as session:
            known = self._index.library.unchanged(session, stored, domain, filename, user.id, visibility)
        if known is not None:
            return Ingested(filename, known.id, known.version, known.version_id, known.passages, "unchanged")
        with self._database.transaction(user.actor, "uploaded") as change:
            version = self._register(change, user, stored, filename, domain, visibility, replaces)
        self._wake.set()
        return Ingested(filename, version.document_id, version.number, version.id, 0, "queued")

    def ingest(self, user: User, path: Path, domain: str, replaces: str | None = None) -> Ingested:
        """Take a file and index it now: all of it in one transaction, or nothing. Never raises DocumentError."""
        visibility = self._visibility(user, domain)
        try:
            return self._ingest(user, path, domain, visibility, replaces)
        except DocumentError as error:
            return Ingested(str(path), None, None, None, 0, "failed", error)

    def _ingest(self, user: User, path: Path, domain: str, visibility: Visibility, replaces: str | None) -> Ingested:
        library = self._index.library
        stored = library.receive(path, path.name)
        with self._database.read() as session:
            known = library.unchanged(session, stored, domain, path.name, user.id, visibility)
        if known is not None:
            return Ingested(str(path), known.id, known.version, known.version_id, known.passages, "unchanged")
        prepared = library.prepare(stored.path, path.name)
        with self._database.transaction(user.actor, "ingested") as change:
            version = self._register(change, user, stored, path.name, domain, visibility, replaces)
            info = library.publish(change.session, version.id, prepared)
            change.record("document.published", "document", info.id, after=_told(info))
        return Ingested(str(path), info.id, info.version, info.version_id, info.passages, "indexed")

    def _register(
        self,
        change: Change,
        user: User,
        stored: StoredFile,
        filename: str,
        domain: str,
        visibility: Visibility,
        replaces: str | None,
    ) -> DocumentVersion:
        library = self._index.library
        if replaces is None:
            same = library.named(change.session, domain, filename, user.id, visibility)
            replaces = same.id if same else None
        version = library.register(change.session, stored, domain, user.id, filename, visibility, replaces)
        after = {"version": version.number, "sha256": stored.sha256, "domain": domain}
        change.record("document.received", "document", version.document_id, after=after)
        return version

    def replace(self, user: User, document: str, path: Path) -> Ingested:
        """Put a new file in a document's place; the old version stays in force until the new one is."""
        info = self._changeable(user, document)
        return self.ingest(user, path, info.domain, replaces=info.id)

    def accept(self, user: User, document: str) -> None:
        """Let a whole department find an employee's upload. Raises NotAllowed below reviewer."""
        with self._database.transaction(user.actor, "accepted for the department") as change:
            info = self._seen(change.session, user, document)
            user.require("reviewer", info.domain)
            self._index.library.accept(change.session, document)
            change.record(
                "document.accepted",
                "document",
                document,
                {"visibility": info.visibility},
                {"visibility": "department"},
            )
        self._index.refresh(self._database.read)

    def delete(self, user: User, document: str) -> None:
        """Take a document out of the search for good. Its owner or a reviewer may."""
        info = self._changeable(user, document)
        with self._database.transaction(user.actor, "deleted") as change:
            self._index.library.delete(change.session, document)
            change.record("document.deleted", "document", document, _told(info))
        self._index.refresh(self._database.read)

    def listing(self, user: User, domain: str | None = None) -> list[DocumentInfo]:
        """The documents that this person sees, with employees' uploads where he is a reviewer."""
        with self._database.read() as session:
            found = self._index.library.listing(session, user.scope, user.desks)
        return [info for info in found if domain in (None, info.domain)]

    def people(self, documents: list[DocumentInfo]) -> dict[str, str]:
        """Display names of those who uploaded, by id."""
        wanted = {info.uploaded_by for info in documents}
        with self._database.read() as session:
            rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(wanted)))
            return {identifier: name for identifier, name in rows}

    def search(self, user: User, question: str, domain: str | None, count: int) -> list[Hit]:
        """Passages for a question, of what this person sees."""
        domains = frozenset(user.roles if domain is None else {domain} & set(user.roles))
        with self._database.read() as session:
            return self._index.search(session, question, Scope(domains, user.id), count)

    def passage_text(self, user: User, passage: int) -> str | None:
        """A passage's whole text, or None if it is gone or not for this person."""
        with self._database.read() as session:
            found = self._index.passage(session, passage, user.scope)
        return found.text if found else None

    def cite(self, user: User, passages: Sequence[int]) -> list[Citation]:
        """Passages as what a reply rests on. Raises NotFound for one that is gone or not for this person."""
        with self._database.read() as session:
            found = [self._index.passage(session, passage, user.scope) for passage in passages]
        cited = [Citation.of(n, one, one.text, 1.0) for n, one in enumerate(found, start=1) if one is not None]
        if len(cited) < len(found):
            raise NotFound("unknown_document")
        return cited

    def original(self, user: User, document: str, version: str) -> tuple[Path, str]:
        """A version's file and its name. Raises NotFound for what this person may not see, as for nothing."""
        with self._database.read() as session:
            info = self._seen(session, user, document)
            row = session.get(DocumentVersion, version)
            if row is None or row.document_id != info.id:
                raise NotFound("unknown_document")
            return self._index.library.path_of(row.path), info.filename

    def opened_at(self, user: User, document: str, version: str, passage: int) -> tuple[DocumentInfo, list[Passage]]:
        """A document and the passages around one of it, as many as a person reads in one go; none where the version
        was replaced. Raises NotFound for what this person may not see, as for nothing.
        """
        with self._database.read() as session:
            info = self._seen(session, user, document)
            # who may see the document may see its text: a reviewer an upload that waits to be accepted, too
            found = self._index.of_document(session, document, Scope(frozenset({info.domain}), info.owner))
        at = next((n for n, one in enumerate(found) if one.id == passage and one.version == version), None)
        return info, found[max(0, at - AROUND) : at + AROUND + 1] if at is not None else []

    def page_picture(self, user: User, document: str, version: str, passage: int) -> bytes:
        """The page of a PDF with the passage framed, as PNG. Raises NotFound, DocumentError."""
        path, filename = self.original(user, document, version)
        _, around = self.opened_at(user, document, version, passage)
        cited = next((one for one in around if one.id == passage), None)
        if cited is None or cited.page is None or not filename.lower().endswith(".pdf"):
            raise NotFound("unknown_document")
        return page_image(path, filename, cited.page, cited.box)

    def progress(self, version: str) -> Progress:
        """How far a queued version is now."""
        with self._database.read() as session:
            row = session.get_one(DocumentVersion, version)
            error = DocumentError(row.error_code, **row.error_params) if row.error_code else None
            return Progress(row.state, row.passages, error)

    def wait(self, version: str, seconds: float) -> Progress:
        """How far it is once it is over, or after `seconds`."""
        end = time.monotonic() + seconds
        while not (now := self.progress(version)).over and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        return now

    def start(self) -> None:
        """Begin reading what is queued, and what a crash left, on a thread of its own."""
        self._thread = threading.Thread(target=self._work, name="documents", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the file that is being read."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

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
        """Read all that waits; whether there was anything."""
        with self._database.read() as session:
            waiting = self._index.library.pending(session)
        for version in waiting:
            if self._stop.is_set():
                return True
            self._read(version)
        if waiting:
            self._index.refresh(self._database.read)  # once for all, not after each
        return bool(waiting)

    def _read(self, version_id: str) -> None:
        """One queued version to its end: in force, or failed with its reason. Border of the job runner."""
        library = self._index.library
        try:
            with self._database.transaction("job:ingest", "reading begins") as change:
                version = change.session.get_one(DocumentVersion, version_id)
                if version.state not in ("queued", "indexing"):
                    return
                version.state = "indexing"
                info = library.info(change.session, version.document_id)
                change.record("document.reading", "document", info.id, after={"version": version.number})
            prepared = library.prepare(version.path, info.filename)
            with self._database.transaction("job:ingest", "read") as change:
                if change.session.get_one(DocumentVersion, version_id).state != "indexing":
                    return
                done = library.publish(change.session, version_id, prepared)
                change.record("document.published", "document", done.id, after=_told(done))
        except DocumentError as error:
            self._fail(version_id, error)
        except Exception:  # border: job runner; the next file must not wait for this one
            log.exception("reading version %s failed", version_id)
            self._fail(version_id, DocumentError("corrupt", file="?"))

    def _fail(self, version_id: str, error: DocumentError) -> None:
        with self._database.transaction("job:ingest", "could not be read") as change:
            if change.session.get_one(DocumentVersion, version_id).state != "indexing":
                return  # it was published, or deleted meanwhile; what failed came after
            self._index.library.fail(change.session, version_id, error)
            change.record("document.failed", "document-version", version_id, after={"code": error.code})

    def _visibility(self, user: User, domain: str) -> Visibility:
        user.require("employee", domain)
        return "department" if user.may("reviewer", domain) else "private"

    def _seen(self, session: Session, user: User, document: str) -> DocumentInfo:
        seen = {info.id: info for info in self._index.library.listing(session, user.scope, user.desks)}
        if document not in seen:
            raise NotFound("unknown_document")
        return seen[document]

    def _changeable(self, user: User, document: str) -> DocumentInfo:
        with self._database.read() as session:
            info = self._seen(session, user, document)
        own = info.visibility == "private" and info.owner == user.id
        if not own and not user.may("reviewer", info.domain):
            raise NotAllowed("needs_role", role="reviewer", domain=info.domain)
        return info


def _told(info: DocumentInfo) -> dict[str, object]:
    return {"version": info.version, "passages": info.passages, "domain": info.domain}
