"""Documents as people handle them: uploaded, stopped and tried again, replaced, accepted, listed, searched.

An upload is acknowledged once the file is stored and its row committed; a crash after that only delays it.
Who may do what is decided here; what a document is, is `index`'s business, and reading it `ingestion`'s.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from assistant.access import User
from assistant.answer import Answer, Citation
from assistant.database import Change, Database
from assistant.errors import BadInput, Conflict, NotAllowed, NotFound
from assistant.ingestion import Ingestion
from assistant.reserve import Reserve
from assistant.tables import Account
from index import SENSITIVITIES, DocumentError, DocumentInfo, Hit, Incoming, Index, Sensitivity, VersionInfo, listing
from index.dates import dates, plain
from index.queue import WAITING
from index.store import StoredFile, content_of
from index.tables import Document, DocumentVersion


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

    @classmethod
    def of(cls, path: str, version: VersionInfo, status: str) -> "Ingested":
        """A version's outcome, or that it waits."""
        return cls(path, version.document, version.number, version.id, version.passages, status, version.error)


@dataclass(frozen=True)
class Upload:
    """A file that somebody brings, and what he says of it.

    replaces: the document whose next version it is; None: that of its name, or a new one.
    sensitivity: its label; None: as it was, internal at first.
    place: where the file lies; None for an upload in the browser.
    folder: the folder that is taken whole and holds it; None for a single file.
    """

    filename: str
    domain: str
    replaces: str | None = None
    sensitivity: Sensitivity | None = None
    place: Path | None = None
    folder: Path | None = None

    def incoming(self, user: User) -> Incoming:
        """The same as the index takes it: a reviewer's file is for the department, an employee's for himself."""
        return Incoming(
            filename=self.filename,
            domain=self.domain,
            by=user.id,
            visibility="department" if user.may("reviewer", self.domain) else "private",
            source=self.place.relative_to(self.folder.parent).as_posix() if self.place and self.folder else "",
            sensitivity=self.sensitivity,
        )


@dataclass(frozen=True)
class JobList:
    """Jobs, oldest first, perhaps not all; `counts`: how many there are of each state."""

    documents: list[DocumentInfo]
    counts: dict[str, int]


