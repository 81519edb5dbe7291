"""No document says it yet: what desks ask the owners of their domains to have written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from assistant.access import User
from assistant.audit import digest
from assistant.clock import now
from assistant.conversations import add_message
from assistant.database import Change, Database
from assistant.errors import BadInput, NotFound
from assistant.tables import AnswerRecord, Conversation, DocumentRequest, Ticket
from assistant.tickets import names_of

LONGEST = 2_000


@dataclass(frozen=True)
class Requested:
    """A question that no document of the domain answers."""

    id: str
    domain: str
    question: str
    person: str
    remark: str
    created_at: datetime
    closed_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        moments = {name: value.isoformat() for name, value in vars(self).items() if isinstance(value, datetime)}
        return vars(self) | moments


def request_document(change: Change, user: User, ticket: Ticket) -> None:
    """Ask the owner of a ticket's domain, in the caller's transaction; once for a ticket that waits."""
    open_one = select(DocumentRequest).where(
        DocumentRequest.ticket_id == ticket.id, DocumentRequest.closed_at.is_(None)
    )
    if change.session.scalar(open_one) is not None:
        return
    record = change.session.get_one(AnswerRecord, ticket.answer_id)
    row = DocumentRequest(
        domain=ticket.domain, ticket_id=ticket.id, question=record.question, requested_by=user.id, closed_at=None
    )
    change.session.add(row)
    change.session.flush()
    change.record("document.requested", "document-request", row.id, after={"domain": ticket.domain})


class DocumentRequests:
    """The requests of one home."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listing(self, user: User, *, closed: bool = False) -> list[Requested]:
        """The requests of the domains whose desk this person works at, oldest first."""
        wanted = select(DocumentRequest).where(DocumentRequest.domain.in_(user.desks))
        wanted = wanted.where(DocumentRequest.closed_at.is_not(None) if closed else DocumentRequest.closed_at.is_(None))
        with self._database.read() as session:
            rows = session.scalars(wanted.order_by(DocumentRequest.created_at)).all()
            names = names_of(session, {row.requested_by for row in rows})
            return [
                Requested(
                    id=row.id,
                    domain=row.domain,
                    question=row.question,
                    person=names.get(row.requested_by, row.requested_by),
                    remark=row.remark,
                    created_at=row.created_at,
                    closed_at=row.closed_at,
                )
                for row in rows
            ]

    def close(self, user: User, request_id: str, remark: str) -> None:
        """It stands in a document now, or never will: the remark says which, also to the person who asked.

        Raises NotFound, NotAllowed (below owner), BadInput (no remark).
        """
        words = remark.strip()
        if not words:
            raise BadInput("empty_reply")
        if len(words) > LONGEST:
            raise BadInput("text_too_long", limit=LONGEST)
        with self._database.transaction(user.actor, "request for a document closed") as change:
            row = change.session.get(DocumentRequest, request_id, with_for_update=True)
            if row is None or row.closed_at is not None or not user.may("reviewer", row.domain):
                raise NotFound("unknown_request")
            user.require("owner", row.domain)
            row.closed_at, row.remark = now(), words
            ticket = change.session.get_one(Ticket, row.ticket_id)
            conversation = change.session.get_one(Conversation, ticket.conversation_id)
            add_message(change, conversation, "person", words, account=user.id, ticket=ticket.id)
            after = {"state": "closed", "remark": digest(words)}
            change.record("document.request-closed", "document-request", row.id, {"state": "open"}, after)
