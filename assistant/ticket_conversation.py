"""The conversation that a ticket belongs to, as far as its desk may read it; every reading goes on record."""

from dataclasses import replace

from assistant.access import User
from assistant.conversations import Turn, turns
from assistant.database import Database
from assistant.documents import kept_from
from assistant.tickets import desk_ticket


def read_conversation(database: Database, user: User, ticket_id: str) -> tuple[list[Turn], int]:
    """The turns with this person's desks or with none, and how many others are left out. Raises NotFound."""
    with database.transaction(user.actor, f"to answer ticket {ticket_id}") as change:
        ticket = desk_ticket(change.session, user, ticket_id)
        change.record("conversation.read", "conversation", ticket.conversation_id, after={"ticket": ticket.id})
        found = turns(change.session, ticket.conversation_id)
        hidden = kept_from(change.session, user, [turn.answer for turn in found if turn.answer is not None])
    seen: list[Turn] = []
    asked: list[Turn] = []
    for turn in found:
        if turn.author == "employee" and turn.ticket is None:
            asked = [turn]  # shown with what it was answered by
        elif turn.ticket == ticket_id:
            seen.append(turn)
        elif turn.answer is not None and turn.answer.domain in (None, *user.desks):
            seen += [*asked, replace(turn, answer=turn.answer.visible_to(user.roles, hidden))]
            asked = []
    return seen, len(found) - len(seen)
