"""A second look at the few sentences that may answer: each by itself, without what stands around it.

The first look reads whole passages. One that speaks of the matter at length makes each of its sentences look right, the
table's row of another country too. How close a sentence by itself is to the question, and what the reranker, which
learnt to tell such rows apart, says of it, set the order.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from assistant.answer import Evidence
from assistant.steps.candidates import in_context, passage_heading
from index import Encode

Judge = Callable[[str, Sequence[tuple[str, str]]], NDArray[np.float64]]  # see `adapters.Reranker.odds`

LOOKED_AT = 6  # passages, each with its best sentence
SUREST = 1e-9  # a score is taken for no surer than this far from 0 or 1


class SecondLook:
    """With the encoder of the search (its questions are turned towards what answers them) and the reranker."""

    def __init__(self, encode: Encode, judge: Judge) -> None:
        self._encode = encode
        self._judge = judge
        fitted = json.loads((files("assistant") / "steps" / "reading.json").read_text("utf-8"))
        self._weights: dict[str, float] = fitted["second_look"]["weights"]

    def ranked(self, question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
        """The evidence, best first, with its closeness and odds; what is not looked at stays behind."""
        looked, rest = evidence[:LOOKED_AT], evidence[LOOKED_AT:]
        weights = self._weights
        firsts = logit(np.clip([one.score for one in looked], SUREST, 1 - SUREST))
        closes, odds = closeness(question, looked, self._encode), judged(question, looked, self._judge)
        scores = expit(
            weights["first"] * firsts + weights["close"] * closes + weights["alone"] * odds + weights["bias"]
        )
        again = [
            replace(one, score=float(score), close=float(close), alone=float(alone))
            for one, score, close, alone in zip(looked, scores, closes, odds, strict=True)
        ]
        again.sort(key=lambda one: -one.score)
        return again + [replace(one, score=min(one.score, again[-1].score)) for one in rest]


def closeness(question: str, evidence: Sequence[Evidence], encode: Encode) -> NDArray[np.float64]:
    """Cosine of the question with each sentence under its headings (N,)."""
    vectors = encode([in_context(one.hit, one.start, one.end) for one in evidence])
    return np.asarray(vectors @ encode([question], query=True)[0], np.float64)


def judged(question: str, evidence: Sequence[Evidence], judge: Judge) -> NDArray[np.float64]:
    """The reranker's log-odds of each sentence under its headings (N,)."""
    return judge(question, [(passage_heading(one.hit.passage), one.quote) for one in evidence])
