"""How strongly a question speaks for each route: kernel ridge regression over labelled sentences.

One linear system answers four things: the scores of a new question, those of each sentence as if it had not been
there, those as if its whole route had not been there, and all of it exactly, without a second fit (Rasmussen and
Williams, Gaussian Processes for Machine Learning, section 5.4.2). With a kernel that fades with distance it is near to
a vote of neighbours where sentences lie apart and to a linear classifier where they lie together.

The sentences of no route are most of them and the same in every fit: their part of the system is solved once, and a fit
adds the routes' to it (inversion by partitioning: Press et al., Numerical Recipes, section 2.7.4).

Knows vectors and numbers of routes. Letters: N sentences, Q questions, K routes, D width; label K is 'none of them'.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

SHARPNESS = 1.0  # of the kernel, per unit of centred cosine
NOISE = 0.1  # how little one sentence is believed, beside a kernel of 1
NOISE_OF_NONE = 3.0  # the same of a sentence of no route: there are many, and they must not outvote five examples
ABSENT = -2.0  # a score and a cosine below any real one: for what was left out


@dataclass(frozen=True)
class Evidence:
    """What speaks for the routes, a row a question."""

    routes: (
        Floats  # (Q, K): about 1 where the route's sentences are all around, about 0 where none is; ABSENT: left out
    )
    none: Floats  # (Q,): the same for 'none of them'
    nearest: Floats  # (Q,): centred cosine of the nearest sentence of any route
    nearest_none: Floats  # (Q,): of the nearest sentence that belongs to none
    closest: Floats  # (Q, K): cosine with the nearest passage of the route's documents; ABSENT: left out
    common: Floats  # (Q,): how much it asks what an encyclopaedia says; 0 throughout where nothing tells

    def best(self) -> Floats:
        """(Q,): the strongest route's score."""
        return np.asarray(self.routes.max(axis=1), np.float64)


