"""The gate: a loss that is no chance stops a version, luck does not, and right answers not shown are a loss too."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from adapters.evaluation import Judged
from adapters.gate import Objection, objections, others_lost, refitted_threshold


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
    assert codes(objections(LIVE, lost_eight, [], [], 0)) == ["fewer_right", "fewer_shown"]
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


def test_what_other_departments_lose_stops_it_even_where_it_may_be_chance() -> None:
    worse = [replace(one, would_be_right=False) if n == 0 else one for n, one in enumerate(LIVE)]
    assert codes(others_lost(LIVE, worse)) == ["others_lost"]
    assert others_lost(worse, LIVE) == others_lost(LIVE, LIVE) == others_lost([], []) == []


def test_too_few_questions_and_open_findings_stop_it() -> None:
    assert codes(objections(LIVE[:5], LIVE[:5], [], [], 2)) == ["findings", "few_judged"]


def test_fewer_right_answers_shown_stop_it_even_where_the_drafts_are_as_good() -> None:
    held = [replace(one, verdict="held", status="held") if n < 16 else one for n, one in enumerate(LIVE)]
    assert codes(objections(LIVE, held, [], [], 0)) == ["fewer_shown"]


def certain(shift: float, count: int = 60) -> list[Judged]:
    """Drafts whose chance to be right grows with their confidence; `shift` says how much too sure they are."""
    return [judged(n, right=(n * 7919 % count) / count + shift < n / count, confidence=n / count) for n in range(count)]


def test_a_candidate_that_is_too_sure_gets_a_stricter_threshold_and_a_surer_one_shows_more() -> None:
    usual = certain(0.0)
    assert refitted_threshold(usual, usual, 0.7) == 0.7
    assert refitted_threshold(usual, certain(0.2), 0.7) > 0.75
    assert refitted_threshold(certain(0.2), usual, 0.7) < 0.65
    assert refitted_threshold(usual[:5], usual[5:10], 0.7) == 0.7  # too few to say
    assert refitted_threshold(usual, [judged(n) for n in range(40)], 0.7) == 0.7  # none wrong: nothing to fit


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=20, max_size=60), st.floats(0.3, 1))
def test_a_threshold_stays_a_probability_whatever_was_answered(
    rows: list[tuple[bool, float]], threshold: float
) -> None:
    candidate = [judged(n, right=right, confidence=confidence) for n, (right, confidence) in enumerate(rows)]
    assert 0.3 <= refitted_threshold(certain(0.1), candidate, threshold) <= 1.0
