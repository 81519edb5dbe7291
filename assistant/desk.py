"""The desk: questions that wait for a person, and what the person does with them.

A ticket is made by a hold, by 'ask a person' or by a flag. Its reply becomes a message of the asker's
conversation in the same transaction. Reviewers see the tickets of their domains; a ticket of no domain goes
to whoever works at any desk.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from adapters.example_checks import facts_of
from adapters.tables import Example
from assistant.access import User
from assistant.answer import Answer
from assistant.audit import digest
from assistant.clock import now
from assistant.conversations import add_message
from assistant.database import Change, Database
from assistant.errors import BadInput, Conflict, NotAllowed, NotFound
from assistant.language import language_of
from assistant.tables import Account, AnswerRecord, Conversation, Ticket, Verdict
from index.tables import Document

CAUSES = ("route", "passage", "reading", "writing", "outdated", "should-have-held")
SEVERITIES = ("low", "medium", "high")
LONGEST_REPLY = 10_000


@dataclass(frozen=True)
class DeskTicket:
    """A ticket with everything needed to answer it."""

    id: str
    domain: str | None
    kind: str
    state: str
    question: str
    note: str
    asker: str
    created_at: datetime
    claimed_by: str | None
    reply: str | None
    answered_at: datetime | None
    answer: Answer

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        body = asdict(self)
        for name in ("created_at", "answered_at"):
            body[name] = body[name].isoformat() if body[name] else None
        return body


class Desk:
    """The tickets of one home."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def escalate(self, user: User, answer_id: str, note: str = "") -> str:
        """The asker wants a person. Returns the ticket; the one that is open already, if any."""
        return self._raise_ticket(user, answer_id, "escalated", note)

    def flag(self, user: User, answer_id: str, reason: str, correction: str) -> str:
        """The asker says the answer is wrong and, maybe, what is right. Returns the ticket."""
        note = "\n".join(part for part in (reason.strip(), correction.strip()) if part)
        with self._database.transaction(user.actor, "flagged as wrong") as change:
            self._verdict(change, user, answer_id, "wrong", note)
        return self._raise_ticket(user, answer_id, "flagged", note)

    def approve(self, user: User, answer_id: str) -> None:
        """The asker says the answer is right."""
        with self._database.transaction(user.actor, "found right") as change:
            self._verdict(change, user, answer_id, "right", "")

    def _verdict(self, change: Change, user: User, answer_id: str, verdict: str, text: str) -> None:
        record = _own_answer(change.session, user, answer_id)
        if len(text) > LONGEST_REPLY:
            raise BadInput("text_too_long", limit=LONGEST_REPLY)
        existing = change.session.scalar(
            select(Verdict).where(
                Verdict.answer_id == record.id, Verdict.account_id == user.id, Verdict.role == "employee"
            )
        )
        before = {"verdict": existing.verdict} if existing else {}
        if existing is None:
            existing = Verdict(answer_id=record.id, account_id=user.id, role="employee", cause=None, severity=None)
            change.session.add(existing)
        existing.verdict, existing.text = verdict, text
        change.record("verdict.given", "answer", record.id, before, {"verdict": verdict, "text": digest(text)})

    def _raise_ticket(self, user: User, answer_id: str, kind: str, note: str) -> str:
        with self._database.transaction(user.actor, f"question {kind}") as change:
            record = _own_answer(change.session, user, answer_id)
            waiting = change.session.scalar(
                select(Ticket).where(Ticket.answer_id == record.id, Ticket.state != "answered")
            )
            if waiting is not None:
                before = {"kind": waiting.kind}
                waiting.kind = kind
                waiting.note = "\n".join(part for part in (waiting.note, note) if part)[:LONGEST_REPLY]
                change.record("ticket.changed", "ticket", waiting.id, before, {"kind": kind})
                return waiting.id
            return open_ticket(change, record, kind, note[:LONGEST_REPLY]).id

    def queue(self, user: User, *, answered: bool = False, limit: int = 200) -> list[DeskTicket]:
        """Tickets of the desks this person works at, oldest first (answered ones: latest first)."""
        if not user.desks:
            raise NotAllowed("no_desk")
        order = Ticket.answered_at.desc() if answered else Ticket.created_at
        state = Ticket.state == "answered" if answered else Ticket.state != "answered"
        with self._database.read() as session:
            rows = session.scalars(select(Ticket).where(_visible(user), state).order_by(order).limit(limit))
            return _with_context(session, rows.all(), user)

    def open_count(self, user: User) -> int:
        """How many questions wait at this person's desks."""
        with self._database.read() as session:
            waiting = select(func.count()).select_from(Ticket).where(_visible(user), Ticket.state != "answered")
            return session.scalar(waiting) or 0

    def ticket(self, user: User, ticket_id: str) -> DeskTicket:
        """One ticket. Raises NotFound for another desk's as for none."""
        with self._database.read() as session:
            return _with_context(session, [_desk_ticket(session, user, ticket_id)], user)[0]

    def claim(self, user: User, ticket_id: str) -> None:
        """Say that one is at it. Raises Conflict when somebody else is."""
        with self._database.transaction(user.actor, "claimed") as change:
            ticket = _desk_ticket(change.session, user, ticket_id)
            _still_open(ticket)
            if ticket.claimed_by not in (None, user.id):
                raise Conflict("claimed_by_another")
            ticket.claimed_by = user.id
            change.record("ticket.claimed", "ticket", ticket.id, after={"by": user.id})

    def hand_over(self, user: User, ticket_id: str, domain: str) -> None:
        """Give a ticket to another domain's desk."""
        user.require("employee", domain)
        with self._database.transaction(user.actor, "handed to another desk") as change:
            ticket = _desk_ticket(change.session, user, ticket_id)
            _still_open(ticket)
            before = {"domain": ticket.domain}
            ticket.domain, ticket.claimed_by = domain, None
            change.record("ticket.handed-over", "ticket", ticket.id, before, {"domain": domain})

    def answer(
        self,
        user: User,
        ticket_id: str,
        text: str,
        *,
        verdict: str | None = None,
        cause: str | None = None,
        severity: str | None = None,
        keep: bool = False,
    ) -> DeskTicket:
        """Reply: into the asker's conversation, with the verdict on the draft, all in one transaction.

        Args:
            verdict: 'right', 'partly' or 'wrong', of what the assistant had written.
            cause, severity: one of CAUSES, SEVERITIES, where the draft was not right.
            keep: the reply also serves the next asker of the same question.
        """
        reply = text.strip()
        if not reply:
            raise BadInput("empty_reply")
        if len(reply) > LONGEST_REPLY:
            raise BadInput("text_too_long", limit=LONGEST_REPLY)
        if cause not in (None, *CAUSES) or severity not in (None, *SEVERITIES):
            raise BadInput("unknown_cause", causes=", ".join(CAUSES), severities=", ".join(SEVERITIES))
        with self._database.transaction(user.actor, "answered at the desk") as change:
            ticket = _desk_ticket(change.session, user, ticket_id)
            _still_open(ticket)
            conversation = change.session.get_one(Conversation, ticket.conversation_id)
            add_message(change, conversation, "person", reply, account=user.id, ticket=ticket.id)
            before = {"state": ticket.state}
            ticket.state, ticket.reply, ticket.answered_by, ticket.answered_at = (
                "answered",
                reply,
                user.id,
                now(),
            )
            if verdict is not None:
                _reviewers_verdict(change, user, ticket, verdict, cause, severity)
            if keep and ticket.domain is not None:
                _keep_as_example(change, user, ticket, reply, cause, severity)
            change.record("ticket.answered", "ticket", ticket.id, before, {"state": "answered", "reply": digest(reply)})
        return self.ticket(user, ticket_id)


