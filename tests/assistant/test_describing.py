"""Saying anew what a department is called, what it answers, which questions belong there and who sees it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from assistant.domains import Described
from assistant.errors import BadInput, NotAllowed, NotFound
from assistant.tables import AuditEntry
from tests.assistant.test_commands import Run, run

__all__ = ["run"]  # a fixture

ASKED = "Wann öffnet die Kantine am Freitag?"


@pytest.fixture
def company(company_anywhere: Any) -> Any:
    return company_anywhere


def test_the_next_question_is_routed_by_what_is_said_now(company: Any) -> None:
    domains = company.services.domains
    said = domains.described(company.operator, "it")
    assert domains.router().route(ASKED, ["people", "it"]).nearest[0][1] != ASKED
    info = domains.describe(
        company.operator,
        "it",
        "the canteen is ours",
        replace(said, title_en="IT and canteen", questions=(ASKED, ASKED)),
    )
    assert (info.title_en, info.title_ja, info.examples) == ("IT and canteen", said.title_ja, 1)
    routing = domains.router().route(ASKED, ["people", "it"])
    assert (routing.domain, routing.nearest[0][1]) == ("it", ASKED)
    domains.describe(company.operator, "it", "back", said)
    assert domains.described(company.operator, "it") == said
    assert domains.router().route(ASKED, ["people", "it"]).nearest[0][1] != ASKED


def test_a_description_alone_fits_the_router_anew(company: Any) -> None:
    domains = company.services.domains
    before = domains.router()
    said = domains.described(company.operator, "it")
    domains.describe(company.operator, "it", "one letter", replace(said, description_en=said.description_en[::-1]))
    assert domains.router() is not before


def test_who_sees_a_department_can_be_changed(company: Any) -> None:
    services = company.services
    said = services.domains.described(company.operator, "it")
    services.domains.describe(company.operator, "it", "only for some", replace(said, open_to_all=False))
    employee = services.accounts.user_by_id(services.accounts.id_of("employee"))
    assert "it" not in employee.roles


def test_it_is_on_record_with_its_reason_and_names_no_question(company: Any) -> None:
    said = company.services.domains.described(company.operator, "it")
    company.services.domains.describe(company.operator, "it", "merged", replace(said, questions=(ASKED,)))
    with company.services.database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "domain.described")).one()
        told = json.loads(entry.after or "")
        assert (entry.reason, told["examples"], told["title_en"]) == ("merged", 1, said.title_en)
        assert "Kantine" not in (entry.before or "") + (entry.after or "")


def test_what_cannot_be_is_told_and_nothing_changes(company: Any) -> None:
    domains, operator = company.services.domains, company.operator
    said = domains.described(operator, "it")
    for user, name, remark, told, error in (
        (company.reviewer, "it", "x", said, NotAllowed),
        (operator, "nowhere", "x", said, NotFound),
        (operator, "it", " ", said, BadInput),
        (operator, "it", "x", Described(title_en="IT"), BadInput),
    ):
        with pytest.raises(error):
            domains.describe(user, name, remark, told)
    with pytest.raises(NotAllowed):
        domains.described(company.reviewer, "it")
    assert domains.described(operator, "it") == said


def test_the_command_shows_and_changes_what_is_named_alone(run: Run) -> None:
    assert run("domain", "add", "post", "--description", "Letters and parcels", "--title-ja", "郵便")[0] == 0
    code, _, told = run("domain", "describe", "post", "--title-en", "Mail room")
    assert code != 0 and told
    code, printed, _ = run("domain", "describe", "post", "--title-en", "Mail room", "--remark", "better", "--json")
    said = json.loads(printed)
    assert code == 0
    assert (said["title_en"], said["title_ja"], said["description_en"]) == ("Mail room", "郵便", "Letters and parcels")
