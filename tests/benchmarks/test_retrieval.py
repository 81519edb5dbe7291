"""The retrieval figures: worked out by hand on small lists."""

import math

import pytest

from benchmarks.retrieval import Corpus, Found, Task, figures


def task(*files: str) -> Task:
    """A question that needs a passage of each of these files."""
    return Task(
        "?",
        "group",
        lambda found: set(files) <= {file for file, _ in found},
        lambda passage: files.index(passage[0]) + 1 if passage[0] in files else 0,
        len(files),
    )


def measured(needs: Task, found: Found, whole: bool = True) -> dict[str, float]:
    return figures(Corpus({}, [needs], whole), [found])["group"]


def test_a_passage_at_the_third_place() -> None:
    row = measured(task("c"), [("a", ""), ("b", ""), ("c", ""), ("d", "")])
    assert (row["R@1"], row["R@5"], row["R@10"]) == (0, 1, 1)
    assert row["MRR"] == pytest.approx(1 / 3)
    assert row["nDCG@10"] == pytest.approx(1 / math.log2(4))


def test_all_evidence_must_be_there() -> None:
    row = measured(task("a", "f"), [(name, "") for name in "abcdef"])
    assert (row["R@1"], row["R@5"], row["R@10"]) == (0, 0, 1)
    assert row["nDCG@10"] == pytest.approx((1 + 1 / math.log2(7)) / (1 + 1 / math.log2(3)))


def test_a_paragraph_that_was_cut_takes_one_place_only() -> None:
    found = [("a", "1"), ("a", "2"), ("a", "3"), ("a", "4"), ("a", "5"), ("b", "")]
    assert measured(task("b"), found)["R@5"] == 1
    assert measured(task("b"), found, whole=False)["R@5"] == 0


def test_a_paragraph_that_was_cut_stands_where_its_best_piece_does() -> None:
    found = [("b", "1"), ("a", ""), ("c", ""), ("d", ""), ("e", ""), ("f", ""), ("b", "2")]
    row = measured(task("b"), found)
    assert (row["R@1"], row["MRR"]) == (1, 1)


def test_what_is_not_found_counts_nothing() -> None:
    row = measured(task("z"), [("a", "")])
    assert [row[name] for name in ("R@1", "R@5", "R@10", "MRR", "nDCG@10")] == [0, 0, 0, 0, 0]
