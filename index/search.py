"""Searching: shelves that may be seen, dense and lexical lists over these alone, one ranking."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, bindparam, select
from sqlalchemy.orm import Session

from index.encoding import Encode
from index.fetching import Together
from index.fusion import fuse
from index.generations import Generations
from index.glossary import glossary_of
from index.languages import language_of
from index.lexical import Lexical
from index.standing import UNKNOWN, Standing, Standings
from index.tables import Document, DocumentVersion, PassageRow, confidential_shelf, private_shelf
from index.tokenizer import articles

CANDIDATES = 60  # of each list, before fusion
NAMED = 1.0  # more than meaning and words give: whoever names an article wants it, of whichever document is nearest
KNOWN = 200  # passages that hold most of the words known to the glossary
Mode = Literal["hybrid", "dense", "lexical"]


@dataclass(frozen=True)
class Scope:
    """What somebody may see: whole domains, the confidential documents of some, and his own uploads in these."""

    domains: frozenset[str]
    user: str | None
    confidential: frozenset[str] = frozenset()

    @property
    def shelves(self) -> list[str]:
        """The visible shelves."""
        own = [private_shelf(domain, self.user) for domain in self.domains] if self.user else []
        kept_close = [confidential_shelf(domain) for domain in self.domains & self.confidential]
        return sorted([*self.domains, *kept_close, *own])

    def within(self, domains: Collection[str]) -> "Scope":
        """What of it lies in some domains."""
        return replace(self, domains=self.domains & frozenset(domains))


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
    standing: Standing = UNKNOWN
    own: bool = False  # somebody's own upload, that no reviewer has accepted for the department


@dataclass(frozen=True)
class Hit:
    """A passage found: its place in the ranking, fused score (1: so much or more), and what each list said (None: not
    there): cosine; of the most that the question's words could give, the share that they gave.

    `aside`: its document is not in force at the time that is asked about; it is read for what it says otherwise.
    `copies`: passages of other documents that say the same, see `merged`.
    """

    rank: int
    score: float
    dense: float | None
    lexical: float | None
    passage: Passage
    aside: bool = False
    copies: tuple[Passage, ...] = ()


def _told(*wanted: ColumnElement[bool]) -> Together[*tuple[Any, ...]]:
    place = (PassageRow.heading, PassageRow.page, PassageRow.sheet, PassageRow.slide, PassageRow.cells, PassageRow.box)
    return Together(
        select(PassageRow.id, PassageRow.document_id, PassageRow.version_id, PassageRow.text, *place)
        .add_columns(Document.domain, Document.filename, Document.visibility, DocumentVersion.uploaded_at)
        .join(Document, Document.id == PassageRow.document_id)
        .join(DocumentVersion, DocumentVersion.id == PassageRow.version_id)
        .where(*wanted)
        .order_by(PassageRow.document_id, PassageRow.ordinal)
    )


_named = PassageRow.id.in_(bindparam("ids", expanding=True))
_SEEN = _told(_named, PassageRow.shelf.in_(bindparam("shelves", expanding=True)))
_RECORDED = _told(_named)
_OF_DOCUMENT = _told(PassageRow.document_id == bindparam("document"))


class Search:
    """Searches one home's passages."""

    def __init__(self, encode: Encode, generations: Generations, lexical: Lexical, standings: Standings) -> None:
        self._encode = encode
        self._generations = generations
        self._lexical = lexical
        self._standings = standings

    def __call__(
        self, session: Session, question: str, scope: Scope, count: int = 10, mode: Mode = "hybrid"
    ) -> list[Hit]:
        """The best `count` passages for a question, of what `scope` may see and nothing else."""
        shelves = scope.shelves
        dense: Mapping[int, float] = {}
        if mode != "lexical":
            vector = self._encode([question], query=True)[0]
            dense = self._generations.current(session).search(vector, shelves, CANDIDATES)
        words = self._lexical.search(session, question, shelves, CANDIDATES) if mode != "dense" else {}
        meant = glossary_of(session, scope.domains).meanings(question) if mode == "hybrid" else []
        known = self._lexical.shares(session, meant, shelves)
        known = dict(sorted(known.items(), key=lambda entry: (-entry[1], entry[0]))[:KNOWN])
        found = load(session, [*dense, *words, *known], scope, self._standings.of(session))
        asked = language_of(question)
        foreign = {key for key, passage in found.items() if language_of(passage.text) != asked}
        scores = fuse(dense, words, foreign, known)
        if named := articles(question):
            for key in scores.keys() & found.keys():
                scores[key] += NAMED if named <= articles(found[key].heading) else 0.0
        kept = [key for key in sorted(scores, key=lambda key: (-scores[key], key)) if key in found][:count]
        return [
            Hit(rank, min(1.0, scores[key]), dense.get(key), words.get(key), found[key])
            for rank, key in enumerate(kept, start=1)
        ]


def load(
    session: Session, ids: Sequence[int], scope: Scope, standings: Mapping[str, Standing] = MappingProxyType({})
) -> dict[int, Passage]:
    """Passages by id, of those that `scope` may see. `standings`: by document."""
    found = _passages(_SEEN.all(session, ids=list(ids), shelves=scope.shelves), standings)
    return {passage.id: passage for passage in found}


def load_recorded(session: Session, ids: Sequence[int]) -> dict[int, Passage]:
    """Passages by id, for one who may see the answer that was made from them."""
    return {passage.id: passage for passage in _passages(_RECORDED.all(session, ids=list(ids)))}


def load_document(session: Session, document_id: str) -> list[Passage]:
    """All passages of a document's version in force, in their order."""
    return _passages(_OF_DOCUMENT.all(session, document=document_id))


def _passages(rows: Sequence[Row[Any]], standings: Mapping[str, Standing] = MappingProxyType({})) -> list[Passage]:
    return [
        Passage(
            id=row.id,
            domain=row.domain,
            document=row.document_id,
            version=row.version_id,
            file=row.filename,
            text=row.text,
            heading=row.heading,
            page=row.page,
            sheet=row.sheet,
            slide=row.slide,
            cells=row.cells,
            box=tuple(row.box) if row.box else None,
            uploaded_at=row.uploaded_at,
            standing=standings.get(row.document_id, UNKNOWN),
            own=row.visibility == "private",
        )
        for row in rows
    ]
