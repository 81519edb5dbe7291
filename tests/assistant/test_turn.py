"""What an employee sees of an answer: the words that answer stand out, a table's row is a table, nothing is markup."""

from dataclasses import replace
from typing import Any

from assistant.answer import Answer, Citation, Seconds
from assistant.pages.turn import answer_card


def card(said: str, marked: str, scope: str | None = None, **told: Any) -> str:
    citation = Citation(
        n=1, domain="it", document="d", file="f.csv", page=None, sheet=None, slide=None, cells=None, box=None,
        heading=None, quote=said, score=0.9, passage=1, version="v", marked=marked,
        scope=scope,
    )  # fmt: skip
    answer = Answer(
        id="a", question="q", status="answered", answer=f"{said} [1]", draft=None, language="en", domain="it",
        adapter=None, confidence=0.9, calibrated=True, citations=[citation], why="", reasons=[], signals={},
        reviewed=False, ticket=None, conversation="c", seconds=Seconds(),
    )  # fmt: skip
    return answer_card("en", replace(answer, **told), "IT", {})


def test_the_words_that_answer_stand_out() -> None:
    shown = card("Passwords have at least 14 characters.", "14 characters")
    assert '<p class="words">Passwords have at least <strong>14 characters</strong>&#46; &#91;1&#93;</p>' in shown


def test_a_row_of_a_table_is_shown_as_its_cells_with_the_one_that_answers_in_bold() -> None:
    shown = card("Part: AS&#45;1; Price: 8.90; Stock: <b>yes</b>", "8.90")
    assert '<th scope="row">Price</th><td><strong>8&#46;90</strong></td>' in shown
    assert "<b>" not in shown


def test_what_was_marked_elsewhere_changes_nothing() -> None:
    assert "<strong>&#91;" in card("Ask the desk.", "")
    assert card("Ask the desk.", "not there") == card("Ask the desk.", "")


def test_below_an_answer_stands_for_whom_its_document_holds_and_only_where_it_says_so() -> None:
    said = "Two days a week."
    assert "holds for" not in card(said, "")
    assert "f&#46;csv holds for&#58; “Staff &lt;after&gt; probation&#46;”" in card(said, "", "Staff <after> probation.")


def test_what_is_held_because_documents_differ_is_not_said_to_be_unsure_with_a_high_confidence() -> None:
    held = card("It costs $15.", "", status="held", answer=None, signals={"contradicted": True})
    assert "Documents say different things about this" in held
    assert "Confidence" not in held
    unnamed = card("It costs $15.", "", status="held", answer=None, signals={"unnamed": True})
    assert "No passage speaks of what you name" in unnamed
    assert "Confidence" not in unnamed
    unsure = card("It costs $15.", "", status="held", answer=None, signals={"contradicted": False})
    assert "I am not sure enough" in unsure and "Confidence" in unsure


def test_where_a_person_sees_every_answer_first_nobody_is_told_that_it_is_unsure() -> None:
    held = card("It costs $15.", "", status="held", answer=None, signals={"release": "review"})
    assert "a person looks at every answer" in held
    assert "not sure" not in held
