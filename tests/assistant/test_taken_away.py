"""What a person no longer may see is gone from what was shown to him before, and from what he takes away of himself."""

import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.access import User
from assistant.documents import kept_from
from assistant.errors import NotFound
from assistant.services import Services
from tests.assistant.conftest import Company, OpenHome

QUESTION = "How many days of annual leave do I get?"


def exported(services: Services, user: User) -> str:
    """All that a person's export holds."""
    packed = io.BytesIO()
    services.personal.export(user, user.id, packed)
    with zipfile.ZipFile(packed) as opened:
        return "\n".join([*opened.namelist(), *(opened.read(name).decode() for name in opened.namelist())])


def leaves(company: Company) -> User:
    """The reviewer of `people`, who has no right there any more."""
    company.services.accounts.set_role("test", company.reviewer.id, "people", None)
    return company.services.accounts.user_by_name("reviewer")


def documents_of(services: Services, user: User, domain: str) -> set[str]:
    return {info.id for info in services.documents.listing(user, domain)}


def test_a_like_document_of_a_department_that_one_has_left_is_no_longer_named_beside_an_old_answer(
    company: Company,
) -> None:
    foreign = company.ask(QUESTION, company.reviewer, "people").citations[0]
    answer = company.ask("Why does the VPN disconnect?", company.reviewer, "it")
    copy = {name: getattr(foreign, name) for name in ("file", "document", "version", "passage")}
    old = replace(answer, citations=[replace(answer.citations[0], copies=[copy]), *answer.citations[1:]])
    gone = leaves(company)
    with company.services.database.read() as session:
        shown = [old.visible_to(user.roles, kept_from(session, user, [old])) for user in (company.reviewer, gone)]
    assert shown[0] == old
    assert shown[1] == answer


def test_who_has_left_a_department_takes_none_of_its_documents_and_questions_away(
    company: Company, tmp_path: Path
) -> None:
    services = company.services
    (tmp_path / "plan.md").write_text("# Plan\n\nThe office moves in May.\n", encoding="utf-8")
    brought = str(services.documents.ingest(company.reviewer, tmp_path / "plan.md", "people").document)
    ticket = services.desk.escalate(company.employee, company.ask(QUESTION, company.employee, "people").id)
    services.desk.answer(company.reviewer, ticket, "Twenty-four, I say.", keep=True)
    words = (brought, "plan.md", "The office moves", QUESTION)
    assert all(one in exported(services, company.reviewer) for one in words)
    told = exported(services, leaves(company))
    assert not any(one in told for one in words)
    assert "Twenty-four, I say." in told  # his own words stay his


def test_a_right_and_a_document_are_gone_at_once_and_after_a_restart_and_a_new_index(
    company: Company, open_home: OpenHome, tmp_path: Path
) -> None:
    services, user = company.services, company.reviewer
    known = documents_of(services, user, "people")
    [own, *_] = documents_of(services, user, "it")
    assert services.document_texts.text(user, own)
    user = leaves(company)
    services.document_care.withdraw(company.operator, own)
    home = services.settings.home
    for again in range(3):
        hits = services.documents.search(user, QUESTION, None, 20) + services.documents.search(user, "VPN", None, 20)
        assert not {hit.passage.document for hit in hits} & {own, *known}
        for document in (own, *known):
            with pytest.raises(NotFound):
                services.document_texts.text(user, document)
        services.close()
        if again == 1:
            shutil.rmtree(home / "index")
        services = open_home(home)
