"""The glossary: a question's words find what is called otherwise, in the other language too."""

from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from index.glossary import meanings
from index.lexical import shares
from index.tokenizer import terms

LINES = [line.split("\t") for line in (files("index") / "glossary.tsv").read_text("utf-8").splitlines()]


def test_every_entry_has_both_languages_and_no_empty_form() -> None:
    for line in LINES:
        assert len(line) == 2, line
        assert all(terms(form) for side in line for form in side.split("|")), line


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("How long is the probation?", "試用期間は入社から3か月とする。"),
        ("経費はいつまでに精算しますか", "Expenses are claimed by the end of the month."),
        ("Do I need a doctor's note?", "4日目からは診断書が要る。"),
        ("I want to quit", "Resignations are handed in a month before."),
        ("ノートパソコンをなくした", "端末を紛失したときは直ちに届け出る。"),
    ],
)
def test_a_word_is_known_by_its_other_names(question: str, passage: str) -> None:
    assert any(meaning.stands_in(set(terms(passage))) for meaning in meanings(question))


@pytest.mark.parametrize("question", ["May I?", "🎉", "ABC-12", ""])
def test_words_that_are_not_in_it_mean_nothing(question: str) -> None:
    assert meanings(question) == []


@given(st.text(max_size=200) | st.lists(st.sampled_from([f for line in LINES for f in line]), max_size=5).map(" ".join))
def test_any_question_gets_meanings_with_forms(question: str) -> None:
    assert all(meaning.asked and meaning.forms and all(meaning.forms) for meaning in meanings(question))


def test_a_passage_has_the_share_of_the_known_words_that_it_holds_where_it_may_be_seen(shelf: Any) -> None:
    question = "How do I claim expenses for a taxi?"
    shelf.put("経費.md", "タクシーの経費の精算は、翌月の5営業日までに申請する。")
    shelf.put("expenses.txt", "Claims for expenses are paid on the tenth.")
    shelf.put("gate.txt", "The gate is opened at nine.")
    shelf.put("secret.txt", "Taxi expenses of the board.", domain="board")
    by_file = {hit.passage.id: hit.passage.file for hit in shelf.search(question)}
    with Session(shelf.engine) as session:
        found = {by_file[key]: share for key, share in shares(session, question, ["people"]).items()}
        assert shares(session, question, []) == shares(session, "🎉", ["people"]) == {}
    assert found.keys() == {"経費.md", "expenses.txt"}
    assert 0 < found["expenses.txt"] < found["経費.md"] == 1.0