class Documents:
    """The documents of one home, as people handle them."""

    def __init__(self, database: Database, index: Index, ingestion: Ingestion, reserve: Reserve) -> None:
        self._database = database
        self._index = index
        self._ingestion = ingestion
        self._reserve = reserve

    def upload(self, user: User, content: BinaryIO | Path, upload: Upload) -> Ingested:
        """Store a file and queue it. Returns at once; `status` is 'queued' or 'unchanged'.

        A reviewer's upload is for the department, an employee's for himself until a reviewer accepts it. A file of
        the same name in the same place becomes that document's next version. The same content again is not taken
        twice; if it could not be read the last time, it is read once more.
        Raises DocumentError (too large, empty, disk full), BadInput, NotFound, NotAllowed.
        """
        user.require("employee", upload.domain)
        known = self._known(user, upload, content_of(content)) if isinstance(content, Path) else None
        if known is None:
            if self._reserve.given_back and not self._reserve.hold():
                raise DocumentError("disk_full", file=upload.filename)
            known = self._receive(user, content, upload)
        self._ingestion.wake()
        return known

    def _receive(self, user: User, content: BinaryIO | Path, upload: Upload) -> Ingested:
        """Store a file and put it on record; where that fails it is tidied away."""
        store = self._index.store
        with store.receiving():
            stored = store.receive(content, upload.filename)
            known = self._known(user, upload, stored.sha256) or self._register(user, stored, upload)
            store.confirm(stored)
        return known

    def _register(self, user: User, stored: StoredFile, upload: Upload) -> Ingested:
        with self._database.transaction(user.actor, "uploaded") as change:
            replaces = known_as.id if (known_as := self._replaced(change.session, user, upload)) else None
            row = self._index.library.register(change.session, stored, upload.incoming(user), replaces)
            after = {"version": row.number, "sha256": stored.sha256, "domain": upload.domain}
            after |= {"sensitivity": upload.sensitivity} if upload.sensitivity else {}
            change.record("document.received", "document", row.document_id, after=after)
            return Ingested.of(upload.filename, VersionInfo.of(row), "queued")

    def ingest(self, user: User, path: Path, domain: str) -> Ingested:
        """Take a file and read it now. Never raises DocumentError."""
        return self.settle(path, self.take(user, path, Upload(path.name, domain, place=path.resolve())))

    def take(self, user: User, path: Path, upload: Upload) -> Ingested:
        """The same as `upload`, with a file that cannot be taken as a failed one."""
        try:
            return self.upload(user, path, upload)
        except DocumentError as error:
            return Ingested(str(path), None, None, None, 0, "failed", error)

    def settle(self, path: Path, taken: Ingested) -> Ingested:
        """What became of a file that was queued: read here and now, or by another process."""
        if taken.version_id is None or taken.status != "queued":
            return taken
        version = self._ingestion.settle(taken.version_id)
        if version.state == "indexed":
            return Ingested.of(str(path), version, "indexed")
        error = version.error or DocumentError("stopped", file=version.filename)
        return Ingested(str(path), version.document, version.number, version.id, 0, "failed", error)

    def _known(self, user: User, upload: Upload, sha256: str | None) -> Ingested | None:
        """What is there already of this very content; asked for again where it could not be read."""
        with self._database.read() as session:
            info = self._replaced(session, user, upload)
        if info is None:
            return None
        waits = info.latest.waits
        served = info.serving is not None and info.serving.sha256 == sha256 and not waits
        if not served and info.latest.sha256 != sha256:
            return None
        with self._database.transaction(user.actor, "uploaded again") as change:
            if upload.sensitivity is not None:
                relabel(change, self._index, info, upload.sensitivity)
            if not served and not waits:
                self._ingestion.ask_again(change, info.latest)
        if served and info.serving is not None:
            return Ingested.of(upload.filename, info.serving, "unchanged")
        return Ingested.of(upload.filename, self._ingestion.version(info.latest.id), "queued")

    def _replaced(self, session: Session, user: User, upload: Upload) -> DocumentInfo | None:
        """The document whose next version an upload is."""
        if upload.replaces is not None:
            return changeable(session, user, upload.replaces)
        return listing.namesake(session, upload.incoming(user), upload.place)

    def replace(self, user: User, document: str, path: Path) -> Ingested:
        """Queue a new file in a document's place; the old version stays in force until the new one is read."""
        with self._database.read() as session:
            info = changeable(session, user, document)
        return self.upload(user, path, Upload(path.name, info.domain, replaces=info.id))

    def cancel(self, user: User, version: str) -> None:
        """Leave a version unread; its uploader or a reviewer may.

        Raises NotFound, NotAllowed, Conflict (it is over).
        """
        with self._database.transaction(user.actor, "stopped") as change:
            self._ingestion.cancel(change, self._own_job(change, user, version))

    def ask_again(self, user: User, version: str) -> None:
        """Read once more what failed or was stopped. Raises NotFound, NotAllowed, Conflict (a newer one is there)."""
        with self._database.transaction(user.actor, "tried again") as change:
            job = self._own_job(change, user, version)
            if listing.info(change.session, job.document).latest.id != job.id:
                raise Conflict("newer_version")
            self._ingestion.ask_again(change, job)
        self._ingestion.wake()

    def cancel_all(self, user: User) -> int:
        """Leave everything unread that waits and that this person may stop. Returns how many files."""
        return self._on_all(user, WAITING, self._ingestion.cancel)

    def ask_again_all(self, user: User) -> int:
        """Read once more everything that failed and that this person may change. Returns how many files."""
        return self._on_all(user, ("failed",), self._ingestion.ask_again)

    def _on_all(self, user: User, states: Sequence[str], act: Callable[[Change, VersionInfo], None]) -> int:
        with self._database.transaction(user.actor, "for all files of a state") as change:
            jobs = listing.jobs(change.session, listing.Jobs(user.scope, user.desks, states))
            for job in jobs:
                act(change, job.latest)
        self._ingestion.wake()
        return len(jobs)

    def jobs(self, user: User, *states: str, since: datetime | None = None, limit: int | None = None) -> JobList:
        """The documents whose latest version is in one of the states, of those this person may change."""
        of = listing.Jobs(user.scope, user.desks, states, since)
        with self._database.read() as session:
            return JobList(listing.jobs(session, of, limit), listing.count_jobs(session, of))

    def _own_job(self, change: Change, user: User, version: str) -> VersionInfo:
        row = change.session.get(DocumentVersion, version)
        if row is None:
            raise NotFound("unknown_document")
        if row.uploaded_by == user.id:
            seen(change.session, user, row.document_id)
        else:
            changeable(change.session, user, row.document_id)
        return VersionInfo.of(row)

    def accept(self, user: User, document: str) -> None:
        """Let a whole department find an employee's upload. Raises NotAllowed below reviewer."""
        with self._database.transaction(user.actor, "accepted for the department") as change:
            info = seen(change.session, user, document)
            user.require("reviewer", info.domain)
            self._index.library.accept(change.session, document)
            before, after = {"visibility": info.visibility}, {"visibility": "department"}
            change.record("document.accepted", "document", document, before, after)
        self._index.refresh(self._database.read)

    def listing(self, user: User, domain: str | None = None) -> list[DocumentInfo]:
        """The documents that this person sees, with employees' uploads where he is a reviewer."""
        with self._database.read() as session:
            found = listing.visible(session, user.scope, user.desks, standings=self._index.standings(session))
        return [info for info in found if domain in (None, info.domain)]

    def find(self, user: User, named: str) -> DocumentInfo:
        """The document of an id or a file name. Raises NotFound; BadInput: several have the name."""
        documents = self.listing(user)
        found = [info for info in documents if info.id == named] or [
            info for info in documents if named in (info.filename, info.source)
        ]
        if len(found) > 1:
            raise BadInput("several_documents", file=named, ids=", ".join(info.id for info in found))
        if not found:
            raise NotFound("unknown_document")
        return found[0]

    def people(self, ids: Sequence[str]) -> dict[str, str]:
        """Display names by account id, of those that are accounts."""
        with self._database.read() as session:
            rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(set(ids))))
            return {identifier: name for identifier, name in rows}

    def search(self, user: User, question: str, domain: str | None, count: int) -> list[Hit]:
        """Passages for a question, of what this person sees."""
        scope = user.scope if domain is None else user.scope.within({domain})
        with self._database.read() as session:
            return self._index.search(session, question, scope, count)

    def cite(self, user: User, passages: Sequence[int]) -> list[Citation]:
        """Passages as what a reply rests on. Raises NotFound for one that is gone or not for this person."""
        with self._database.read() as session:
            found = self._index.visible(session, passages, user.scope)
        if not found.keys() >= set(passages):
            raise NotFound("unknown_document")
        cited = [found[passage] for passage in passages]
        return [Citation.of(n, one, one.text, 1.0) for n, one in enumerate(cited, start=1)]


