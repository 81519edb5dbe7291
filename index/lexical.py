"""BM25 over the postings, in portable SQL. Frequencies are counted over exactly the shelves that are visible.

Robertson & Zaragoza 2009; k1 and b at their usual values.
"""

import math
from collections.abc import Collection

from sqlalchemy import Float, case, cast, func, select
from sqlalchemy.orm import Session

from index.tables import PassageRow, Posting
from index.tokenizer import terms

K1, B = 1.2, 0.75
MAX_TERMS = 120  # of a question; a longer one is cut


def search(session: Session, question: str, shelves: Collection[str], count: int) -> dict[int, float]:
    """The best `count` passages: id → BM25 score, of those with at least one of the question's terms."""
    wanted = list(dict.fromkeys(terms(question)))[:MAX_TERMS]
    if not wanted or not shelves:
        return {}
    weights = _weights(session, wanted, shelves)
    if not weights:
        return {}
    average = session.scalar(select(func.avg(PassageRow.length)).where(PassageRow.shelf.in_(shelves))) or 1.0
    among = (Posting.shelf.in_(shelves), Posting.term.in_(wanted))
    weight = case(weights, value=Posting.term)
    frequency = cast(Posting.count, Float)
    norm = K1 * (1 - B + B * cast(PassageRow.length, Float) / float(average))
    score = func.sum(weight * frequency * (K1 + 1) / (frequency + norm)).label("score")
    rows = session.execute(
        select(Posting.passage_id, score)
        .join(PassageRow, PassageRow.id == Posting.passage_id)
        .where(*among)
        .group_by(Posting.passage_id)
        .order_by(score.desc(), Posting.passage_id)
        .limit(count)
    )
    return {passage: float(value) for passage, value in rows}


def rarity(session: Session, question: str, shelves: Collection[str]) -> dict[str, float]:
    """How much each term of a question says among the visible passages: 1 stands in none, near 0 in all."""
    wanted = list(dict.fromkeys(terms(question)))[:MAX_TERMS]
    total = session.scalar(select(func.count()).where(PassageRow.shelf.in_(shelves))) or 0
    most = _idf(total, 0)
    found = _weights(session, wanted, shelves)
    return {term: found.get(term, most) / most for term in wanted}


def _weights(session: Session, wanted: Collection[str], shelves: Collection[str]) -> dict[str, float]:
    """The inverse document frequency of each term that occurs."""
    total = session.scalar(select(func.count()).where(PassageRow.shelf.in_(shelves))) or 0
    found = session.execute(
        select(Posting.term, func.count())
        .where(Posting.shelf.in_(shelves), Posting.term.in_(wanted))
        .group_by(Posting.term)
    )
    return {term: _idf(total, occurs) for term, occurs in found}


def _idf(total: int, occurs: int) -> float:
    return math.log(1 + (total - occurs + 0.5) / (occurs + 0.5))
