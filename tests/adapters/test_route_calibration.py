"""Probabilities of routes: they are probabilities, they follow the evidence, and they mean what they say."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.route_calibration import RouteCalibration
from adapters.route_scores import Evidence


def evidence(best: float, route: int, routes: int, count: int, seed: int) -> Evidence:
    """Questions with a score of about `best` for one route; what is not for it is for none."""
    noise = np.random.default_rng(seed).normal(0.0, 0.1, size=(count, routes))
    noise[:, route] += best
    return Evidence(noise, 1.0 - noise[:, route], noise[:, route], 1.0 - noise[:, route])


def calibrated(routes: int, seed: int) -> RouteCalibration:
    parts = [evidence(0.8, route, routes, 5, seed + route) for route in range(routes)]
    inside = Evidence(
        np.concatenate([part.routes for part in parts]),
        np.concatenate([part.none for part in parts]),
        np.concatenate([part.nearest for part in parts]),
        np.concatenate([part.nearest_none for part in parts]),
    )
    labels = np.repeat(np.arange(routes), 5)
    near = evidence(0.3, 0, routes, 5 * routes, seed + 50) if routes > 1 else None
    return RouteCalibration(inside, labels, evidence(0.0, 0, routes, 40, seed + 99), near)


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
    asked = Evidence(np.array([scores[:routes]]), np.array([none]), np.array([nearest]), np.array([0.0]))
    probabilities = calibrated(routes, seed)(asked)[0]
    left = 1.0 - probabilities.sum()
    assert (probabilities >= 0.0).all()
    assert -1e-9 <= left <= 1.0


def test_more_evidence_for_a_route_never_makes_it_less_likely() -> None:
    strengths = np.linspace(0.0, 1.0, 11)
    routes = np.column_stack([strengths, np.zeros(11), np.zeros(11)])
    asked = Evidence(routes, 1.0 - strengths, strengths, 1.0 - strengths)
    probabilities = calibrated(3, 1)(asked)[:, 0]
    assert (np.diff(probabilities) > 0.0).all()


def test_what_has_no_evidence_at_all_is_for_nobody() -> None:
    asked = Evidence(np.zeros((1, 3)), np.ones(1), np.zeros(1), np.ones(1))
    assert calibrated(3, 2)(asked).sum() < 0.1
