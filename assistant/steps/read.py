"""Step 4: mark in each passage the sentence that answers the question, evidence first.

The first, simple reader: sentences are compared with the question by meaning (the encoder) and by words. It
cannot tell a near miss from an answer; the span reader will. It knows nothing of domains or rights.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np

from assistant.answer import Evidence, Reading
from index import Encode, Hit, terms

_SENTENCE = re.compile(r"[^。！？!?.\n]*(?:[.](?=\d|\w)[^。！？!?.\n]*)*(?:[。！？!?.]+[」』）)\]]*|\n|$)")
_EXCEPTION = re.compile(r"\s*(ただし|但し|なお|この場合|however\b|except\b|unless\b|but\b)", re.IGNORECASE)
_KANA_ONLY = re.compile(r"[\u3040-\u309fー]+")
_STOP = frozenset(
    "a an the is are was were be do does did can could may might must shall should will would i we you my our "
    "your me us it its this that these those of to in on at for by with from as and or if how what when where "
    "which who whom why there here have has had get got much many long any some not no about please".split()
)

MEANING, WORDS, RANK = 0.55, 0.30, 0.15  # weights of the three parts of a sentence's score
LONGEST = 320  # characters; a longer sentence is hardly an answer
# e5's cosines live in a narrow band; these ends of it are mapped to 0 and 1
COSINE_FLOOR, COSINE_CEILING = 0.78, 0.92


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each sentence or line of `text`, blanks at the ends left out."""
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if end > start:
            yield start, end


def content_weights(question: str) -> dict[str, float]:
    """The question's terms with how much each says: function words nothing, kana-only bigrams little."""
    weights = {}
    for term in terms(question):
        if term in _STOP:
            continue
        weights[term] = 0.25 if _KANA_ONLY.fullmatch(term) else 1.0
    return weights


def covered(weights: dict[str, float], text: str) -> float:
    """Share of the question's content, by weight, that stands in `text`. 0 to 1."""
    total = sum(weights.values())
    if not total:
        return 0.0
    present = set(terms(text))
    return sum(weight for term, weight in weights.items() if term in present) / total


class SentenceReader:
    """Ranks the sentences of the passages by meaning, words and the passage's own score."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        """The best sentence of each passage, best first; with it the exceptions that follow it."""
        spans = [(hit, start, end) for hit in hits for start, end in _candidates(hit.passage.text)]
        if not spans:
            return Reading()
        asked = self._encode([question], query=True)[0]  # (D,)
        told = self._encode([_in_context(*span) for span in spans], query=False)  # (N, D)
        cosines = told @ asked  # (N,)
        weights = content_weights(question)
        best: dict[int, Evidence] = {}
        for (hit, start, end), cosine in zip(spans, cosines, strict=True):
            meaning = np.clip((cosine - COSINE_FLOOR) / (COSINE_CEILING - COSINE_FLOOR), 0.0, 1.0)
            words = covered(weights, _in_context(hit, start, end))
            score = float(MEANING * meaning + WORDS * words + RANK * hit.score)
            if hit.passage.id not in best or score > best[hit.passage.id].score:
                best[hit.passage.id] = Evidence(hit, start, end, score)
        ranked = sorted(best.values(), key=lambda evidence: -evidence.score)
        ranked = [_with_exceptions(evidence) for evidence in ranked]
        top = ranked[0]
        return Reading(ranked, covered(weights, f"{top.hit.passage.heading} {top.hit.passage.text}"))


def _candidates(text: str) -> Iterator[tuple[int, int]]:
    for start, end in sentences(text):
        if end - start <= LONGEST and any(unicodedata.category(c)[0] in "LN" for c in text[start:end]):
            yield start, end


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
