"""What is to be sent: written in the transaction of the change that it tells of, so that nothing is told that did not
happen and nothing that happened goes untold.

Switched off unless the settings name a mail server or webhooks. A mail says that there is a reply, and its words only
where the settings say so. `sending` takes the rows from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assistant.access import WORKS_AT_DESK, User
from assistant.clock import now
from assistant.database import Change, Database
from assistant.settings import Settings
from assistant.tables import Account, AnswerRecord, Notice, RoleGrant, Ticket

OVERDUE = "overdue"
MOST_AT_ONCE = 100
TOLD = {"ticket.opened": "opened", "ticket.reopened": "reopened", "ticket.answered": "answered"}  # by action


def may_write_to(settings: Settings, address: str) -> bool:
    """Whether an address, or the domain of it, is one that an administrator listed."""
    folded = address.casefold()
    return any(folded == one or folded.endswith(f"@{one.removeprefix('@')}") for one in settings.allowed_mail)


class Outbox:
    """The notices of one home."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        if settings.mail_server or settings.webhook_addresses:
            database.before_commit.append(self._note)

    def _note(self, change: Change) -> None:
        """Write down what is to be told of a change that is about to be committed."""
        for event in list(change.events):
            told = TOLD.get(event.action)
            if told is None:
                continue
            for address in self._settings.webhook_addresses:
                _add(change, "webhook", address, told, event.object_id)
            if told == "answered" and self._settings.mail_server:
                ticket = change.session.get_one(Ticket, event.object_id)
                asker = change.session.get(Account, ticket.account_id)
                if asker and asker.email and not asker.disabled_at and may_write_to(self._settings, asker.email):
                    _add(change, "mail", asker.email, told, ticket.id)

    def listing(self, user: User, limit: int = 200) -> list[dict[str, Any]]:
        """What has not been sent, oldest first. Raises NotAllowed (no administrator)."""
        user.require_administrator()
        with self._database.read() as session:
            waiting = select(Notice).where(Notice.sent_at.is_(None)).order_by(Notice.created_at).limit(limit)
            return [
                {
                    "id": row.id,
                    "kind": row.kind,
                    "address": row.address,
                    "event": row.event,
                    "ticket": row.ticket_id,
                    "created_at": row.created_at.isoformat(),
                    "attempts": row.attempts,
                    "given_up": row.given_up,
                    "error": row.error,
                }
                for row in session.scalars(waiting)
            ]


def tell_overdue(database: Database, settings: Settings) -> int:
    """Write down, once for each, the questions that a desk has left waiting past their time: for webhooks, and by mail
    for those who work at the desk, or for administrators where nobody does. Returns how many notices that makes.

    A question that nobody can be told of keeps no other from being told of; it is told of once somebody can be.
    """
    told = select(Notice.id).where(Notice.ticket_id == Ticket.id, Notice.event == OVERDUE)
    late = select(Ticket).where(Ticket.state != "answered", Ticket.due_at <= now(), ~told.exists())
    with database.read() as session:
        desks = session.scalars(late.with_only_columns(Ticket.domain).distinct()).all()
        able = {desk: to for desk in desks if (to := _to_tell(session, settings, desk))}
    if not able:
        return 0
    at_these = func.coalesce(Ticket.domain, "").in_([desk or "" for desk in able])
    oldest = late.where(at_these).order_by(Ticket.due_at, Ticket.id).limit(MOST_AT_ONCE)
    with database.transaction("job:sending", "overdue") as change:
        for ticket in change.session.scalars(oldest.with_for_update(skip_locked=True)).all():
            for kind, address in able[ticket.domain]:
                _add(change, kind, address, OVERDUE, ticket.id)
        return len(change.events)


def _to_tell(session: Session, settings: Settings, desk: str | None) -> list[tuple[str, str]]:
    """(kind, address) of everybody who can be told that a question waits at a desk; None: at no department's."""
    mails = _responsible(session, desk) if settings.mail_server else ()
    listed = [("mail", address) for address in mails if may_write_to(settings, address)]
    return [("webhook", address) for address in settings.webhook_addresses] + listed


def _responsible(session: Session, desk: str | None) -> Sequence[str]:
    """The addresses of those whom a question at a desk waits for."""
    able = select(Account.email).where(Account.email.is_not(None), Account.disabled_at.is_(None)).order_by(Account.id)
    at_desk = able.join(RoleGrant, RoleGrant.account_id == Account.id).where(
        RoleGrant.domain == desk, RoleGrant.role.in_(WORKS_AT_DESK)
    )
    found = session.scalars(at_desk).all() or session.scalars(able.where(Account.administrator)).all()
    return [address for address in found if address]


def _add(change: Change, kind: str, address: str, told: str, ticket: str) -> None:
    row = Notice(kind=kind, address=address, event=told, ticket_id=ticket, sent_at=None)
    change.session.add(row)
    change.session.flush()
    change.record("notice.written", "notice", row.id, after={"kind": kind, "event": told})


@dataclass(frozen=True)
class Letter:
    """A notice with what it tells."""

    id: str
    kind: str
    address: str
    event: str
    ticket: str
    domain: str | None
    language: str
    question: str
    reply: str
    at: datetime


def letter(session: Session, row: Notice) -> Letter:
    """Everything that is needed to send a notice, as it is now."""
    ticket = session.get_one(Ticket, row.ticket_id)
    record = session.get_one(AnswerRecord, ticket.answer_id)
    return Letter(
        id=row.id,
        kind=row.kind,
        address=row.address,
        event=row.event,
        ticket=ticket.id,
        domain=ticket.domain,
        language=str(record.body.get("language", "en")),
        question=record.question,
        reply=ticket.reply or "",
        at=row.created_at or now(),
    )
