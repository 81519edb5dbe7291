"""A row of another month is no answer; whatever is not plain is left to the reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.steps.months import months, of_another_month

ENGLISH = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
MONTHS = st.integers(1, 12)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("When is the deadline for November 2026 expenses?", {(2026, 11)}),
        ("deadline for november expenses", {(None, 11)}),
        ("Is anything due in May?", {(None, 5)}),
        ("May I march in with my sec card?", set()),
        ("2026年11月分の締切は", {(2026, 11)}),
        ("１２月の給与", {(None, 12)}),
        ("6か月後の第3月曜", set()),
        ("closing 2027-02", {(2027, 2)}),
        ("from Sept. 2026 to Jan 2027", {(2026, 9), (2027, 1)}),
        ("part 2026-1130", set()),
    ],
)
def test_months_are_read_in_both_languages_and_words_are_no_months(
    text: str, named: set[tuple[int | None, int]]
) -> None:
    assert months(text) == named


@given(MONTHS, MONTHS, st.sampled_from([None, 2026, 2027]), st.sampled_from([2026, 2027]), st.booleans())
def test_a_row_is_another_months_exactly_where_month_or_year_differ(
    asked: int, told: int, asked_year: int | None, told_year: int, japanese: bool
) -> None:
    if japanese:
        question = f"{f'{asked_year}年' if asked_year else ''}{asked}月分の締切はいつですか"
        row = f"対象月: {told_year}年{told}月; 締切: {told % 12 + 1}月5日"
    else:
        question = f"When is the deadline for {ENGLISH[asked - 1]}{f' {asked_year}' if asked_year else ''}?"
        row = f"Month: {ENGLISH[told - 1]} {told_year}; Deadline: {ENGLISH[told % 12]} 5"
    differs = asked != told or (asked_year is not None and asked_year != told_year)
    assert of_another_month(question, row) == differs


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("Room price in January?", "Where: Mountains, December to March; Cap: 160"),
        ("11月の送料は", "適用: 10月以降; 送料: 800円"),
        ("Is March or April busier?", "Month: May 2026; Orders: 40"),
        ("What is due in June?", "Reports are due by the tenth of July."),
        ("What is due?", "Month: May 2026; Orders: 40"),
    ],
)
def test_spans_several_months_and_sentences_are_left_to_the_reader(question: str, row: str) -> None:
    assert not of_another_month(question, row)
