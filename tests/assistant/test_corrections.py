"""Corrections: two answers to one question meet before either serves, and two people agree where that is asked for."""

from typing import Any

import pytest
from sqlalchemy import select

from adapters.tables import AdapterVersion, Example
from assistant import conversations
from assistant.errors import Conflict, NotAllowed, NotFound
from assistant.fates import fates
from tests.assistant.test_desk import QUESTION, colleague_at_the_desk


def reply(company: Any, text: str, user: Any = None, question: str = QUESTION, **options: Any) -> Any:
    """A question, asked anew and answered at the desk to be kept."""
    answer = company.ask(question, company.employee, reviewed=False)
    ticket = company.services.desk.escalate(company.employee, answer.id)
    company.services.desk.answer(user or company.reviewer, ticket, text, keep=True, **options)
    return answer


def states(company: Any) -> dict[str, str]:
    with company.services.database.read() as session:
        return {row.answer: row.state for row in session.scalars(select(Example))}


def test_the_same_correction_twice_is_one_example(company: Any) -> None:
    reply(company, "Fourteen months.")
    reply(company, "fourteen months")
    assert states(company) == {"Fourteen months.": "approved"}


def test_a_contradicting_correction_serves_nobody_until_somebody_has_decided(company: Any) -> None:
    reply(company, "Fourteen months.")
    with pytest.raises(Conflict) as refused:
        reply(company, "Sixteen months.")
    assert (refused.value.code, refused.value.params["answer"]) == ("contradicts", "Fourteen months.")
    with pytest.raises(Conflict):
        reply(company, "Sixteen months.", replaces=[])  # of the same words only one can stand
    assert states(company) == {"Fourteen months.": "approved"}
    [waiting, *_] = company.services.desk.queue(company.reviewer)
    [rival] = company.services.desk.rivals(company.reviewer, waiting.id, "Sixteen months.")
    assert (rival.answer, rival.is_same_question, rival.person) == ("Fourteen months.", True, "reviewer")
    company.services.desk.answer(company.reviewer, waiting.id, "Sixteen months.", keep=True, replaces=[rival.id])
    assert states(company) == {"Fourteen months.": "retired", "Sixteen months.": "approved"}
    assert company.ask(QUESTION, company.colleague).answer == "Sixteen months."


def test_a_kept_reply_to_a_follow_up_serves_that_question_alone_and_not_whoever_types_the_same_few_words(
    company: Any,
) -> None:
    first = company.ask(QUESTION, company.employee, reviewed=False)
    follow_up = "And for part-timers?"
    asked = company.ask(follow_up, company.employee, conversation=first.conversation, reviewed=False)
    ticket = company.services.desk.escalate(company.employee, asked.id)
    put = company.services.desk.ticket(company.reviewer, ticket)
    assert QUESTION in put.by_itself and put.by_itself.endswith(follow_up), "the desk does not see what it goes on from"
    company.services.desk.answer(company.reviewer, ticket, "Part-timers too.", keep=True)
    other = company.ask("From which day of illness is a doctor's note needed?", company.colleague)
    assert company.ask(follow_up, company.colleague, conversation=other.conversation).answer != "Part-timers too."
    assert company.ask(follow_up, company.colleague).answer != "Part-timers too."
    again = company.ask(QUESTION, company.colleague, reviewed=False)
    assert company.ask(follow_up, company.colleague, conversation=again.conversation).answer == "Part-timers too."


def test_a_like_question_may_stand_beside_another(company: Any) -> None:
    reply(company, "Fourteen months.")
    other = "How long is the parental leave?"
    with pytest.raises(Conflict):
        reply(company, "Sixteen months.", question=other)
    reply(company, "Sixteen months.", question=other, replaces=[])
    assert states(company) == {"Fourteen months.": "approved", "Sixteen months.": "approved"}


def test_where_two_must_agree_a_correction_serves_when_the_second_has(company: Any) -> None:
    other, corrections = colleague_at_the_desk(company), company.services.corrections
    company.services.domains.set_desk(company.operator, "people", "four eyes", second_approval=True)
    answer = reply(company, "Sixteen months.")
    assert not company.ask(QUESTION, company.colleague).reviewed
    with company.services.database.read() as session:
        assert fates(session, answer.conversation)[answer.id].kept == "proposed"
    [proposal] = corrections.proposals(company.reviewer)
    assert (proposal.is_own, proposal.question, proposal.person) == (True, QUESTION, "reviewer")
    with pytest.raises(NotAllowed):
        corrections.approve(company.reviewer, proposal.id)
    for user in (company.employee, company.outsider):
        with pytest.raises(NotFound):
            corrections.approve(user, proposal.id)
    assert corrections.proposals(company.outsider) == []
    corrections.approve(other, proposal.id)
    assert company.ask(QUESTION, company.colleague).answer == "Sixteen months."
    with pytest.raises(Conflict):
        corrections.approve(other, proposal.id)


