"""The life of a document: received, registered, prepared, published; replaced, accepted, deleted.

Each change takes the caller's session and commits nothing. The slow part, `prepare`, needs no session at all.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from index.encoding import Encode
from index.errors import DocumentError
from index.generations import advance
from index.lexical import postings_of
from index.parsing import parse_file
from index.passages import CountTokens, Cut, cut, searched_text
from index.search import Scope
from index.standing import UNKNOWN, Standing, Standings
from index.tables import Document, DocumentVersion, PassageRow, PassageVector, Posting
from index.tokenizer import terms
from index.validity import read_validity

Visibility = Literal["private", "department"]
CHUNK = 1 << 20
LONGEST_NAME = 200


@dataclass(frozen=True)
class StoredFile:
    """A file that is safely on disk, named by its content."""

    sha256: str
    bytes: int
    path: str  # below the documents folder


@dataclass(frozen=True)
class Prepared:
    """A document read, cut and embedded: all that `publish` writes."""

    passages: list[Cut]
    vectors: NDArray[np.float32]  # (N, D)
    terms: list[list[str]]


@dataclass(frozen=True)
class DocumentInfo:
    """A document with its latest version, as lists show it."""

    id: str
    domain: str
    owner: str
    filename: str
    visibility: Visibility
    sensitivity: str
    version_id: str
    version: int
    state: str
    error: DocumentError | None
    passages: int
    bytes: int
    uploaded_by: str
    uploaded_at: datetime
    standing: Standing  # of its version in force


class Library:
    """The documents of one home."""

    def __init__(self, folder: Path, encode: Encode, count_tokens: CountTokens, encoder: str, megabytes: int) -> None:
        self._folder = folder
        self._encode = encode
        self._count_tokens = count_tokens
        self._encoder = encoder
        self._megabytes = megabytes
        self.standings = Standings()

    def receive(self, content: BinaryIO | Path, filename: str) -> StoredFile:
        """Copy a file into the store. Raises DocumentError: not_a_file, too_large, empty_file, disk_full."""
        if isinstance(content, Path):
            if not content.is_file():
                raise DocumentError("not_a_file", file=filename)
            with content.open("rb") as file:
                return self.receive(file, filename)
        try:
            return self._store(content, filename)
        except OSError as error:
            raise DocumentError("disk_full", file=filename, detail=str(error)) from error

    def _store(self, content: BinaryIO, filename: str) -> StoredFile:
        self._folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        descriptor, half = tempfile.mkstemp(prefix=".half-", dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                while chunk := content.read(CHUNK):
                    size += len(chunk)
                    if size > self._megabytes * 1024 * 1024:
                        raise DocumentError("too_large", file=filename, limit_mb=self._megabytes)
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            if not size:
                raise DocumentError("empty_file", file=filename)
            name = digest.hexdigest()
            place = self._folder / name[:2] / name
            place.parent.mkdir(exist_ok=True)
            os.replace(half, place)
        finally:
            Path(half).unlink(missing_ok=True)
        return StoredFile(name, size, f"{name[:2]}/{name}")

    def path_of(self, relative: str) -> Path:
        """Where a stored file lies."""
        return self._folder / relative

    def unchanged(
        self,
        session: Session,
        stored: StoredFile,
        domain: str,
        filename: str,
        owner: str,
        visibility: Visibility,
    ) -> DocumentInfo | None:
        """The document of that name and place whose version in force has this very content."""
        info = self.named(session, domain, filename, owner, visibility)
        if info is None or info.state != "indexed":
            return None
        version = session.get_one(DocumentVersion, info.version_id)
        return info if version.sha256 == stored.sha256 else None

    def named(
        self, session: Session, domain: str, filename: str, owner: str, visibility: Visibility
    ) -> DocumentInfo | None:
        """The document that a new upload of this name replaces: same domain, same shelf, same name."""
        query = select(Document.id).where(
            Document.domain == domain,
            Document.filename == filename[-LONGEST_NAME:],
            Document.visibility == visibility,
            Document.deleted_at.is_(None),
        )
        if visibility == "private":
            query = query.where(Document.owner == owner)
        found = session.scalar(query.order_by(Document.created_at))
        return self.info(session, found) if found else None

    def register(
        self,
        session: Session,
        stored: StoredFile,
        domain: str,
        owner: str,
        filename: str,
        visibility: Visibility,
        replaces: str | None = None,
    ) -> DocumentVersion:
        """A new version, queued: of the document `replaces`, or of a new one."""
        if replaces is None:
            document = Document(
                domain=domain,
                owner=owner,
                filename=filename[-LONGEST_NAME:],
                visibility=visibility,
                deleted_at=None,
            )
            session.add(document)
            session.flush()
            number = 1
        else:
            document = session.get_one(Document, replaces)
            document.filename = filename[-LONGEST_NAME:]
            numbers = session.scalars(select(DocumentVersion.number).where(DocumentVersion.document_id == replaces))
            number = max(numbers) + 1
        version = DocumentVersion(
            document_id=document.id,
            number=number,
            sha256=stored.sha256,
            bytes=stored.bytes,
            path=stored.path,
            state="queued",
            error_code=None,
            error_params={},
            uploaded_by=owner,
        )
        session.add(version)
        session.flush()
        return version

    def prepare(self, path: str, filename: str) -> Prepared:
        """Read, cut and embed a stored file. Raises DocumentError."""
        passages = cut(parse_file(self._folder / path, filename), self._count_tokens)
        if not passages:
            raise DocumentError("no_text", file=filename)
        title = Path(filename).stem
        searched = [searched_text(title, passage) for passage in passages]
        return Prepared(passages, self._encode(searched), [terms(text) for text in searched])

    def publish(self, session: Session, version_id: str, prepared: Prepared) -> DocumentInfo:
        """Put a prepared version in force; the one before it leaves the search in the same transaction."""
        version = session.get_one(DocumentVersion, version_id)
        document = session.get_one(Document, version.document_id)
        _withdraw(session, document.id, "replaced")
        rows = [
            PassageRow(
                version_id=version.id,
                document_id=document.id,
                shelf=document.shelf,
                ordinal=ordinal,
                text=passage.text,
                heading=passage.heading,
                page=passage.page,
                sheet=passage.sheet,
                slide=passage.slide,
                cells=passage.cells,
                box=list(passage.box) if passage.box else None,
                tokens=passage.tokens,
                length=len(found),
            )
            for ordinal, (passage, found) in enumerate(zip(prepared.passages, prepared.terms, strict=True))
        ]
        session.add_all(rows)
        session.flush()
        for row, vector, found in zip(rows, prepared.vectors, prepared.terms, strict=True):
            session.add(PassageVector(passage_id=row.id, encoder=self._encoder, vector=vector.astype("<f4").tobytes()))
            if postings := postings_of(document.shelf, row.id, found):
                session.execute(insert(Posting), postings)
        version.state, version.passages, version.error_code = "indexed", len(rows), None
        version.validity = read_validity(document.filename, prepared.passages).as_dict()
        advance(session)
        session.flush()
        return self.info(session, document.id)

    def fail(self, session: Session, version_id: str, error: DocumentError) -> None:
        """Note why a version was not taken; what was in force stays."""
        version = session.get_one(DocumentVersion, version_id)
        version.state, version.error_code, version.error_params = "failed", error.code, error.params

    def delete(self, session: Session, document_id: str) -> None:
        """Take a document out of the search for good."""
        document = session.get_one(Document, document_id)
        _withdraw(session, document_id, "deleted")
        session.execute(
            update(DocumentVersion)
            .where(DocumentVersion.document_id == document_id, DocumentVersion.state.in_(("queued", "indexing")))
            .values(state="deleted")
        )
        document.deleted_at = datetime.now(UTC)
        advance(session)

    def accept(self, session: Session, document_id: str) -> None:
        """Move a private document to its department's shelf."""
        document = session.get_one(Document, document_id)
        before = document.shelf
        document.visibility = "department"
        passages = select(PassageRow.id).where(PassageRow.document_id == document_id)
        session.execute(
            update(Posting)
            .where(Posting.shelf == before, Posting.passage_id.in_(passages))
            .values(shelf=document.shelf)
        )
        session.execute(update(PassageRow).where(PassageRow.document_id == document_id).values(shelf=document.shelf))
        advance(session)

    def pending(self, session: Session) -> list[str]:
        """Versions that wait to be read, also those that a crash left half-way, oldest first."""
        rows = session.scalars(
            select(DocumentVersion.id)
            .where(DocumentVersion.state.in_(("queued", "indexing")))
            .order_by(DocumentVersion.uploaded_at)
        )
        return list(rows)

    def info(self, session: Session, document_id: str) -> DocumentInfo:
        """A document with its latest version. Raises LookupError when there is none."""
        found = next(self._infos(session, select(Document).where(Document.id == document_id)), None)
        if found is None:
            raise LookupError(document_id)
        return found

    def listing(self, session: Session, scope: Scope, everything_in: Sequence[str] = ()) -> list[DocumentInfo]:
        """The documents that `scope` may see, by domain and name; with others' uploads in `everything_in`."""
        wanted = select(Document).where(Document.domain.in_(scope.domains), Document.deleted_at.is_(None))
        return [
            info
            for info in self._infos(session, wanted.order_by(Document.domain, Document.filename))
            if info.visibility == "department" or info.owner == scope.user or info.domain in everything_in
        ]

    def _infos(self, session: Session, documents: "Select[tuple[Document]]") -> Iterator[DocumentInfo]:  # type: ignore[name-defined]  # noqa: F821
        found = session.scalars(documents).all()
        versions: dict[str, DocumentVersion] = {}
        for version in session.scalars(
            select(DocumentVersion)
            .where(DocumentVersion.document_id.in_([document.id for document in found]))
            .order_by(DocumentVersion.number)
        ):
            versions[version.document_id] = version
        standing = self.standings.of(session)
        for document in found:
            yield _info(document, versions[document.id], standing.get(document.id, UNKNOWN))


