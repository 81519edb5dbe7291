"""What several documents say word for word is found once, with all its sources."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from index import Hit, Passage, merged

RULE = "Passwords have at least 14 characters, one of them a digit. They are changed when they may have become known."


def hit(number: int, text: str, *, domain: str = "it", heading: str = "Passwords") -> Hit:
    passage = Passage(
        id=number, domain=domain, document=f"d{number}", version=f"v{number}", file=f"f{number}.md", text=text,
        heading=heading, page=None, sheet=None, slide=None, cells=None, box=None, uploaded_at=datetime.now(UTC),
    )  # fmt: skip
    return Hit(number, 1 / number, None, None, passage)


def ids(hits: list[Hit]) -> list[tuple[int, list[int]]]:
    return [(one.passage.id, [copy.id for copy in one.copies]) for one in hits]


@pytest.mark.parametrize(
    "copy", [RULE.upper(), RULE.replace(" ", "\n"), RULE.replace(".", "。"), RULE.replace(". They", " They"), RULE[:80]]
)
def test_a_copy_is_shown_as_a_further_source_whatever_its_case_blanks_and_cut(copy: str) -> None:
    assert ids(merged([hit(1, RULE), hit(2, copy)])) == [(1, [2])]


@pytest.mark.parametrize(
    "other", [RULE.replace("14", "12"), RULE.replace("changed", "written down"), RULE + " Or not."]
)
def test_another_number_another_word_or_more_is_no_copy(other: str) -> None:
    assert ids(merged([hit(1, RULE), hit(2, other)])) == [(1, []), (2, [])]


def test_another_departments_copy_stays_its_own_and_so_does_a_short_text_under_another_heading() -> None:
    assert ids(merged([hit(1, RULE), hit(2, RULE, domain="people")])) == [(1, []), (2, [])]
    assert ids(merged([hit(1, "2日"), hit(2, "2日", heading="結婚")])) == [(1, []), (2, [])]
    assert ids(merged([hit(1, "2日"), hit(2, "２日")])) == [(1, [2])]


def test_a_document_may_repeat_itself() -> None:
    first = hit(1, RULE)
    again = replace(first, passage=replace(first.passage, id=2))
    assert len(merged([first, again])) == 2


def test_the_departments_document_is_the_source_where_somebodys_own_upload_says_the_same() -> None:
    own = hit(1, RULE)
    own = replace(own, passage=replace(own.passage, own=True))
    assert ids(merged([own, hit(2, RULE), hit(3, RULE)])) == [(2, [1, 3])]
    assert ids(merged([own, hit(2, RULE[:80])])) == [(1, [2])]  # which says less


def test_a_copy_under_another_name_is_a_copy_and_one_of_another_time_is_not() -> None:
    first, renamed = hit(1, RULE), hit(2, RULE)
    named = replace(renamed.passage, standing=replace(renamed.passage.standing, matter=("", "my copy")))
    assert ids(merged([first, replace(renamed, passage=named)])) == [(1, [2])]
    ended = replace(renamed.passage, standing=replace(renamed.passage.standing, succeeded=date(2026, 4, 1)))
    assert len(merged([first, replace(renamed, passage=ended)])) == 2
