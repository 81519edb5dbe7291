"""Do two pieces of evidence say the same, or the one otherwise than the other?

Two documents that say the same are a reason to believe, two that do not a reason to ask somebody. It looks at the words
the reader marked, else at the whole quotation; it knows nothing of ranks.
"""

import re
import unicodedata
from collections.abc import Iterable

from assistant.answer import Evidence
from assistant.language import language_of
from assistant.steps.candidates import content_weights, passage_heading
from assistant.steps.facts import Fact, facts, strangers
from assistant.steps.holders import holders
from assistant.steps.places import countries, elsewhere
from assistant.steps.sentences import sentences
from assistant.steps.verify import denials
from index import row_cells

_SPECIAL = re.compile(r"特例|例外|臨時|暫定|\b(?:exceptions?|temporary|interim)\b", re.IGNORECASE)
_OVERRIDES = re.compile(r"にかかわらず|に優先|\b(?:notwithstanding|takes? precedence|overrides?)\b", re.IGNORECASE)
ALIKE = 0.35  # share of what a sentence says, from which on another one can deny it


def says_the_same(one: Evidence, other: Evidence) -> bool:
    """Whether both give the same numbers, or, where they give none, one's words stand in the other's."""
    ours, theirs = _said(one), _said(other)
    counted, also = facts(ours), facts(theirs)
    if counted or also:
        return not strangers(counted, also) and not strangers(also, counted)
    return bool(ours) and bool(theirs) and (ours in theirs or theirs in ours)


def other_amounts(one: Evidence, other: Evidence) -> bool:
    """Whether both give amounts of a kind, and neither's stands anywhere in the other. That they speak of the same
    matter is not looked at, only that they may, see `_comparable`.
    """
    counted, also = _amounts(one, other)
    kinds = {fact.unit for fact in counted} & {fact.unit for fact in also}
    kinds = kinds - {None} or kinds  # 'one mail' is no amount where megabytes are told
    ours, theirs = ([fact for fact in some if fact.unit in kinds] for some in (counted, also))
    found = _agree(ours, facts(_plain(other.quote))) or _agree(theirs, facts(_plain(one.quote)))
    return bool(kinds) and not found and _comparable(one, other)


def denies(one: Evidence, other: Evidence) -> bool:
    """Whether neither gives an amount, and one denies what is said in much the same words by the other; as there."""
    said, denied = sentence_of(one), sentence_of(other)
    turned = denials(said) % 2 != denials(denied) % 2 and _shared(said, denied) >= ALIKE
    return turned and not any(_amounts(one, other)) and _comparable(one, other)


def _amounts(one: Evidence, other: Evidence) -> tuple[list[Fact], list[Fact]]:
    """Of the marked words; of the sentence around them where only the other one's are amounts."""
    counted, also = facts(_said(one)), facts(_said(other))
    if bool(counted) != bool(also):
        return counted or facts(_plain(sentence_of(one))), also or facts(_plain(sentence_of(other)))
    return counted, also


def _agree(some: Iterable[Fact], others: Iterable[Fact]) -> bool:
    told = list(others)
    return any(fact.agrees(other) for fact in some for other in told)


def _shared(one: str, other: str) -> float:
    """How much of what the sentence with less to say says stands in the other one, 0 to 1."""
    ours, theirs = content_weights(one, {}), content_weights(other, {})
    both = sum(weight for term, weight in ours.items() if term in theirs)
    return both / max(min(sum(ours.values()), sum(theirs.values())), 1e-9)


def sentence_of(evidence: Evidence) -> str:
    """The sentences of the quotation that the marked words stand in; all of it where none are marked."""
    quote = evidence.quote
    first = quote.find(evidence.marked) if evidence.marked else -1
    last = first + len(evidence.marked)
    touched = [(start, end) for start, end in sentences(quote) if end > first >= 0 and start < last]
    return quote[touched[0][0] : touched[-1][1]] if touched else quote


def _comparable(one: Evidence, other: Evidence) -> bool:
    """Whether they may speak of the same matter: not another country's rule, one for other people, another column of a
    table, what says of itself that it is an exception; and nothing that somebody uploaded for himself.
    """
    ours, theirs = one.hit.passage, other.hit.passage
    if ours.document == theirs.document or ours.domain != theirs.domain or ours.own or theirs.own:
        return False
    if language_of(one.quote, "en") != language_of(other.quote, "en"):
        return False  # where the languages differ, so do, mostly, the countries
    titles = passage_heading(ours), passage_heading(theirs)
    if elsewhere(*map(countries, titles)) or holders(titles[0]) != holders(titles[1]):
        return False
    if any(map(_SPECIAL.search, titles)) or any(_OVERRIDES.search(one.text) for one in (ours, theirs)):
        return False
    groups = holders(sentence_of(one)), holders(sentence_of(other))
    if any(groups) and not groups[0] & groups[1]:
        return False
    columns, others = _columns(one), _columns(other)
    return columns is None or others is None or bool(columns & others)


def _columns(evidence: Evidence) -> set[str] | None:
    """The columns that the marked words of a table's row stand in; None of anything else."""
    cells = row_cells(evidence.quote)
    marked = evidence.marked
    return {name for name, value in cells if value and (value in marked or marked in value)} if cells else None


def _said(evidence: Evidence) -> str:
    return _plain(evidence.marked or evidence.quote)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
