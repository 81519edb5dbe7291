"""The life of a document: registered, prepared, published; replaced, put on another shelf, deleted.

Each change takes the caller's session and commits nothing. The slow parts, `cuts` and `prepare`, need none.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from index.encoding import Encode
from index.errors import DocumentError
from index.generations import advance
from index.lexical import postings_of
from index.listing import LONGEST_NAME, DocumentInfo, Incoming, Sensitivity, info
from index.parsing import parse_file
from index.passages import CountTokens, Cut, cut, searched_text
from index.precedence import Precedence
from index.queue import WAITING, move, overtake
from index.standing import Standings
from index.store import Store, StoredFile
from index.tables import Document, DocumentVersion, PassageRow, PassageVector, Posting
from index.tokenizer import terms
from index.validity import read_validity
from index.watching import GivenUp, Watch, unwatched

LONGEST_SOURCE = 500
BATCH = 16  # passages embedded between two tellings of how far it is


@dataclass(frozen=True)
class Prepared:
    """A document read, cut and embedded: all that `publish` writes."""

    passages: list[Cut]
    vectors: NDArray[np.float32]  # (N, D)
    terms: list[list[str]]


class Library:
    """The documents of one home."""

    def __init__(
        self, store: Store, encode: Encode, count_tokens: CountTokens, encoder: str, precedence: Precedence
    ) -> None:
        self._store = store
        self._encode = encode
        self._count_tokens = count_tokens
        self._encoder = encoder
        self._precedence = precedence
        self.standings = Standings()

    def register(self, session: Session, stored: StoredFile, new: Incoming, replaces: str | None) -> DocumentVersion:
        """A new version, queued: of the document `replaces`, or of a new one."""
        name = new.filename[-LONGEST_NAME:]
        number = 1
        if replaces is None:
            document = Document(
                domain=new.domain,
                owner=new.by,
                filename=name,
                source=new.source[-LONGEST_SOURCE:],
                visibility=new.visibility,
                sensitivity=new.sensitivity or "internal",
                review_on=None,
                deleted_at=None,
            )
            session.add(document)
            session.flush()
        else:
            document = session.get_one(Document, replaces)
            document.source = new.source[-LONGEST_SOURCE:] or document.source
            numbers = session.scalars(select(DocumentVersion.number).where(DocumentVersion.document_id == replaces))
            number = max(numbers) + 1
            if new.sensitivity:
                self.label(session, replaces, new.sensitivity)
        version = DocumentVersion(
            document_id=document.id,
            number=number,
            filename=name,
            sha256=stored.sha256,
            bytes=stored.bytes,
            path=stored.path,
            state="queued",
            error_code=None,
            error_params={},
            uploaded_by=new.by,
        )
        session.add(version)
        session.flush()
        return version

    def recorded(self, session: Session, places: Collection[str]) -> set[str]:
        """Of some originals' places in the store, those that a version has."""
        return set(session.scalars(select(DocumentVersion.path).where(DocumentVersion.path.in_(places))))

    def cuts(self, path: str, filename: str, watch: Watch = unwatched) -> list[Cut]:
        """The passages of a stored file. Raises DocumentError, GivenUp."""
        with self._store.opened(path, filename) as clear:
            passages = cut(parse_file(clear, filename, watch), self._counted)
        if not passages:
            raise DocumentError("no_text", file=filename)
        return passages

    def prepare(self, filename: str, passages: list[Cut], watch: Watch = unwatched) -> Prepared:
        """Embed what a file of that name was cut into. Raises GivenUp."""
        title = Path(filename).stem
        searched = [searched_text(title, passage) for passage in passages]
        vectors = []
        for at in range(0, len(searched), BATCH):
            if not watch("embedding", at, len(searched)):
                raise GivenUp
            self._precedence.give()
            vectors.append(self._encode(searched[at : at + BATCH]))
        return Prepared(passages, np.concatenate(vectors), [self._terms(text) for text in searched])

    def _counted(self, text: str) -> int:
        self._precedence.give()
        return self._count_tokens(text)

    def _terms(self, text: str) -> list[str]:
        self._precedence.give()
        return terms(text)

    def publish(self, session: Session, version_id: str, prepared: Prepared) -> DocumentInfo:
        """Put a prepared version in force; the one before it leaves the search in the same transaction."""
        version = session.get_one(DocumentVersion, version_id)
        document = session.get_one(Document, version.document_id)
        _withdraw(session, document.id, "replaced")
        overtake(session, document.id, version.number)
        document.filename = version.filename
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
        for at in range(0, len(rows), BATCH):
            self._precedence.give()
            part = slice(at, at + BATCH)
            self._write(session, rows[part], prepared.vectors[part], prepared.terms[part])
        move(version, "indexed")
        version.passages, version.attempts = len(rows), 0
        version.validity = read_validity(document.filename, prepared.passages).as_dict()
        advance(session)
        session.flush()
        return info(session, document.id)

    def _write(
        self, session: Session, rows: list[PassageRow], vectors: NDArray[np.float32], terms_of: list[list[str]]
    ) -> None:
        """Some passages and what they are found by. `vectors` are (N, D)."""
        session.add_all(rows)
        session.flush()
        found_by = [
            {"passage_id": row.id, "encoder": self._encoder, "vector": vector.astype("<f4").tobytes()}
            for row, vector in zip(rows, vectors, strict=True)
        ]
        session.execute(insert(PassageVector), found_by)
        if postings := [one for row, found in zip(rows, terms_of, strict=True) for one in postings_of(row, found)]:
            session.execute(insert(Posting), postings)

    def delete(self, session: Session, document_id: str) -> None:
        """Take a document out of the search for good."""
        document = session.get_one(Document, document_id)
        _withdraw(session, document_id, "deleted")
        session.execute(
            update(DocumentVersion)
            .where(DocumentVersion.document_id == document_id, DocumentVersion.state.in_(WAITING))
            .values(state="deleted")
        )
        document.deleted_at = datetime.now(UTC)
        advance(session)

    def accept(self, session: Session, document_id: str) -> None:
        """Move a private document to its department's shelf."""
        document = session.get_one(Document, document_id)
        before, document.visibility = document.shelf, "department"
        _move(session, document, before)

    def label(self, session: Session, document_id: str, sensitivity: Sensitivity) -> None:
        """Say how sensitive a document is; a confidential one stands on a shelf of its own from now on."""
        document = session.get_one(Document, document_id)
        before, document.sensitivity = document.shelf, sensitivity
        _move(session, document, before)

    def describe(self, session: Session, document_id: str, responsible: str, review_on: date | None) -> None:
        """Say who keeps a document true, and when somebody is to look at it again."""
        document = session.get_one(Document, document_id)
        document.responsible, document.review_on = responsible, review_on


def _move(session: Session, document: Document, before: str) -> None:
    """Put a document's passages on the shelf where it belongs now."""
    if document.shelf == before:
        return
    passages = select(PassageRow.id).where(PassageRow.document_id == document.id)
    postings = update(Posting).where(Posting.shelf == before, Posting.passage_id.in_(passages))
    session.execute(postings.values(shelf=document.shelf))
    session.execute(update(PassageRow).where(PassageRow.document_id == document.id).values(shelf=document.shelf))
    advance(session)


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
