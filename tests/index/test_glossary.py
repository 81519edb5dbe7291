"""The glossary: a question's words find what is called otherwise, in the other language too."""

from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from index import Scope
from index.glossary import Entry, Glossary, meanings, shipped
from index.lexical import Lexical
from index.proposals import proposals
from index.tables import GlossaryEntry
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


def test_a_short_name_in_latin_letters_is_no_part_of_another_word() -> None:
    glossary = Glossary([Entry.of("electric car", "電気自動車|EV車|EV")])
    assert glossary.meanings("Every revision of the lever") == []
    for question in ("EVの充電", "充電はEV車だけ？", "May I charge my EV?"):
        assert [meaning.forms for meaning in glossary.meanings(question)] != [], question


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
        lexical = Lexical()
        found = {by_file[key]: share for key, share in lexical.shares(session, meanings(question), ["people"]).items()}
        assert lexical.shares(session, meanings(question), []) == lexical.shares(session, [], ["people"]) == {}
    assert found.keys() == {"経費.md", "expenses.txt"}
    assert 0 < found["expenses.txt"] < found["経費.md"] == 1.0


def own(shelf: Any, domain: str, english: str, japanese: str) -> None:
    """A department's own entry."""
    entry = GlossaryEntry(domain=domain, english=english, japanese=japanese, created_by="aki")
    shelf.change(lambda session: session.add(entry))


def test_a_departments_own_word_finds_what_the_other_language_calls_it(shelf: Any) -> None:
    shelf.put("工場.md", "霞野の食堂は12時に開く。")
    shelf.put("gate.txt", "The gate is opened at nine.")
    shelf.put("keys.txt", "Keys are kept by the guard of Aonuma.")

    def score(question: str) -> float:
        return next((hit.score for hit in shelf.search(question) if hit.passage.file == "工場.md"), 0.0)

    before = score("Kasumino")
    own(shelf, "people", "Kasumino|head office", "霞野")
    assert score("Kasumino") >= before + 0.3
    assert score("Where is the head office?") > 0.5


def test_an_abbreviation_finds_its_long_form_within_one_language(shelf: Any) -> None:
    shelf.put("study.txt", "A measurement system analysis is made every year.")
    shelf.put("gate.txt", "The gate is opened at nine.")
    shelf.put("tea.txt", "Tea and coffee are free on every floor.")  # of two alone one is as far as can be
    own(shelf, "people", "MSA|measurement system analysis", "")
    assert shelf.search("How often is the MSA made?")[0].passage.file == "study.txt"


def test_a_word_of_a_hidden_department_changes_nothing(shelf: Any) -> None:
    shelf.put("工場.md", "霞野の食堂は12時に開く。")
    shelf.put("gate.txt", "The gate of Kasumino is opened at nine.")
    shelf.put("secret.txt", "Kasumino is to be sold.", domain="board")
    before = shelf.search("Kasumino")
    own(shelf, "board", "Kasumino", "霞野")
    assert shelf.search("Kasumino") == before
    with Session(shelf.engine) as session:
        assert shelf.index.meanings(session, "Kasumino", Scope(frozenset({"people"}), "aki")) == []
        assert shelf.index.meanings(session, "Kasumino", Scope(frozenset({"people", "board"}), "aki")) != []
    assert [hit.score for hit in shelf.search("Kasumino", "people", "board")] != [hit.score for hit in before]


@pytest.mark.parametrize(
    ("text", "english", "japanese"),
    [
        ("霞野（Kasumino）の工場", ("Kasumino",), ("霞野",)),
        ("勤怠システム「キンタロウ」(Kintaro)に入力する", ("Kintaro",), ("キンタロウ",)),
        ("the plant in Kasumino (霞野) opens", ("Kasumino",), ("霞野",)),
        ("A daily shift ledger (DSL) is kept", ("daily shift ledger", "DSL"), ()),
        ("浅葱精工株式会社（以下「会社」という。）の", (), ("浅葱精工株式会社", "会社")),
        ("全長（mm）は86", None, None),
        ("申請書（form IT-01）を出す", None, None),
        ("the service desk (SLA) answers", None, None),
    ],
)
def test_documents_propose_what_they_explain_themselves(
    text: str, english: tuple[str, ...] | None, japanese: tuple[str, ...]
) -> None:
    found = [one.entry for one in proposals([text, text], Glossary(shipped()))]
    assert found == ([] if english is None else [Entry(english, japanese)])


def test_what_is_known_is_not_proposed_again() -> None:
    assert proposals(["霞野（Kasumino）"], Glossary([Entry.of("kasumino", "霞野|本社")])) == []


@given(st.text(max_size=120))
def test_any_text_can_be_asked_for_proposals(text: str) -> None:
    assert all(len(one.entry.english) + len(one.entry.japanese) >= 2 for one in proposals([text], Glossary(())))
