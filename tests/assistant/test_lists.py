"""Lists: a rule is quoted with the conditions that it announces, and steps are quoted together."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.steps.lists import LONGEST_LIST, asks_for_list, laid_out, lists, with_its_list
from assistant.steps.sentences import sentences

RULE = """正社員は、次のすべてを満たすとき、副業をすることができる。

- 勤続2年以上であること

- 副業の時間が月30時間を超えないこと。
深夜の勤務でないこと

契約社員は、届出で足りる。"""
STEPS = "1. Open the client. Wait for the icon.\n2. Choose asagi-main.\n3. Sign in.\nCall the desk if it fails."


def test_a_sentence_that_announces_a_list_is_quoted_with_all_of_it_and_nothing_more() -> None:
    first, last = next(sentences(RULE))
    start, end = with_its_list(RULE, first, last)
    assert RULE[start:end] == RULE[: RULE.index("。\n深夜") + 1]


@pytest.mark.parametrize(
    "text",
    [
        "Staff may do this.\n\n- one thing\n\n- another thing",  # nothing announces it
        "Apply on the following form.\n\nIt is on the intranet.",  # nothing follows
        "Bring the following:\n\n" + "\n\n".join(f"- {'word ' * 30}{n}" for n in range(9)),  # too long
    ],
)
def test_a_sentence_without_a_list_that_can_be_quoted_stays_as_it_is(text: str) -> None:
    first, last = next(sentences(text))
    assert with_its_list(text, first, last) == (first, last)


def test_the_steps_under_a_heading_are_one_list_and_an_announced_list_belongs_to_its_sentence() -> None:
    assert [STEPS[start:end] for start, end in lists(STEPS)] == [STEPS[: STEPS.index("\nCall")]]
    assert list(lists(RULE)) == []


def test_a_quoted_list_keeps_an_item_a_line_and_other_breaks_go() -> None:
    assert laid_out("在宅勤務は、\n週2日までとする。ただし、次の者を除く。\n\n- 派遣社員\n\n- 試用期間中の者") == (
        "在宅勤務は、 週2日までとする。ただし、次の者を除く。\n- 派遣社員\n- 試用期間中の者"
    )


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("副業の条件は？", True),
        ("VPNの接続手順を教えて", True),
        ("How do I connect to the VPN?", True),
        ("有給は何日もらえる？", False),
        ("How many days of leave do I get?", False),
    ],
)
def test_a_question_for_conditions_or_steps_asks_for_all_of_them(question: str, asks: bool) -> None:
    assert asks_for_list(question) is asks


LINES = st.lists(
    st.sampled_from(["- a1.", "・い。", "2) c", "次のとおり。", "The following:", "文。次。", "", " x "]), max_size=12
)


@given(LINES, st.data())
def test_a_list_is_whole_sentences_short_enough_and_nothing_of_it_is_lost(lines: list[str], data: Any) -> None:
    text = "\n".join(lines)
    for start, end in lists(text):
        assert 0 <= start < end <= len(text) and end - start <= LONGEST_LIST
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))
    start, end = with_its_list(text, first, last)
    assert start == first and last <= end <= len(text)
    told = "".join(text[start:end].split())
    assert "".join(laid_out(text[start:end]).split()).removeprefix("-") in told or not told
