"""What is measured of a question and an answered one that are about the same passage."""

from datetime import UTC, datetime

import pytest

from assistant.answer import Evidence
from assistant.steps.similar import Asked, Likeness, likeness
from index import Hit, Passage, Standing, Validity

TEXT = "Claim within 10 business days of paying. After 60 days nothing is paid."


def found(text: str, marked: str) -> Evidence:
    """The best that the reader found, with the words of it that it marked."""
    passage = Passage(
        1, "accounting", "d", "v", "claims.md", text, "Claims", None, None, None, None, None,
        datetime(2026, 1, 1, tzinfo=UTC), Standing(Validity(), matter=("", "claims")),
    )  # fmt: skip
    return Evidence(Hit(1, 1.0, 0.8, 1.0, passage), 0, len(text), 0.9, marked=marked)


def measured(best: Evidence | None, answer: str) -> Likeness:
    """Of two questions without a word in common, on the same passage."""
    asked, known = Asked("How late?", "en", {}), Asked("Until when?", "en", {})
    return likeness(asked, known, 0.5, 0.5, best, answer, [TEXT], [0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("marked", "answer", "other"),
    [
        ("60 days", "Within 10 business days.", 1.0),
        ("10 business days", "Within 10 business days of paying; after 60 days nothing is paid.", 0.0),
        ("10 business days", "支払いから10営業日以内です。", 0.0),
        ("nothing is paid", "Within 10 business days.", 0.0),
        ("", "Within 10 business days.", 1.0),  # nothing marked: the whole quotation is what is found
    ],
)
def test_an_answer_that_says_another_number_than_what_was_found_for_the_question_is_told_from_the_same(
    marked: str, answer: str, other: float
) -> None:
    one = measured(found(TEXT, marked), answer)
    assert (one.evidence, one.says_other) == (1.0, other)


def test_where_nothing_is_found_for_a_question_neither_is_held_for_or_against_an_answer() -> None:
    nothing = measured(None, "Within 10 business days.")
    assert (nothing.evidence, nothing.says_other) == (0.0, 0.0)
