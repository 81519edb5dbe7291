"""The judge: what it calls right and wrong, tried on the example company's own questions."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.evaluation import Outcome, judge
from adapters.judging import evidence_found, f1, fold, says_all, stands_in, states
from adapters.questions import Piece, Question, QuestionsError, read_questions

EXAMPLES = Path(__file__).parents[2] / "examples"
QUESTIONS = {question.id: question for question in read_questions(EXAMPLES / "questions.jsonl")}
WRONG = [line.split("\t") for line in (Path(__file__).parent / "wrong_answers.tsv").read_text("utf-8").splitlines()]
REFUSALS = (
    "申し訳ありませんが、文書には書かれていません。人事課へお問い合わせください。",
    "I'm sorry, the documents don't say. Please ask the department.",
    "",
)


def test_every_gold_answer_gets_full_marks() -> None:
    failed = [q.id for q in QUESTIONS.values() if q.answerable and not says_all(q, q.gold or "")]
    assert not failed


def test_no_refusal_and_no_echo_of_the_question_is_right() -> None:
    for question in QUESTIONS.values():
        for said in (*REFUSALS, question.question, f"{question.question}\n{question.question}"):
            assert not says_all(question, said), question.id


def test_no_hand_made_wrong_answer_is_right() -> None:
    assert len(WRONG) >= 100
    believed = [(name, said) for name, said in WRONG if says_all(QUESTIONS[name], said)]
    assert not believed


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("区分: 標準品（在庫なし）; 日数（営業日）: 15 [1]", True),
        ("Kind: Standard; Days (working days): 15", True),
        ("区分: 標準品; 日数（営業日） / 在庫なし: 15; 備考: –", True),
        ("区分: 標準品; 日数（暦日）: 15", False),
        ("Leave (1 working days): 5", False),
        ("区分: 標準品; 日数（営業日）: 150", False),
        ("日数（営業日）について: 別表による; 数量: 15", False),
    ],
)
def test_a_cell_says_the_unit_that_stands_in_its_columns_name(said: str, right: bool) -> None:
    fact = ("15営業日", "15 working days")
    question = Question(
        id="q", language="ja", domain="sales", kind="number", question="何営業日かかりますか", history=(),
        answerable=True, facts=(fact,), evidence=(), gold="15営業日です。", severity="low", group="lead", split="train",
    )  # fmt: skip
    assert says_all(question, said) is right


def test_a_question_without_an_answer_is_never_answered_rightly() -> None:
    for question in QUESTIONS.values():
        if not question.answerable:
            shown = judge(question, Outcome("answered", "はい。Yes, 10 days.", 0.9, question.domain, [], [], 0.1))
            declined = judge(question, Outcome("declined", None, 0.1, None, [], [], 0.1))
            assert (shown.verdict, shown.failed, declined.failed) == ("wrong", "decision", None)


@pytest.mark.parametrize(
    ("said", "form", "stands"),
    [
        ("5日です", "5日", True),
        ("15日です", "5日", False),
        ("4月5日です", "5日", False),
        ("1年6か月です", "6か月", False),
        ("９時から", "9時", True),
        ("9時30分から", "9時", False),
        ("11時30分まで", "30分", False),
        ("1,090円", "1090円", True),
        ("11,090円", "1,090円", False),
        ("15 % a year", "15%", True),
        ("0.05 mm", "0.05", True),
        ("0.055 mm", "0.05", False),
        ("Two quotations", "two", True),
        ("a twofold rule", "two", False),
        ("最小発注数: 50", "最小発注数 50", True),
        ("最小発注数: 500", "最小発注数 50", False),
        ("at 15:00", "15:00", True),
        ("it is not 14 characters", "14 characters", False),
        ("14文字ではありません", "14文字", False),
        ("14文字ではない。", "14文字", False),
        ("Relationship: Parent or sibling; Paid days: 10", "Parent or sibling | 10", True),
        ("Relationship: Parent or sibling; Paid days: 100", "Parent or sibling | 10", False),
        ("Relationship: Parent or sibling; Unpaid days: 5; Paid days: 10", "Parent or sibling | 10", False),
        ("| Parent or sibling | 10 |", "Parent or sibling | 10", True),
        ("毛布: 40枚; 予備: 20枚", "40枚 | 20枚", True),
    ],
)
def test_a_form_stands_only_as_a_whole_and_undenied(said: str, form: str, stands: bool) -> None:
    assert states(fold(said), form) is stands


@given(st.integers(0, 9999), st.integers(0, 9999))
def test_a_number_is_never_found_inside_another(one: int, other: int) -> None:
    assert states(fold(f"It is {one} mm."), str(other)) is (one == other)


def test_evidence_is_found_whatever_way_a_row_is_written() -> None:
    piece = Piece("a.xlsx", "本人の結婚 | 50,000")
    assert stands_in(piece, "a.xlsx", "事由: 本人の結婚; 勤続3年以上: 50000; 期限: 30日")
    assert stands_in(piece, "a.xlsx", "| 本人の結婚 | 30,000 | 50,000 |")
    assert not stands_in(piece, "b.xlsx", "本人の結婚 50,000")
    assert not stands_in(piece, "a.xlsx", "子の結婚 50,000")


def test_both_pieces_of_a_two_page_question_must_be_found() -> None:
    question = next(q for q in QUESTIONS.values() if q.kind == "two-page")
    pages = [(piece.file, piece.quote) for piece in question.evidence]
    assert evidence_found(question, pages) and not evidence_found(question, pages[:1])


@pytest.mark.parametrize(
    ("routed", "passages", "cited", "text", "failed"),
    [
        ("sales", [], [], "14日前です", "route"),
        ("people", [], [], "14日前です", "passage"),
        ("people", ["evidence"], [], "14日前です", "reading"),
        ("people", ["evidence"], ["evidence"], "14日前です", "writing"),
        ("people", ["evidence"], ["evidence"], "30日前です", "decision"),
    ],
)
def test_the_first_step_that_failed_is_named(
    routed: str, passages: list[str], cited: list[str], text: str, failed: str
) -> None:
    question = next(q for q in QUESTIONS.values() if q.group == "people/resignation" and q.kind == "plain")
    pages = [(piece.file, piece.quote) for piece in question.evidence]
    outcome = Outcome("held", text, 0.5, routed, pages if passages else [], pages if cited else [], 0.1)
    assert judge(question, outcome).failed == failed


@given(st.text(), st.text())
def test_overlap_is_symmetric_and_between_zero_and_one(one: str, other: str) -> None:
    for by in ("character", "word"):
        assert f1(one, other, by) == f1(other, one, by)
        assert 0 <= f1(one, other, by) <= 1


def test_a_bad_line_is_named_with_its_file_and_number(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text((EXAMPLES / "questions.jsonl").read_text("utf-8").splitlines()[0] + '\n{"id": "x"}\n', "utf-8")
    with pytest.raises(QuestionsError, match="Line 2 of"):
        read_questions(file)
    with pytest.raises(QuestionsError):
        read_questions(tmp_path / "none.jsonl")


def test_questions_survive_being_written_and_read() -> None:
    for line in (EXAMPLES / "questions.jsonl").read_text("utf-8").splitlines()[:50]:
        row = json.loads(line)
        question = Question.from_dict(row)
        assert [list(forms) for forms in question.facts] == row["facts"] and question.id == row["id"]
