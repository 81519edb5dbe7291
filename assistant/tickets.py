"""Tickets: how one is opened and opened again, who sees it, and how it is shown.

A ticket is a question that waits for a person: a held answer, an 'ask a person', a flag. Reviewers see the tickets of
their domains, and those of no domain. Where nobody works at a desk, or its domain is closed or gone, administrators see
its tickets, so that none is on nobody's list.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, join, or_, select
from sqlalchemy.orm import Session, aliased

from assistant.access import WORKS_AT_DESK, User
from assistant.answer import Answer
from assistant.clock import now
from assistant.database import Change
from assistant.documents import kept_from
from assistant.errors import Conflict, NotFound
from assistant.steps.matters import as_told
from assistant.tables import Account, AnswerRecord, Domain, RoleGrant, Ticket
from index import fetch_all

DUE = timedelta(hours=24)  # where no domain says otherwise
_asker, _claimer = aliased(Account), aliased(Account)
_brought = (
    join(Ticket, AnswerRecord, AnswerRecord.id == Ticket.answer_id)
    .outerjoin(Domain, Domain.name == Ticket.domain)
    .outerjoin(_asker, _asker.id == Ticket.account_id)
    .outerjoin(_claimer, _claimer.id == Ticket.claimed_by)
)
_QUEUED = (
    Ticket.id,
    Domain.name.label("domain"),
    Ticket.kind,
    Ticket.state,
    AnswerRecord.question,
    Ticket.note,
    func.coalesce(_asker.display_name, Ticket.account_id).label("asker"),
    Ticket.created_at,
    Ticket.waiting_since,
    Ticket.due_at,
    func.coalesce(_claimer.display_name, Ticket.claimed_by).label("claimed_by"),
    Ticket.reply,
    Ticket.answered_at,
    Ticket.reopened,
)  # what `QueuedTicket` tells


@dataclass(frozen=True)
class QueuedTicket:
    """A ticket as it stands in a queue."""

    id: str
    domain: str | None  # None also where the domain is gone
    kind: str
    state: str
    question: str
    note: str
    asker: str
    created_at: datetime
    waiting_since: datetime
    due_at: datetime
    claimed_by: str | None
    reply: str | None
    answered_at: datetime | None
    reopened: int

    @property
    def is_overdue(self) -> bool:
        """Whether it waits for longer than it should."""
        return self.state == "open" and self.due_at < now()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        body = asdict(self) | {"overdue": self.is_overdue}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in body.items()}


@dataclass(frozen=True)
class DeskTicket(QueuedTicket):
    """A ticket with everything needed to answer it. `by_itself`: see `asked_by_itself`."""

    answer: Answer
    by_itself: str


def open_ticket(change: Change, record: AnswerRecord, kind: str, note: str = "") -> Ticket:
    """Put an answer's question before a person, in the caller's transaction."""
    domain = desk_of(change.session, record.domain)
    ticket = Ticket(
        domain=domain,
        kind=kind,
        state="open",
        answer_id=record.id,
        conversation_id=record.conversation_id,
        account_id=record.account_id,
        note=note,
        reply=None,
        claimed_by=None,
        answered_by=None,
        example_id=None,
        due_at=due(change.session, domain),
        first_answered_at=None,
        answered_at=None,
    )
    change.session.add(ticket)
    change.session.flush()
    change.record("ticket.opened", "ticket", ticket.id, after={"kind": kind, "domain": domain})
    return ticket


def open_held(change: Change, record: AnswerRecord) -> Ticket:
    """Put a held answer's question before a person. Where the asker's same words wait in the conversation already and
    nobody is at them, that ticket goes on with this answer: who chooses a department asks once.
    """
    same = (
        select(Ticket)
        .join(AnswerRecord, AnswerRecord.id == Ticket.answer_id)
        .where(
            Ticket.conversation_id == record.conversation_id,
            Ticket.kind == "held",
            Ticket.state == "open",
            Ticket.reopened == 0,
            Ticket.claimed_by.is_(None),
            AnswerRecord.question == record.question,
        )
    )
    ticket = change.session.scalar(same.order_by(Ticket.created_at.desc()).limit(1).with_for_update(of=Ticket))
    if ticket is None:
        return open_ticket(change, record, "held")
    before = {"domain": ticket.domain, "answer": ticket.answer_id}
    ticket.answer_id, ticket.domain = record.id, desk_of(change.session, record.domain)
    ticket.due_at = due(change.session, ticket.domain)
    change.record("ticket.asked-again", "ticket", ticket.id, before, {"domain": ticket.domain, "answer": record.id})
    return ticket


def reopen(change: Change, ticket: Ticket) -> None:
    """An answered question waits again, with the desk that answered it and whoever did."""
    before = {"state": ticket.state}
    ticket.domain = desk_of(change.session, ticket.domain)
    ticket.state, ticket.waiting_since, ticket.due_at = "open", now(), due(change.session, ticket.domain)
    ticket.claimed_by = ticket.answered_by
    ticket.reopened += 1
    change.record("ticket.reopened", "ticket", ticket.id, before, {"state": "open", "times": ticket.reopened})


def give_to(change: Change, ticket: Ticket, domain: str) -> None:
    """A question goes to another department's desk; its asker sees where it is."""
    before = {"domain": ticket.domain}
    ticket.domain, ticket.claimed_by, ticket.handed_over = domain, None, True
    ticket.due_at = due(change.session, domain)
    change.record("ticket.handed-over", "ticket", ticket.id, before, {"domain": domain})


