"""The promise is kept: over many draws the true risk exceeds what is tolerated no more often than was said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom

from adapters.risk_control import fewest_shown, p_value, promise


def population(seed: int, count: int = 20_000) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Confidences that mean something, and whether each answer is wrong."""
    random = np.random.default_rng(seed)
    confidences = np.round(random.beta(2, 1.5, count), 3)
    return confidences, (random.random(count) > confidences**0.35).astype(float)


@pytest.mark.parametrize("tolerated", [0.03, 0.05, 0.1])
@pytest.mark.parametrize("judged", [150, 600])
def test_the_true_risk_exceeds_the_promise_no_more_often_than_said(tolerated: float, judged: int) -> None:
    confidences, wrong = population(1)
    random = np.random.default_rng(2)
    broken = 0
    repeats = 400
    for _ in range(repeats):
        drawn = random.integers(0, len(wrong), judged)
        threshold = promise(confidences[drawn], wrong[drawn], tolerated).hold_below
        broken += threshold is not None and wrong[confidences >= threshold].mean() > tolerated
    assert broken <= binom.ppf(0.999, repeats, 0.05)


def test_more_judged_answers_let_more_be_shown() -> None:
    confidences, wrong = population(3)
    shown = []
    for judged in (100, 2000, 15_000):
        threshold = promise(confidences[:judged], wrong[:judged], 0.1).hold_below
        shown.append(float((confidences >= threshold).mean()) if threshold is not None else 0.0)
    assert shown[0] < shown[1] < shown[2]


def test_without_errors_it_takes_59_99_and_299_shown_answers() -> None:
    assert [fewest_shown(tolerated) for tolerated in (0.05, 0.03, 0.01)] == [59, 99, 299]
    assert promise([0.9] * 58, [0.0] * 58, 0.05).hold_below is None
    kept = promise([0.9] * 200, [0.0] * 200, 0.05)
    assert (kept.hold_below, kept.shown, kept.wrong) == (0.9, 200, 0)
    assert kept.bound is not None and kept.bound < 0.05


def test_an_early_wrong_answer_does_not_end_everything() -> None:
    confidences = np.linspace(1.0, 0.5, 600)
    wrong = np.zeros(600)
    wrong[3] = 1.0
    assert promise(confidences, wrong, 0.05).hold_below is not None


def test_answers_of_the_same_confidence_are_shown_together_or_not() -> None:
    confidences = [0.9] * 100 + [0.8] * 100
    found = promise(confidences, [0.0] * 100 + [1.0] * 100, 0.05)
    assert (found.hold_below, found.shown) == (0.9, 100)


def test_lighter_errors_cost_less_and_weighted_ones_keep_to_the_bound() -> None:
    confidences = np.linspace(1.0, 0.5, 800)
    wrong = (np.arange(800) % 20 == 0).astype(float)
    assert promise(confidences, wrong, 0.05).hold_below is None
    assert promise(confidences, wrong * 0.2, 0.05).hold_below is not None


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0.0, 0.2, 0.4, 1.0])), max_size=120), st.floats(0.01, 0.5))
def test_whatever_was_judged_the_figures_hang_together(rows: list[tuple[float, float]], tolerated: float) -> None:
    found = promise([c for c, _ in rows], [loss for _, loss in rows], tolerated)
    assert found.judged == len(rows)
    if found.hold_below is not None:
        shown = [loss for c, loss in rows if c >= found.hold_below]
        assert (found.shown, found.wrong) == (len(shown), sum(loss > 0 for loss in shown))
        assert p_value(np.array(shown), tolerated) <= 0.05


@pytest.mark.parametrize(("tolerated", "delta"), [(0.0, 0.05), (1.0, 0.05), (0.1, 0.0)])
def test_a_promise_of_nothing_or_everything_is_refused(tolerated: float, delta: float) -> None:
    with pytest.raises(ValueError, match="between"):
        promise([0.5], [0.0], tolerated, delta)
