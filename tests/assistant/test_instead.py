"""A short follow-up that names something else ('ノギスは？') is answered by what names that, where anything does."""

from typing import Any

import pytest

from adapters import Marking
from assistant.steps.candidates import candidates
from assistant.steps.instead import is_named, named_instead, naming, put_instead
from assistant.steps.read import SentenceReader
from tests.assistant.test_reading import encode, hit, marking


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("マイクロメータの校正は何か月ごと？ ノギスは？", "ノギス"),
        ("マイクロメータの校正は何か月ごと？ ノギスは？ では、ブロックゲージは？", "ブロックゲージ"),
        ("霞野工場の健康診断はいつですか? 青沼の場合は？", "青沼"),
        ("What is the hotel limit in London? And elsewhere?", "elsewhere"),
        ("hotel limit in Paris? what about part-time staff", "part-time staff"),
        ("在宅勤務は週に何日まで？ 申請はいつまで？", ""),  # asks something of its own
        ("AS-2041の単価は？ 200個だと？", ""),  # a number may lie in a band
        ("How many days? And how many after ten years?", ""),
        ("ノギスは？", ""),
        ("マイクロメータの校正は何か月ごと？ じゃあブロックゲージ", "ブロックゲージ"),
        ("マイクロメータの校正は何か月ごと？ じゃあ誰に聞けばいい", ""),
        ("", ""),
    ],
)
def test_what_a_follow_up_names_instead(asked: str, named: str) -> None:
    assert named_instead(asked) == named


ROWS = "事由: 本人の結婚; 日数: 連続5日\n\n事由: 子の結婚; 日数: 2日"


def test_what_names_it_best_is_left_and_everything_where_nothing_does() -> None:
    asked = "本人が結婚するときの休みは何日？ 子の結婚は？"
    found = candidates(asked, [hit(1, ROWS)], {}, {}, (), encode, lambda _, told: [[] for _ in told])
    assert [one.text for one in naming("子の結婚", found, ())] == ["事由: 子の結婚; 日数: 2日"]
    assert naming("ノギス", found, ()) == found


@pytest.mark.parametrize(
    ("asked", "named", "put"),
    [
        ("How much may an office chair cost? And a headset?", "headset", "How much may an headset cost?"),
        ("Hotel in Zurich? And in Nairobi?", "Nairobi", "Hotel in Nairobi?"),
        ("How much may I spend? And on a headset?", "headset", "How much may I spend? And on a headset?"),
        ("How much may an Office chair cost? And a lamp?", "lamp", "How much may an Office chair cost? And a lamp?"),
    ],
)
def test_the_earlier_question_is_asked_of_it_where_a_table_tells_what_it_was_asked_of(
    asked: str, named: str, put: str
) -> None:
    table = "Item: Office chair; Ceiling: 550 EUR\n\nItem: Headset; Ceiling: 160 EUR"
    towns = "Group: A: London, Zurich; Hotel: 210 EUR\n\nGroup: C: Warsaw, Nairobi; Hotel: 125 EUR"
    assert put_instead(asked, named, [hit(1, table), hit(2, towns)]) == put


def test_the_row_that_it_names_answers_whichever_row_the_reader_marks_for_both_questions() -> None:
    table = "Item: Office chair; Ceiling: 550 EUR\n\nItem: Headset; Ceiling: 160 EUR"
    asked: list[str] = []

    def mark(question: str, _told: object) -> list[list[Marking]]:
        asked.append(question)
        return [[marking(table, "160 EUR" if "headset cost" in question else "550 EUR", 3.0)]]

    follow_up = "How much may an office chair cost? And a headset?"
    reading = SentenceReader(encode, mark).read(follow_up, [hit(1, table)], {}, [], {})
    assert reading.evidence[0].quote == "Item: Headset; Ceiling: 160 EUR"
    assert reading.evidence[0].marked == "160 EUR"
    assert asked == [follow_up, "How much may an headset cost?"]


def test_what_is_named_only_to_be_left_out_is_not_what_is_asked_about() -> None:
    rows = "地域: アジア（シンガポールを除く。）; 日当: 4,400円\n\n地域: シンガポール; 日当: 5,800円"
    asked = "アジア出張の日当は？ シンガポールは？"
    found = candidates(asked, [hit(1, rows)], {}, {}, (), encode, lambda _, told: [[] for _ in told])
    assert [one.text for one in naming("シンガポール", found, ())] == ["地域: シンガポール; 日当: 5,800円"]
    assert not is_named("シンガポール", "地域: アジア（シンガポールを除く。）", ())


def test_a_follow_up_that_no_passage_names_is_held(company: Any) -> None:
    first = company.ask("How many days of annual leave are there?", company.employee, reviewed=False)
    then = company.ask("And for astronauts?", company.employee, conversation=first.conversation, reviewed=False)
    assert then.status in ("held", "declined")
    assert then.status == "declined" or "astronauts" in then.why
