"""Half-written replies: what a reviewer has typed at the desk and not sent survives a closed browser.

A draft is its writer's alone, and only while the writer sees the ticket and it waits. It goes when the ticket is
answered, by whomever, and with the conversation or the person.
"""

from sqlalchemy.orm import Session

from assistant.access import User
from assistant.answer import Answer
from assistant.audit import digest
from assistant.clock import now
from assistant.database import Database
from assistant.desk import LONGEST_REPLY
from assistant.errors import BadInput
from assistant.tables import AnswerRecord, ReplyDraft, Ticket
from assistant.tickets import desk_ticket, open_desk_ticket

OFFERED_FROM = 0.5  # confidence; a draft that is likelier wrong is shown, not written into the reply


class ReplyDrafts:
    """The half-written replies of one home."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, user: User, ticket_id: str) -> str | None:
        """What this person has written to a ticket and not sent; None: nothing. Raises NotFound."""
        with self._database.read() as session:
            desk_ticket(session, user, ticket_id)
            draft = session.get(ReplyDraft, (ticket_id, user.id))
            return draft.text if draft else None

    def keep(self, user: User, ticket_id: str, text: str) -> bool:
        """Keep the words as they are now; says whether there was anything new.

        Raises NotFound, Conflict (it has been answered), BadInput (too long).
        """
        if len(text) > LONGEST_REPLY:
            raise BadInput("text_too_long", limit=LONGEST_REPLY)
        with self._database.transaction(user.actor, "reply half written") as change:
            ticket = open_desk_ticket(change, user, ticket_id)
            draft = change.session.get(ReplyDraft, (ticket.id, user.id))
            before = draft.text if draft else _offered_for(change.session, ticket)
            if text == before:
                return False
            if draft is None:
                draft = ReplyDraft(ticket_id=ticket.id, account_id=user.id)
                change.session.add(draft)
            draft.text, draft.saved_at = text, now()
            change.record("ticket.drafted", "ticket", ticket.id, {"reply": digest(before)}, {"reply": digest(text)})
        return True


def offered(answer: Answer) -> str:
    """What stands in the reply's box before anybody has typed: the assistant's draft, unless it is likelier wrong."""
    return answer.draft if answer.draft and answer.confidence >= OFFERED_FROM and not answer.is_unnamed else ""


def _offered_for(session: Session, ticket: Ticket) -> str:
    record = session.get_one(AnswerRecord, ticket.answer_id)
    return offered(Answer.from_dict(record.body))
