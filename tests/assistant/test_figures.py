"""A desk's figures: what waits and for how long, and what is asked again and again without an answer."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from assistant.errors import NotAllowed, NotFound
from assistant.tables import AnswerRecord, Ticket
from tests.assistant.test_desk import QUESTION

LIKE = "How long is the parental leave?"


def test_an_owner_sees_the_times_and_the_unanswered_of_his_own_department_only(company: Any) -> None:
    desk, figures = company.services.desk, company.services.figures
    for user, error in ((company.reviewer, NotAllowed), (company.outsider, NotFound)):
        with pytest.raises(error):
            figures.of(user, "people")
    assert figures.of(company.operator, "people").first_reply_hours_median is None
    answers = [company.ask(QUESTION, company.employee), company.ask(LIKE, company.colleague)]
    alone = company.ask("Who waters the plants in the lobby?", company.employee)
    tickets = [desk.escalate(company.employee, answers[0].id), desk.escalate(company.colleague, answers[1].id)]
    for ticket in tickets:
        desk.answer(company.reviewer, ticket, "Fourteen months.")
    desk.write_back(company.colleague, answers[1].id, "And for twins?")
    with company.services.database.transaction("test", "time passes") as change:
        for hours, row in enumerate(change.session.scalars(select(Ticket).order_by(Ticket.created_at)), start=1):
            row.created_at = row.first_answered_at - timedelta(hours=hours)
        for record in change.session.scalars(select(AnswerRecord).where(AnswerRecord.id != alone.id)):
            record.status = "held"  # as if nobody had been sure
        change.record("time.passed", "tickets", "all")
    found = figures.of(company.operator, "people")
    assert (found.open, found.overdue, found.answered) == (1, 0, 2)
    assert (found.first_reply_hours_median, found.first_reply_hours_p90) == (1.5, 1.9)
    assert (found.reopened.value, found.reopened.of) == (0.5, 2)
    [group] = found.unanswered
    assert (group.question, group.times, group.people, group.at_desk) == (LIKE, 2, 2, 2)
    assert figures.of(company.operator, "it").unanswered == []
