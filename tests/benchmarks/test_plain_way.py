"""The plain ways that the product is held against: a few passages in one prompt, and all but the agreed words shown."""

from datetime import UTC, datetime

import pytest

from assistant.steps.write import NOTHING
from benchmarks.plain_way import PASSAGES, Said, outcome, prompt
from index import Hit, Passage

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = range(1, PASSAGES + 3)
PLACE = (None, None, None, None, None)
PIECES = [Passage(n, "people", "d", "v", f"{n}.md", f"Rule {n}.", "", *PLACE, WHEN) for n in NUMBERS]
HITS = [Hit(n, 1.0, 1.0, 1.0, piece) for n, piece in zip(NUMBERS, PIECES, strict=True)]


def test_the_prompt_holds_the_first_passages_and_ends_with_the_question() -> None:
    told = prompt("How many days?", HITS)[-1]["content"]
    assert [f"Rule {n}." in told for n in NUMBERS] == [True] * PASSAGES + [False] * 2
    assert told.endswith("Question: How many days?")


@pytest.mark.parametrize("agreed", NOTHING.values())
def test_who_says_the_agreed_words_has_declined(agreed: str) -> None:
    assert outcome(HITS, Said(agreed, 0.9, 1.0), 0.1).status == "declined"
    assert outcome(HITS, Said("", 0.0, 1.0), 0.1).status == "declined"


def test_whatever_else_is_said_is_shown_with_the_passages_of_the_prompt() -> None:
    made = outcome(HITS, Said("20 days, I think.", 0.1, 1.0), 0.1)
    assert made.status == "answered"
    assert [file for file, _ in made.cited] == [f"{n}.md" for n in range(1, PASSAGES + 1)]
