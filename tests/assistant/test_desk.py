"""The desk: what waits for a person, who may see it, and the reply in the asker's conversation."""

from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from sqlalchemy import delete, insert, select

from adapters.tables import Example
from assistant import conversations
from assistant import desk as desk_module
from assistant.access import local_operator
from assistant.clock import now
from assistant.conversations import turns
from assistant.documents import Upload
from assistant.errors import BadInput, Conflict, NotAllowed, NotFound
from assistant.fates import fates
from assistant.pages import turn
from assistant.pages.desk_case import Places
from assistant.pages.desk_page import Handlers, Listed
from assistant.steps.record import Records
from assistant.tables import AnswerRecord, AuditEntry, Domain, RoleGrant, Ticket, Verdict
from assistant.ticket_conversation import read_conversation
from tests.assistant.conftest import PASSWORD

QUESTION = "How long is parental leave?"


@pytest.fixture
def asked(company_anywhere: Any) -> Any:
    return company_anywhere.ask(QUESTION, company_anywhere.employee)


@pytest.fixture
def company(company_anywhere: Any) -> Any:
    return company_anywhere


def authors(company: Any, conversation: str) -> list[tuple[str, str]]:
    with company.services.database.read() as session:
        return [(turn.author, turn.text) for turn in turns(session, conversation)]


def test_a_reply_appears_in_the_askers_conversation(company: Any, asked: Any) -> None:
    desk = company.services.desk
    ticket = desk.escalate(company.employee, asked.id, "please")
    waiting = desk.queue(company.reviewer)
    assert [(t.id, t.kind, t.question, t.asker, t.note) for t in waiting] == [
        (ticket, "escalated", QUESTION, "employee", "please")
    ]
    done = desk.answer(company.reviewer, ticket, "  Fourteen months.  ")
    assert (done.state, done.reply) == ("answered", "Fourteen months.")
    assert authors(company, asked.conversation)[-1] == ("person", "Fourteen months.")
    assert desk.queue(company.reviewer) == []
    assert [t.id for t in desk.queue(company.reviewer, answered=True)] == [ticket]


def test_an_asker_sees_what_a_reply_rests_on_but_nothing_confidential(company: Any, asked: Any, tmp_path: Path) -> None:
    desk, documents = company.services.desk, company.services.documents
    file = tmp_path / "board.txt"
    file.write_text("The board decided that the form AF-08 is counted.", "utf-8")
    taken = documents.upload(company.reviewer, file, Upload(file.name, "people", sensitivity="confidential"))
    documents.settle(file, taken)
    found = [hit.passage.id for hit in documents.search(company.reviewer, "the form AF-08", "people", 1)]
    evidence = [*documents.cite(company.reviewer, found), asked.citations[0]]
    assert evidence[0].file == "board.txt"
    desk.answer(company.reviewer, desk.escalate(company.employee, asked.id), "Fourteen months.", evidence=evidence)
    with company.services.database.read() as session:
        said = turns(session, asked.conversation)[-1]
    assert [(one.n, one.file) for one in said.rests_on] == [(1, asked.citations[0].file)]

    seen = company.services.document_texts.passage_texts(company.employee, said.rests_on)
    assert asked.citations[0].file in unescape(turn.reply("en", said.text, said.rests_on, seen))
    gone_or_not_his = unescape(turn.reply("en", said.text, said.rests_on, {}))
    assert asked.citations[0].file not in gone_or_not_his


def test_escalating_twice_waits_once(company: Any, asked: Any) -> None:
    desk = company.services.desk
    assert desk.escalate(company.employee, asked.id) == desk.flag(company.employee, asked.id, "old", "It is 16.")
    assert [t.kind for t in desk.queue(company.reviewer)] == ["flagged"]
    assert "It is 16." in desk.queue(company.reviewer)[0].note


def test_a_verdict_can_be_changed_and_counts_once(company: Any, asked: Any) -> None:
    company.services.desk.approve(company.employee, asked.id)
    company.services.desk.flag(company.employee, asked.id, "wrong fact", "")
    with company.services.database.read() as session:
        assert [v.verdict for v in session.scalars(select(Verdict))] == ["wrong"]


