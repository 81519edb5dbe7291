"""Which domain a question belongs to: a vote of its nearest example questions, over visible domains only.

Nearest examples, not one centroid a domain (97 against 83 % on coarse domains). Sentences that belong to no domain
vote too, for 'none'. Knows vectors and names; who may see what, the caller says.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]

NEIGHBOURS = 10
SHARPNESS = 40.0  # per unit of cosine: e5's cosines of questions live within some 0.2
BACKGROUND_WEIGHT = 0.8  # of a 'none' sentence's vote: a domain's example of the same closeness wins
DESCRIPTION_WEIGHT = 0.6  # of a description's vote beside an example's
NONE = ""


@dataclass(frozen=True)
class Routing:
    """Where a question belongs. Probabilities over the visible domains and 'none' sum to 1.

    `domain` is the likeliest visible domain even when the question is out of scope; None if none is visible.
    """

    domain: str | None
    probability: float
    margin: float  # over the runner-up among the domains
    ranked: list[tuple[str, float]]
    out_of_scope: bool
    nearest: list[tuple[str, str, float]]  # (domain, example, cosine), nearest first


class Router:
    """Fitted on examples and descriptions; made anew when these change."""

    def __init__(self, embed: Embed, vectors: Vectors, domains: list[str], texts: list[str], weights: Vectors) -> None:
        self._embed = embed
        self._vectors = vectors  # (N, D)
        self._domains = np.array(domains, dtype=object)  # (N,), NONE for background
        self._texts = texts
        self._weights = weights  # (N,)

    @classmethod
    def fit(
        cls, embed: Embed, examples: Mapping[str, Sequence[str]], descriptions: Mapping[str, Sequence[str]]
    ) -> "Router":
        """A router over example questions and descriptions by domain, beside the background sentences."""
        rows = [(text, domain, 1.0) for domain, texts in examples.items() for text in texts]
        rows += [(text, domain, DESCRIPTION_WEIGHT) for domain, texts in descriptions.items() for text in texts]
        rows += [(text, NONE, BACKGROUND_WEIGHT) for text in background()]
        texts = [row[0] for row in rows]
        weights = np.array([row[2] for row in rows], np.float32)
        return cls(embed, embed(texts), [row[1] for row in rows], texts, weights)

    def route(self, question: str, domains: Collection[str]) -> Routing:
        """Where `question` belongs among `domains`, the visible ones; what is not visible has no part in it."""
        visible = np.flatnonzero([d == NONE or d in domains for d in self._domains])
        cosines = self._vectors[visible] @ self._embed([question])[0]  # (V,)
        order = np.argsort(-cosines, kind="stable")[:NEIGHBOURS]
        best = cosines[order[0]]
        votes = dict.fromkeys(sorted(domains), 0.0) | {NONE: 0.0}
        for at in order:
            row = visible[at]
            votes[self._domains[row]] += float(self._weights[row] * np.exp(SHARPNESS * (cosines[at] - best)))
        total = sum(votes.values())
        none = votes.pop(NONE) / total
        ranked = sorted(((name, vote / total) for name, vote in votes.items()), key=lambda item: -item[1])
        nearest = [
            (self._domains[visible[at]], self._texts[visible[at]], float(cosines[at]))
            for at in order
            if self._domains[visible[at]] != NONE
        ]
        if not ranked:
            return Routing(None, 0.0, 0.0, [], True, [])
        top = ranked[0][1]
        margin = top - (ranked[1][1] if len(ranked) > 1 else 0.0)
        return Routing(ranked[0][0], top, margin, ranked, none > 1 - none, nearest)


def background() -> list[str]:
    """Sentences of our own writing that belong to no department, Japanese and English."""
    text = (files("adapters") / "out_of_scope.txt").read_text(encoding="utf-8")
    return [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
