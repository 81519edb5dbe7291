"""From a wrong answer back to what made it, for whoever may see it; reading somebody else's goes on record."""

import pytest
from sqlalchemy import select

from adapters.tables import Example
from assistant.access import User
from assistant.answer import Citation
from assistant.errors import BadInput, NotFound
from assistant.tables import AuditEntry
from index.tables import DocumentVersion, PassageRow
from tests.assistant.conftest import SITE, Site
from tests.assistant.test_personal import SECRET, Office, founded, office, upload

__all__ = ["founded", "office"]  # fixtures


def cited(office: Office, quote: str) -> Citation:
    with office.services.database.read() as session:
        passage = session.scalars(select(PassageRow)).one()
        version = session.get_one(DocumentVersion, passage.version_id)
    return Citation(1, "people", version.document_id, "rules.txt", None, None, None, None, None, None, quote, 0.9,
                    passage.id, version.id)  # fmt: skip


def read_entries(office: Office) -> list[str]:
    with office.services.database.read() as session:
        return list(session.scalars(select(AuditEntry.reason).where(AuditEntry.action == "answer.read")))


def test_an_answer_leads_back_to_its_passage_and_says_whether_it_still_stands(office: Office) -> None:
    upload(office, "rui", "rules.txt", "Leave is 24 days a year.")
    answer = office.ask("emi", SECRET, citations=[cited(office, "24 days")])
    found = office.services.provenances.of(office.user("emi"), answer.id)
    assert (found.sources[0]["still_says_so"], found.sources[0]["document_version"]["number"]) == (True, 1)
    upload(office, "rui", "rules.txt", "Leave is 25 days a year.")
    found = office.services.provenances.of(office.user("emi"), answer.id)
    assert (found.sources[0]["still_says_so"], found.sources[0]["document_version"]["state"]) == (False, "replaced")
    assert found.tickets[0]["id"] == answer.ticket
    assert len(found.entries) >= 2
    assert (found.answer["draft"], read_entries(office)) == (None, [])  # it is one's own; what was held stays so


def test_a_reviewed_answer_leads_back_to_the_example_and_the_question_it_came_from(office: Office) -> None:
    asked = office.ask("emi", SECRET)
    office.services.desk.answer(office.user("rui"), str(asked.ticket), "Forty-two.", keep=True)
    with office.services.database.read() as session:
        example = session.scalars(select(Example)).one()
    given = office.ask("aki", SECRET, status="answered", reviewed=True, signals={"reviewed_example": example.id})
    found = office.services.provenances.of(office.user("aki"), given.id)
    assert found.example is not None
    assert (found.example["id"], found.example["topic"]) == (example.id, asked.id)


def test_a_reviewer_reads_somebody_elses_with_a_reason_that_goes_on_record(office: Office) -> None:
    answer = office.ask("emi", SECRET)
    for reason in ("", "  "):
        with pytest.raises(BadInput):
            office.services.provenances.of(office.user("rui"), answer.id, reason)
    found = office.services.provenances.of(office.user("rui"), answer.id, "the flag is unclear")
    assert (found.answer["question"], found.made_with["searched"]) == (SECRET, SECRET)
    assert read_entries(office) == ["the flag is unclear"]


def test_nobody_else_reads_it_an_administrator_neither(office: Office) -> None:
    answer = office.ask("emi", SECRET)
    elsewhere = User("x", "Lead", {"it": "owner"})
    for user in (office.user("aki"), elsewhere):
        with pytest.raises(NotFound):
            office.services.provenances.of(user, answer.id, "because I can")
    with pytest.raises(NotFound):
        office.services.provenances.of(office.user("rui"), "0" * 32, "because")
    assert read_entries(office) == []


def test_one_page_leads_back_from_an_answer_and_makes_it_again(site: Site) -> None:
    answer = site.company.ask("How many days of annual leave do I get?", site.company.employee)
    site.sign_in("employee")
    for language, title, again in (
        ("en", "What made this answer", "The same decision."),
        ("ja", "この回答ができるまで", "同じ判定になりました。"),
    ):
        site.web.cookies.set("madoguchi_language", language)
        page = site.web.get(f"/answers/{answer.id}")
        assert (page.status_code, title in page.text, "leave.md" in page.text) == (200, True, True)
        made = site.web.post(f"/answers/{answer.id}", data={"again": "yes"}, headers={"origin": SITE})
        assert again in made.text
    site.sign_in("outsider")
    assert site.web.get(f"/answers/{answer.id}").status_code == 404
    assert site.web.post(f"/answers/{answer.id}", data={"reason": "x"}, headers={"origin": SITE}).status_code == 404


def test_a_reviewer_opens_the_page_with_a_reason_and_without_one_sees_nothing_of_it(site: Site) -> None:
    asked = "How many days of annual leave do full-time <b>twins</b> receive each year?"
    answer = site.company.ask(asked, site.company.employee)
    site.sign_in("reviewer")
    asking = site.web.get(f"/answers/{answer.id}")
    assert (asking.status_code, "twins" in asking.text, "reason goes on record" in asking.text) == (200, False, True)
    refused = site.web.post(f"/answers/{answer.id}", data={"reason": " "}, headers={"origin": SITE})
    assert (refused.status_code, "twins" in refused.text) == (400, False)
    shown = site.web.post(f"/answers/{answer.id}", data={"reason": "a flag"}, headers={"origin": SITE})
    assert (shown.status_code, "&lt;b&gt;twins" in shown.text) == (200, True)