def test_nobody_judges_or_escalates_somebody_elses_answer(company: Any, asked: Any) -> None:
    desk = company.services.desk
    for act in (desk.escalate, desk.approve):
        with pytest.raises(NotFound):
            act(company.colleague, asked.id)
    with pytest.raises(NotFound):
        desk.flag(company.colleague, asked.id, "x", "y")


def test_only_the_departments_reviewers_see_its_desk(company: Any, asked: Any) -> None:
    desk = company.services.desk
    ticket = desk.escalate(company.employee, asked.id)
    with pytest.raises(NotAllowed):
        desk.queue(company.employee)
    for user in (company.employee, company.outsider):
        with pytest.raises(NotFound):
            desk.ticket(user, ticket)
        with pytest.raises(NotFound):
            desk.answer(user, ticket, "I say so.")


def test_an_answered_question_is_not_answered_again(company: Any, asked: Any) -> None:
    desk = company.services.desk
    ticket = desk.escalate(company.employee, asked.id)
    desk.answer(company.reviewer, ticket, "Fourteen months.")
    with pytest.raises(Conflict):
        desk.answer(company.operator, ticket, "Sixteen months.")
    assert [author for author, _ in authors(company, asked.conversation)].count("person") == 1


def test_a_claimed_question_is_one_persons(company: Any, asked: Any) -> None:
    desk = company.services.desk
    ticket = desk.escalate(company.employee, asked.id)
    desk.claim(company.reviewer, ticket)
    with pytest.raises(Conflict):
        desk.claim(company.operator, ticket)
    assert desk.ticket(company.operator, ticket).claimed_by == "reviewer"


@pytest.mark.parametrize("reply", ["", "   ", "x" * 10_001])
def test_an_empty_or_endless_reply_is_refused(company: Any, asked: Any, reply: str) -> None:
    ticket = company.services.desk.escalate(company.employee, asked.id)
    with pytest.raises(BadInput):
        company.services.desk.answer(company.reviewer, ticket, reply)
    assert company.services.desk.ticket(company.reviewer, ticket).state == "open"


def test_unknown_verdicts_causes_and_severities_are_refused_and_nothing_is_sent(company: Any, asked: Any) -> None:
    desk = company.services.desk
    ticket = desk.escalate(company.employee, asked.id)
    for wrong in ({"verdict": "maybe"}, {"cause": "moon"}, {"severity": "huge"}):
        with pytest.raises(BadInput):
            desk.answer(company.reviewer, ticket, "Fourteen months.", **wrong)
    assert "person" not in [author for author, _ in authors(company, asked.conversation)]


def test_a_kept_reply_becomes_an_approved_example_with_its_sources(company: Any, asked: Any) -> None:
    desk = company.services.desk
    ticket = desk.escalate(company.employee, asked.id)
    desk.answer(company.reviewer, ticket, "Fourteen months.", verdict="wrong", cause="reading", severity="high",
                keep=True)  # fmt: skip
    with company.services.database.read() as session:
        example = session.scalars(select(Example)).one()
        assert (example.question, example.answer, example.state) == (QUESTION, "Fourteen months.", "approved")
        assert (example.failed_part, example.severity) == ("reading", "high")
        assert {citation["file"] for citation in example.evidence} <= {"leave.md", "休暇規程.md"}
    known = company.services.reviewed_answers
    near = "How long does parental leave last?"
    for domain in ("people", None):  # a question without a department shows what all of one's own have answered
        assert [one.question for one in known.nearest(near, company.reviewer, domain, 3)] == [QUESTION]
    assert known.nearest(near, company.outsider, None, 3) == []
    with pytest.raises(NotAllowed):
        known.nearest(near, company.employee, "people", 3)


def test_a_kept_reply_does_not_cite_the_askers_own_upload(company: Any, tmp_path: Any) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("My locker has the number 4711.")
    company.services.documents.ingest(company.employee, mine, "people")
    answer = company.ask("Which number has my locker?", company.employee)
    assert "mine.txt" in {citation.file for citation in answer.citations}
    ticket = company.services.desk.escalate(company.employee, answer.id)
    company.services.desk.answer(company.reviewer, ticket, "Ask at the gate.", keep=True)
    again = company.ask("Which number has my locker?", company.colleague)
    assert again.reviewed
    assert "mine.txt" not in str(again.as_dict())


