"""Which domain a question belongs to, and how surely: fitted on examples of the visible domains only.

Examples and descriptions of a domain speak for it, and how near the question comes to what its documents say; sentences
that belong to no domain speak for 'none'. Fitted anew, in a second or two, for each set of domains that somebody
may see: nothing of a hidden domain takes part, not even in the calibration. Knows vectors and names; who may see what,
the caller says.
"""

import hashlib
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from adapters.route_calibration import RouteCalibration
from adapters.route_scores import Floats, Numbers, RouteScores

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]

ASIDE = 0.65  # cosine, centred; of 26 follow-ups of the invented companies none comes nearer than 0.56
NEAREST = 10  # examples that are told with a routing
KEPT = 64  # fitted sets of visible domains
NONE = ""


class Documents(Protocol):
    """The documents of the domains, as far as everyone in a domain may see them."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Questions (Q, D) as they are compared with passages."""

    def closest(self, vectors: Vectors, names: Sequence[str]) -> Vectors:
        """The cosine (Q, K) of each such vector with the nearest passage of each domain; NaN where it has none."""


class _NoDocuments:
    """Stands where no domain has any."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Nothing of each (Q, 0)."""
        return np.zeros((len(texts), 0), np.float32)

    def closest(self, vectors: Vectors, names: Sequence[str]) -> Vectors:
        """NaN (Q, K)."""
        return np.full((len(vectors), len(names)), np.nan, np.float32)


NO_DOCUMENTS = _NoDocuments()


@dataclass(frozen=True)
class Routing:
    """Where a question belongs. Probabilities over the visible domains and 'none' sum to 1.

    `domain` is the likeliest visible domain even when the question is out of scope; None if none is visible.
    """

    domain: str | None
    probability: float  # that the question is in scope and `domain` is right
    margin: float  # over the runner-up among the domains
    ranked: list[tuple[str, float]]
    out_of_scope: bool  # 'none' is likelier than all domains together
    nearest: list[tuple[str, str, float]]  # (domain, example, cosine), nearest first
    closest: list[tuple[str, float]]  # (domain, cosine) of the nearest passage of each with documents, nearest first


