"""The room's front: one home's library and search, wired to the encoder it is handed."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from index import tokenizer, validity
from index.encoding import Encode
from index.generations import Generation, Generations, ReadSession, advance
from index.glossary import Meaning, glossary_of
from index.lexical import Lexical, postings_of
from index.library import Library
from index.passages import CountTokens, searched_text
from index.precedence import Precedence
from index.queue import Turnstile
from index.sealing import NO_KEYS, Keyring
from index.search import Hit, Mode, Passage, Scope, Search, load, load_document, load_recorded
from index.standing import Standing
from index.store import Store
from index.tables import Document, DocumentVersion, IndexState, PassageRow, PassageVector, Posting, is_common

REENCODE_BATCH = 64


class Index:
    """The documents of one home: `store` keeps the files, `library` changes what they say, `search` finds it."""

    def __init__(
        self,
        home: Path,
        encode: Encode,
        count_tokens: CountTokens,
        encoder_identity: str,
        dimension: int,
        max_megabytes: int,
        keys: Keyring = NO_KEYS,
    ) -> None:
        self._encode = encode
        self._encoder = encoder_identity
        self._generations = Generations(home / "index", encoder_identity, dimension, keys)
        self.store = Store(home / "documents", max_megabytes, keys)
        self._precedence = Precedence()
        self.library = Library(self.store, encode, count_tokens, encoder_identity, self._precedence)
        self._lexical = Lexical()
        self._search = Search(encode, self._generations, self._lexical, self.library.standings)
        self.turnstile = Turnstile(home / "documents")

    @property
    def generation(self) -> str:
        """The dense generation in use."""
        return self._generations.name

    def search(
        self, session: Session, question: str, scope: Scope, count: int = 10, mode: Mode = "hybrid"
    ) -> list[Hit]:
        """The best passages for a question, of what `scope` may see."""
        with self._precedence.taken():
            return self._search(session, question, scope, count, mode)

    def embed(self, questions: Sequence[str]) -> NDArray[np.float32]:
        """The vectors (Q, D) that questions are searched by."""
        return self._encode(questions, query=True)

    def closest(self, session: Session, vectors: NDArray[np.float32], domains: Sequence[str]) -> NDArray[np.float32]:
        """The cosine (Q, K) of each vector with the nearest passage of each domain that everyone there may see, NaN
        where it has none.
        """
        return self._generations.current(session).closest(vectors, domains)

    def sizes(self, session: Session) -> dict[str, int]:
        """How many passages each domain has that everyone there may see."""
        shelves = self._generations.current(session).shelves
        return {name: shelf.count for name, shelf in sorted(shelves.items()) if is_common(name)}

    def rarity(self, session: Session, question: str, scope: Scope) -> dict[str, float]:
        """The question's terms, each with how much it says among what `scope` may see, 0 (in all) to 1 (in none)."""
        return self._lexical.rarity(session, question, scope.shelves)

    def meanings(self, session: Session, question: str, scope: Scope) -> list[Meaning]:
        """The question's words that the glossary knows, with the words of the departments that `scope` sees."""
        return glossary_of(session, scope.domains).meanings(question)

    def visible(self, session: Session, ids: Sequence[int], scope: Scope) -> dict[int, Passage]:
        """Passages by id, without those that are gone or may not be seen."""
        return load(session, ids, scope)

    def passages(self, session: Session, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages by id as far as they are there, for one who may see the answer that was made from them."""
        return load_recorded(session, ids)

    def passages_of(self, session: Session, file: str, scope: Scope) -> list[Passage]:
        """The passages of the documents of that name that `scope` may see, in their order."""
        names = {unicodedata.normalize(form, file) for form in ("NFC", "NFD")}
        ids = session.scalars(
            select(PassageRow.id)
            .join(Document, Document.id == PassageRow.document_id)
            .where(Document.filename.in_(names), PassageRow.shelf.in_(scope.shelves))
            .order_by(PassageRow.document_id, PassageRow.ordinal)
        ).all()
        found = load(session, ids, scope)
        return [found[key] for key in ids]

    def of_document(self, session: Session, document: str) -> list[Passage]:
        """The passages of a document's version in force, in their order, for one who may see the document."""
        return load_document(session, document)

    def standings(self, session: Session) -> Mapping[str, Standing]:
        """From when to when each document is in force, by document."""
        return self.library.standings.of(session)

    def in_force(self, session: Session, versions: Sequence[str], scope: Scope) -> bool:
        """Whether all these document versions are the ones in force, and of documents that `scope` may see."""
        wanted = set(versions)
        found = session.scalar(
            select(func.count(PassageRow.version_id.distinct())).where(
                PassageRow.version_id.in_(wanted), PassageRow.shelf.in_(scope.shelves)
            )
        )
        return found == len(wanted)

    def tidy(self, read: ReadSession) -> None:
        """Remove files that are on no record, see `Store.tidy`. Raises OSError."""

        def recorded(places: Collection[str]) -> set[str]:
            with read() as session:
                return self.library.recorded(session, places)

        self.store.tidy(recorded)

    def ahead(self, session: Session) -> Generation | None:
        """The dense generation with what `session` is about to commit, for `adopt`; None where nobody has searched
        since the last one was made.
        """
        return self._generations.ahead(session)

    def adopt(self, made: Generation | None) -> None:
        """Search what was made ahead from now on: its changes are committed."""
        self._generations.adopt(made)

    def refresh(self, read: ReadSession) -> None:
        """Bring the dense generation up to date now, in memory and on disk, so that the next search need not."""
        with read() as session:
            self._generations.keep(session)

    def stale_postings(self, session: Session) -> bool:
        """Whether the postings are another tokenizer's."""
        return session.scalar(select(IndexState.tokenizer)) not in (None, tokenizer.VERSION)

    def retokenise(self, session: Session) -> int:
        """Make all postings anew, in the caller's transaction. Returns of how many passages."""
        session.execute(delete(Posting))
        rows = session.execute(
            select(PassageRow, Document.filename).join(Document, Document.id == PassageRow.document_id)
        ).all()
        for row, name in rows:
            found = tokenizer.terms(searched_text(Path(name).stem, row))
            row.length = len(found)
            if postings := postings_of(row, found):
                session.execute(insert(Posting), postings)
        session.execute(update(IndexState).values(tokenizer=tokenizer.VERSION))
        advance(session)
        return len(rows)

    def stale_validity(self, session: Session) -> bool:
        """Whether the documents' time was read by an older reader, or never."""
        return session.scalar(select(IndexState.validity)) not in (None, validity.VERSION)

    def reread_validity(self, session: Session) -> int:
        """Read of all documents in force what they say of their time, in the caller's transaction. Returns how many."""
        versions = session.execute(
            select(DocumentVersion, Document.filename)
            .join(Document, Document.id == DocumentVersion.document_id)
            .where(DocumentVersion.state == "indexed")
        ).all()
        for version, name in versions:
            told = select(PassageRow).where(PassageRow.version_id == version.id).order_by(PassageRow.ordinal)
            version.validity = validity.read_validity(name, session.scalars(told).all()).as_dict()
        session.execute(update(IndexState).values(validity=validity.VERSION))
        advance(session)
        return len(versions)

    def stale_vectors(self, session: Session) -> int:
        """How many passages have their vector from another encoder; they are not found by meaning."""
        mine = select(PassageVector.passage_id).where(PassageVector.encoder == self._encoder)
        return session.scalar(select(func.count()).select_from(PassageRow).where(PassageRow.id.not_in(mine))) or 0

    def reencode(self, session: Session) -> int:
        """Give every passage a vector of the present encoder, in the caller's transaction. Returns how many."""
        rows = session.execute(
            select(PassageRow, PassageVector, Document.filename)
            .join(PassageVector, PassageVector.passage_id == PassageRow.id)
            .join(Document, Document.id == PassageRow.document_id)
            .where(PassageVector.encoder != self._encoder)
        ).all()
        for at in range(0, len(rows), REENCODE_BATCH):
            part = rows[at : at + REENCODE_BATCH]
            texts = [searched_text(Path(name).stem, row) for row, _, name in part]
            for (_, vector, _), made in zip(part, self._encode(texts), strict=True):
                vector.encoder, vector.vector = self._encoder, made.astype("<f4").tobytes()
        if rows:
            advance(session)
        return len(rows)
