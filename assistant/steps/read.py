"""Step 4: mark in each passage the sentence that answers the question, evidence first.

The first, simple reader: sentences are compared with the question by meaning (the encoder), by words and by the kind
of answer it expects. It cannot tell a near miss from an answer; the span reader will. It knows nothing of domains or
rights.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

from assistant.answer import Evidence, Reading
from assistant.steps.expected import fits, identifiers
from assistant.steps.sentences import sentences
from index import Encode, Hit, terms

_EXCEPTION = re.compile(r"\s*(ただし|但し|なお|この場合|however\b|except\b|unless\b|but\b)", re.IGNORECASE)
_KANA = re.compile(r"[\u3040-\u309f]")
_KANA_ONLY = re.compile(r"[\u3040-\u309fー]+")
_STOP = frozenset(
    """
    a an the is are was were be do does did can could may might must shall should will would i we you my our your me us
    it its this that these those of to in on at for by with from as and or if how what when where which who whom why
    there here have has had get got much many long any some not no about please
    """.split()  # noqa: SIM905  # a list of words is read more easily as text
)

MEANING, WORDS, RANK = 0.55, 0.30, 0.15  # weights of the three parts of a sentence's score
WRONG_KIND = 0.75  # factor for a sentence that cannot be the kind of answer that is asked for
SHORTEST, LONGEST = 6, 400  # characters; shorter is a label, longer hardly an answer
PAIR, PAIR_FACTOR = 260, 0.97  # two sentences up to this long are tried as one; at equal merit one is better
# e5's cosines live in a narrow band; these ends of it are mapped to 0 and 1
COSINE_FLOOR, COSINE_CEILING = 0.78, 0.92


def content_weights(question: str, rarity: Mapping[str, float]) -> dict[str, float]:
    """The question's terms with how much each says: function words nothing, bigrams with kana little, rare ones most.

    Args:
        rarity: of each term among the passages that may be seen, 0 to 1; 1 where it is missing.
    """
    found = [term for term in terms(question) if term not in _STOP]
    return {term: rarity.get(term, 1.0) ** 2 * _form_weight(term) for term in found}


def _form_weight(term: str) -> float:
    return 0.1 if _KANA_ONLY.fullmatch(term) else 0.4 if _KANA.search(term) else 1.0


def covered(weights: dict[str, float], text: str) -> float:
    """Share of the question's content, by weight, that stands in `text`. 0 to 1."""
    total = sum(weights.values())
    if not total:
        return 0.0
    present = set(terms(text))
    return sum(weight for term, weight in weights.items() if term in present) / total


class Reader(Protocol):
    """Finds in passages what answers a question."""

    def read(self, question: str, hits: Sequence[Hit], rarity: Mapping[str, float]) -> Reading:
        """The evidence of the passages, best first. `rarity`: see `content_weights`."""


class SentenceReader:
    """Ranks the sentences of the passages by meaning, words and the passage's own score."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode

    def read(self, question: str, hits: Sequence[Hit], rarity: Mapping[str, float]) -> Reading:
        """The best sentence of each passage, best first; with it the exceptions that follow it.

        Args:
            rarity: how much each term of the question says, see `content_weights`.
        """
        candidates = [(hit, start, end, factor) for hit in hits for start, end, factor in _candidates(hit.passage.text)]
        spans = [(hit, start, end) for hit, start, end, _ in candidates]
        if not spans:
            return Reading()
        asked = self._encode([question], query=True)[0]  # (D,)
        told = self._encode([_in_context(*span) for span in spans], query=False)  # (N, D)
        cosines = told @ asked  # (N,)
        weights = content_weights(question, rarity)
        best: dict[int, Evidence] = {}
        for (hit, start, end, factor), cosine in zip(candidates, cosines, strict=True):
            meaning = np.clip((cosine - COSINE_FLOOR) / (COSINE_CEILING - COSINE_FLOOR), 0.0, 1.0)
            alone, framed = hit.passage.text[start:end], _in_context(hit, start, end)
            words = (covered(weights, alone) + covered(weights, framed)) / 2  # a heading's words are all its sentences'
            score = factor * float(MEANING * meaning + WORDS * words + RANK * hit.score)
            if not fits(question, alone):
                score *= WRONG_KIND
            if hit.passage.id not in best or score > best[hit.passage.id].score:
                best[hit.passage.id] = Evidence(hit, start, end, score)
        ranked = [_with_exceptions(e) for e in sorted(best.values(), key=lambda evidence: -evidence.score)]
        top = ranked[0]
        told_of = f"{top.hit.passage.file} {top.hit.passage.heading} {top.hit.passage.text}"
        named = identifiers(question)
        return Reading(
            ranked,
            coverage=covered(weights, f"{top.hit.passage.file} {_in_context(top.hit, top.start, top.end)}"),
            missing=tuple(sorted(named - identifiers(told_of))),
            right_kind=fits(question, top.quote),
        )


class PassageReader:
    """What is left without reading: every passage whole, as it was ranked. For comparison only."""

    def read(self, question: str, hits: Sequence[Hit], rarity: Mapping[str, float]) -> Reading:
        """The passages as evidence, best first."""
        found = [Evidence(hit, 0, len(hit.passage.text), hit.score) for hit in hits]
        if not found:
            return Reading()
        best = found[0].hit.passage
        return Reading(found, coverage=covered(content_weights(question, rarity), f"{best.heading} {best.text}"))


def _candidates(text: str) -> Iterator[tuple[int, int, float]]:
    """(start, end, factor of its score): the sentences, and neighbours of one paragraph as pairs."""
    found = [(start, end) for start, end in sentences(text) if end - start <= LONGEST]
    long_enough = [(start, end) for start, end in found if end - start >= SHORTEST]
    for start, end in long_enough or found:
        yield start, end, 1.0
    for (start, end), (after, stop) in pairwise(long_enough):
        if stop - start <= PAIR and "\n" not in text[end:after]:
            yield start, stop, PAIR_FACTOR


def _in_context(hit: Hit, start: int, end: int) -> str:
    heading = hit.passage.heading.rsplit(" > ", 1)[-1] if hit.passage.heading else ""
    return f"{heading}: {hit.passage.text[start:end]}" if heading else hit.passage.text[start:end]


def _with_exceptions(evidence: Evidence) -> Evidence:
    """Widen the span by directly following sentences that limit it: 'ただし…', 'However, …'."""
    text, end = evidence.hit.passage.text, evidence.end
    for start, stop in sentences(text):
        if start >= end and _EXCEPTION.match(text, start) and not text[end:start].strip():
            end = stop
    return Evidence(evidence.hit, evidence.start, end, evidence.score)