class Router:
    """Fitted on examples and descriptions, and beside the documents; made anew when these change."""

    def __init__(
        self,
        embed: Embed,
        documents: Documents,
        rows: Sequence[tuple[str, str, bool]],
        vectors: Vectors,
        searched: Vectors,
        common: Vectors | None,
    ) -> None:
        self._embed, self._documents = embed, documents
        self._common = common
        self._texts = [text for text, _, _ in rows]
        self._domains = np.array([domain for _, domain, _ in rows], dtype=object)  # (N,), NONE for background
        self._asked = np.array([asked for _, _, asked in rows])  # (N,): an example question
        self._vectors = vectors  # (N, D)
        self._searched = searched  # (N, D), as documents embed them
        self._fitted = lru_cache(KEPT)(self._fit_visible)
        self._fitting = threading.Lock()  # many ask at once after a change: one of them fits

    @cached_property
    def identity(self) -> str:
        """Of what it was fitted on: a hash."""
        told = "\n".join(f"{domain}\t{text}" for domain, text in zip(self._domains, self._texts, strict=True))
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @classmethod
    def fit(
        cls,
        embed: Embed,
        examples: Mapping[str, Sequence[str]],
        descriptions: Mapping[str, Sequence[str]],
        documents: Documents = NO_DOCUMENTS,
        settled: Mapping[str, Sequence[str]] | None = None,
        before: "Router | None" = None,
        common: Vectors | None = None,
    ) -> "Router":
        """A router over the sentences of each domain.

        Args:
            embed: texts to vectors (N, D) of length 1.
            examples: questions by domain; five are enough where topics lie apart.
            descriptions: what the domain is for.
            documents: of the domains.
            settled: questions that turned out to be the domain's; they are weighed, and told with no routing.
            before: an earlier router with the same `embed`; what it has embedded is not embedded again, nor what the
                same `documents` have.
            common: (D,), the direction of `embed`'s vectors in which what an encyclopaedia says lies.
        """
        rows = [(text, domain, True) for domain, texts in examples.items() for text in texts]
        for sentences in (descriptions, settled or {}):
            rows += [(text, domain, False) for domain, texts in sentences.items() for text in texts]
        rows += [(text, NONE, False) for text in background()]
        texts = [text for text, _, _ in rows]
        earlier = before._texts if before else []
        vectors = _embedded(texts, embed, earlier, before._vectors if before else None)
        known = before._searched if before and before._documents is documents else None
        searched = _embedded(texts, documents.embed, earlier, known)
        return cls(embed, documents, rows, vectors, searched, common)

    def route(self, question: str, domains: Collection[str]) -> Routing:
        """Where `question` belongs among `domains`, the visible ones; what is not visible has no part in it."""
        return self.route_all([question], domains)[0]

    def route_all(self, questions: Sequence[str], domains: Collection[str]) -> list[Routing]:
        """Where each question belongs among `domains`."""
        names = tuple(sorted(set(domains) & set(self._domains)))
        unknown = [(name, 0.0) for name in sorted(set(domains) - set(names))]
        if not names:
            return [Routing(None, 0.0, 0.0, unknown, True, [], []) for _ in questions]
        with self._fitting:
            visible = self._fitted(names)
        vectors = self._embed(questions)  # (Q, D)
        closest = self._closest(self._documents.embed(questions), names)
        probabilities = visible.calibration(visible.scores.of(vectors, _filled(closest, visible.usual)))  # (Q, K)
        cosines = vectors @ self._vectors[visible.examples].T  # (Q, E)
        return [
            self._routing(names, unknown, row, self._nearest(visible, near), close)
            for row, near, close in zip(probabilities, cosines, closest, strict=True)
        ]

    def is_aside(self, question: str) -> bool:
        """Whether a question says nearly what a sentence says that is nobody's, like small talk or the weather."""
        centre, nobodys = self._nobodys
        moved = self._embed([question])[0] - centre
        return bool((nobodys @ moved).max() >= ASIDE * np.linalg.norm(moved))

    @cached_property
    def _nobodys(self) -> tuple[Vectors, Vectors]:
        """Of what belongs to no domain the mean (D,), and the directions from it (N, D)."""
        vectors = self._vectors[self._domains == NONE]
        moved = vectors - vectors.mean(axis=0)
        return vectors.mean(axis=0), moved / np.linalg.norm(moved, axis=1, keepdims=True)

    def _routing(
        self,
        names: tuple[str, ...],
        unknown: list[tuple[str, float]],
        probabilities: Floats,
        nearest: list[tuple[str, str, float]],
        closest: Floats,
    ) -> Routing:
        ranked = sorted(zip(names, map(float, probabilities), strict=True), key=lambda item: -item[1]) + unknown
        domain, probability = ranked[0]
        margin = probability - (ranked[1][1] if len(ranked) > 1 else 0.0)
        documents = sorted(
            ((name, float(close)) for name, close in zip(names, closest, strict=True) if not np.isnan(close)),
            key=lambda item: -item[1],
        )
        return Routing(domain, probability, margin, ranked, float(probabilities.sum()) < 0.5, nearest, documents)

    def _nearest(self, visible: "_Visible", cosines: Vectors) -> list[tuple[str, str, float]]:
        order = np.argsort(-cosines, kind="stable")[:NEAREST]
        rows = visible.examples[order]
        return [(self._domains[row], self._texts[row], float(cosines[at])) for row, at in zip(rows, order, strict=True)]

    def _fit_visible(self, names: tuple[str, ...]) -> "_Visible":
        number = {name: at for at, name in enumerate(names)} | {NONE: len(names)}
        rows = np.array([at for at, domain in enumerate(self._domains) if domain in number])
        labels: Numbers = np.array([number[domain] for domain in self._domains[rows]])
        scores = RouteScores(self._vectors[rows], labels, len(names), self._common)
        taught, nobodys = np.flatnonzero(labels < len(names)), np.flatnonzero(labels == len(names))
        asked = taught[self._asked[rows[taught]]]
        samples = asked if len(asked) else taught  # without a single example, descriptions stand in for questions
        closest = self._closest(self._searched[rows], names)
        own = closest[samples, labels[samples]]
        usual = 0.0 if np.isnan(own).all() else float(np.nanmedian(own))
        closest = _filled(closest, usual)
        near = scores.without_its_route(samples, closest[samples]) if len(names) > 1 else None
        inside = scores.without_itself(samples, closest[samples])
        far = scores.without_itself(nobodys, closest[nobodys])
        return _Visible(scores, RouteCalibration(inside, labels[samples], far, near), rows[asked], usual)

    def _closest(self, vectors: Vectors, names: Sequence[str]) -> Floats:
        """Cosines (Q, K) with the documents of each domain; NaN where it has none."""
        return np.asarray(self._documents.closest(vectors, names), np.float64)


@dataclass(frozen=True)
class _Visible:
    """What was fitted on the domains that somebody may see."""

    scores: RouteScores
    calibration: RouteCalibration
    examples: Numbers  # rows of the router
    usual: float  # closeness of an example to its domain's documents: what is taken for a domain that has none


def _embedded(texts: Sequence[str], embed: Embed, earlier: Sequence[str], vectors: Vectors | None) -> Vectors:
    """Vectors (N, D) of texts; those of `earlier` ones, if there are any, are not made again."""
    known = {} if vectors is None else dict(zip(earlier, vectors, strict=True))
    new = list(dict.fromkeys(text for text in texts if text not in known))
    if new:
        known |= dict(zip(new, embed(new), strict=True))
    return np.stack([known[text] for text in texts])


def _filled(closest: Floats, usual: float) -> Floats:
    """Cosines (Q, K) with documents, those of a domain without any as is usual: neither for it nor against it."""
    return np.where(np.isnan(closest), usual, closest)


def background() -> list[str]:
    """Sentences of our own writing that belong to no department, Japanese and English."""
    text = (files("adapters") / "out_of_scope.txt").read_text(encoding="utf-8")
    return [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
