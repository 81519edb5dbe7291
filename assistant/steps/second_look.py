"""A second look at the few sentences that may answer: each by itself, without what stands around it.

The first look reads whole passages. One that speaks of the matter at length makes each of its sentences look right, the
table's row of another country too. How close a sentence by itself is to the question, and what the reranker, which
learnt to tell such rows apart, says of it, set the order.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from assistant.answer import Evidence
from assistant.language import language_of
from assistant.steps.candidates import in_context, passage_heading
from assistant.steps.compare import denies, other_amounts, sentence_of
from assistant.steps.lists import lists
from index import Encode

Judge = Callable[[str, Sequence[tuple[str, str]]], NDArray[np.float64]]  # see `adapters.Reranker.odds`

LOOKED_AT = 8  # sentences
OF_ONE = 3  # at most so many of one passage
BEHIND = 3.0  # log-odds; what the first look puts further behind its best hardly ever answers
POSSIBLE, LIKELY = 0.01, 0.5  # scores; from which on another amount contradicts, and what denies the same words
OF_ONE_MATTER = 5.0  # log-odds, both ways, that what one sentence is about is what the other one tells
SUREST = 1e-9  # a score is taken for no surer than this far from 0 or 1


class SecondLook:
    """With the encoder of the search (its questions are turned towards what answers them), the reranker and, as a
    witness of what these chose, the matcher.
    """

    def __init__(self, encode: Encode, judge: Judge, witness: Judge) -> None:
        self._encode = encode
        self._judge = judge
        self._witness = witness
        fitted = json.loads((files("assistant") / "steps" / "reading.json").read_text("utf-8"))
        self._weights: dict[str, float] = fitted["second_look"]["weights"]

    def ranked(self, question: str, evidence: Sequence[Evidence]) -> tuple[list[Evidence], list[Evidence]]:
        """Of the evidence, best first: what is looked at, with its closeness and odds, best first now; and the rest,
        none of it surer than that.
        """
        sure = logit(np.clip([one.score for one in evidence], SUREST, 1 - SUREST))
        chosen = worth_a_look([one.hit.passage.id for one in evidence], sure)
        looked, firsts = [evidence[n] for n in chosen], sure[chosen]
        rest = [one for n, one in enumerate(evidence) if n not in chosen]
        weights = self._weights
        closes, odds = closeness(question, looked, self._encode), judged(question, looked, self._judge)
        measures = {"first": firsts, "close": closes, "alone": odds}
        measures |= {"own": own_language(question, looked), "listed": listed(looked)}
        scores = expit(weights["bias"] + sum(weights[name] * measure for name, measure in measures.items()))
        again = [
            replace(one, score=float(score), close=float(close), alone=float(alone))
            for one, score, close, alone in zip(looked, scores, closes, odds, strict=True)
        ]
        again.sort(key=lambda one: -one.score)
        return again, [replace(one, score=min(one.score, again[-1].score)) for one in rest]

    def witnessed(self, question: str, best: Evidence) -> Evidence:
        """The best evidence with the witness's odds of it: one model's blind spot is seldom the other's."""
        return replace(best, witnessed=float(judged(question, [best], self._witness)[0]))

    def contradicting(self, ranked: Sequence[Evidence]) -> Evidence | None:
        """The likeliest of the others that says otherwise than the best, in the same matter: read as a question, each
        of the two sentences is answered by the other.
        """
        best, *others = ranked
        rivals = [
            other
            for other in others
            if (other.score >= POSSIBLE and other_amounts(best, other))
            or (other.score >= LIKELY and denies(best, other))
        ]
        if not rivals:
            return None
        for other, there in zip(rivals, self._answers(best, rivals), strict=True):
            if there > 0 and there + self._answers(other, [best])[0] >= OF_ONE_MATTER:
                return other
        return None

    def _answers(self, asked: Evidence, told: Sequence[Evidence]) -> NDArray[np.float64]:
        """The reranker's log-odds that each of the sentences told answers the one asked (N,)."""
        return self._judge(sentence_of(asked), [(passage_heading(one.hit.passage), sentence_of(one)) for one in told])


def worth_a_look(passages: Sequence[int], odds: Sequence[float] | NDArray[np.float64]) -> list[int]:
    """Which of the sentences, best first, are looked at: their places, given the passage and the log-odds of each."""
    taken: Counter[int] = Counter()
    chosen: list[int] = []
    for place, (passage, sure) in enumerate(zip(passages, odds, strict=True)):
        if taken[passage] < OF_ONE and len(chosen) < LOOKED_AT and odds[0] - sure <= BEHIND:
            taken[passage] += 1
            chosen.append(place)
    return chosen


def closeness(question: str, evidence: Sequence[Evidence], encode: Encode) -> NDArray[np.float64]:
    """Cosine of the question with each sentence under its headings (N,)."""
    vectors = encode([in_context(one.hit, one.start, one.end) for one in evidence])
    return np.asarray(vectors @ encode([question], query=True)[0], np.float64)


def own_language(question: str, evidence: Sequence[Evidence]) -> NDArray[np.float64]:
    """1 for each sentence in the question's language (N,), else 0: where several countries have a rule for the matter,
    whoever asks mostly means the one that he can read.
    """
    asked = language_of(question, "en")
    return np.array([float(language_of(one.quote, asked) == asked) for one in evidence])


def listed(evidence: Sequence[Evidence]) -> NDArray[np.float64]:
    """1 for each whole list (N,), else 0: hardly anybody but who asks for one has it among what may answer, and the
    reranker, which learnt from sentences, thinks less of it than it should.
    """
    return np.array([float((one.start, one.end) in lists(one.hit.passage.text)) for one in evidence])


def judged(question: str, evidence: Sequence[Evidence], judge: Judge) -> NDArray[np.float64]:
    """The reranker's log-odds of each sentence under its headings (N,)."""
    return judge(question, [(passage_heading(one.hit.passage), one.quote) for one in evidence])
