"""Figures over judged questions, each with its interval.

Shares carry Wilson's 95 % interval (Wilson 1927); two runs over the same questions are compared by McNemar's exact
test and a paired bootstrap over topic groups, so that paraphrases of one topic don't count as independent.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from adapters.evaluation import Judged, by

WEIGHT = {"low": 1, "medium": 2, "high": 5}  # of a wrong answer, by its severity
BINS = 10  # of the calibration error
RESAMPLES = 2000


@dataclass(frozen=True)
class Share:
    """A share of `of` questions with its 95 % interval; `value` is None where there is none."""

    value: float | None
    low: float
    high: float
    of: int

    @classmethod
    def count(cls, hits: Sequence[bool]) -> "Share":
        """The share of true ones."""
        if not hits:
            return cls(None, 0.0, 1.0, 0)
        interval = binomtest(sum(hits), len(hits)).proportion_ci(method="wilson")
        return cls(sum(hits) / len(hits), float(interval.low), float(interval.high), len(hits))

    def __str__(self) -> str:
        if self.value is None:
            return "–"
        return f"{100 * self.value:.1f} % [{100 * self.low:.1f}–{100 * self.high:.1f}]"


@dataclass(frozen=True)
class Scores:
    """How right somebody is on a set of questions."""

    questions: int
    right: Share  # of the answerable
    wrong_among_shown: Share
    wrong_among_shown_weighted: float | None  # by severity
    held: Share
    declined: Share
    right_declines: Share  # of the unanswerable: declined
    kept_back: Share  # of the unanswerable: declined or held
    routed: Share
    evidence_in_top: Share  # of the answerable
    citation_supports: Share  # of the shown that have an answer
    character_f1: float | None  # mean over the shown that have an answer
    word_f1: float | None
    calibration_error: float | None  # expected, of those with a text, 10 equal bins
    calibration_error_by_chance: float | None  # what confidences that mean exactly what they say would show
    area_under_risk: float | None  # of the risk–coverage curve, lower is better
    seconds_median: float
    seconds_p90: float

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def scores(judged: Sequence[Judged]) -> Scores:
    """All figures of judged questions. Raises ValueError when there are none."""
    if not judged:
        raise ValueError("no questions")
    answerable = [one for one in judged if one.answerable]
    nothing = [one for one in judged if not one.answerable]
    shown = [one for one in judged if one.shown]
    full = [one for one in shown if one.answerable]
    weights = [WEIGHT[one.severity] for one in shown]
    wrong = [weight for weight, one in zip(weights, shown, strict=True) if one.verdict == "wrong"]
    seconds = [one.seconds for one in judged]
    return Scores(
        questions=len(judged),
        right=Share.count([one.verdict == "right" for one in answerable]),
        wrong_among_shown=Share.count([one.verdict == "wrong" for one in shown]),
        wrong_among_shown_weighted=sum(wrong) / sum(weights) if weights else None,
        held=Share.count([one.verdict == "held" for one in judged]),
        declined=Share.count([one.verdict == "declined" for one in judged]),
        right_declines=Share.count([one.verdict == "declined" for one in nothing]),
        kept_back=Share.count([not one.shown for one in nothing]),
        routed=Share.count([one.well_routed for one in judged if one.domain is not None]),
        evidence_in_top=Share.count([one.evidence_in_top for one in answerable]),
        citation_supports=Share.count([one.cited_supports for one in full]),
        character_f1=_mean([one.character_f1 for one in full]),
        word_f1=_mean([one.word_f1 for one in full]),
        calibration_error=calibration_error(judged),
        calibration_error_by_chance=calibration_error_by_chance(judged),
        area_under_risk=area_under_risk(judged),
        seconds_median=median(seconds),
        seconds_p90=float(np.quantile(seconds, 0.9)),
    )


def broken_down(judged: Sequence[Judged]) -> dict[str, dict[str, Scores]]:
    """The scores by language, domain, kind and severity."""
    return {
        key: {value: scores(part) for value, part in by(key, judged).items()}
        for key in ("language", "domain", "kind", "severity")
    }


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def reliability(judged: Sequence[Judged]) -> list[tuple[float, float, int]]:
    """Per tenth of confidence: mean confidence, share right, how many. Of those that have a text."""
    told = [one for one in judged if one.text is not None]
    bins: list[list[Judged]] = [[] for _ in range(BINS)]
    for one in told:
        bins[min(int(one.confidence * BINS), BINS - 1)].append(one)
    return [
        (float(np.mean([o.confidence for o in part])), float(np.mean([o.would_be_right for o in part])), len(part))
        for part in bins
        if part
    ]


def calibration_error(judged: Sequence[Judged]) -> float | None:
    """Expected calibration error (Naeini et al. 2015) over ten equal bins; None where nothing has a text."""
    parts = reliability(judged)
    total = sum(count for _, _, count in parts)
    return sum(abs(said - right) * count for said, right, count in parts) / total if total else None


def calibration_error_by_chance(judged: Sequence[Judged]) -> float | None:
    """See `by_chance`, of those that have a text; None where nothing has."""
    told = np.array([one.confidence for one in judged if one.text is not None])
    return by_chance(told) if len(told) else None


def by_chance(told: NDArray[np.float64], bins: int = BINS) -> float:
    """The calibration error that confidences (N,) would show if each were exactly right: the median over outcomes drawn
    by them. A few hundred answers show some however good the confidence is (Bröcker and Smith 2007).
    """
    places = np.eye(bins)[np.minimum((told * bins).astype(int), bins - 1)]  # (N, bins)
    right = np.random.default_rng(0).random((RESAMPLES, len(told))) < told
    return float(np.median(np.abs((right - told) @ places).sum(axis=1) / len(told)))


def risk_coverage(judged: Sequence[Judged]) -> list[tuple[float, float, float]]:
    """(threshold, share of all questions that would be shown, share wrong among these), threshold falling."""
    told = sorted((one for one in judged if one.text is not None), key=lambda one: -one.confidence)
    curve, wrong = [], 0
    for number, one in enumerate(told, start=1):
        wrong += not one.would_be_right
        if number == len(told) or told[number].confidence < one.confidence:
            curve.append((one.confidence, number / len(judged), wrong / number))
    return curve


def area_under_risk(judged: Sequence[Judged]) -> float | None:
    """Mean risk over the coverages reached (Geifman and El-Yaniv 2017), 0 to 1."""
    curve = risk_coverage(judged)
    if not curve:
        return None
    edges = np.array([0.0] + [coverage for _, coverage, _ in curve])
    risks = np.array([risk for _, _, risk in curve])
    return float((np.diff(edges) * risks).sum() / edges[-1])


@dataclass(frozen=True)
class Comparison:
    """Two runs over the same questions: B against A."""

    questions: int
    only_a: int  # right in A only
    only_b: int
    p_value: float  # McNemar, exact, two-sided
    difference: float  # share right, B - A
    low: float  # its 95 % bootstrap interval over topic groups
    high: float


def compare(
    a: Sequence[Judged], b: Sequence[Judged], right: Callable[[Judged], bool] = lambda one: one.verdict == "right"
) -> Comparison:
    """Compare two runs on the questions that both have. Raises ValueError when there is none."""
    others = {one.id: one for one in b}
    pairs = [(one, others[one.id]) for one in a if one.id in others]
    if not pairs:
        raise ValueError("no common question")
    only_a = sum(right(x) and not right(y) for x, y in pairs)
    only_b = sum(right(y) and not right(x) for x, y in pairs)
    differences: dict[str, list[int]] = {}
    for x, y in pairs:
        differences.setdefault(x.group, []).append(int(right(y)) - int(right(x)))
    sums = np.array([sum(part) for part in differences.values()])
    sizes = np.array([len(part) for part in differences.values()])
    drawn = np.random.default_rng(0).integers(0, len(sums), size=(RESAMPLES, len(sums)))
    resampled = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    return Comparison(
        questions=len(pairs),
        only_a=only_a,
        only_b=only_b,
        p_value=float(binomtest(only_b, only_a + only_b).pvalue) if only_a + only_b else 1.0,
        difference=(only_b - only_a) / len(pairs),
        low=float(np.quantile(resampled, 0.025)),
        high=float(np.quantile(resampled, 0.975)),
    )