def as_label(value: str | None) -> Sensitivity | None:
    """A label from outside. Raises BadInput."""
    known = next((label for label in SENSITIVITIES if label == value), None)
    if value and known is None:
        raise BadInput("unknown_label", labels=", ".join(SENSITIVITIES))
    return known


def as_date(value: str) -> date | None:
    """A date from outside, as people write it: 2027-03-31, 2027年3月31日; None for ''. Raises BadInput."""
    if not value:
        return None
    written = plain(value)
    found = next(dates(written), None)
    if found is None or (found.start, found.end) != (0, len(written)) or found.first != found.last:
        raise BadInput("bad_date", value=value)
    return found.first


def relabel(change: Change, index: Index, info: DocumentInfo, sensitivity: Sensitivity) -> None:
    """Say how sensitive a document is, in the caller's transaction."""
    if sensitivity != info.sensitivity:
        index.library.label(change.session, info.id, sensitivity)
        before, after = {"sensitivity": info.sensitivity}, {"sensitivity": sensitivity}
        change.record("document.labelled", "document", info.id, before, after)


def seen(session: Session, user: User, document: str) -> DocumentInfo:
    """A document that this person sees. Raises NotFound for any other, as for none."""
    found = listing.visible(session, user.scope, user.desks, document)
    if not found:
        raise NotFound("unknown_document")
    return found[0]


def kept_from(session: Session, user: User, answers: Sequence[Answer]) -> set[str]:
    """Of the documents that some answers cite, those that are not for this person by now: of a department that he does
    not see, where the same stands too, or confidential.
    """
    citations = [citation for answer in answers for citation in answer.citations]
    cited = {one.document for one in citations} | {copy["document"] for one in citations for copy in one.copies}
    return set(session.scalars(select(Document.id).where(Document.id.in_(cited), not_for(user))))


def not_for(user: User) -> ColumnElement[bool]:
    """The departments' documents that this person does not see: another department's, or a confidential one."""
    close = and_(Document.sensitivity == "confidential", Document.domain.not_in(user.desks))
    return or_(Document.domain.not_in(user.roles), close)


def changeable(session: Session, user: User, document: str) -> DocumentInfo:
    """A document that this person may change: his own upload, or one of a department where he reviews.

    Raises NotFound, NotAllowed.
    """
    info = seen(session, user, document)
    own = info.visibility == "private" and info.owner == user.id
    if not own and not user.may("reviewer", info.domain):
        raise NotAllowed("needs_role", role="reviewer", domain=info.domain)
    return info
