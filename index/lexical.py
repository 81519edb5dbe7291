"""BM25 over the postings, in portable SQL. Frequencies are counted over exactly the shelves that are visible.

Robertson & Zaragoza 2009.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Float, bindparam, case, cast, func, select
from sqlalchemy.orm import Session

from index.fetching import Together, fetch_all
from index.generations import revision
from index.glossary import Meaning
from index.tables import PassageRow, Posting
from index.tokenizer import content_terms, terms

K1, B = 0.9, 0.4  # passages are short and of like length: little to normalise
MAX_TERMS = 120  # of a question; a longer one is cut
MAX_POSTINGS = 20_000  # read for a question
_asked = Posting.shelf.in_(bindparam("shelves", expanding=True)), Posting.term.in_(bindparam("terms", expanding=True))
_HOLDERS = Together(select(Posting.term, Posting.passage_id).where(*_asked))
_OCCURRENCES = Together(select(Posting.term, func.count()).where(*_asked).group_by(Posting.term))


class Lexical:
    """Searches one home's postings; how much stands on each shelf is counted when what can be searched has changed."""

    def __init__(self) -> None:
        self._known: tuple[int, Mapping[str, tuple[int, int]]] = (-1, {})

    def search(self, session: Session, question: str, shelves: Collection[str], count: int) -> dict[int, float]:
        """The best `count` passages, of those with at least one of the question's terms: id → BM25 score, as a share of
        the most that these terms could give, those included that stand nowhere (Bruch et al. 2023): 0 to 1.
        """
        if not shelves:
            return {}
        total, average = self._statistics(session, shelves)
        asked = list(dict.fromkeys(content_terms(question)))[:MAX_TERMS]
        occurs = _occurrences(session, asked, shelves)
        most = sum(_idf(total, occurs.get(term, 0)) for term in asked) * (K1 + 1)
        weights = {term: _idf(total, occurs[term]) / most for term in _affordable(occurs)}
        if not weights:
            return {}
        weight = case(weights, value=Posting.term)
        frequency = cast(Posting.count, Float)
        norm = K1 * (1 - B + B * cast(Posting.length, Float) / average)
        score = func.sum(weight * frequency * (K1 + 1) / (frequency + norm)).label("score")
        rows = fetch_all(
            session,
            select(Posting.passage_id, score)
            .where(Posting.shelf.in_(shelves), Posting.term.in_(list(weights)))
            .group_by(Posting.passage_id)
            .order_by(score.desc(), Posting.passage_id)
            .limit(count),
        )
        return {passage: float(value) for passage, value in rows}

    def shares(self, session: Session, known: Sequence[Meaning], shelves: Collection[str]) -> dict[int, float]:
        """Of a question's words that the glossary knows, the share that a passage holds in any form, in any language.

        Rare words count more (by inverse document frequency). Passages that hold none are left out.
        """
        wanted = {term for meaning in known for form in meaning.forms for term in form}
        if not wanted or not shelves:
            return {}
        affordable = _affordable(_occurrences(session, wanted, shelves))
        holding: dict[str, set[int]] = {}
        for term, passage in _HOLDERS.all(session, shelves=list(shelves), terms=affordable):
            holding.setdefault(term, set()).add(passage)
        total, _ = self._statistics(session, shelves)
        found: dict[int, float] = {}
        weights = 0.0
        for meaning in known:
            holders = _holders(meaning, holding)
            weight = _idf(total, len(holders))
            weights += weight
            for passage in holders:
                found[passage] = found.get(passage, 0.0) + weight
        return {passage: weight / weights for passage, weight in found.items()}

    def rarity(self, session: Session, question: str, shelves: Collection[str]) -> dict[str, float]:
        """How much each term of a question says among the visible passages: 1 stands in none, near 0 in all."""
        wanted = list(dict.fromkeys(terms(question)))[:MAX_TERMS]
        total, _ = self._statistics(session, shelves)
        most = _idf(total, 0)
        occurs = _occurrences(session, wanted, shelves)
        return {term: _idf(total, occurs.get(term, 0)) / most for term in wanted}

    def _statistics(self, session: Session, shelves: Collection[str]) -> tuple[int, float]:
        """How many passages are visible, and their mean length in terms."""
        wanted = revision(session)
        if self._known[0] != wanted:
            self._known = (wanted, _counted(session))
        counted = [self._known[1].get(shelf, (0, 0)) for shelf in shelves]
        total, length = sum(n for n, _ in counted), sum(length for _, length in counted)
        return total, length / total if total else 1.0


def postings_of(row: PassageRow, found: Sequence[str]) -> list[dict[str, Any]]:
    """A passage's terms as rows and not as objects: a document has thousands of them."""
    place = {"shelf": row.shelf, "passage_id": row.id, "length": len(found)}
    return [place | {"term": term, "count": count} for term, count in Counter(found).items()]


def _counted(session: Session) -> dict[str, tuple[int, int]]:
    """How many passages stand on each shelf, and their length in terms together."""
    rows = session.execute(
        select(PassageRow.shelf, func.count(), func.sum(PassageRow.length)).group_by(PassageRow.shelf)
    )
    return {shelf: (passages, length) for shelf, passages, length in rows}


def _holders(meaning: Meaning, holding: Mapping[str, set[int]]) -> set[int]:
    """The passages that hold any form of a word."""
    found: set[int] = set()
    for form in meaning.forms:
        found |= set.intersection(*(holding.get(term, set()) for term in form))
    return found


def _affordable(occurs: dict[str, int]) -> list[str]:
    """The rarest terms, as many as can be read quickly: what stands nearly everywhere tells passages apart least."""
    kept: list[str] = []
    read = 0
    for term, passages in sorted(occurs.items(), key=lambda entry: (entry[1], entry[0])):
        read += passages
        if kept and read > MAX_POSTINGS:
            break
        kept.append(term)
    return kept


def _occurrences(session: Session, wanted: Collection[str], shelves: Collection[str]) -> dict[str, int]:
    """In how many visible passages each term stands, of those that stand in any."""
    found = _OCCURRENCES.all(session, shelves=list(shelves), terms=list(wanted))
    return {term: occurs for term, occurs in found}


def _idf(total: int, occurs: int) -> float:
    return math.log(1 + (total - occurs + 0.5) / (occurs + 0.5))
