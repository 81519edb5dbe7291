"""An answer can be made again from its record: the same signals, and the same decision."""

from pathlib import Path
from typing import Any

import pytest

from assistant.errors import BadInput, Conflict, NotFound
from assistant.tables import AnswerRecord, Domain

QUESTIONS = (
    "How many days of annual leave do I get?",
    "How long must a password be?",
    "Who waters the plants?",
    "有給休暇は何日ありますか",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_decision_comes_of_the_same_record(company: Any, question: str) -> None:
    answer = company.ask(question, company.employee)
    (made,) = company.services.replays.of(company.employee, answer.id)
    assert made.same, made
    assert made.status == (answer.status, answer.status)
    assert not made.obstacles


def test_a_later_threshold_changes_nothing(company: Any) -> None:
    answer = company.ask(QUESTIONS[0], company.employee)
    with company.services.database.transaction("test", "stricter") as change:
        change.session.get_one(Domain, "people").hold_below = 0.999
        change.record("test.stricter", "domain", "people")
    (made,) = company.services.replays.of(company.employee, answer.id)
    assert made.same


def test_where_a_document_was_replaced_the_decision_is_made_from_the_recorded_signals(
    company: Any, tmp_path: Path
) -> None:
    answer = company.ask("How long is parental leave?", company.employee)
    newer = tmp_path / answer.citations[0].file
    newer.write_text("# Leave rules\n\nParental leave is up to ninety weeks.\n", encoding="utf-8")
    company.services.documents.ingest(company.operator, newer, "people")
    (made,) = company.services.replays.of(company.employee, answer.id)
    assert made.obstacles
    assert made.same


def test_each_question_of_a_message_is_made_again(company: Any) -> None:
    answer = company.ask("How long must a password be? How many days of annual leave do I get?", company.employee)
    made = company.services.replays.of(company.employee, answer.id)
    assert len(made) == len(answer.signals.get("parts", [None]))
    assert all(one.same for one in made)


def test_a_changed_record_shows(company: Any) -> None:
    answer = company.ask(QUESTIONS[0], company.employee)
    with company.services.database.transaction("test", "tamper") as change:
        record = change.session.get_one(AnswerRecord, answer.id)
        record.trace = record.trace | {"replay": record.trace["replay"] | {"confidence": 0.11}}
        change.record("test.tampered", "answer", answer.id)
    (made,) = company.services.replays.of(company.employee, answer.id)
    assert not made.same


def test_only_those_may_who_may_see_where_it_came_from(company: Any) -> None:
    answer = company.ask(QUESTIONS[0], company.employee)
    with pytest.raises(NotFound):
        company.services.replays.of(company.outsider, answer.id)
    with pytest.raises(BadInput):
        company.services.replays.of(company.reviewer, answer.id)
    assert company.services.replays.of(company.reviewer, answer.id, "a complaint")


def test_what_a_person_answered_is_not_made_again(company: Any) -> None:
    answer = company.ask(QUESTIONS[0], company.employee)
    with company.services.database.transaction("test", "older release") as change:
        record = change.session.get_one(AnswerRecord, answer.id)
        record.trace = {name: value for name, value in record.trace.items() if name != "replay"}
        change.record("test.older", "answer", answer.id)
    with pytest.raises(Conflict):
        company.services.replays.of(company.employee, answer.id)
