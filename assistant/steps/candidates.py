"""What may answer a question: the sentences of the passages, and what is measured about each.

It measures and weighs nothing; `read` does. It knows nothing of domains or rights.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath

import numpy as np
from scipy.special import expit

from adapters import Marking
from assistant.steps.expected import fits
from assistant.steps.lists import asks_for_list, lists
from assistant.steps.matters import as_told
from assistant.steps.places import countries, elsewhere
from assistant.steps.sentences import sentences
from index import Encode, Hit, Meaning, Passage, terms

Mark = Callable[[str, Sequence[tuple[str, str, str]]], list[list[Marking]]]  # of (department, heading, text)

_KANA = re.compile(r"[\u3040-\u309f]")
_KANA_ONLY = re.compile(r"[\u3040-\u309fー]+")
_STOP = frozenset(
    """
    a an the is are was were be do does did can could may might must shall should will would i we you my our your me us
    it its this that these those of to in on at for by with from as and or if how what when where which who whom why
    there here have has had get got much many long any some not no about please
    """.split()  # noqa: SIM905  # a list of words is read more easily as text
)
SHORTEST, LONGEST = 6, 400  # characters; shorter is a label, longer hardly an answer
PAIR = 260  # two sentences up to this long are tried as one
# e5's cosines live in a narrow band; these ends of it are mapped to 0 and 1
COSINE_FLOOR, COSINE_CEILING = 0.78, 0.92
MOST_ODDS = 6.0  # log-odds; surer than this says nothing more


@dataclass(frozen=True)
class Candidate:
    """A sentence, or more than one, with its measures, 0 to 1.

    meaning: cosine with the question, mapped to 0..1; 0 with the skill. words: share of the question's content in it,
    its headings and its document's name. rank: the passage's score. route: its department's probability. kind: 1 if it
    can be the kind of answer asked for. elsewhere: 1 if its document is another country's. answers: probability that
    an answer stands in its passage. gate: the same as log-odds, -6 to 6 mapped to 0..1: of questions in the asker's own
    words the right passage is often merely the least unlikely. within: probability that this holds it, if so. marked:
    its words that the skill marked.
    """

    hit: Hit
    start: int
    end: int
    meaning: float
    words: float
    rank: float
    route: float
    kind: float
    elsewhere: float
    answers: float = 0.0
    gate: float = 0.0
    within: float = 0.0
    marked: str = ""

    @property
    def text(self) -> str:
        """Its words in the passage."""
        return self.hit.passage.text[self.start : self.end]


def candidates(
    question: str,
    hits: Sequence[Hit],
    routes: Mapping[str, float],
    weights: Mapping[str, float],
    known: Sequence[Meaning],
    encode: Encode,
    mark: Mark | None,
) -> list[Candidate]:
    """All candidates of the passages.

    Args:
        weights: see `content_weights`.
        known: the question's words that the glossary knows.
        mark: the reader's skill, or None.
    """
    marked = dict(zip((hit.passage.id for hit in hits), _mark(question, hits, mark), strict=True))
    listing = asks_for_list(as_told(question))
    places = [
        (hit, start, end)
        for hit in hits
        for start, end in spans(hit.passage.text, [window.best[:2] for window in marked[hit.passage.id]], listing)
    ]
    if not places:
        return []
    framed = [in_context(hit, start, end) for hit, start, end in places]
    # sentences' vectors cost twice what the skill does and add nothing to it
    closeness = _closeness(question, framed, encode) if mark is None else [0.0] * len(places)
    asked = countries(question)
    told = {hit.passage.id: countries(passage_heading(hit.passage)) for hit in hits}
    found = []
    for (hit, start, end), meaning, whole in zip(places, closeness, framed, strict=True):
        gate, within, (first, last) = _skilled(marked[hit.passage.id], start, end)
        found.append(
            Candidate(
                hit=hit,
                start=start,
                end=end,
                meaning=meaning,
                words=covered(weights, known, whole),
                rank=hit.score,
                route=routes.get(hit.passage.domain, 0.0),
                kind=1.0 if fits(question, hit.passage.text[start:end]) else 0.0,
                elsewhere=1.0 if elsewhere(asked, told[hit.passage.id]) else 0.0,
                answers=float(expit(gate)),
                gate=odds_share(gate),
                within=within,
                marked=hit.passage.text[first:last],
            )
        )
    return found


def _closeness(question: str, told: Sequence[str], encode: Encode) -> list[float]:
    cosines = encode(told) @ encode([question], query=True)[0]  # (N,)
    shares = np.clip((cosines - COSINE_FLOOR) / (COSINE_CEILING - COSINE_FLOOR), 0.0, 1.0)
    return [float(share) for share in shares]


def _mark(question: str, hits: Sequence[Hit], mark: Mark | None) -> list[list[Marking]]:
    if mark is None:
        return [[] for _ in hits]
    return mark(question, [(hit.passage.domain, passage_heading(hit.passage), hit.passage.text) for hit in hits])


def passage_heading(passage: Passage) -> str:
    """What is told of a passage besides its text: the document's name says whose rule it is."""
    return " > ".join(part for part in (PurePath(passage.file).stem, passage.heading) if part)