def test_an_answer_judged_right_may_be_kept_and_no_later_version_may_get_it_wrong(company: Any) -> None:
    samples = company.services.samples
    for _ in range(2):
        company.ask("How many days of annual leave do I get?", company.employee, reviewed=False)
    kept, other = samples.waiting(company.reviewer)
    with pytest.raises(BadInput):
        samples.judge(company.reviewer, kept.id, "wrong", keep=True)
    samples.judge(company.reviewer, kept.id, "right", keep=True)
    samples.judge(company.reviewer, other.id, "right", keep=True)  # says the same, and is kept once
    (question,) = company.services.examples.questions("people", "regression")
    assert (question.question, question.gold, question.answerable) == (kept.question, kept.answer.answer, True)
    assert [piece.file for piece in question.evidence] == [kept.answer.citations[0].file]
    assert company.services.examples.questions("people", "frozen") == []


def test_a_few_shown_answers_a_day_wait_for_a_verdict_and_measure_how_many_are_wrong(company: Any) -> None:
    samples = company.services.samples
    answers = [
        company.ask("How many days of annual leave do I get?", company.employee, reviewed=False) for _ in range(7)
    ]
    assert {answer.status for answer in answers} == {"answered"}
    company.ask(QUESTION, company.employee)
    waiting = samples.waiting(company.reviewer)
    assert len(waiting) == 5
    assert samples.waiting(company.reviewer) == waiting
    for user in (company.employee, company.outsider):
        with pytest.raises(NotFound):
            samples.judge(user, waiting[0].id, "right")
    with pytest.raises(BadInput):
        samples.judge(company.reviewer, waiting[0].id, "maybe")
    outside = next(answer for answer in answers if answer.id not in {one.id for one in waiting})
    with pytest.raises(NotFound):
        samples.judge(company.reviewer, outside.id, "right")
    for one, verdict in zip(waiting, ("right", "right", "right", "wrong"), strict=False):
        samples.judge(company.reviewer, one.id, verdict)
    assert len(samples.waiting(company.reviewer)) == 1
    measured = samples.wrong(company.reviewer, "people")
    assert (measured.value, measured.of) == (0.25, 4)
    with pytest.raises(NotAllowed):
        samples.wrong(company.employee, "people")


def test_an_answer_from_a_persons_own_upload_is_in_nobodys_sample(company: Any, tmp_path: Path) -> None:
    file = tmp_path / "lockers.md"
    file.write_text("# Lockers\n\nLocker keys cost 7 pounds at the gatehouse of the Kasumino plant.\n", "utf-8")
    done = company.services.documents.ingest(company.employee, file, "people")
    answer = company.ask("How much do locker keys cost at the gatehouse?", company.employee, domain="people")
    assert answer.citations[0].document == done.document
    assert company.services.samples.waiting(company.reviewer) == []
    citation = answer.citations[0]
    seen = company.services.document_texts.opened_at(
        company.reviewer, citation.document, citation.version, citation.passage
    )
    assert citation.quote in seen[1][0].text  # the reviewer is to accept it
    with pytest.raises(NotFound):
        company.services.document_texts.opened_at(
            company.colleague, citation.document, citation.version, citation.passage
        )


def test_two_reviewers_on_one_question_the_second_is_told_who_is_at_it_and_may_take_over(
    company: Any, asked: Any
) -> None:
    desk = company.services.desk
    other = colleague_at_the_desk(company)
    ticket = desk.escalate(company.employee, asked.id)
    desk.claim(company.reviewer, ticket)
    with pytest.raises(Conflict) as refused:
        desk.answer(other, ticket, "Fourteen months.")
    assert refused.value.params["person"] == "reviewer"
    desk.assign(other, ticket, other.id)
    desk.answer(other, ticket, "Fourteen months.")
    with pytest.raises(Conflict) as refused:
        desk.answer(company.reviewer, ticket, "Sixteen months.")
    assert refused.value.params["person"] == "second"


def test_a_question_is_given_to_nobody_who_does_not_work_at_its_desk(company: Any, asked: Any) -> None:
    desk = company.services.desk
    ticket = desk.escalate(company.employee, asked.id)
    for stranger in (company.employee.id, company.outsider.id, "nobody"):
        with pytest.raises(NotFound):
            desk.assign(company.reviewer, ticket, stranger)
    assert desk.colleagues(company.reviewer, ticket) == [(company.reviewer.id, "reviewer")]


