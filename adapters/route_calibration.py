"""From evidence for routes to probabilities that hold on traffic which contains questions for nobody.

Two steps, each with few coefficients: is the question for any route at all (logistic), and if so for which (soft-max of
what its sentences and its documents say, each with a fitted weight). A new department brings no questions that were
answered, so both are fitted on its own sentences, left out one by one: an example left out is a question in scope; a
sentence of no route left out is one far outside; an example whose whole route is left out is one just outside.

Knows evidence and numbers of routes.
"""

import numpy as np

from adapters.route_scores import ABSENT, Evidence, Floats, Numbers, joined

OUTSIDE = 0.2  # the share of questions for nobody that is reckoned with, half of them far and half of them near
STRENGTH = 400.0  # at most so many sentences' worth of fit against SHRINKAGE
SHRINKAGE = 0.5  # ridge on the standardised coefficients
COMMON = -1.0  # what the coefficient of common knowledge is drawn to; the others are drawn to 0
COMMON_AT = 0  # its place among the signs
TEMPERATURES = np.geomspace(2.0, 60.0, 40)
CLOSENESS = (0.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 60.0)  # weights of the documents' word that are tried
STEPS = 50


class RouteCalibration:
    """Fitted on left-out evidence.

    Args:
        inside: evidence of the examples, each left out; `labels` (Q,) their routes.
        far: evidence of sentences that belong to no route, each left out.
        near: evidence of examples with their whole route left out; None where there is only one route.
    """

    def __init__(self, inside: Evidence, labels: Numbers, far: Evidence, near: Evidence | None) -> None:
        self._sharpness, self._closeness = _weights(inside, labels)
        outside = [far] if near is None else [far, near]
        sizes = [len(labels)] + [len(part.none) for part in outside]
        shares = [1.0 - OUTSIDE] + [OUTSIDE / len(outside)] * len(outside)
        weights = np.repeat([share / size for share, size in zip(shares, sizes, strict=True)], sizes)
        signs = self._signs(joined([inside, *outside]))
        self._mean, self._spread = signs.mean(axis=0), signs.std(axis=0) + 1e-9
        inscope = np.arange(len(signs)) < len(labels)
        strength = min(2.0 * len(labels), STRENGTH)
        usual = np.zeros(signs.shape[1] + 1)
        usual[COMMON_AT] = COMMON
        self._coefficients = _logistic(self._standard(signs), inscope.astype(np.float64), weights * strength, usual)

    def __call__(self, evidence: Evidence) -> Floats:
        """(Q, K): the probability of each route; what is missing to 1 is 'none of them'."""
        logits = self._standard(self._signs(evidence)) @ self._coefficients
        return _sigmoid(logits)[:, None] * _softmax(self._logits(evidence))

    def _logits(self, evidence: Evidence) -> Floats:
        return self._sharpness * evidence.routes + self._closeness * evidence.closest

    def _signs(self, evidence: Evidence) -> Floats:
        """What tells whether a question is for any route. Of the documents, how close those of the likeliest are and
        how close all are on average: some questions are near to whatever is written. What is near a route that nobody
        has seldom has one that is far likelier than the others.
        """
        shares = _softmax(self._logits(evidence))  # (Q, K)
        likeliest = shares.argmax(axis=1)
        close = evidence.closest[np.arange(len(likeliest)), likeliest]
        level = evidence.closest.mean(axis=1, where=evidence.closest > ABSENT)
        told = [evidence.common, evidence.best(), evidence.none, evidence.nearest, evidence.nearest_none, close, level]
        return np.column_stack([*told, np.log(shares.max(axis=1))])

    def _standard(self, signs: Floats) -> Floats:
        return np.column_stack([(signs - self._mean) / self._spread, np.ones(len(signs))])


def _weights(inside: Evidence, labels: Numbers) -> tuple[float, float]:
    """The weights of scores and of closeness to documents under which the true routes are likeliest."""
    rows = np.arange(len(labels))
    said = bool(np.ptp(inside.closest))  # else there are no documents
    tried = [(float(t), b) for t in TEMPERATURES for b in (CLOSENESS if said else CLOSENESS[:1])]
    likelihoods = [
        np.log(_softmax(t * inside.routes + b * inside.closest)[rows, labels] + 1e-12).mean() for t, b in tried
    ]
    return tried[int(np.argmax(likelihoods))]


def _logistic(signs: Floats, inscope: Floats, weights: Floats, usual: Floats) -> Floats:
    """Coefficients of a weighted logistic regression by Newton's method, shrunk to the usual ones; the constant (last)
    is not shrunk. A step that overshoots is halved: from a start far off Newton's own steps lead away.
    """
    ridge = SHRINKAGE * np.eye(signs.shape[1])
    ridge[-1, -1] = 1e-6

    def loss(coefficients: Floats) -> float:
        logits, away = signs @ coefficients, coefficients - usual
        return float(weights @ (np.logaddexp(0.0, logits) - inscope * logits) + away @ ridge @ away / 2)

    found = usual.copy()
    for _ in range(STEPS):
        sure = _sigmoid(signs @ found)
        slope = signs.T @ (weights * (inscope - sure)) - ridge @ (found - usual)
        curve = (signs.T * (weights * sure * (1.0 - sure))) @ signs + ridge
        step = np.linalg.solve(curve, slope)
        while loss(found + step) > loss(found) and np.abs(step).max() >= 1e-7:
            step = step / 2
        found = found + step
        if np.abs(step).max() < 1e-7:
            break
    return found


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0))), np.float64)


def _softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), np.float64)