def odds_share(odds: float) -> float:
    """Log-odds, -6 to 6, mapped to 0..1."""
    return (min(max(odds, -MOST_ODDS), MOST_ODDS) / MOST_ODDS + 1) / 2


def _skilled(marked: Sequence[Marking], start: int, end: int) -> tuple[float, float, tuple[int, int]]:
    """Of the window that says most for this sentence: its gate, `within`, and what of its best span is here."""
    found = [(window.gate, math.exp(window.within(start, end)), window) for window in marked]
    if not found:
        return -math.inf, 0.0, (start, start)
    gate, within, window = max(found, key=lambda one: expit(one[0]) * one[1])
    first, last, _ = window.best
    first, last = max(first, start), min(last, end)
    return gate, within, (first, max(first, last))


def content_weights(question: str, rarity: Mapping[str, float]) -> dict[str, float]:
    """The question's terms with how much each says: function words nothing, bigrams with kana little, rare ones most.

    Args:
        rarity: of each term among the passages that may be seen, 0 to 1; 1 where it is missing.
    """
    found = [term for term in terms(question) if term not in _STOP]
    return {term: rarity.get(term, 1.0) ** 2 * _form_weight(term) for term in found}


def _form_weight(term: str) -> float:
    return 0.1 if _KANA_ONLY.fullmatch(term) else 0.4 if _KANA.search(term) else 1.0


def covered(weights: Mapping[str, float], known: Sequence[Meaning], text: str) -> float:
    """Share of the question's content, by weight, that stands in `text` in any form the glossary knows. 0 to 1."""
    total = sum(weights.values())
    if not total:
        return 0.0
    present = set(terms(text))
    for meaning in known:
        if meaning.stands_in(present):
            present |= meaning.asked
    return sum(weight for term, weight in weights.items() if term in present) / total


def spans(text: str, marked: Iterable[tuple[int, int]], whole: bool = False) -> Iterator[tuple[int, int]]:
    """(start, end): the sentences, neighbours of one paragraph as pairs, and all the sentences that a marked span
    touches, unless it runs over into another paragraph or table row; each once. `whole`: each list, too.
    """
    found = [(start, end) for start, end in sentences(text) if end - start <= LONGEST]
    long_enough = [(start, end) for start, end in found if end - start >= SHORTEST]
    given = dict.fromkeys(long_enough or found)
    for (start, end), (after, stop) in pairwise(long_enough):
        if stop - start <= PAIR and "\n" not in text[end:after]:
            given[(start, stop)] = None
    for first, last in marked:
        touched = [place for place in found if place[0] < last and place[1] > first]
        if not touched:
            continue
        start, stop = touched[0][0], touched[-1][1]
        if stop - start <= LONGEST and "\n\n" not in text[start:stop]:
            given[(start, stop)] = None
    yield from given | dict.fromkeys(lists(text) if whole else ())


def in_context(hit: Hit, start: int, end: int) -> str:
    """A sentence with its document's name and its headings before it."""
    return f"{passage_heading(hit.passage)}: {hit.passage.text[start:end]}"
