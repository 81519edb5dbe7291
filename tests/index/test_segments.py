"""Segments: whatever comes and goes, exactly what is there is found, and little is written anew."""

import math
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.segments import Ids, Shelf, Vectors

KNOWN = np.random.default_rng(5).standard_normal((200, 8)).astype(np.float32)


def vectors_of(ids: Ids) -> tuple[Ids, Vectors]:
    return ids, KNOWN[ids]


def ids_of(wanted: set[int] | range) -> Ids:
    return np.array(sorted(wanted), np.int64)


@given(st.lists(st.sets(st.integers(0, 199)), max_size=8), st.integers(0, 199), st.integers(1, 20))
def test_what_is_found_is_what_an_exact_search_of_all_that_is_there_finds(
    states: list[set[int]], asked: int, count: int
) -> None:
    shelf = Shelf()
    for wanted in states:
        shelf = shelf.holding(ids_of(wanted), vectors_of)
        assert sorted(shelf.ids.tolist()) == sorted(wanted)
        found = sorted(shelf.search(KNOWN[asked], count), key=lambda hit: -hit[1])[:count]
        scores = {passage: float(KNOWN[passage] @ KNOWN[asked]) for passage in wanted}
        expected = sorted(scores, key=lambda passage: -scores[passage])[:count]
        assert [passage for passage, _ in found] == expected
        assert np.allclose([score for _, score in found], [scores[passage] for passage in expected], atol=1e-4)


@given(
    st.sets(st.integers(0, 199)), st.sets(st.integers(0, 199)), st.lists(st.integers(0, 199), min_size=1, max_size=5)
)
def test_the_closest_of_several_at_once_is_what_each_finds_first(
    before: set[int], now: set[int], asked: list[int]
) -> None:
    shelf = Shelf().holding(ids_of(before), vectors_of).holding(ids_of(now), vectors_of)
    closest = shelf.closest(KNOWN[asked])
    assert shelf.count == len(now)
    if not now:
        assert np.isnan(closest).all()
        return
    assert np.allclose(closest, [max(score for _, score in shelf.search(KNOWN[one], 1)) for one in asked], atol=1e-4)


@given(st.lists(st.integers(1, 5), max_size=40))
def test_however_little_is_added_at_a_time_there_are_few_segments(steps: list[int]) -> None:
    shelf, there = Shelf(), 0
    for step in steps:
        there += step
        shelf = shelf.holding(ids_of(range(there)), vectors_of)
        sizes = [segment.count for segment in shelf.segments]
        assert all(older >= 2 * newer for older, newer in pairwise(sizes))
        assert len(sizes) <= math.log2(there) + 1


def test_a_small_change_leaves_the_large_segment_as_it_is() -> None:
    before = Shelf().holding(ids_of(range(100)), vectors_of)
    after = before.holding(ids_of(set(range(105)) - {7}), vectors_of)
    assert after.segments[0].name == before.segments[0].name
    assert [segment.count for segment in after.segments] == [99, 5]
    assert before.holding(ids_of(range(100)), vectors_of).segments == before.segments


def test_a_segment_that_most_have_left_is_made_anew() -> None:
    before = Shelf().holding(ids_of(range(100)), vectors_of)
    after = before.holding(ids_of(range(40)), vectors_of)
    assert [len(segment.ids) for segment in after.segments] == [40]


def test_what_was_deleted_meanwhile_is_left_out() -> None:
    shelf = Shelf().holding(ids_of(range(10)), lambda ids: vectors_of(ids[ids != 3]))
    assert sorted(shelf.ids.tolist()) == [0, 1, 2, 4, 5, 6, 7, 8, 9]
