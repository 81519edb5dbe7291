"""What a reviewer has half written: there again after the browser was closed, nobody else's, gone when it is sent."""

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from assistant.access import User
from assistant.desk import LONGEST_REPLY
from assistant.errors import BadInput, Conflict, NotFound
from assistant.reply_drafts import offered
from assistant.tables import AuditEntry, ReplyDraft

HALF = "Fourteen months, but"


@pytest.fixture
def company(company_anywhere: Any) -> Any:
    return company_anywhere


@pytest.fixture
def ticket(company: Any) -> str:
    asked = company.ask("How long is parental leave?", company.employee)
    opened: str = company.services.desk.escalate(company.employee, asked.id)
    return opened


def kept(company: Any) -> list[tuple[str, str]]:
    """(writer, words) of all that is kept."""
    with company.services.database.read() as session:
        return [(row.account_id, row.text) for row in session.scalars(select(ReplyDraft))]


def test_it_comes_back_to_its_writer_and_to_nobody_else(company: Any, ticket: str) -> None:
    drafts = company.services.reply_drafts
    assert drafts.of(company.reviewer, ticket) is None
    assert drafts.keep(company.reviewer, ticket, "Four")
    assert drafts.keep(company.reviewer, ticket, HALF)
    assert drafts.of(company.reviewer, ticket) == HALF
    assert drafts.of(company.operator, ticket) is None
    assert drafts.keep(company.operator, ticket, "mine")
    assert drafts.of(company.reviewer, ticket) == HALF
    for stranger in (company.employee, company.outsider):
        with pytest.raises(NotFound):
            drafts.of(stranger, ticket)
        with pytest.raises(NotFound):
            drafts.keep(stranger, ticket, "x")


def test_only_what_somebody_has_typed_is_kept_and_its_record_holds_no_words(company: Any, ticket: str) -> None:
    drafts = company.services.reply_drafts
    asked = company.services.desk.ticket(company.reviewer, ticket).answer
    assert not drafts.keep(company.reviewer, ticket, offered(asked))
    assert kept(company) == []
    drafts.keep(company.reviewer, ticket, HALF)
    assert not drafts.keep(company.reviewer, ticket, HALF)
    drafts.keep(company.reviewer, ticket, "")
    assert drafts.of(company.reviewer, ticket) == ""  # emptied on purpose: the assistant's words don't come back
    with company.services.database.read() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == "ticket.drafted")).all()
    assert len(told) == 2
    assert HALF not in "".join(entry.before + entry.after for entry in told)


@pytest.mark.parametrize(
    ("sure", "named", "stands"), [(0.5, True, "Four weeks. [1]"), (0.49, True, ""), (0.9, False, "")]
)
def test_a_draft_stands_ready_as_the_reply_only_where_it_is_likelier_right_than_wrong(
    company: Any, ticket: str, sure: float, named: bool, stands: str
) -> None:
    asked = company.services.desk.ticket(company.reviewer, ticket).answer
    given = replace(asked, status="held", draft="Four weeks. [1]", confidence=sure, signals={"unnamed": not named})
    assert offered(given) == stands
    assert offered(replace(given, draft=None)) == ""


def test_it_is_gone_when_the_reply_is_sent_and_no_late_save_brings_it_back(company: Any, ticket: str) -> None:
    drafts, desk = company.services.reply_drafts, company.services.desk
    drafts.keep(company.reviewer, ticket, HALF)
    drafts.keep(company.operator, ticket, "mine")
    answered = desk.answer(company.reviewer, ticket, "Fourteen months.").answer
    with pytest.raises(Conflict):
        drafts.keep(company.reviewer, ticket, HALF)
    assert kept(company) == []
    desk.write_back(company.employee, answered.id, "And for twins?")
    assert drafts.of(company.reviewer, ticket) is None


def test_a_longer_one_than_could_be_sent_is_refused(company: Any, ticket: str) -> None:
    with pytest.raises(BadInput):
        company.services.reply_drafts.keep(company.reviewer, ticket, "x" * (LONGEST_REPLY + 1))
    assert kept(company) == []


def test_it_is_in_its_writers_data_and_goes_with_the_writer_or_with_the_askers_conversation(
    company: Any, ticket: str
) -> None:
    drafts, personal = company.services.reply_drafts, company.services.personal
    drafts.keep(company.reviewer, ticket, HALF)
    assert exported(company, company.reviewer) == [HALF]
    assert exported(company, company.employee) == []
    drafts.keep(company.operator, ticket, "mine")
    personal.erase(company.operator, company.reviewer.account)
    assert [words for _, words in kept(company)] == ["mine"]
    personal.forget_conversations(company.employee)
    assert kept(company) == []


def exported(company: Any, person: User) -> list[str]:
    """The half-written replies in a person's own data."""
    to = io.BytesIO()
    company.services.personal.export(person, str(person.account), to)
    with zipfile.ZipFile(to) as packed:
        return [one["text"] for one in json.loads(packed.read("said.json"))["half_written_replies"]]
