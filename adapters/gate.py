"""The gate before a version goes live: what is measurably worse with it, and the threshold it needs.

It compares judged answers to the same questions and nothing else; who may overrule it is not its business.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from scipy.stats import binomtest

from adapters.evaluation import Judged
from adapters.scores import WEIGHT, compare

LEAST_JUDGED = 20  # questions; a difference over fewer cannot be told from chance
SIGNIFICANT = 0.05
STEP = 0.01  # of the threshold
FEWEST_CALIBRATION = 20

Code = Literal["few_judged", "fewer_right", "more_wrong", "regression", "findings", "not_evaluated"]


@dataclass(frozen=True)
class Objection:
    """What stands against a promotion; `questions`: the ids concerned."""

    code: Code
    params: dict[str, Any] = field(default_factory=dict)
    questions: tuple[str, ...] = ()


def objections(
    live: Sequence[Judged],
    candidate: Sequence[Judged],
    regression_live: Sequence[Judged],
    regression_candidate: Sequence[Judged],
    severe_findings: int,
) -> list[Objection]:
    """What stands against it: too little to judge by, a loss that is no chance, a question that must stay right."""
    found: list[Objection] = []
    if severe_findings:
        found.append(Objection("findings", {"count": severe_findings}))
    if len(candidate) < LEAST_JUDGED:
        found.append(Objection("few_judged", {"count": len(candidate), "wanted": LEAST_JUDGED}))
    if candidate and live:
        found += [*_fewer_right(live, candidate), *_more_wrong(live, candidate)]
    broken = _broken(regression_live, regression_candidate)
    if broken:
        found.append(Objection("regression", {"count": len(broken)}, tuple(broken)))
    return found


def _fewer_right(live: Sequence[Judged], candidate: Sequence[Judged]) -> list[Objection]:
    """Drafts that are right, shown or not, so that a stricter threshold is not taken for a worse reader."""
    found = compare(live, candidate, lambda one: one.would_be_right)
    if found.difference < 0 and found.p_value < SIGNIFICANT:
        return [Objection("fewer_right", {"lost": found.only_a, "won": found.only_b, "p": round(found.p_value, 4)})]
    return []


def _more_wrong(live: Sequence[Judged], candidate: Sequence[Judged]) -> list[Objection]:
    """Wrong answers shown, counted by severity (WEIGHT): no more than before, unless chance explains it."""
    before = {one.id: _harm(one) for one in live}
    pairs = [(before[one.id], _harm(one), one.id) for one in candidate if one.id in before]
    new = [key for old, now, key in pairs if now > old]
    gone = [key for old, now, key in pairs if now < old]
    added = sum(now - old for old, now, _ in pairs)
    if added <= 0:
        return []
    chance = binomtest(len(new), len(new) + len(gone), alternative="greater").pvalue
    serious = [one.id for one in candidate if one.severity == "high" and _harm(one) and not before.get(one.id, 0)]
    if chance < SIGNIFICANT or serious:
        return [Objection("more_wrong", {"count": len(new), "gone": len(gone)}, tuple(serious or new))]
    return []


def _harm(one: Judged) -> int:
    return WEIGHT[one.severity] if one.verdict == "wrong" else 0


def _broken(live: Sequence[Judged], candidate: Sequence[Judged]) -> list[str]:
    """Regression questions that were all right and are not: a right draft lost, or a wrong answer shown."""
    before = {one.id: one for one in live}
    return [
        one.id
        for one in candidate
        if one.id in before
        and (
            (before[one.id].would_be_right and not one.would_be_right)
            or (one.verdict == "wrong" and before[one.id].verdict != "wrong")
        )
    ]


def refitted_threshold(live: Sequence[Judged], candidate: Sequence[Judged], hold_below: float) -> float:
    """The threshold of the candidate: the present one, raised until it shows no larger share of wrong answers.

    Args:
        live, candidate: the calibration questions as each answers them; too few of them leave the threshold as it is.
    """
    if min(len(live), len(candidate)) < FEWEST_CALIBRATION:
        return hold_below
    allowed = _wrong_share(live, hold_below)
    threshold = hold_below
    while threshold < 1.0 and _wrong_share(candidate, threshold) > allowed:
        threshold = round(threshold + STEP, 4)
    return min(threshold, 1.0)


def _wrong_share(judged: Sequence[Judged], threshold: float) -> float:
    shown = [one for one in judged if one.text is not None and one.confidence >= threshold]
    return sum(not one.would_be_right for one in shown) / len(shown) if shown else 0.0
