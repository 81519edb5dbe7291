"""Documents as lists show them, and which of them a file of some name belongs to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from index.errors import DocumentError
from index.queue import WAITING
from index.search import Scope
from index.standing import UNKNOWN, Standing
from index.tables import Document, DocumentVersion

Visibility = Literal["private", "department"]
Sensitivity = Literal["public", "internal", "confidential"]
SENSITIVITIES: tuple[Sensitivity, ...] = ("public", "internal", "confidential")
LONGEST_NAME = 200
LATEST = aliased(DocumentVersion)  # a document's version with the highest number


@dataclass(frozen=True)
class Incoming:
    """What is said of a file that comes in. `source`: its path from the folder on that is taken whole, else ''."""

    filename: str
    domain: str
    by: str
    visibility: Visibility
    source: str = ""
    sensitivity: Sensitivity | None = None  # None: as the document's earlier version, else internal


@dataclass(frozen=True)
class VersionInfo:
    """One uploaded file of a document, and what became of it."""

    id: str
    document: str
    number: int
    filename: str
    sha256: str
    path: str
    state: str
    error: DocumentError | None
    passages: int
    bytes: int
    uploaded_by: str
    uploaded_at: datetime

    @property
    def waits(self) -> bool:
        """Whether it is still to be read to its end."""
        return self.state in WAITING

    @classmethod
    def of(cls, row: DocumentVersion) -> "VersionInfo":
        """A row as it is now."""
        at = row.uploaded_at
        return cls(
            id=row.id,
            document=row.document_id,
            number=row.number,
            filename=row.filename,
            sha256=row.sha256,
            path=row.path,
            state=row.state,
            error=DocumentError(row.error_code, **row.error_params) if row.error_code else None,
            passages=row.passages,
            bytes=row.bytes,
            uploaded_by=row.uploaded_by,
            uploaded_at=at if at.tzinfo else at.replace(tzinfo=UTC),
        )


@dataclass(frozen=True)
class DocumentInfo:
    """A document with its latest version, and the one in force, which may be an older one or none."""

    id: str
    domain: str
    owner: str
    filename: str
    source: str
    responsible: str
    visibility: Visibility
    sensitivity: Sensitivity
    review_on: date | None
    latest: VersionInfo
    serving: VersionInfo | None
    standing: Standing = UNKNOWN  # of the version in force

    @property
    def type(self) -> str:
        """What the name says it is, 'pdf'."""
        return PurePath(self.filename).suffix.lower().lstrip(".")

    @property
    def passages(self) -> int:
        """How many passages can be found."""
        return self.serving.passages if self.serving else 0

    def overdue(self, today: date) -> bool:
        """Whether somebody was to look by now whether it is still true."""
        return self.review_on is not None and self.review_on < today


def info(session: Session, document_id: str) -> DocumentInfo:
    """A document. Raises LookupError when there is none."""
    rows = _infos(session, select(Document).where(Document.id == document_id))
    if not rows:
        raise LookupError(document_id)
    return rows[0][1]


def visible(
    session: Session,
    scope: Scope,
    everything_in: Collection[str] = (),
    document_id: str | None = None,
    standings: Mapping[str, Standing] = MappingProxyType({}),
) -> list[DocumentInfo]:
    """The documents that `scope` may see, by domain and name; with others' uploads in `everything_in`.

    `standings`: by document.
    """
    wanted = select(Document).where(Document.domain.in_(scope.domains), Document.deleted_at.is_(None))
    if document_id is not None:
        wanted = wanted.where(Document.id == document_id)
    shelves = set(scope.shelves)
    return [
        replace(told, standing=standings.get(row.id, UNKNOWN))
        for row, told in _infos(session, wanted.order_by(Document.domain, Document.filename, Document.source))
        if row.shelf in shelves or row.domain in everything_in
    ]


def versions(session: Session, document_id: str) -> list[VersionInfo]:
    """All versions of a document, newest first."""
    rows = select(DocumentVersion).where(DocumentVersion.document_id == document_id)
    return [VersionInfo.of(row) for row in session.scalars(rows.order_by(DocumentVersion.number.desc()))]


@dataclass(frozen=True)
class Jobs:
    """Whose jobs are looked at: a person's own, and those of the domains whose desk he works at.

    states: of a document's latest version. since: only what was uploaded from then on.
    """

    scope: Scope
    desks: Collection[str]
    states: Collection[str]
    since: datetime | None = None

    def wanted(self) -> list[ColumnElement[bool]]:
        """The condition on a document and its latest version."""
        mine = or_(
            Document.owner == self.scope.user,
            LATEST.uploaded_by == self.scope.user,
            Document.domain.in_(self.desks),
        )
        found = [Document.domain.in_(self.scope.domains), Document.deleted_at.is_(None), mine]
        return [*found, LATEST.state.in_(self.states), *([LATEST.uploaded_at >= self.since] if self.since else [])]


def jobs(session: Session, of: Jobs, limit: int | None = None) -> list[DocumentInfo]:
    """The documents of some jobs, in the order of upload."""
    wanted = select(Document).where(*of.wanted()).order_by(LATEST.uploaded_at, LATEST.id).limit(limit)
    return [told for _, told in _infos(session, wanted)]


def count_jobs(session: Session, of: Jobs) -> dict[str, int]:
    """How many jobs are in which state."""
    newest = _newest()
    counted = (
        select(LATEST.state, func.count())
        .join(Document, Document.id == LATEST.document_id)
        .join(newest, and_(newest.c.document_id == Document.id, newest.c.number == LATEST.number))
        .where(*of.wanted())
        .group_by(LATEST.state)
    )
    return {state: count for state, count in session.execute(counted)}


def namesake(session: Session, new: Incoming, place: PurePath | None) -> DocumentInfo | None:
    """The document whose next version a file is; None: it is a document of its own.

    Where a folder is taken whole, files of one name in two places are two documents: each belongs to the document
    whose source its place ends in, or to one without a source.

    Args:
        place: where the file lies; None for an upload, which has no place.
    """
    query = select(Document).where(
        Document.domain == new.domain,
        Document.filename == new.filename[-LONGEST_NAME:],
        Document.visibility == new.visibility,
        Document.deleted_at.is_(None),
    )
    if new.visibility == "private":
        query = query.where(Document.owner == new.by)
    found = list(session.scalars(query.order_by(Document.created_at)))
    parts = place.parts if place else ()
    placed = [one for one in found if one.source and PurePath(one.source).parts == parts[-_depth(one) :]]
    unplaced = [one for one in found if not one.source]
    alone = found if len(found) == 1 and not new.source else []
    chosen = sorted(placed, key=_depth, reverse=True) or unplaced or alone
    return info(session, chosen[0].id) if chosen else None


def _depth(document: Document) -> int:
    return len(PurePath(document.source).parts)


def _newest() -> Subquery:
    numbers = select(DocumentVersion.document_id, func.max(DocumentVersion.number).label("number"))
    return numbers.group_by(DocumentVersion.document_id).subquery()


def _infos(session: Session, documents: Select[Any]) -> list[tuple[Document, DocumentInfo]]:
    newest, serving = _newest(), aliased(DocumentVersion)
    rows = session.execute(
        documents.join(newest, newest.c.document_id == Document.id)
        .join(LATEST, and_(LATEST.document_id == Document.id, LATEST.number == newest.c.number))
        .outerjoin(serving, and_(serving.document_id == Document.id, serving.state == "indexed"))
        .add_columns(LATEST, serving)
    )
    return [(document, _info(document, last, now)) for document, last, now in rows]


def _info(document: Document, latest: DocumentVersion, serving: DocumentVersion | None) -> DocumentInfo:
    return DocumentInfo(
        id=document.id,
        domain=document.domain,
        owner=document.owner,
        filename=document.filename,
        source=document.source,
        responsible=document.responsible,
        visibility=document.visibility,  # type: ignore[arg-type]  # the column holds Visibility's words only
        sensitivity=document.sensitivity,  # type: ignore[arg-type]  # and this one Sensitivity's
        review_on=document.review_on,
        latest=VersionInfo.of(latest),
        serving=VersionInfo.of(serving) if serving else None,
    )
