"""What somebody tells and asks nothing of is read as the question what to do; everything else stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.steps.lists import asks_for_list
from assistant.steps.matters import as_question, as_told
from assistant.tables import AnswerRecord
from tests.assistant.conftest import Company


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("社員証をなくしました", "社員証をなくしました。どうすればいいですか？"),
        ("VPNがつながらない。", "VPNがつながらない。どうすればいいですか？"),
        ("パスワードを何度も間違えてログインできなくなりました", None),
        ("ノートPCがどこにもない", None),
        ("お客さんに大きいファイルを送りたいんですが…", None),
        ("I'm locked out of my account.", "I'm locked out of my account. What should I do?"),
        ("got a very odd email asking for my login", None),
        ("receipt from dinner has vanished", None),
        ("there is a smell of gas in the corridor", None),
    ],
)
def test_what_has_happened_is_read_as_the_question_what_to_do(told: str, asked: str | None) -> None:
    put = as_question(told)
    assert put != told and (asked is None or put == asked)
    assert as_told(put) == told.rstrip("。.…")
    assert not asks_for_list(as_told(put))


@pytest.mark.parametrize(
    "question",
    [
        "有給は何日もらえますか",
        "有給の日数を知りたい",
        "日当を教えてください",
        "VPN 接続 上限",
        "How many days of leave do I get",
        "Am I allowed to work from home",
        "laptop for a contractor, who pays",
        "hourly paid leave yearly limit",
        "Tell me a joke",
        "AS-2041",
        "",
    ],
)
def test_what_asks_something_or_is_a_heap_of_words_stays_as_it_is(question: str) -> None:
    assert as_question(question) == question


@given(st.text(max_size=80))
def test_a_message_is_put_once_and_nothing_of_it_is_lost(message: str) -> None:
    put = as_question(message)
    assert as_question(put) == put
    assert put == message or as_told(put) == message.strip().rstrip("。、.!！… ")


@pytest.mark.parametrize("message", ["I have lost the door code", "ドアの番号を忘れました"])
def test_it_stays_in_the_askers_words_and_is_searched_as_the_question(company: Company, message: str) -> None:
    answer = company.ask(message, company.employee)
    assert answer.question == message
    with company.services.database.read() as session:
        assert session.get_one(AnswerRecord, answer.id).trace["searched"] == as_question(message)


def test_small_talk_asks_nothing(company: Company) -> None:
    answer = company.ask("I'm bored.", company.employee)
    with company.services.database.read() as session:
        assert session.get_one(AnswerRecord, answer.id).trace["searched"] == "I'm bored."
