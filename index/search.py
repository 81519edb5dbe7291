"""Searching: shelves that may be seen, dense and lexical lists over these alone, one ranking.

Where the visible passages are in both languages, those in the other one than the question's are found by vectors
from which the languages are taken off, and by what the question's words may be there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from index import lexical
from index.centres import Centres, unit
from index.dictionary import Dictionary
from index.encoding import Encode
from index.fusion import TRANSLATED_WEIGHT, WORDS_WEIGHT, across_languages, fuse
from index.generations import Generations, Part, Vectors, nearest
from index.languages import language_of
from index.tables import Document, DocumentVersion, PassageRow, private_shelf

CANDIDATES = 60  # of each list, before fusion
Mode = Literal["hybrid", "dense", "lexical"]


@dataclass(frozen=True)
class Scope:
    """What somebody may see: whole domains, and his own uploads in these or in `own`."""

    domains: frozenset[str]
    user: str | None
    own: frozenset[str] | None = None  # domains whose own uploads are visible; None: those of `domains`

    @property
    def shelves(self) -> list[str]:
        """The visible shelves."""
        mine = self.domains if self.own is None else self.own
        own = [private_shelf(domain, self.user) for domain in mine] if self.user else []
        return sorted([*self.domains, *own])


@dataclass(frozen=True)
class Passage:
    """A passage with its place. `text` is exactly the document's text; `heading` is a path, 'A > B'."""

    id: int
    domain: str
    document: str
    version: str
    file: str
    text: str
    heading: str
    page: int | None
    sheet: str | None
    slide: int | None
    cells: str | None
    box: tuple[float, ...] | None
    uploaded_at: datetime


@dataclass(frozen=True)
class Hit:
    """A passage found: its place in the ranking, fused score 0..1, and what each list said (None: not there)."""

    rank: int
    score: float
    dense: float | None
    lexical: float | None
    passage: Passage


class Search:
    """Searches one home's passages."""

    def __init__(
        self, encode: Encode, generations: Generations, dictionary: Dictionary, samples: Sequence[str]
    ) -> None:
        self._encode = encode
        self._generations = generations
        self._dictionary = dictionary
        self._samples = tuple(samples)

    def prepare(self) -> None:
        """Do now what the first search would have to wait for."""
        if self._samples:
            Centres.of(self._samples, self._encode)

    def __call__(
        self, session: Session, question: str, scope: Scope, count: int = 10, mode: Mode = "hybrid"
    ) -> list[Hit]:
        """The best `count` passages for a question, of what `scope` may see and nothing else."""
        shelves = scope.shelves
        dense: Mapping[int, float] = {}
        parts: list[Part] = []
        if mode != "lexical":
            vector = self._encode([question], query=True)[0]
            parts = self._generations.current(session).visible(shelves)
            dense = nearest(parts, vector, CANDIDATES)
        words = lexical.search(session, question, shelves, CANDIDATES) if mode != "dense" else {}
        scores = fuse(dense, words)
        if mode == "hybrid" and self._samples and len({part.language for part in parts}) > 1:
            scores = self._across(session, question, vector, shelves, parts, words, scores)
        best = sorted(scores, key=lambda key: (-scores[key], key))[:count]
        found = load(session, best, scope)
        kept = [key for key in best if key in found]
        return [
            Hit(rank, scores[key], dense.get(key), words.get(key), found[key]) for rank, key in enumerate(kept, start=1)
        ]

    def _across(
        self,
        session: Session,
        question: str,
        vector: Vectors,
        shelves: Sequence[str],
        parts: Sequence[Part],
        words: Mapping[int, float],
        fused: Mapping[int, float],
    ) -> dict[int, float]:
        """The ranking over both languages; the two that share no words with each other are brought to one scale."""
        asked = language_of(question)
        other = "en" if asked == "ja" else "ja"
        translations = self._dictionary.translations(question, asked)
        translated = lexical.search_translated(session, translations, shelves, other, CANDIDATES)
        centres = Centres.of(self._samples, self._encode)
        plain = centres.question(vector, asked)
        wanted = np.array(
            sorted({*fused, *translated, *(key for part in parts for key, _ in part.search(plain, CANDIDATES))}),
            np.int64,
        )
        meaning: dict[int, float] = {}
        own: set[int] = set()
        for language in (asked, other):
            spoken = [part for part in parts if part.language == language]
            total = np.sum([part.total for part in spoken], axis=0)
            centre = centres.passage(language, total, sum(len(part.ids) for part in spoken))
            for part in spoken:
                here, vectors = part.vectors(wanted)
                keys = here.tolist()
                meaning.update(zip(keys, (unit(vectors - centre) @ plain).tolist(), strict=True))
                own.update(keys if language == asked else ())
        most = lexical.ideal(session, question, shelves) or 1.0
        neutral = {
            key: meaning.get(key, 0.0)  # no vector of this encoder: found by words only
            + WORDS_WEIGHT * words.get(key, 0.0) / most
            + TRANSLATED_WEIGHT * translated.get(key, 0.0)
            for key in wanted.tolist()
        }
        return across_languages(fused, neutral, own)


def load(session: Session, ids: Sequence[int], scope: Scope) -> dict[int, Passage]:
    """Passages by id, of those that `scope` may see."""
    rows = session.execute(
        select(PassageRow, Document, DocumentVersion.uploaded_at)
        .join(Document, Document.id == PassageRow.document_id)
        .join(DocumentVersion, DocumentVersion.id == PassageRow.version_id)
        .where(PassageRow.id.in_(ids), PassageRow.shelf.in_(scope.shelves))
    )
    return {
        row.id: Passage(
            id=row.id,
            domain=document.domain,
            document=document.id,
            version=row.version_id,
            file=document.filename,
            text=row.text,
            heading=row.heading,
            page=row.page,
            sheet=row.sheet,
            slide=row.slide,
            cells=row.cells,
            box=tuple(row.box) if row.box else None,
            uploaded_at=uploaded_at,
        )
        for row, document, uploaded_at in rows
    }