def test_the_second_who_says_the_same_has_approved(company: Any) -> None:
    other = colleague_at_the_desk(company)
    company.services.domains.set_desk(company.operator, "people", "four eyes", second_approval=True)
    reply(company, "Sixteen months.")
    reply(company, "Sixteen months.")
    assert states(company) == {"Sixteen months.": "proposed"}
    reply(company, "Sixteen months.", other)
    assert states(company) == {"Sixteen months.": "approved"}


def test_a_declined_correction_serves_nobody_and_its_reporter_sees_that(company: Any) -> None:
    other, corrections = colleague_at_the_desk(company), company.services.corrections
    company.services.domains.set_desk(company.operator, "people", "four eyes", second_approval=True)
    answer = reply(company, "Sixteen months.")
    corrections.decline(other, corrections.proposals(other)[0].id, "no rule says so")
    assert not company.ask(QUESTION, company.colleague).reviewed
    with company.services.database.read() as session:
        assert fates(session, answer.conversation)[answer.id].kept == "retired"


def test_a_flag_shows_its_reporter_what_became_of_it(company: Any) -> None:
    answer = company.ask(QUESTION, company.employee)
    ticket = company.services.desk.flag(company.employee, answer.id, "out of date", "It is 16.")

    def fate() -> Any:
        with company.services.database.read() as session:
            return fates(session, answer.conversation)[answer.id]

    assert (fate().kind, fate().is_waiting) == ("flagged", True)
    company.services.desk.answer(company.reviewer, ticket, "Sixteen months.", verdict="wrong", keep=True)
    assert (fate().is_waiting, fate().found, fate().kept) == (False, "wrong", "approved")


def test_an_open_page_learns_of_everything_that_becomes_of_its_question(company: Any) -> None:
    other, services = colleague_at_the_desk(company), company.services
    services.domains.set_desk(company.operator, "people", "four eyes", second_approval=True)
    answer = company.ask(QUESTION, company.employee)
    seen = []

    def look() -> None:
        with services.database.statement() as records:
            now, again = (conversations.state(records, company.employee, answer.conversation) for _ in range(2))
        assert now == again
        seen.append(now)

    look()
    ticket = services.desk.flag(company.employee, answer.id, "out of date", "It is 16.")
    look()
    services.desk.hand_over(company.reviewer, ticket, "it")
    look()
    services.desk.hand_over(company.operator, ticket, "people")
    look()  # it was handed over, so it says so
    services.desk.answer(company.reviewer, ticket, "Sixteen months.", verdict="wrong", keep=True)
    look()
    [example] = [one.id for one in services.corrections.proposals(other)]
    services.corrections.approve(other, example)
    look()
    services.desk.write_back(company.employee, answer.id, "Since when?")
    look()
    with services.database.transaction("aki", "promoted") as change:
        learnt = {"example_ids": [example]}
        change.session.add(AdapterVersion(id="v1", domain="people", state="live", lineage=learnt, created_by="aki"))
        change.record("version.promoted", "version", "v1")
    look()  # it has learnt from the reply
    services.examples.retire(company.reviewer, example)
    look()
    assert len(set(seen)) == len(seen)
    with pytest.raises(NotFound), services.database.statement() as records:
        conversations.state(records, company.colleague, answer.conversation)


def test_a_kept_reply_stands_beside_the_words_that_the_reviewer_gave_its_question(company: Any) -> None:
    asked = company.ask("My father, Taro, died last night. How long may I stay away?", company.employee, reviewed=False)
    ticket = company.services.desk.escalate(company.employee, asked.id)
    put = "How long is bereavement leave for a parent?"
    company.services.desk.answer(company.reviewer, ticket, "Seven days.", keep=True, question=put)
    given = company.ask(put, company.colleague)
    assert (given.answer, given.reviewed) == ("Seven days.", True)
    assert (
        company.ask("My father, Taro, died last night. How long may I stay away?", company.colleague).why.count("Taro")
        == 0
    )
