"""The tables of what is written: documents, their versions, passages, vectors, postings.

The database is the truth; everything on disk beside it is derived. A *shelf* is the unit of visibility: a domain's
accepted documents, those of them that are confidential, or one person's own uploads in it.
"""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, DateTime, ForeignKey, Index, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def _now() -> datetime:
    return datetime.now(UTC)


def _id() -> str:
    return uuid4().hex


class Base(DeclarativeBase):
    """Base of this room's tables."""

    metadata = MetaData()
    type_annotation_map = {  # noqa: RUF012
        dict[str, Any]: JSON,
        list[float]: JSON,
        datetime: DateTime(timezone=True),
    }


metadata = Base.metadata


class Document(Base):
    """A document over all its versions."""

    __tablename__ = "documents"
    __table_args__ = (Index("ix_documents_place", "domain", "filename"),)  # an upload looks for its namesakes

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=_id)
    domain: Mapped[str] = mapped_column(String(40), index=True)
    owner: Mapped[str] = mapped_column(String(80))  # who put it there first; whose shelf it is on while private
    filename: Mapped[str] = mapped_column(String(255))
    source: Mapped[str] = mapped_column(String(500), default="")  # its path in the folder it was taken from
    responsible: Mapped[str] = mapped_column(String(120), default="")  # who keeps it true
    visibility: Mapped[str] = mapped_column(String(12))  # private | department
    sensitivity: Mapped[str] = mapped_column(String(20), default="internal")  # public | internal | confidential
    review_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(default=_now)
    deleted_at: Mapped[datetime | None]

    @property
    def shelf(self) -> str:
        """Where its passages stand."""
        if self.visibility == "private":
            return private_shelf(self.domain, self.owner)
        return confidential_shelf(self.domain) if self.sensitivity == "confidential" else self.domain


class DocumentVersion(Base):
    """One uploaded file of a document, and what became of it."""

    __tablename__ = "document_versions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=_id)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), index=True)
    number: Mapped[int]
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    bytes: Mapped[int]
    path: Mapped[str] = mapped_column(String(255))  # below the home's documents folder
    state: Mapped[str] = mapped_column(String(12))  # see index.queue
    attempts: Mapped[int] = mapped_column(default=0)  # how often reading began and was not brought to an end
    error_code: Mapped[str | None] = mapped_column(String(40))
    error_params: Mapped[dict[str, Any]]
    passages: Mapped[int] = mapped_column(default=0)
    validity: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what it says of its own time: `validity.Validity`
    uploaded_by: Mapped[str] = mapped_column(String(80))
    uploaded_at: Mapped[datetime] = mapped_column(default=_now)


class PassageRow(Base):
    """A passage of the version in force; gone when the version is replaced or the document deleted. Its id is never
    another's: answers of before cite it.
    """

    __tablename__ = "passages"
    __table_args__ = (
        Index("ix_passages_shelf_length", "shelf", "length"),  # the mean length without the texts
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("document_versions.id"), index=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    shelf: Mapped[str] = mapped_column(String(130), index=True)
    ordinal: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    heading: Mapped[str] = mapped_column(Text)
    page: Mapped[int | None]
    sheet: Mapped[str | None] = mapped_column(String(255))
    slide: Mapped[int | None]
    cells: Mapped[str | None] = mapped_column(String(60))
    box: Mapped[list[float] | None] = mapped_column(JSON)
    tokens: Mapped[int]  # the encoder's
    length: Mapped[int]  # in lexical terms


class PassageVector(Base):
    """A passage's vector by one encoder: float32, little endian."""

    __tablename__ = "passage_vectors"

    passage_id: Mapped[int] = mapped_column(ForeignKey("passages.id"), primary_key=True)
    encoder: Mapped[str] = mapped_column(String(120))
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class Posting(Base):
    """How often a term stands in a passage. By shelf first, so that no other shelf's rows are ever read; stored in that
    order and with all that ranking needs, so that a term is read in one go.
    """

    __tablename__ = "postings"
    __table_args__ = (Index("ix_postings_passage", "passage_id"), {"sqlite_with_rowid": False})

    shelf: Mapped[str] = mapped_column(String(130), primary_key=True)
    term: Mapped[str] = mapped_column(String(80), primary_key=True)
    passage_id: Mapped[int] = mapped_column(ForeignKey("passages.id"), primary_key=True)
    count: Mapped[int]
    length: Mapped[int]  # the passage's


class GlossaryEntry(Base):
    """A department's own word: what it is called in English and in Japanese, as the shipped glossary has its lines."""

    __tablename__ = "glossary_entries"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=_id)
    domain: Mapped[str] = mapped_column(String(40), index=True)
    english: Mapped[str] = mapped_column(String(400))  # forms joined by '|', as the next; one of the two may be empty
    japanese: Mapped[str] = mapped_column(String(400))
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=_now)


class IndexState(Base):
    """One row: how often what can be searched has changed; what made the postings and read the documents' time."""

    __tablename__ = "index_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int]
    tokenizer: Mapped[str] = mapped_column(String(20))
    validity: Mapped[str] = mapped_column(String(20))


def confidential_shelf(domain: str) -> str:
    """The shelf of a domain's confidential documents."""
    return f"{domain}/confidential"


def is_common(shelf: str) -> bool:
    """Whether a shelf is a domain's own, which everyone there may see."""
    return "/" not in shelf


def private_shelf(domain: str, user: str) -> str:
    """The shelf of a person's own uploads in a domain."""
    return f"{domain}/user:{user}"
