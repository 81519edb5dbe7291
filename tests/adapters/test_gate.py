"""The gate: a loss that is no chance stops a version, luck does not, and a stricter threshold hides no worse reader."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from adapters.evaluation import Judged
from adapters.gate import Objection, objections, refitted_threshold


def judged(
    number: int, right: bool = True, shown: bool = True, confidence: float = 0.9, severity: str = "low"
) -> Judged:
    return Judged(
        id=f"q{number}", language="en", domain="people", kind="plain", group=f"g{number}", severity=severity,
        question="?", history=[], gold="x", answerable=True, status="answered" if shown else "held", text="x",
        confidence=confidence, routed="people", cited=[], seconds=0.1,
        verdict=("right" if right else "wrong") if shown else "held", would_be_right=right, evidence_in_top=True,
        cited_supports=right, character_f1=0.0, word_f1=0.0, failed=None,
    )  # fmt: skip


def codes(found: list[Objection]) -> list[str]:
    return [one.code for one in found]


LIVE = [judged(n, right=n % 2 == 0, shown=n % 2 == 0) for n in range(40)]


def test_a_version_that_answers_alike_or_better_passes() -> None:
    assert objections(LIVE, LIVE, LIVE[:5], LIVE[:5], 0) == []
    better = [judged(n) for n in range(40)]
    assert objections(LIVE, better, LIVE[:5], better[:5], 0) == []


def test_a_clear_loss_of_right_answers_stops_it_and_a_few_do_not() -> None:
    lost_eight = [replace(one, would_be_right=False, verdict="held", status="held") if n < 16 else one
                  for n, one in enumerate(LIVE)]  # fmt: skip
    lost_two = [replace(one, would_be_right=False, verdict="held", status="held") if n < 4 else one
                for n, one in enumerate(LIVE)]  # fmt: skip
    assert codes(objections(LIVE, lost_eight, [], [], 0)) == ["fewer_right"]
    assert objections(LIVE, lost_two, [], [], 0) == []


def test_one_new_serious_wrong_answer_stops_it_and_one_harmless_does_not() -> None:
    for severity, expected in (("high", ["more_wrong"]), ("low", [])):
        worse = [judged(1, right=False, severity=severity), *LIVE[:1], *LIVE[2:]]
        assert codes(objections(LIVE, worse, [], [], 0)) == expected


def test_many_new_wrong_answers_stop_it() -> None:
    worse = [judged(n, right=n % 2 == 0) for n in range(40)]
    assert "more_wrong" in codes(objections(LIVE, worse, [], [], 0))


def test_a_question_that_must_stay_right_stops_it_by_name() -> None:
    broken = [replace(LIVE[0], would_be_right=False, verdict="held", status="held"), LIVE[1]]
    [found] = objections(LIVE, LIVE, LIVE[:2], broken, 0)
    assert (found.code, found.questions) == ("regression", ("q0",))


def test_too_few_questions_and_open_findings_stop_it() -> None:
    assert codes(objections(LIVE[:5], LIVE[:5], [], [], 2)) == ["findings", "few_judged"]


def test_a_candidate_that_is_wrong_more_often_gets_a_stricter_threshold() -> None:
    live = [judged(n, confidence=0.5 + n / 100) for n in range(40)]
    worse = [judged(n, right=n >= 30, confidence=0.5 + n / 100) for n in range(40)]
    assert refitted_threshold(live, worse, 0.7) == 0.8
    assert refitted_threshold(live, live, 0.7) == 0.7
    assert refitted_threshold(live[:5], worse[:5], 0.7) == 0.7  # too few to say


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=20, max_size=60), st.floats(0, 1))
def test_at_the_refitted_threshold_no_larger_share_is_wrong_than_before(
    rows: list[tuple[bool, float]], threshold: float
) -> None:
    def wrong(found: list[Judged], at: float) -> float:
        shown = [one for one in found if one.confidence >= at]
        return sum(not one.would_be_right for one in shown) / len(shown) if shown else 0.0

    live = [judged(n, right=n % 5 != 0, confidence=0.9) for n in range(40)]
    candidate = [judged(n, right=right, confidence=confidence) for n, (right, confidence) in enumerate(rows)]
    fitted = refitted_threshold(live, candidate, threshold)
    assert fitted >= min(threshold, 1.0)
    assert fitted == 1.0 or wrong(candidate, fitted) <= wrong(live, threshold)
