"""A message that asks two things: cut into its questions, each answered with its place; one question is never cut."""

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import BadInput
from assistant.steps.parts import MOST, parts

QUESTIONS = Path(__file__).parents[2] / "examples" / "questions.jsonl"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "How many days of annual leave do I get, and how long must a password be?",
            ["How many days of annual leave do I get", "how long must a password be?"],
        ),
        (
            "How many days of leave do I get, and after how many minutes does the VPN end a session?",
            ["How many days of leave do I get", "after how many minutes does the VPN end a session?"],
        ),
        ("有休は何日ですか。また、VPNは何分で切れますか。", ["有休は何日ですか。", "VPNは何分で切れますか。"]),
        ("年休は何日ですか、パスワードは何文字ですか", ["年休は何日ですか", "パスワードは何文字ですか"]),
        ("有休は何日？あとVPNは何分で切れる？", ["有休は何日？", "VPNは何分で切れる？"]),
        (
            "1. How many days of leave do I get?\n2. What does error NX-204 mean?",
            ["How many days of leave do I get?", "What does error NX-204 mean?"],
        ),
        (
            "有給休暇は何日ですか。経費精算はどうすればいいですか。",
            ["有給休暇は何日ですか。", "経費精算はどうすればいいですか。"],
        ),
        ("有休は何日ですか。担当者は経費精算では誰ですか", ["有休は何日ですか。", "担当者は経費精算では誰ですか"]),
        ("How long is the break? Is smoking allowed?", ["How long is the break?", "Is smoking allowed?"]),
        (
            "How many days of leave do I get? When is payday?",
            ["How many days of leave do I get?", "When is payday?"],
        ),
        ("購入の見積りの件数と、請求書の扱いは？", ["購入の見積りの件数は？", "請求書の扱いは？"]),
        (
            "結婚したときの休みは何日で、お祝い金はいくら？",
            ["結婚したときの休みは何日ですか", "結婚したとき、お祝い金はいくら？"],
        ),
        ("健康診断はいつで、予約はどこでする？", ["健康診断はいつですか", "予約はどこでする？"]),
        ("出張の日当と宿泊費の上限はいくらですか", ["出張の日当はいくらですか", "宿泊費の上限はいくらですか"]),
        ("英国の保証の期間と、返品の手数料は？", ["英国の保証の期間は？", "英国の返品の手数料は？"]),
    ],
)  # fmt: skip
def test_two_questions_are_cut_apart(message: str, expected: list[str]) -> None:
    assert parts(message) == expected


@pytest.mark.parametrize(
    "message",
    [
        "What is the difference between sick leave and annual leave?",
        "I work part-time. How many days of leave do I get?",
        "How do I report sick and what form do I need?",
        "Can I work from home? How many days a week?",
        "When is the deadline, and who approves it?",
        "How do I ask for parental leave and by when?",
        "Who signs a contract with a supplier, and from which amount?",
        "How long does my leave last into next year, and until which day exactly?",
        "What outer diameter did part no. 4 of lot K2610-14 have?",
        "出張のホテルの上限と日当を教えてください。",
        "パスワードを5回間違えるとどうなりますか。何分ロックされますか",
        "11月のAsaGateの定期保守はいつですか。何時からですか",
        "領収書をなくしました。どうすればいいですか。",
        "The lathe leaves a burr of 0.2 mm. Is that allowed? Which limits apply?",
        "What do I do when the seal of the press breaks, and who do I call?",
        "Which form do I hand in for parental leave and how far ahead?",
        "圧力が0.8MPaでした。合格ですか。基準はいくつですか",
        "育児休業はいつまで取れますか。期限はいつですか。",
        "有給の日数と病気休暇の日数の違いは？",
        "在宅の日数と出社の日数は同じですか",
        "パスワードの最低文字数と変更の間隔は？",
        "育休の申請の期限と必要な書類は？",
        "上司の許可と人事の承認が必要ですか",
        "来月結婚します。休みの日数と祝金の額を両方教えてください",
    ],
)
def test_one_question_is_never_cut(message: str) -> None:
    assert parts(message) == [message]


def test_of_the_example_companys_questions_hardly_one_is_cut() -> None:
    asked = [json.loads(line)["question"] for line in QUESTIONS.read_text("utf-8").splitlines()]
    assert sum(len(parts(question)) > 1 for question in asked) <= len(asked) // 100


@pytest.mark.parametrize("one", ["How long must password number {} be?\n", "パスワードの{}番目の項目は何文字ですか。"])
def test_fifty_questions_in_one_are_refused_in_one_sentence(one: str) -> None:
    with pytest.raises(BadInput) as refused:
        parts("".join(one.format(number) for number in range(50)))
    assert refused.value.params == {"count": 50, "limit": MOST}


def test_both_parts_are_answered_from_their_own_departments_each_with_its_source(company: Any) -> None:
    answer = company.ask("How many days of annual leave do I get, and what does error NX-204 mean?", company.employee)
    assert answer.status == "answered"
    said = answer.answer or ""
    first, second = said.index("24 days"), said.index("certificate has expired")
    assert said.index("(People)") < first < said.index("(IT)") < second
    assert [answer.citations[n].domain for n in (0, 1)] == ["people", "it"]
    assert "[1]" in said[first:second]
    assert "[2]" in said[second:]
    each = answer.signals["parts"]
    assert answer.confidence == min(part["confidence"] for part in each)
    assert len({citation.n for citation in answer.citations}) == len(answer.citations)


def test_a_part_that_no_document_answers_is_said_to_be_so(company: Any) -> None:
    answer = company.ask(
        "6か月勤務した社員の年次有給休暇は何日ですか。また、明日の天気は晴れですか。", company.employee
    )
    assert [part["status"] for part in answer.signals["parts"]][1] == "declined"
    told = answer.answer or answer.draft or ""
    assert "12日" in told
    assert "閲覧できる文書にありません" in told


def test_where_no_department_is_clear_the_asker_may_choose(company: Any) -> None:
    answer = company.ask("Who approves requests for equipment on leave?", company.employee)
    if answer.status != "answered" and answer.choices:
        assert set(answer.choices) <= {"people", "it"}
    again = company.ask(answer.question, company.employee, domain="it")
    assert again.choices == []
