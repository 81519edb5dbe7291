"""Scores of routes: leaving out is exact, and nearness counts."""

import numpy as np
import pytest

from adapters.route_scores import ABSENT, NOISE, NOISE_OF_NONE, SHARPNESS, Evidence, Floats, Numbers, RouteScores

ROUTES, EACH, NOBODYS, WIDTH = 3, 4, 6, 8


@pytest.fixture
def labels() -> Numbers:
    return np.repeat(np.arange(ROUTES + 1), [EACH] * ROUTES + [NOBODYS])


@pytest.fixture
def vectors(labels: Numbers) -> Floats:
    drawn = np.random.default_rng(3).normal(size=(len(labels), WIDTH))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def fitted(vectors: Floats, labels: Numbers, routes: int = ROUTES) -> RouteScores:
    return RouteScores(vectors.astype(np.float32), labels, routes)


def asked(scores: RouteScores, vectors: Floats, routes: int = ROUTES) -> Evidence:
    """The evidence of questions where there are no documents."""
    return scores.of(vectors.astype(np.float32), np.zeros((len(vectors), routes)))


def test_the_scores_are_those_of_one_system_of_all_sentences_in_whatever_order_they_come(
    vectors: Floats, labels: Numbers
) -> None:
    order = np.random.default_rng(5).permutation(len(labels))
    moved = vectors - vectors[labels == ROUTES].mean(axis=0)
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    kernel = np.exp(SHARPNESS * (moved @ moved.T - 1))
    noise = np.diag(np.where(labels == ROUTES, NOISE_OF_NONE, NOISE))
    plain = kernel @ np.linalg.solve(kernel + noise, np.eye(ROUTES + 1)[labels])
    evidence = asked(fitted(vectors[order], labels[order]), vectors)
    assert evidence.routes == pytest.approx(plain[:, :ROUTES], abs=1e-5)
    assert evidence.none == pytest.approx(plain[:, ROUTES], abs=1e-5)


def test_a_sentence_left_out_scores_as_if_the_rest_had_been_fitted_without_it(vectors: Floats, labels: Numbers) -> None:
    at = 5
    left_out = fitted(vectors, labels).without_itself(np.array([at]), np.zeros((1, ROUTES)))
    refitted = asked(fitted(np.delete(vectors, at, axis=0), np.delete(labels, at)), vectors[[at]])
    assert left_out.routes == pytest.approx(refitted.routes, abs=1e-5)
    assert left_out.none == pytest.approx(refitted.none, abs=1e-5)
    assert left_out.nearest == pytest.approx(refitted.nearest, abs=1e-5)


def test_a_route_left_out_scores_as_if_nobody_had_it(vectors: Floats, labels: Numbers) -> None:
    held = np.flatnonzero(labels == ROUTES - 1)
    closest = np.random.default_rng(4).uniform(0.0, 1.0, (len(held), ROUTES))
    left_out = fitted(vectors, labels).without_its_route(held, closest)
    rest = np.delete(labels, held)
    rest[rest == ROUTES] = ROUTES - 1
    refitted = asked(fitted(np.delete(vectors, held, axis=0), rest, ROUTES - 1), vectors[held], ROUTES - 1)
    assert left_out.routes[:, : ROUTES - 1] == pytest.approx(refitted.routes, abs=1e-5)
    assert (left_out.routes[:, -1] == ABSENT).all()
    assert (left_out.closest[:, -1] == ABSENT).all()  # its documents are not there either
    assert (left_out.closest[:, :-1] == closest[:, :-1]).all()
    assert left_out.nearest == pytest.approx(refitted.nearest, abs=1e-5)


def test_a_sentence_scores_highest_for_its_own_route(vectors: Floats, labels: Numbers) -> None:
    evidence = asked(fitted(vectors, labels), vectors)
    taught = labels < ROUTES
    assert (evidence.routes[taught].argmax(axis=1) == labels[taught]).all()
    assert evidence.none[~taught].min() > evidence.none[taught].max()


def test_many_sentences_of_no_route_do_not_outvote_the_few_of_a_route(vectors: Floats, labels: Numbers) -> None:
    taught = labels < ROUTES
    beside = np.repeat(vectors[taught], 4, axis=0) + np.random.default_rng(5).normal(size=(4 * taught.sum(), WIDTH)) / 4
    crowd = np.asarray(beside / np.linalg.norm(beside, axis=1, keepdims=True))
    crowded = fitted(np.concatenate([vectors, crowd]), np.concatenate([labels, np.full(len(crowd), ROUTES)]))
    evidence = asked(crowded, vectors[taught])
    assert (evidence.routes.argmax(axis=1) == labels[taught]).all()
    assert (evidence.best() > evidence.none).all()