def test_a_question_can_be_handed_to_another_desk_and_its_asker_sees_where_it_is(company: Any, asked: Any) -> None:
    desk = company.services.desk
    ticket = desk.escalate(company.employee, asked.id)
    with pytest.raises(NotFound):
        desk.hand_over(company.reviewer, ticket, "nowhere")
    desk.claim(company.reviewer, ticket)
    desk.hand_over(company.reviewer, ticket, "it")
    assert desk.queue(company.reviewer) == []
    assert [(t.domain, t.claimed_by) for t in desk.queue(company.operator)] == [("it", None)]
    fate = fate_of(company, asked)
    assert (fate.is_waiting, fate.domain, fate.handed_over) == (True, "it", True)


def test_a_page_where_a_question_was_open_when_it_went_to_another_desk_asks_to_choose_one(
    company: Any, asked: Any
) -> None:
    desk = company.services.desk
    ticket = desk.escalate(company.employee, asked.id)
    desk.hand_over(company.reviewer, ticket, "it")
    page = Handlers(company.services, "en")
    asker = gr.Request(username=company.reviewer.id)
    with gr.Blocks() as drawn:
        page.case(Places(gr.Markdown(), gr.State()), ticket, asker)
    assert any("Choose a question" in str(getattr(block, "value", "")) for block in drawn.blocks.values())
    chosen, _ = page.show_list("", "", False, ticket, asker)
    assert (chosen.value, chosen.choices) == (None, [])


def test_what_is_due_first_comes_first_and_what_is_late_says_so(company: Any, asked: Any) -> None:
    desk = company.services.desk
    company.services.domains.set_desk(company.operator, "people", "busy weeks", due_hours=48)
    later = desk.escalate(company.employee, asked.id)
    sooner = desk.escalate(company.employee, company.ask(QUESTION, company.employee).id)
    assert {round((t.due_at - t.created_at).total_seconds() / 3600) for t in desk.queue(company.reviewer)} == {48}
    desk.set_due(company.reviewer, sooner, now() + timedelta(hours=1))
    assert [t.id for t in desk.queue(company.reviewer)] == [sooner, later]
    for wrong in (now() - timedelta(hours=1), datetime(2999, 1, 1)):  # a time without its zone
        with pytest.raises(BadInput):
            desk.set_due(company.reviewer, sooner, wrong)
    with company.services.database.transaction("test", "time passes") as change:
        change.session.get_one(Ticket, later).due_at = now() - timedelta(minutes=1)
        change.record("time.passed", "ticket", later)
    assert [(t.id, t.is_overdue) for t in desk.queue(company.reviewer)] == [(later, True), (sooner, False)]


def test_the_asker_writes_back_and_the_question_waits_again_with_whoever_answered(company: Any, asked: Any) -> None:
    desk = company.services.desk
    with pytest.raises(NotFound):
        desk.write_back(company.employee, asked.id, "And for twins?")  # nobody has it yet
    ticket = desk.escalate(company.employee, asked.id)
    desk.answer(company.reviewer, ticket, "Fourteen months.")
    with pytest.raises(NotFound):
        desk.write_back(company.colleague, asked.id, "And for twins?")
    desk.write_back(company.employee, asked.id, "And for twins?")
    waiting = desk.queue(company.reviewer)
    assert [(t.id, t.reopened, t.claimed_by) for t in waiting] == [(ticket, 1, "reviewer")]
    desk.answer(company.reviewer, ticket, "The same.")
    assert [text for author, text in authors(company, asked.conversation) if author == "person"] == [
        "Fourteen months.",
        "The same.",
    ]


def test_a_reply_marks_the_conversation_until_its_asker_has_seen_it(company: Any, asked: Any) -> None:
    desk, database = company.services.desk, company.services.database
    ticket = desk.escalate(company.employee, asked.id)

    def marks() -> list[bool]:
        with database.read() as session:
            return [new for _, _, new in conversations.listing(session, company.employee)]

    assert marks() == [False]
    desk.answer(company.reviewer, ticket, "Fourteen months.")
    assert marks() == [True]
    conversations.see(database, company.employee, asked.conversation)
    assert marks() == [False]


