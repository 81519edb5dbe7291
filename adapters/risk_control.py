"""A threshold with a promise: the share wrong among shown answers stays at or below `tolerated`, with confidence.

Learn-then-Test (Angelopoulos et al. 2021): thresholds are tried from strict to loose, each against the hypothesis that
it breaks the promise, as long as the hypotheses are rejected (a fixed sequence costs no correction). Where the sequence
starts is decided by how many answers would be shown, never by how many are wrong: the more were judged, the later, so
that one early wrong answer does not end everything. It holds for questions drawn like the judged ones; a shifted mix
voids it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, binom

DELTA = 0.05  # chance that the promise is broken all the same
FIRST = 0.2  # share of the judged that the first threshold tried shows, if that is enough to reject anything


@dataclass(frozen=True)
class Promise:
    """What n judged answers allow to promise.

    hold_below: the threshold; None where none keeps the promise. judged: answers with a draft. shown: of these at the
    threshold, wrong: wrong ones among them. bound: the share wrong that is not exceeded with confidence 1 - delta.
    needed: shown answers without an error that the promise takes at least.
    """

    tolerated: float
    delta: float
    hold_below: float | None
    judged: int
    shown: int
    wrong: int
    bound: float | None
    needed: int


def promise(confidences: ArrayLike, losses: ArrayLike, tolerated: float, delta: float = DELTA) -> Promise:
    """The loosest threshold that keeps mean loss among the shown at or below `tolerated` with confidence 1 - delta.

    Args:
        confidences: of judged drafts (N,), 0 to 1.
        losses: 0 where a draft is right, 1 where it is wrong; between, where some wrong answers weigh less.

    Raises ValueError: tolerated or delta is not between 0 and 1.
    """
    if not (0 < tolerated < 1 and 0 < delta < 1):
        raise ValueError("tolerated and delta lie between 0 and 1")
    order = np.argsort(-np.asarray(confidences, float), kind="stable")
    sure = np.asarray(confidences, float)[order]  # (N,), falling
    loss = np.asarray(losses, float)[order]
    # thresholds are tried where the confidence changes: ties are shown together
    ends = [n for n in range(1, len(sure) + 1) if n == len(sure) or sure[n] < sure[n - 1]]
    fewest = fewest_shown(tolerated, delta)
    best = _reached(ends, loss, tolerated, delta, max(fewest, round(FIRST * len(sure))))
    if not best:
        return Promise(tolerated, delta, None, len(sure), 0, 0, None, fewest)
    wrong = int((loss[:best] > 0).sum())
    bound = float(beta.ppf(1 - delta, wrong + 1, best - wrong)) if wrong < best else 1.0
    return Promise(tolerated, delta, float(sure[best - 1]), len(sure), best, wrong, bound, fewest)


def _reached(ends: Sequence[int], loss: NDArray[np.float64], tolerated: float, delta: float, start: int) -> int:
    """How many answers are shown at the loosest threshold reached from the first that shows `start`; 0: none."""
    reached = 0
    for end in ends:
        if end < start:
            continue
        if p_value(loss[:end], tolerated) > delta:
            break
        reached = end
    return reached


def p_value(losses: NDArray[np.float64], tolerated: float) -> float:
    """Of the hypothesis that the mean loss is above `tolerated`: exact binomial where losses are 0 or 1, else
    Hoeffding-Bentkus (Bates et al. 2021).
    """
    n, total = len(losses), float(losses.sum())
    if np.isin(losses, (0.0, 1.0)).all():
        return float(binom.cdf(round(total), n, tolerated))
    mean = min(total / n, tolerated)
    relative = 0.0 if mean == 0 else mean * math.log(mean / tolerated)
    relative += (1 - mean) * math.log((1 - mean) / (1 - tolerated))
    bentkus = math.e * float(binom.cdf(math.ceil(total), n, tolerated))
    return min(math.exp(-n * relative), bentkus, 1.0)


def fewest_shown(tolerated: float, delta: float = DELTA) -> int:
    """Shown answers without an error that a promise takes at least: 59, 99 and 299 for 5, 3 and 1 %."""
    return math.ceil(math.log(delta) / math.log(1 - tolerated))
