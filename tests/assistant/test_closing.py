"""Closing a department: nobody sees or asks it any more, and no question that waits there is lost."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from assistant.errors import BadInput, Conflict, NotAllowed, NotFound
from assistant.tables import AuditEntry, Ticket
from tests.assistant.conftest import PASSWORD

QUESTION = "How long is parental leave?"


@pytest.fixture
def company(company_anywhere: Any) -> Any:
    return company_anywhere


def person(company: Any, name: str) -> Any:
    """Somebody with the rights of this moment."""
    return company.services.accounts.user_by_id(company.services.accounts.id_of(name))


def test_nobody_sees_or_finds_a_closed_department_until_it_is_opened_again(company: Any) -> None:
    services = company.services
    before = company.ask(QUESTION, company.employee)
    assert before.domain == "people"
    services.domains.close(company.operator, "people", "merged with IT", "it")
    employee, reviewer = person(company, "employee"), person(company, "reviewer")
    assert "people" not in employee.roles | reviewer.roles
    assert "people" not in [info.name for info in services.domains.listing(employee)]
    after = company.ask(QUESTION, employee)
    assert after.domain != "people"
    assert "people" not in {citation.domain for citation in after.citations}
    with pytest.raises(NotFound):
        company.ask(QUESTION, employee, domain="people")
    services.domains.reopen(company.operator, "people", "a mistake")
    again = company.ask(QUESTION, person(company, "employee"))
    assert [c.passage for c in again.citations] == [c.passage for c in before.citations]


def test_questions_that_wait_there_go_to_the_department_that_takes_them_and_so_do_later_ones(company: Any) -> None:
    services, desk = company.services, company.services.desk
    first, second = (company.ask(QUESTION, company.employee) for _ in range(2))
    ticket = desk.escalate(company.employee, first.id)
    desk.claim(company.reviewer, ticket)
    assert services.domains.close(company.operator, "people", "merged", "it") == 1
    helper = services.accounts.create("test", "helper", PASSWORD, must_change=False)
    services.accounts.set_role("test", helper, "it", "reviewer")
    helper = person(company, "helper")
    assert [(t.id, t.domain, t.claimed_by) for t in desk.queue(helper)] == [(ticket, "it", None)]
    later = desk.escalate(person(company, "employee"), second.id)
    assert {t.id for t in desk.queue(helper)} == {ticket, later}
    desk.answer(helper, ticket, "Fourteen months.")
    with pytest.raises(NotFound):
        desk.ticket(person(company, "reviewer"), ticket)


def test_without_a_successor_they_come_to_the_administrators(company: Any) -> None:
    desk = company.services.desk
    ticket = desk.escalate(company.employee, company.ask(QUESTION, company.employee).id)
    assert company.services.domains.close(company.operator, "people", "nobody left") == 1
    company.services.accounts.create("test", "root", PASSWORD, administrator=True, must_change=False)
    assert [t.id for t in desk.queue(person(company, "root"))] == [ticket]
    desk.answer(person(company, "root"), ticket, "Ask the works council.")


def test_closing_and_opening_are_on_record_with_the_reason(company: Any) -> None:
    company.services.domains.close(company.operator, "people", "merged with IT", "it")
    company.services.domains.reopen(company.operator, "people", "a mistake")
    with company.services.database.read() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action.startswith("domain.")).order_by(AuditEntry.number)
        )
        told = [(e.action, e.reason, json.loads(e.before or ""), json.loads(e.after or "")) for e in entries][-2:]
    assert told == [
        ("domain.closed", "merged with IT", {"closed": False}, {"closed": True, "successor": "it", "waiting": 0}),
        ("domain.reopened", "a mistake", {"closed": True, "successor": "it"}, {"closed": False}),
    ]


def test_what_cannot_be_closed_is_told_and_nothing_changes(company: Any) -> None:
    domains = company.services.domains
    with pytest.raises(NotAllowed):
        domains.close(company.reviewer, "people", "because")
    for name, remark, successor, error in (
        ("people", " ", None, BadInput),
        ("nowhere", "x", None, NotFound),
        ("people", "x", "nowhere", NotFound),
        ("people", "x", "people", Conflict),
    ):
        with pytest.raises(error):
            domains.close(company.operator, name, remark, successor)
    with pytest.raises(Conflict):
        domains.reopen(company.operator, "people", "it is open")
    domains.close(company.operator, "people", "x", "it")
    with pytest.raises(Conflict):
        domains.close(company.operator, "people", "twice")
    with pytest.raises(Conflict):
        domains.close(company.operator, "it", "x", "people")
    assert {info.name for info in domains.everything() if info.closed} == {"people"}


def test_a_chain_of_closed_departments_leads_to_the_one_that_is_open(company: Any) -> None:
    services = company.services
    answer = company.ask(QUESTION, company.employee)
    services.domains.add("test", "hub", description_en="Everything")
    services.domains.close(company.operator, "people", "merged", "it")
    services.domains.close(company.operator, "it", "merged", "hub")
    ticket = services.desk.escalate(person(company, "employee"), answer.id)
    with services.database.read() as session:
        assert session.get_one(Ticket, ticket).domain == "hub"
