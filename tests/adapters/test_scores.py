"""The figures over judged questions: known values, and what must hold for any run."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.evaluation import Judged
from adapters.scores import (
    area_under_risk,
    broken_down,
    calibration_error,
    calibration_error_by_chance,
    compare,
    reliability,
    risk_coverage,
    scores,
)

PLAIN: dict[str, Any] = {
    "language": "ja",
    "domain": "people",
    "kind": "plain",
    "severity": "low",
    "question": "?",
    "history": [],
    "gold": None,
    "routed": "people",
    "cited": [],
    "seconds": 1.0,
    "evidence_in_top": True,
    "cited_supports": True,
    "character_f1": 1.0,
    "word_f1": 1.0,
    "failed": None,
}


def one(name: str, verdict: str, confidence: float = 0.5, *, right: bool | None = None, **other: Any) -> Judged:
    status = "answered" if verdict in ("right", "wrong") else verdict
    text = None if verdict == "declined" else "…"
    would = verdict == "right" if right is None else right
    given = {
        "id": name,
        "group": name,
        "answerable": True,
        "verdict": verdict,
        "status": status,
        "text": text,
        "confidence": confidence,
        "would_be_right": would,
    }
    return Judged(**{**PLAIN, **given, **other})


def any_run() -> st.SearchStrategy[list[Judged]]:
    verdicts = st.sampled_from(["right", "wrong", "held", "declined"])
    rows = st.tuples(verdicts, st.floats(0, 1), st.booleans(), st.sampled_from(["low", "medium", "high"]))
    return st.lists(rows, min_size=1, max_size=40).map(
        lambda found: [
            one(str(n), v, c, right=v == "right" or (v == "held" and r), severity=s)
            for n, (v, c, r, s) in enumerate(found)
        ]
    )


def test_shares_are_of_what_their_names_say() -> None:
    run = [
        one("a", "right"),
        one("b", "wrong", severity="high"),
        one("c", "held"),
        one("d", "declined", answerable=False, right=False),
        one("e", "wrong", answerable=False),
    ]
    found = scores(run)
    assert found.right.value == pytest.approx(1 / 3) and found.right.of == 3
    assert found.wrong_among_shown.value == pytest.approx(2 / 3) and found.wrong_among_shown.of == 3
    assert found.wrong_among_shown_weighted == pytest.approx(6 / 7)
    assert (found.right_declines.value, found.kept_back.value) == (0.5, 0.5)
    assert found.right.low < 1 / 3 < found.right.high


def test_a_confidence_that_means_what_it_says_has_no_calibration_error() -> None:
    honest = [one(str(n), "right" if n < 8 else "wrong", 0.8) for n in range(10)]
    boastful = [one(str(n), "wrong", 0.95) for n in range(10)]
    assert calibration_error(honest) == pytest.approx(0)
    assert calibration_error(boastful) == pytest.approx(0.95)
    assert calibration_error([one("a", "declined")]) is None


def test_few_answers_show_a_calibration_error_however_good_the_confidence_is() -> None:
    few, many = ([one(str(n), "right", 0.5) for n in range(count)] for count in (20, 2000))
    certain = [one("a", "right", 1.0), one("b", "wrong", 0.0)]
    assert calibration_error_by_chance(few) == pytest.approx(0.1, abs=0.05)
    assert calibration_error_by_chance(many) == pytest.approx(0.0, abs=0.02)
    assert calibration_error_by_chance(certain) == pytest.approx(0)
    assert calibration_error_by_chance([one("a", "declined")]) is None


@given(any_run())
def test_the_error_by_chance_needs_no_outcome(run: list[Judged]) -> None:
    turned = [replace(row, would_be_right=not row.would_be_right) for row in run]
    assert calibration_error_by_chance(run) == calibration_error_by_chance(turned)


def test_the_risk_curve_ends_at_the_share_wrong_of_all_that_has_a_text() -> None:
    run = [one("a", "right", 0.9), one("b", "wrong", 0.8), one("c", "held", 0.3, right=True), one("d", "declined")]
    assert risk_coverage(run) == [
        (0.9, 0.25, 0.0),
        (0.8, 0.5, 0.5),
        (0.3, 0.75, pytest.approx(1 / 3)),
    ]
    assert area_under_risk(run) == pytest.approx((0 + 0.5 + 1 / 3) / 3)


@given(any_run())
def test_every_share_lies_in_its_interval(run: list[Judged]) -> None:
    found = scores(run)
    for share in (found.right, found.wrong_among_shown, found.held, found.declined, found.routed):
        if share.value is not None:
            assert 0 <= share.low <= share.value + 1e-9 and share.value <= share.high + 1e-9 <= 1 + 2e-9
    assert sum(part.questions for part in broken_down(run)["severity"].values()) == len(run)
    assert sum(count for _, _, count in reliability(run)) == sum(o.text is not None for o in run)


@given(any_run())
def test_a_run_does_not_differ_from_itself(run: list[Judged]) -> None:
    found = compare(run, run)
    assert (found.only_a, found.only_b, found.p_value, found.difference, found.low, found.high) == (0, 0, 1, 0, 0, 0)


def test_a_clear_improvement_is_significant_and_its_interval_is_above_zero() -> None:
    before = [one(str(n), "right" if n < 30 else "wrong") for n in range(100)]
    after = [one(str(n), "right" if n < 60 else "wrong") for n in range(100)]
    found = compare(before, after)
    assert found.difference == pytest.approx(0.3) and found.low > 0.2 and found.p_value < 1e-6


def test_runs_are_compared_on_common_questions_only() -> None:
    assert compare([one("a", "right"), one("b", "right")], [one("b", "wrong")]).questions == 1
    with pytest.raises(ValueError, match="common"):
        compare([one("a", "right")], [one("b", "right")])
