"""The likeliest span of a reading."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adapters.spans import LONGEST_SPAN, Marking


@given(st.integers(0, 2**32 - 1), st.integers(1, 3 * LONGEST_SPAN))
def test_the_best_span_is_the_likeliest_of_all_that_are_no_longer_than_one_may_be(seed: int, tokens: int) -> None:
    draw = np.random.default_rng(seed)
    starts, ends = draw.dirichlet(np.ones(tokens)), draw.dirichlet(np.ones(tokens))
    places = np.stack([2 * np.arange(tokens), 2 * np.arange(tokens) + 1], axis=1)
    start, end, score = Marking(0.0, places, starts, ends).best
    joint = {
        (first, last): starts[first] * ends[last]
        for first in range(tokens)
        for last in range(first, min(first + LONGEST_SPAN, tokens))
    }
    assert np.isclose(np.exp(score), max(joint.values()))
    assert np.isclose(joint[start // 2, end // 2], max(joint.values()))


def test_a_passage_without_tokens_has_an_empty_span() -> None:
    nothing = np.zeros(0)
    assert Marking(0.0, np.zeros((0, 2), dtype=np.int64), nothing, nothing).best[:2] == (0, 0)