def _info(document: Document, version: DocumentVersion, standing: Standing) -> DocumentInfo:
    code = version.error_code
    return DocumentInfo(
        id=document.id,
        domain=document.domain,
        owner=document.owner,
        filename=document.filename,
        visibility=document.visibility,  # type: ignore[arg-type]  # the column holds Visibility's words only
        sensitivity=document.sensitivity,
        version_id=version.id,
        version=version.number,
        state=version.state,
        error=DocumentError(code, **version.error_params) if code else None,
        passages=version.passages,
        bytes=version.bytes,
        uploaded_by=version.uploaded_by,
        uploaded_at=version.uploaded_at if version.uploaded_at.tzinfo else version.uploaded_at.replace(tzinfo=UTC),
        standing=standing,
    )


def _withdraw(session: Session, document_id: str, state: str) -> None:
    """Remove the passages in force and all that hangs on them."""
    passages = select(PassageRow.id).where(PassageRow.document_id == document_id)
    session.execute(delete(Posting).where(Posting.passage_id.in_(passages)))
    session.execute(delete(PassageVector).where(PassageVector.passage_id.in_(passages)))
    session.execute(delete(PassageRow).where(PassageRow.document_id == document_id))
    session.execute(
        update(DocumentVersion)
        .where(DocumentVersion.document_id == document_id, DocumentVersion.state == "indexed")
        .values(state=state)
    )