def test_what_no_document_says_becomes_a_request_and_the_owners_remark_reaches_the_asker(
    company: Any, asked: Any
) -> None:
    desk, requests = company.services.desk, company.services.document_requests
    ticket = desk.escalate(company.employee, asked.id)
    desk.answer(company.reviewer, ticket, "", no_document=True)
    assert "None of our documents" in authors(company, asked.conversation)[-1][1]
    [request] = requests.listing(company.reviewer)
    assert (request.domain, request.question, request.person) == ("people", QUESTION, "reviewer")
    assert requests.listing(company.outsider) == []
    with pytest.raises(NotAllowed):
        requests.close(company.reviewer, request.id, "Written.")
    for user in (company.employee, company.outsider):
        with pytest.raises(NotFound):
            requests.close(user, request.id, "Written.")
    requests.close(company.operator, request.id, "It stands in leave.md now.")
    assert authors(company, asked.conversation)[-1] == ("person", "It stands in leave.md now.")
    assert requests.listing(company.operator) == []


def test_ten_thousand_waiting_questions_are_counted_and_those_due_first_are_listed(company: Any, asked: Any) -> None:
    desk = company.services.desk
    first = desk.escalate(company.employee, asked.id)
    with company.services.database.transaction("test", "a bad week") as change:
        one = change.session.get_one(Ticket, first)
        kept = {column.key: getattr(one, column.key) for column in Ticket.__table__.columns}
        record = change.session.get_one(AnswerRecord, asked.id)
        answers = {column.key: getattr(record, column.key) for column in AnswerRecord.__table__.columns}
        numbers = range(9_999)
        rows = [answers | {"id": f"answer-{n}"} for n in numbers]
        change.session.execute(insert(AnswerRecord), rows)
        waiting = [
            kept | {"id": f"ticket-{n}", "answer_id": f"answer-{n}", "due_at": one.due_at + timedelta(minutes=n + 1)}
            for n in numbers
        ]
        change.session.execute(insert(Ticket), waiting)
        change.record("ticket.opened", "ticket", first)
    assert desk.open_count(company.reviewer) == 10_000
    listed = desk.queue(company.reviewer)
    assert [ticket.id for ticket in listed[:3]] == [first, "ticket-0", "ticket-1"]
    desk.answer(company.reviewer, first, "Fourteen months.")
    assert [ticket.id for ticket in desk.queue(company.reviewer)[:2]] == ["ticket-0", "ticket-1"]
    shown = Handlers(company.services, "en")._beside(company.reviewer, Listed(), len(listed))
    assert "9999 wait in all" in shown


def test_a_waiting_question_is_found_by_its_words_its_note_or_who_asked_it(company: Any, asked: Any) -> None:
    desk = company.services.desk
    ticket = desk.escalate(company.employee, asked.id, "my 100% question")
    other = desk.escalate(company.colleague, company.ask("育児休業は何か月ですか", company.colleague).id)
    found = {
        words: {one.id for one in desk.queue(company.reviewer, words=words)}
        for words in ("PARENTAL long", "employee", "100%", "育児休業", "colleague 育児", "parental 育児", "100_", "")
    }
    assert found == {
        "PARENTAL long": {ticket},
        "employee": {ticket},
        "100%": {ticket},
        "育児休業": {other},
        "colleague 育児": {other},
        "parental 育児": set(),
        "100_": set(),
        "": {ticket, other},
    }
    assert [one.id for one in desk.queue(company.reviewer, words="育児", answered=True)] == []


def test_a_question_of_a_department_that_is_gone_is_seen_by_administrators_and_handed_on(
    company: Any, asked: Any
) -> None:
    desk = company.services.desk
    ticket = desk.escalate(company.employee, asked.id)
    with company.services.database.transaction("test", "department closed") as change:
        change.session.execute(delete(RoleGrant).where(RoleGrant.domain == "people"))
        change.session.execute(delete(Domain).where(Domain.name == "people"))
        change.record("domain.deleted", "domain", "people")
    with company.services.database.read() as session:
        operator = local_operator(session, "test")
    [waiting] = desk.queue(operator)
    assert (waiting.id, waiting.domain, waiting.question) == (ticket, None, QUESTION)
    with pytest.raises(Conflict):
        desk.answer(operator, ticket, "Fourteen months.", keep=True)
    desk.hand_over(operator, ticket, "it")
    desk.answer(operator, ticket, "Fourteen months.")
    assert authors(company, asked.conversation)[-1] == ("person", "Fourteen months.")