def desk_of(session: Session, domain: str | None) -> str | None:
    """Whose desk a department's questions come to: its own; those of a closed one, where it said that they go."""
    row = session.get(Domain, domain) if domain else None
    while row is not None and row.closed_at is not None and row.successor is not None:
        row = session.get_one(Domain, row.successor)
    return row.name if row is not None else domain


def due(session: Session, domain: str | None) -> datetime:
    """When a question that comes to a domain's desk now should be answered."""
    row = session.get(Domain, domain) if domain else None
    return now() + (timedelta(hours=row.due_hours) if row else DUE)


def on_desks_of(user: User) -> ColumnElement[bool]:
    """The tickets that this person sees: those of his desks and of no department; an administrator also those that
    nobody else would see, because nobody works at their desk (any more).
    """
    seen: list[ColumnElement[bool]] = [false()]
    if user.desks:
        seen += [Ticket.domain.in_(user.desks), Ticket.domain.is_(None)]
    if user.administrator:
        staffed = _staffed()
        seen += [
            and_(Ticket.domain.is_not(None), Ticket.domain.not_in(staffed)),
            and_(Ticket.domain.is_(None), ~staffed.exists()),
        ]
    return or_(*seen)


def mentions(words: str) -> list[ColumnElement[bool]]:
    """That each of some words stands in a ticket's question, in the note to it, or in the name of who asked."""
    found = []
    for word in words.split():
        asked = select(AnswerRecord.id).where(AnswerRecord.question.icontains(word, autoescape=True))
        people = select(Account.id).where(Account.display_name.icontains(word, autoescape=True))
        note = Ticket.note.icontains(word, autoescape=True)
        found.append(or_(note, Ticket.answer_id.in_(asked), Ticket.account_id.in_(people)))
    return found


def _staffed() -> Select[str]:
    """The departments at whose desk somebody works."""
    return (
        select(Domain.name)
        .join(RoleGrant, RoleGrant.domain == Domain.name)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.role.in_(WORKS_AT_DESK), Account.disabled_at.is_(None), Domain.closed_at.is_(None))
    )


def desk_ticket(session: Session, user: User, ticket_id: str) -> Ticket:
    """A ticket of this person's desks. Raises NotFound for another desk's as for none."""
    ticket = session.scalar(select(Ticket).where(Ticket.id == ticket_id, on_desks_of(user)))
    if ticket is None:
        raise NotFound("unknown_ticket", ticket=ticket_id)
    return ticket


def open_desk_ticket(change: Change, user: User, ticket_id: str) -> Ticket:
    """The same, to be changed: nobody else changes it meanwhile. Raises NotFound, Conflict (it has been answered)."""
    ticket = desk_ticket(change.session, user, ticket_id)
    change.session.refresh(ticket, with_for_update=True)
    if ticket.state == "answered":
        names = names_of(change.session, {ticket.answered_by or ""})
        raise Conflict("already_answered", person=names.get(ticket.answered_by or "", ticket.answered_by))
    return ticket


def queued(session: Session, *wanted: ColumnElement[bool], order: Any, limit: int) -> list[QueuedTicket]:
    """Tickets as they stand in a queue, in one statement: a page asks this often."""
    rows = fetch_all(session, select(*_QUEUED).select_from(_brought).where(*wanted).order_by(order).limit(limit))
    return [QueuedTicket(**row._mapping) for row in rows]


def with_answer(session: Session, user: User, ticket_id: str) -> DeskTicket:
    """A ticket of this person's desks with its answer, as it is shown to him. Raises NotFound."""
    asked = select(*_QUEUED, AnswerRecord).select_from(_brought)
    found = session.execute(asked.where(Ticket.id == ticket_id, on_desks_of(user))).one_or_none()
    if found is None:
        raise NotFound("unknown_ticket", ticket=ticket_id)
    line = dict(found._mapping)
    record = line.pop("AnswerRecord")
    answer = Answer.from_dict(record.body)
    shown = answer.visible_to(user.roles, kept_from(session, user, [answer]))
    return DeskTicket(**line, answer=shown, by_itself=asked_by_itself(record))


def asked_by_itself(record: AnswerRecord) -> str:
    """A question as anybody may ask it: a follow-up with what it goes on from ('and for part-timers?' alone is asked
    after many a question).
    """
    return as_told(record.trace.get("searched", record.question))


def names_of(session: Session, people: set[str]) -> dict[str, str]:
    """Display names by account id."""
    rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(people)))
    return {identifier: name for identifier, name in rows}
