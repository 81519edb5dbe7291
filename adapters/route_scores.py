"""How strongly a question speaks for each route: kernel ridge regression over labelled sentences.

One linear system answers four things: the scores of a new question, those of each sentence as if it had not been
there, those as if its whole route had not been there, and all of it exactly, without a second fit (Rasmussen and
Williams, Gaussian Processes for Machine Learning, section 5.4.2). With a kernel that fades with distance it is near to
a vote of neighbours where sentences lie apart and to a linear classifier where they lie together.

Knows vectors and numbers of routes. Letters: N sentences, Q questions, K routes, D width; label K is 'none of them'.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
        # e5's cosines lie in a narrow band: without what all sentences share, it becomes the whole range
        self._centre = vectors[labels == routes].mean(axis=0, dtype=np.float64)
        self._sentences = self._centred(vectors)  # (N, D)
        self._cosines = self._sentences @ self._sentences.T  # (N, N)
        kernel = _kernel(self._cosines)
        kernel[np.diag_indices_from(kernel)] += np.where(labels == routes, NOISE_OF_NONE, NOISE)
        self._inverse = np.linalg.inv(kernel)  # (N, N)
        self._targets = np.eye(routes + 1)[labels]  # (N, K + 1)
        self._weights = self._inverse @ self._targets  # (N, K + 1)

    def of(self, vectors: NDArray[np.float32], closest: Floats) -> Evidence:
        """The evidence of questions (Q, D); `closest` (Q, K) as `Evidence` has it, here and below."""
        cosines = self._centred(vectors) @ self._sentences.T
        return self._evidence(_kernel(cosines) @ self._weights, cosines, closest, self._commonness(vectors))

    def without_itself(self, rows: Numbers, closest: Floats) -> Evidence:
        """The evidence of these sentences, each as if it had not been there."""
        scores = self._targets[rows] - self._weights[rows] / self._inverse[rows, rows][:, None]
        cosines = self._cosines[rows].copy()
        cosines[np.arange(len(rows)), rows] = ABSENT
        return self._evidence(scores, cosines, closest, self._common[rows])

    def without_its_route(self, rows: Numbers, closest: Floats) -> Evidence:
        """The evidence of these sentences, each as if nothing of its route had been there: a route that nobody has."""
        scores = np.empty((len(self._labels), self._routes + 1))
        cosines = self._cosines.copy()
        for route in range(self._routes):
            held = np.flatnonzero(self._labels == route)
            block = np.ix_(held, held)
            scores[held] = self._targets[held] - np.linalg.solve(self._inverse[block], self._weights[held])
            scores[held, route] = ABSENT
            cosines[block] = ABSENT
        left = closest.copy()
        left[np.arange(len(rows)), self._labels[rows]] = ABSENT
        return self._evidence(scores[rows], cosines[rows], left, self._common[rows])

    def _commonness(self, vectors: NDArray[np.float32]) -> Floats:
        return np.asarray(vectors @ self._direction, np.float64)

    def _centred(self, vectors: NDArray[np.float32]) -> Floats:
        moved = vectors - self._centre
        return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9), np.float64)

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