class RouteScores:
    """Fitted on sentences and their routes.

    Args:
        vectors: (N, D), of length 1.
        labels: (N,), 0 to K - 1, or K for sentences of no route. At least one of each.
        routes: K.
        common: (D,), the direction of vectors in which what an encyclopaedia says lies; None: nothing tells.
    """

    def __init__(
        self, vectors: NDArray[np.float32], labels: Numbers, routes: int, common: NDArray[np.float32] | None = None
    ) -> None:
        self._labels, self._routes = labels, routes
        self._direction = np.zeros(vectors.shape[1]) if common is None else common
        self._common = self._commonness(vectors)  # (N,)
        self._taught = taught = np.flatnonzero(labels < routes)
        nobodys = np.flatnonzero(labels == routes)
        none = _of_nobody(vectors[nobodys].astype(np.float32).tobytes(), vectors.shape[1])
        self._centre = none.centre
        self._sentences = _centred(vectors, none.centre)  # (N, D)
        self._cosines = np.empty((len(labels), len(labels)))
        self._cosines[taught] = self._sentences[taught] @ self._sentences.T
        self._cosines[np.ix_(nobodys, taught)] = self._cosines[np.ix_(taught, nobodys)].T
        self._cosines[np.ix_(nobodys, nobodys)] = none.cosines
        across = _kernel(self._cosines[np.ix_(nobodys, taught)])
        reach = none.inverse @ across
        within = _kernel(self._cosines[np.ix_(taught, taught)]) + NOISE * np.eye(len(taught))
        self._inverse = np.linalg.inv(within - across.T @ reach)  # the rows and columns of the routes' sentences
        self._diagonal = np.empty(len(labels))  # of the whole inverse
        self._diagonal[taught] = self._inverse.diagonal()
        self._diagonal[nobodys] = none.inverse.diagonal() + np.sum((reach @ self._inverse) * reach, axis=1)
        self._targets = np.eye(routes + 1)[labels]  # (N, K + 1)
        self._weights = np.empty_like(self._targets)  # (N, K + 1)
        self._weights[taught] = self._inverse @ (self._targets[taught] - reach.T @ self._targets[nobodys])
        self._weights[nobodys] = none.inverse @ self._targets[nobodys] - reach @ self._weights[taught]

    def of(self, vectors: NDArray[np.float32], closest: Floats) -> Evidence:
        """The evidence of questions (Q, D); `closest` (Q, K) as `Evidence` has it, here and below."""
        cosines = _centred(vectors, self._centre) @ self._sentences.T
        return self._evidence(_kernel(cosines) @ self._weights, cosines, closest, self._commonness(vectors))

    def without_itself(self, rows: Numbers, closest: Floats) -> Evidence:
        """The evidence of these sentences, each as if it had not been there."""
        scores = self._targets[rows] - self._weights[rows] / self._diagonal[rows, None]
        cosines = self._cosines[rows]
        cosines[np.arange(len(rows)), rows] = ABSENT
        return self._evidence(scores, cosines, closest, self._common[rows])

    def without_its_route(self, rows: Numbers, closest: Floats) -> Evidence:
        """The evidence of these sentences, each as if nothing of its route had been there: a route that nobody has."""
        scores = np.empty((len(self._labels), self._routes + 1))
        cosines = self._cosines[rows]
        for route in range(self._routes):
            places = np.flatnonzero(self._labels[self._taught] == route)
            held = self._taught[places]
            block = self._inverse[np.ix_(places, places)]
            scores[held] = self._targets[held] - np.linalg.solve(block, self._weights[held])
            scores[held, route] = ABSENT
            cosines[np.ix_(self._labels[rows] == route, held)] = ABSENT
        left = closest.copy()
        left[np.arange(len(rows)), self._labels[rows]] = ABSENT
        return self._evidence(scores[rows], cosines, left, self._common[rows])

    def _commonness(self, vectors: NDArray[np.float32]) -> Floats:
        return np.asarray(vectors @ self._direction, np.float64)

    def _evidence(self, scores: Floats, cosines: Floats, closest: Floats, common: Floats) -> Evidence:
        """Scores (Q, K + 1), cosines (Q, N), those with passages (Q, K) and what is common (Q,) as evidence."""
        nobodys = self._labels == self._routes
        return Evidence(
            scores[:, : self._routes],
            scores[:, self._routes],
            cosines[:, ~nobodys].max(axis=1),
            cosines[:, nobodys].max(axis=1),
            closest,
            common,
        )


@dataclass(frozen=True)
class _Nobodys:
    """The part of the system that the M sentences of no route make."""

    centre: Floats  # (D,)
    cosines: Floats  # (M, M)
    inverse: Floats  # (M, M)


@lru_cache(maxsize=2)
def _of_nobody(vectors: bytes, width: int) -> _Nobodys:
    """Solved once for all fits. `vectors`: (M, width) of float32, as bytes."""
    sentences = np.frombuffer(vectors, np.float32).reshape(-1, width)
    # e5's cosines lie in a narrow band: without what all sentences share, it becomes the whole range
    centre = sentences.mean(axis=0, dtype=np.float64)
    apart = _centred(sentences, centre)
    cosines = apart @ apart.T
    system = _kernel(cosines) + NOISE_OF_NONE * np.eye(len(cosines))
    return _Nobodys(centre, cosines, np.asarray(np.linalg.inv(system), np.float64))


def _centred(vectors: NDArray[np.float32], centre: Floats) -> Floats:
    """Directions (N, D) from the centre."""
    moved = vectors - centre
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9), np.float64)


def _kernel(cosines: Floats) -> Floats:
    return np.asarray(np.exp(SHARPNESS * (cosines - 1.0)), np.float64)


def joined(parts: Sequence[Evidence]) -> Evidence:
    """The rows of several, one below the other."""
    return Evidence(
        np.concatenate([part.routes for part in parts]),
        np.concatenate([part.none for part in parts]),
        np.concatenate([part.nearest for part in parts]),
        np.concatenate([part.nearest_none for part in parts]),
        np.concatenate([part.closest for part in parts]),
        np.concatenate([part.common for part in parts]),
    )
