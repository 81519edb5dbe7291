"""Probabilities of routes: they are probabilities, they follow the evidence, and they mean what they say."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from adapters.route_calibration import SHRINKAGE, RouteCalibration, _logistic
from adapters.route_scores import Evidence, Floats, joined


def evidence(best: float, route: int, routes: int, count: int, seed: int, close: float = 0.0) -> Evidence:
    """Questions with a score of about `best` for one route, whose documents come about so close; what is not for it is
    for none.
    """
    random = np.random.default_rng(seed)
    noise = random.normal(0.0, 0.1, size=(count, routes))
    noise[:, route] += best
    closest = close * (0.3 + 0.1 * random.random((count, routes)))
    closest[:, route] += close / 2
    none = 1.0 - noise[:, route]
    return Evidence(noise, none, noise[:, route], none, closest, common=np.zeros(count))


def calibrated(routes: int, seed: int, best: float = 0.8, close: float = 0.0) -> RouteCalibration:
    inside = joined([evidence(best, route, routes, 5, seed + route, close) for route in range(routes)])
    labels = np.repeat(np.arange(routes), 5)
    near = evidence(0.3, 0, routes, 5 * routes, seed + 50, close / 2) if routes > 1 else None
    return RouteCalibration(inside, labels, evidence(0.0, 0, routes, 40, seed + 99, close / 3), near)


def told(routes: Floats, none: Floats, nearest: Floats, nearest_none: Floats) -> Evidence:
    """Evidence where there are no documents."""
    return Evidence(routes, none, nearest, nearest_none, np.zeros(routes.shape), common=np.zeros(len(none)))


@settings(max_examples=40)
@given(
    routes=st.integers(1, 8),
    seed=st.integers(0, 1000),
    scores=st.lists(st.floats(-3, 3), min_size=8, max_size=8),
    none=st.floats(-3, 3),
    nearest=st.floats(-1, 1),
)
def test_probabilities_of_routes_and_none_sum_to_one(
    routes: int, seed: int, scores: list[float], none: float, nearest: float
) -> None:
    asked = told(np.array([scores[:routes]]), np.array([none]), np.array([nearest]), np.array([0.0]))
    probabilities = calibrated(routes, seed)(asked)[0]
    left = 1.0 - probabilities.sum()
    assert (probabilities >= 0.0).all()
    assert -1e-9 <= left <= 1.0


def test_more_evidence_for_a_route_never_makes_it_less_likely() -> None:
    strengths = np.linspace(0.0, 1.0, 11)
    routes = np.column_stack([strengths, np.zeros(11), np.zeros(11)])
    asked = told(routes, 1.0 - strengths, strengths, 1.0 - strengths)
    probabilities = calibrated(3, 1)(asked)[:, 0]
    assert (np.diff(probabilities) > 0.0).all()


def test_what_has_no_evidence_at_all_is_for_nobody() -> None:
    asked = told(np.zeros((1, 3)), np.ones(1), np.zeros(1), np.ones(1))
    assert calibrated(3, 2)(asked).sum() < 0.1


def test_documents_decide_between_routes_whose_sentences_say_alike() -> None:
    taught = calibrated(3, 5, best=0.2, close=1.0)
    alike = evidence(0.5, 0, 3, 20, 7, close=1.0)
    sentences = np.full((20, 3), 0.5)
    probabilities = taught(replace(alike, routes=sentences))
    assert (probabilities.argmax(axis=1) == 0).all()
    none_said = replace(alike, routes=sentences, closest=np.full((20, 3), 0.5))
    assert np.ptp(taught(none_said), axis=1).max() < 1e-9


def commonly(asked: Evidence, common: float) -> Evidence:
    """The same, asking so much of what an encyclopaedia says."""
    return replace(asked, common=np.full(len(asked.none), common))


def test_what_an_encyclopaedia_is_asked_is_less_likely_for_anybody() -> None:
    inside = joined([commonly(evidence(0.8, route, 3, 5, 9 + route), -0.1) for route in range(3)])
    near, far = (commonly(evidence(best, 0, 3, 30, 5), common) for best, common in ((0.3, -0.1), (0.0, 0.1)))
    taught = RouteCalibration(inside, np.repeat(np.arange(3), 5), far, near)
    asked = evidence(0.5, 0, 3, 20, 77)
    own, other = (taught(commonly(asked, common)).sum(axis=1) for common in (-0.1, 0.1))
    assert (own > other).all()


def test_a_route_that_stands_out_makes_it_likelier_that_a_question_is_for_anybody() -> None:
    taught = calibrated(3, 3)
    scores = np.array([[0.5, 0.0, 0.0], [0.5, 0.5, 0.0]])
    apart, between = taught(told(scores, *(np.full(2, value) for value in (0.5, 0.5, 0.5)))).sum(axis=1)
    assert apart > between


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), start=st.floats(-8, 8), parted=st.floats(0, 4))
def test_the_fit_is_the_best_one_wherever_it_starts(seed: int, start: float, parted: float) -> None:
    random = np.random.default_rng(seed)
    inscope = (random.random(120) < 0.5).astype(float)
    signs = np.column_stack([random.normal(parted * inscope[:, None], 1.0, (120, 3)), np.ones(120)])
    usual = np.array([start, 0.0, 0.0, 0.0])
    found = _logistic(signs, inscope, np.full(120, 3.0), usual)
    away = found - usual
    slope = signs.T @ (3.0 * (inscope - expit(signs @ found))) - SHRINKAGE * away * [1, 1, 1, 2e-6]
    assert np.abs(slope).max() < 1e-3