def open_ticket(change: Change, record: AnswerRecord, kind: str, note: str = "") -> Ticket:
    """Put an answer's question before a person, in the caller's transaction."""
    ticket = Ticket(
        domain=record.domain,
        kind=kind,
        state="open",
        answer_id=record.id,
        conversation_id=record.conversation_id,
        account_id=record.account_id,
        note=note,
        reply=None,
        claimed_by=None,
        answered_by=None,
        answered_at=None,
    )
    change.session.add(ticket)
    change.session.flush()
    change.record("ticket.opened", "ticket", ticket.id, after={"kind": kind, "domain": record.domain})
    return ticket


def _own_answer(session: Session, user: User, answer_id: str) -> AnswerRecord:
    record = session.get(AnswerRecord, answer_id)
    if record is None or record.account_id != user.id:
        raise NotFound("unknown_answer")
    return record


def _visible(user: User) -> ColumnElement[bool]:
    return or_(Ticket.domain.in_(user.desks), Ticket.domain.is_(None))


def _desk_ticket(session: Session, user: User, ticket_id: str) -> Ticket:
    ticket = session.scalar(select(Ticket).where(Ticket.id == ticket_id, _visible(user)))
    if ticket is None or not user.desks:
        raise NotFound("unknown_ticket", ticket=ticket_id)
    return ticket


