"""A second look at the few sentences that may answer: each by itself, without what stands around it.

The first look reads whole passages. One that speaks of the matter at length makes each of its sentences look right, the
table's row of another country too. How close a sentence by itself is to the question, and whether the reader still
finds an answer where it sees nothing else, tells them apart.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from assistant.answer import Evidence
from assistant.steps.candidates import Mark, in_context, odds_share, passage_heading
from index import Encode

LOOKED_AT = 6  # passages, each with its best sentence
SUREST = 1e-9  # a score is taken for no surer than this far from 0 or 1


class SecondLook:
    """With the encoder of the search (its questions are turned towards what answers them) and the reader's skill."""

    def __init__(self, encode: Encode, mark: Mark) -> None:
        self._encode = encode
        self._mark = mark
        fitted = json.loads((files("assistant") / "steps" / "reading.json").read_text("utf-8"))
        self._weights: dict[str, float] = fitted["second_look"]["weights"]

    def ranked(self, question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
        """The evidence, best first, with its closeness; what is not looked at stays behind."""
        looked, rest = evidence[:LOOKED_AT], evidence[LOOKED_AT:]
        weights = self._weights
        firsts = logit(np.clip([one.score for one in looked], SUREST, 1 - SUREST))
        closes = closeness(question, looked, self._encode)
        scores = expit(weights["first"] * firsts + weights["close"] * closes + weights["bias"])
        again = [
            replace(one, score=float(score), close=float(close))
            for one, score, close in zip(looked, scores, closes, strict=True)
        ]
        again.sort(key=lambda one: -one.score)
        return again + [replace(one, score=min(one.score, again[-1].score)) for one in rest]

    def alone(self, question: str, evidence: Evidence) -> float:
        """Whether the reader finds an answer where it sees this alone: its log-odds, -6 to 6 mapped to 0..1."""
        passage = evidence.hit.passage
        [windows] = self._mark(question, [(passage.domain, passage_heading(passage), evidence.quote)])
        return odds_share(max((window.gate for window in windows), default=-math.inf))


def closeness(question: str, evidence: Sequence[Evidence], encode: Encode) -> NDArray[np.float64]:
    """Cosine of the question with each sentence under its headings (N,)."""
    vectors = encode([in_context(one.hit, one.start, one.end) for one in evidence])
    return np.asarray(vectors @ encode([question], query=True)[0], np.float64)