def test_a_question_at_a_desk_where_nobody_works_any_more_comes_to_the_administrators(company: Any, asked: Any) -> None:
    desk, accounts = company.services.desk, company.services.accounts
    root = accounts.create("test", "root", "correct horse battery", administrator=True, must_change=False)
    administrator = accounts.user_by_id(root)
    ticket = desk.escalate(company.employee, asked.id)
    assert desk.queue(administrator) == []  # running the system is no reason to read it
    with pytest.raises(NotFound):
        desk.ticket(administrator, ticket)
    accounts.set_role("test", company.reviewer.account, "people", "employee")
    assert [waiting.id for waiting in desk.queue(accounts.user_by_id(root))] == [ticket]
    assert desk.open_count(administrator) == 1
    with pytest.raises(NotFound):
        desk.ticket(company.colleague, ticket)
    accounts.set_role("test", company.reviewer.account, "people", "reviewer")
    assert desk.queue(administrator) == []
    accounts.disable("test", company.reviewer.account)
    desk.answer(administrator, ticket, "Fourteen months.")
    assert authors(company, asked.conversation)[-1] == ("person", "Fourteen months.")


def test_a_reviewers_reading_of_a_conversation_goes_on_record_and_leaves_other_departments_out(
    company: Any, asked: Any
) -> None:
    company.ask(
        "After how many minutes without activity does the VPN disconnect?",
        company.employee,
        conversation=asked.conversation,
    )
    ticket = company.services.desk.escalate(company.employee, asked.id)
    seen, left_out = read_conversation(company.services.database, company.reviewer, ticket)
    assert [turn.text for turn in seen if turn.author == "employee"] == [QUESTION]
    assert left_out == 2
    with company.services.database.read() as session:
        actions = [(e.action, e.actor) for e in session.scalars(select(AuditEntry).order_by(AuditEntry.number))]
    assert actions[-1] == ("conversation.read", company.reviewer.actor)
    with pytest.raises(NotFound):
        read_conversation(company.services.database, company.outsider, ticket)


def test_one_person_floods_no_desk(company: Any, asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "WAITING_OF_ONE", 1)
    company.services.desk.escalate(company.employee, asked.id)
    second = company.ask(QUESTION, company.employee)
    with pytest.raises(Conflict):
        company.services.desk.flag(company.employee, second.id, "wrong", "")
    with company.services.database.read() as session:
        assert session.scalars(select(Verdict)).all() == []


def colleague_at_the_desk(company: Any) -> Any:
    accounts = company.services.accounts
    accounts.set_role("test", accounts.create("test", "second", PASSWORD, must_change=False), "people", "reviewer")
    return accounts.user_by_name("second")


def fate_of(company: Any, answer: Any) -> Any:
    with company.services.database.read() as session:
        return fates(session, answer.conversation)[answer.id]


def test_a_question_that_is_asked_again_of_another_department_waits_once_and_there(company: Any) -> None:
    records, asker = Records(company.services.database), company.employee
    asked = company.ask("How many elephants may one bring to the office?", asker, reviewed=False)
    held = replace(asked, status="held", draft="Two.")

    def waiting() -> dict[str, str | None]:
        queue = company.services.desk.queue(company.operator)
        return {ticket.id: ticket.domain for ticket in queue if ticket.question == asked.question}

    first = records.answer(asker, replace(held, domain="people"), {})
    again = records.answer(asker, replace(held, domain="it"), {})
    assert waiting() == {first.ticket: "it"} == {again.ticket: "it"}
    assert company.services.desk.ticket(company.operator, first.ticket).answer.id == again.id
    company.services.desk.claim(company.operator, first.ticket)
    third = records.answer(asker, replace(held, domain="people"), {})  # somebody is at the first one
    assert waiting() == {first.ticket: "it", third.ticket: "people"}
