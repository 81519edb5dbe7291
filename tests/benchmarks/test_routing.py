"""The figures of routing, on values that can be reckoned by hand, and the table of a bank's departments."""

import json

import numpy as np
import pytest

from benchmarks.outside_data import SPLITS
from benchmarks.routing import auroc, calibration_error
from benchmarks.routing_data import GROUPS, Task


def test_auroc_is_the_share_of_pairs_in_the_right_order() -> None:
    assert auroc(np.array([0.9, 0.4]), np.array([0.5, 0.1])) == pytest.approx(0.75)
    assert auroc(np.array([0.5]), np.array([0.5])) == pytest.approx(0.5)


def test_a_probability_that_means_what_it_says_has_no_calibration_error() -> None:
    sure = np.full(4, 0.75)
    assert calibration_error(sure, np.array([1.0, 1.0, 1.0, 0.0])) == pytest.approx(0.0)
    assert calibration_error(sure, np.zeros(4)) == pytest.approx(0.75)


def test_every_intent_stands_in_one_department() -> None:
    dealt = json.loads(SPLITS.read_text("utf-8"))["banking77"]
    listed = [intent for intents in GROUPS.values() for intent in intents.split()]
    assert sorted(listed) == sorted(dealt["known"] + dealt["unknown"])


def test_the_same_seed_draws_the_same_examples() -> None:
    task = Task("t", {"a": [str(at) for at in range(20)], "b": ["x"]}, {}, [], [], {})
    assert task.drawn(5, 1) == task.drawn(5, 1)
    assert task.drawn(5, 1) != task.drawn(5, 2)
    assert {name: len(texts) for name, texts in task.drawn(5, 1).items()} == {"a": 5, "b": 1}
