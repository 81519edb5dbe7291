"""The questions about the two handbooks: counted, short in what they quote, and checked against the files."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.evaluation import Outcome, judge
from adapters.questions import Piece, Question
from benchmarks.handbooks import HANDBOOKS, Handbook
from benchmarks.handbooks.__main__ import DOMAIN, failures, figures
from benchmarks.handbooks.checking import unfounded

EACH = pytest.mark.parametrize("book", HANDBOOKS.values(), ids=HANDBOOKS)
ASKED = HANDBOOKS["ja"].questions()
TABLE = next(question for question in ASKED if "355円" in str(question.facts))
ROW = "移動区間の距離: 10km以上15km未満; 1日あたりの支給額: 355円"


def outcome(question: Question, text: str | None, status: str = "answered") -> Outcome:
    passages = [(piece.file, ROW) for piece in question.evidence]
    return Outcome(status, text, 0.8, question.domain, passages, passages, 1.0)


@EACH
def test_each_handbook_is_asked_thirty_questions_that_it_answers_and_ten_that_it_does_not(book: Handbook) -> None:
    asked = book.questions()
    assert [sum(q.answerable is answerable for q in asked) for answerable in (True, False)] == [30, 10]
    assert len({q.id for q in asked}) == len({(q.question, q.history) for q in asked}) == 40
    assert {q.domain for q in asked} == {DOMAIN, None}
    assert {q.language for q in asked} == {"en", "ja"}


@EACH
def test_no_question_is_one_of_the_departments_examples(book: Handbook) -> None:
    examples = tomllib.loads(book.department.read_text(encoding="utf-8"))[DOMAIN]["questions"]
    assert len(examples) == 5
    assert not set(examples) & {question.question for question in book.questions()}


@EACH
def test_little_of_a_handbook_is_quoted_and_no_question_repeats_it(book: Handbook) -> None:
    for question in book.questions():
        for piece in question.evidence:
            assert len(piece.quote.split()) <= 10 and len(piece.quote) <= 60, question.id
            assert piece.quote not in question.question


def test_what_stands_in_the_named_file_is_not_complained_of() -> None:
    file = TABLE.evidence[0].file
    assert list(unfounded([TABLE], [file], lambda _name: ROW)) == []


def test_a_fact_a_quotation_or_a_file_that_is_not_there_is_named() -> None:
    file = TABLE.evidence[0].file
    assert list(unfounded([TABLE], [], lambda _name: ROW)) == [f"{TABLE.id}: no file {file}"]
    (line,) = unfounded([replace(TABLE, facts=(("999円",),))], [file], lambda _name: ROW)
    assert "999円" in line
    (line,) = unfounded([replace(TABLE, evidence=(Piece(file, "写し"),))], [file], lambda _name: ROW)
    assert "写し" in line


def test_the_figures_count_what_was_answered_shown_and_found() -> None:
    none = next(question for question in ASKED if not question.answerable)
    judged = [
        judge(TABLE, outcome(TABLE, "1日あたり355円です。")),
        judge(TABLE, outcome(TABLE, "1日あたり645円です。")),
        judge(TABLE, outcome(TABLE, "1日あたり355円です。", "held")),
        judge(none, outcome(none, None, "declined")),
    ]
    printed = [" ".join(line.split()) for line in figures(judged)]
    assert printed[:5] == [
        "answerable answered rightly 1 of 3",
        "drafts right, shown or not 2 of 3",
        "wrong among shown 1 of 2",
        "unanswerable not shown 1 of 1",
        "evidence in the first 5 3 of 3",
    ]
    wrong, held = (line.split()[:3] for line in failures(judged))
    assert (wrong, held) == (["writing", "answered", TABLE.id], ["decision", "held", TABLE.id])


def test_a_folder_without_the_handbook_says_what_data_is_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="--data"):
        HANDBOOKS["18f"].files(tmp_path)
