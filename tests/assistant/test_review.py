"""A person's answer to another question: when it is given, and what it tells of whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.steps.review import ReviewedAnswer
from assistant.steps.similar import LIKELIEST, LIKELY, likeliest, plainly_other


@pytest.mark.parametrize(
    ("question", "known", "answer", "other"),
    [
        ("AS-3310を200個のときの単価は", "スリーブAS-3310を20個のときの単価は", "1〜99個は1,280円です", True),
        ("AS-3310を80個のときの単価は", "スリーブAS-3310を20個のときの単価は", "1〜99個は1,280円です", False),
        ("How long is the notice in the UK?", "日本での退職の届出は何日前ですか", "30日前です", True),
        ("What is the return fee, and how much is the restocking fee?", "What is the return fee?", "20 %", True),
        ("通勤手当の上限はいくらで、いつ払われますか", "通勤手当の上限はいくらですか", "24,500円です", True),
        ("What is the return fee?", "What is the return fee, and how much is the restocking fee?", "20 %", False),
        ("How many days of leave after six months?", "Leave after 6 months?", "10 days", False),
        ("英国の在宅勤務は週何日まで？", "How many days a week from home in the UK?", "Two.", False),
        ("パスワードは何文字以上？", "How many characters must a password have?", "14", False),
    ],
)
def test_other_numbers_countries_or_more_questions_are_never_outweighed(
    question: str, known: str, answer: str, other: bool
) -> None:
    assert plainly_other(question, known, answer) is other


def test_a_given_answer_names_no_copy_of_its_source_that_only_somebody_else_sees() -> None:
    citation = {
        "n": 1, "domain": "it", "document": "d", "file": "f.txt", "page": None, "sheet": None, "slide": None,
        "cells": None, "box": None, "heading": None, "quote": "45 minutes", "score": 0.9, "passage": 1, "version": "v",
        "copies": [{"file": "my private notes.txt", "document": "e", "version": "w", "passage": 2}],
    }  # fmt: skip
    known = ReviewedAnswer("x", "it", "45 minutes.", [citation], "desk", "a1", "Rui", "How long?", likeness=0.99)
    answer = known.as_answer("For how long?", "en", "c", 0.1)
    assert answer.citations[0].copies == []
    assert (answer.confidence, answer.reviewed) == (0.99, True)
    assert answer.similar is not None
    assert "How long?" in answer.why


@given(st.lists(st.floats(0, 1), max_size=8))
def test_only_a_few_likely_ones_are_judged_again_and_none_that_is_likelier_is_passed_over(
    probabilities: list[float],
) -> None:
    chosen = likeliest(probabilities)
    assert len(chosen) <= LIKELIEST
    assert all(probabilities[n] >= LIKELY for n in chosen)
    left = [one for n, one in enumerate(probabilities) if n not in chosen and one >= LIKELY]
    assert not left or (len(chosen) == LIKELIEST and max(left) <= min(probabilities[n] for n in chosen))
