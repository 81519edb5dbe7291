"""The gate before a version goes live: what is measurably worse with it, and the threshold it needs.

It compares judged answers to the same questions and nothing else; who may overrule it is not its business.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from scipy.stats import binomtest

from adapters.evaluation import Judged
from adapters.membership import ALLOWED, NOTHING
from adapters.scores import WEIGHT, compare
from adapters.worth import Worth

LEAST_JUDGED = 20  # questions; a difference over fewer cannot be told from chance
SIGNIFICANT = 0.05
OTHERS = 0.01  # share of the other departments' questions that may be lost
STEP = 0.01  # of the threshold
LOWEST = 0.3  # threshold

Code = Literal[
    "few_judged",
    "fewer_right",
    "fewer_shown",
    "more_wrong",
    "regression",
    "findings",
    "part_lost",
    "tells_learnt",
    "others_lost",
]
FIGURES: Mapping[Code, Callable[[Judged], bool]] = {
    "fewer_right": lambda one: one.would_be_right,
    "fewer_shown": lambda one: one.verdict == "right",
}


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


def others_lost(live: Sequence[Judged], candidate: Sequence[Judged]) -> list[Objection]:
    """Right drafts that other departments lose: more than `OTHERS` of their questions, chance or not."""
    compared = compare(live, candidate, lambda one: one.would_be_right) if candidate else None
    if compared is None or compared.only_a - compared.only_b <= OTHERS * len(candidate):
        return []
    return [Objection("others_lost", {"lost": compared.only_a, "won": compared.only_b, "of": len(candidate)})]


def tells_learnt(measured: Mapping[str, Any] | None) -> list[Objection]:
    """What a version's lineage says of how well its examples can be told from others (`membership`).

    Args:
        measured: None where nothing could be said. Of a few examples chance alone makes a large area, so that one whose
            interval reaches down to telling nothing does not count.
    """
    if measured is None or measured["area"] <= ALLOWED or measured["low"] <= NOTHING:
        return []
    return [Objection("tells_learnt", {**measured, "allowed": ALLOWED})]


def _fewer_right(live: Sequence[Judged], candidate: Sequence[Judged]) -> list[Objection]:
    """A loss that is no chance: of right drafts, and of right answers shown at each one's threshold."""
    found = []
    for code, right in FIGURES.items():
        compared = compare(live, candidate, right)
        if compared.difference < 0 and compared.p_value < SIGNIFICANT:
            params = {"lost": compared.only_a, "won": compared.only_b, "p": round(compared.p_value, 4)}
            found.append(Objection(code, params))
    return found


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
    """The candidate's threshold: where the share wrong among what it shows is expected to be what it is now.

    Args:
        live, candidate: the calibration questions as each answers them; too few of them, or none that is right or none
            wrong, leave the threshold as it is.
    """
    worth_now, worth_then = _worth(live), _worth(candidate)
    if worth_now is None or worth_then is None:
        return hold_below
    allowed = worth_now.wrong_from(hold_below)
    if worth_then.wrong_from(hold_below) > allowed:
        higher = np.arange(hold_below + STEP, 1.0, STEP)
        return round(float(next((t for t in higher if worth_then.wrong_from(t) <= allowed), 1.0)), 4)
    lower = [t for t in np.arange(hold_below - STEP, LOWEST, -STEP) if worth_then.wrong_from(t) <= allowed]
    more = [t for t in lower if worth_then.shown_from(t) > worth_then.shown_from(hold_below)]
    return round(float(min(more)), 4) if more else hold_below


def _worth(judged: Sequence[Judged]) -> Worth | None:
    drafts = [one for one in judged if one.text is not None]
    return Worth.fit([one.confidence for one in drafts], [one.would_be_right for one in drafts])
