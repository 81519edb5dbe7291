"""What is said to have changed between two versions is exactly what has."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from index.changes import changes


@dataclass(frozen=True)
class Told:
    text: str
    heading: str = ""


def told(*texts: str) -> list[Told]:
    return [Told(text) for text in texts]


def test_an_added_a_removed_and_a_changed_passage_are_told_apart() -> None:
    before = told("Scope of the rule.", "Leave is 20 days a year.", "The canteen opens at noon.", "The end.")
    after = told("Scope of the rule.", "Leave is 24 days a year.", "The end.", "Bicycles stand behind hall 2.")
    found = changes(before, after)
    assert [change.kind for change in found] == ["changed", "removed", "added"]
    assert [part for part in found[0].parts if part[0] != "same"] == [("gone", "20"), ("new", "24")]


def test_a_japanese_change_is_shown_to_the_character() -> None:
    found = changes(told("有給休暇は10日とする。"), told("有給休暇は12日とする。"))
    assert [part for part in found[0].parts if part[0] != "same"] == [("gone", "10"), ("new", "12")]


def test_a_passage_that_only_moved_has_not_changed() -> None:
    assert changes(told("first one", "second thing", "third"), told("third", "first one", "second thing")) == []


def test_the_same_text_has_no_changes() -> None:
    assert changes(told("one", "two"), told("one", "two")) == []


TEXTS = st.lists(st.text("ab 休。", min_size=1, max_size=12), max_size=6)


@settings(max_examples=150)
@given(TEXTS, TEXTS)
def test_each_change_holds_the_words_of_both_sides(before: list[str], after: list[str]) -> None:
    for change in changes(told(*before), told(*after)):
        old = "".join(words for part, words in change.parts if part != "new")
        new = "".join(words for part, words in change.parts if part != "gone")
        assert change.kind == "added" or old in before
        assert change.kind == "removed" or new in after


@settings(max_examples=100)
@given(TEXTS, TEXTS)
def test_nothing_differs_without_being_told(before: list[str], after: list[str]) -> None:
    found = changes(told(*before), told(*after))
    if not found:
        assert set(before) == set(after)


def test_an_amount_changes_as_a_whole() -> None:
    [found] = changes(told("1件につき1,500円を支給する。"), told("1件につき2,000円を支給する。"))
    assert [part for part in found.parts if part[0] != "same"] == [("gone", "1,500"), ("new", "2,000")]
