"""How long a department's conversations are kept: after that many days without a word they are deleted.

Where several departments took part, the shortest time counts; where none did, the shortest of all. A conversation with
a question that still waits for a person stays until it is answered. What was made of it stays: approved examples.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assistant import conversations
from assistant.access import User
from assistant.clock import now
from assistant.database import Database
from assistant.errors import BadInput, NotFound
from assistant.tables import AnswerRecord, AuditEntry, Conversation, Domain, Ticket

LONGEST = 3650  # days
ACTOR = "job:retention"


@dataclass(frozen=True)
class Kept:
    """A department's retention. days: None keeps for good. due: conversations that go at the next turn."""

    domain: str
    days: int | None
    conversations: int
    due: int


class Retention:
    """The retention of one home."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(self, user: User, domain: str, days: int | None) -> None:
        """Keep a department's conversations for `days`; None: for good. Raises NotAllowed, NotFound, BadInput."""
        user.require_administrator()
        if days is not None and not 1 <= days <= LONGEST:
            raise BadInput("bad_retention", most=LONGEST)
        with self._database.transaction(user.actor, "retention set") as change:
            row = change.session.get(Domain, domain)
            if row is None:
                raise NotFound("unknown_domain", domain=domain)
            change.record("retention.set", "domain", domain, {"days": row.retention_days}, {"days": days})
            row.retention_days = days

    def listing(self, user: User) -> list[Kept]:
        """Every department's retention. Raises NotAllowed."""
        user.require_administrator()
        with self._database.read() as session:
            due = set(_due(session))
            asked = select(AnswerRecord.domain, AnswerRecord.conversation_id).distinct()
            of_domain: dict[str | None, set[str]] = {}
            for domain, conversation in session.execute(asked):
                of_domain.setdefault(domain, set()).add(conversation)
            rows = session.execute(select(Domain.name, Domain.retention_days).order_by(Domain.name))
            return [
                Kept(name, days, len(of_domain.get(name, ())), len(of_domain.get(name, set()) & due))
                for name, days in rows
            ]

    def last_removal(self, user: User) -> tuple[str, int] | None:
        """When conversations were last removed for their age, and how many. Raises NotAllowed."""
        user.require_administrator()
        latest = select(AuditEntry).where(AuditEntry.action == "retention.applied").order_by(AuditEntry.number.desc())
        with self._database.read() as session:
            entry = session.scalar(latest.limit(1))
        return (entry.time, int(entry.object_id)) if entry else None

    def apply(self) -> int:
        """Delete what is older than its departments keep it. Returns how many conversations went."""
        with self._database.read() as session:
            if not _due(session):
                return 0
        with self._database.transaction(ACTOR, "older than its departments keep it") as change:
            removed = conversations.remove(change.session, _due(change.session))
            change.record("retention.applied", "conversations", str(removed["conversations"]), removed, {})
        self._database.scrub()
        return removed["conversations"]


def _due(session: Session) -> list[str]:
    shortest = session.scalar(select(func.min(Domain.retention_days)))
    if shortest is None:
        return []
    waiting = select(Ticket.conversation_id).where(Ticket.state != "answered")
    aged = select(Conversation.id, Conversation.updated_at).where(
        Conversation.updated_at < now() - timedelta(days=shortest), Conversation.id.not_in(waiting)
    )
    taking_part = (
        select(AnswerRecord.conversation_id, func.min(Domain.retention_days), func.count(AnswerRecord.domain))
        .outerjoin(Domain, Domain.name == AnswerRecord.domain)
        .group_by(AnswerRecord.conversation_id)
    )
    days = {
        conversation: least if departments else shortest
        for conversation, least, departments in session.execute(taking_part)
    }
    moment = now()
    return [
        conversation
        for conversation, updated in session.execute(aged)
        if (limit := days.get(conversation, shortest)) is not None and updated < moment - timedelta(days=limit)
    ]