def _still_open(ticket: Ticket) -> None:
    if ticket.state == "answered":
        raise Conflict("already_answered")


def _reviewers_verdict(
    change: Change, user: User, ticket: Ticket, verdict: str, cause: str | None, severity: str | None
) -> None:
    if verdict not in ("right", "partly", "wrong"):
        raise BadInput("unknown_verdict")
    change.session.add(
        Verdict(
            answer_id=ticket.answer_id,
            account_id=user.id,
            role="reviewer",
            verdict=verdict,
            cause=cause,
            severity=severity,
        )
    )
    change.record("verdict.given", "answer", ticket.answer_id, after={"verdict": verdict, "cause": cause})


def departments_own(session: Session, documents: Sequence[str]) -> set[str]:
    """Those of some documents that are a whole department's, and no one person's upload."""
    found = select(Document.id).where(
        Document.id.in_(documents), Document.visibility == "department", Document.deleted_at.is_(None)
    )
    return set(session.scalars(found))


def _keep_as_example(
    change: Change, user: User, ticket: Ticket, reply: str, cause: str | None, severity: str | None
) -> None:
    record = change.session.get_one(AnswerRecord, ticket.answer_id)
    cited = record.body["citations"]
    # the asker's own uploads are not for the next asker
    everybodys = departments_own(change.session, [citation["document"] for citation in cited])
    evidence = [citation for citation in cited if citation["document"] in everybodys]
    example = Example(
        domain=ticket.domain,
        question=record.question,
        answer=reply,
        evidence=evidence,
        facts=facts_of(reply, [citation["quote"] for citation in evidence]),
        topic=record.id,
        split="train",  # it was wrong or unsure here; what is judged by must not be chosen by that
        failed_part=cause,
        source="desk",
        approver=user.id,
        language=language_of(record.question, "en"),
        severity=severity,
        state="approved",
    )
    change.session.add(example)
    change.session.flush()
    change.record("example.approved", "example", str(example.id), after={"domain": ticket.domain})


def _with_context(session: Session, tickets: Sequence[Ticket], user: User) -> list[DeskTicket]:
    people = {t.account_id for t in tickets} | {t.claimed_by for t in tickets if t.claimed_by}
    names = {
        account.id: account.display_name for account in session.scalars(select(Account).where(Account.id.in_(people)))
    }
    records = {
        record.id: record
        for record in session.scalars(select(AnswerRecord).where(AnswerRecord.id.in_([t.answer_id for t in tickets])))
    }
    return [
        DeskTicket(
            id=t.id,
            domain=t.domain,
            kind=t.kind,
            state=t.state,
            question=records[t.answer_id].question,
            note=t.note,
            asker=names.get(t.account_id, t.account_id),
            created_at=t.created_at,
            claimed_by=names.get(t.claimed_by, t.claimed_by) if t.claimed_by else None,
            reply=t.reply,
            answered_at=t.answered_at,
            answer=Answer.from_dict(records[t.answer_id].body).visible_to(user.roles),
        )
        for t in tickets
    ]
