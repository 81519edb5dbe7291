"""Conversations as the server keeps them: what was asked, answered and replied, in order.

The browser sends an id and new text; everything else is read here. A conversation is its owner's alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BindParameter, Connection, CursorResult, Select, String, bindparam, delete, exists, func, select
from sqlalchemy.orm import Session

from assistant.access import User
from assistant.answer import Answer, Citation
from assistant.clock import now
from assistant.database import Change, Database
from assistant.errors import NotFound
from assistant.fates import marks
from assistant.tables import AnswerRecord, Conversation, DocumentRequest, Message, Notice, ReplyDraft, Ticket, Verdict
from index import fetch_all

TITLE_LENGTH = 60
LISTED = 50  # conversations in a list; words find the others
AT_ONCE = 500  # conversations deleted in one statement
_UNSYNCHRONISED = {"synchronize_session": False}


@dataclass(frozen=True)
class Turn:
    """One message as it is shown; `answer` where the assistant spoke, `ticket` where a person did, who may have said
    which passages his reply `rests_on`.
    """

    id: str
    author: str
    text: str
    at: datetime
    answer: Answer | None
    ticket: str | None
    rests_on: list[Citation]


def open_conversation(change: Change, user: User, conversation_id: str | None, question: str) -> Conversation:
    """The person's conversation of that id, or a new one named after its first question. Raises NotFound."""
    if conversation_id is None:
        conversation = Conversation(account_id=user.id, title=" ".join(question.split())[:TITLE_LENGTH])
        change.session.add(conversation)
        change.session.flush()
        change.record("conversation.started", "conversation", conversation.id)
        return conversation
    return owned(change.session, user, conversation_id)


def owned(session: Session, user: User, conversation_id: str) -> Conversation:
    """A conversation of this person. Raises NotFound for anybody else's, as for none."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None or conversation.account_id != user.id:
        raise NotFound("unknown_conversation")
    return conversation


def add_message(
    change: Change,
    conversation: Conversation,
    author: str,
    text: str,
    *,
    account: str | None = None,
    answer: str | None = None,
    ticket: str | None = None,
    rests_on: Sequence[Citation] = (),
) -> Message:
    """Append a message; its place in the order is taken in this transaction."""
    last = change.session.scalar(_last(conversation.id))
    message = Message(
        conversation_id=conversation.id,
        ordinal=(last or 0) + 1,
        author=author,
        account_id=account,
        text=text,
        answer_id=answer,
        ticket_id=ticket,
        rests_on=[vars(replace(citation, n=n)) for n, citation in enumerate(rests_on, start=1)],
    )
    conversation.updated_at = now()
    change.session.add(message)
    change.session.flush()
    return message


def earlier_questions(session: Session, conversation_id: str) -> Sequence[str]:
    """This conversation's questions as they were searched, oldest first."""
    searched = func.coalesce(AnswerRecord.trace["searched"].as_string(), AnswerRecord.question)
    asked = select(searched).where(AnswerRecord.conversation_id == conversation_id).order_by(AnswerRecord.created_at)
    return [text for (text,) in fetch_all(session, asked)]


def turns(session: Session, conversation_id: str, last: int | None = None) -> list[Turn]:
    """The messages in order, all or the `last` ones. The caller has checked that the conversation may be seen."""
    shown = (
        select(Message.id, Message.author, Message.text, Message.created_at, AnswerRecord.body, Message.ticket_id)
        .add_columns(Message.rests_on)
        .outerjoin(AnswerRecord, AnswerRecord.id == Message.answer_id)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.ordinal.desc())
        .limit(last)
    )
    return [
        Turn(key, author, text, at, _answer(body), ticket, [Citation(**citation) for citation in rests_on])
        for key, author, text, at, body, ticket, rests_on in reversed(fetch_all(session, shown))
    ]


def _answer(body: dict[str, Any] | None) -> Answer | None:
    return Answer.from_dict(body) if body else None


def listing(session: Session, user: User, words: str = "", limit: int = LISTED) -> list[tuple[str, str, bool]]:
    """The person's conversations, latest first: id, title, and whether it holds a reply that he has not seen.

    Args:
        words: each of these stands in something that was said there.
    """
    said = [
        exists().where(Message.conversation_id == Conversation.id, Message.text.icontains(word, autoescape=True))
        for word in words.split()
    ]
    latest = (
        select(Conversation.id, Conversation.title, Conversation.id.in_(_unseen(user)))
        .where(Conversation.account_id == user.id, *said)
        .order_by(Conversation.updated_at.desc())
        .limit(limit)
    )
    return [(key, title, new) for key, title, new in fetch_all(session, latest)]


def unseen(session: Session, user: User) -> int:
    """How many conversations hold a person's reply that the asker has not seen."""
    return len(session.scalars(_unseen(user)).all())


def _last(conversation_id: str) -> Select[int]:
    return select(func.max(Message.ordinal)).where(Message.conversation_id == conversation_id)


def _unseen(user: User) -> Select[str]:
    return (
        select(Conversation.id)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(Conversation.account_id == user.id, Message.author == "person", Message.ordinal > Conversation.seen)
        .distinct()
    )


def remove(session: Session, conversation_ids: Sequence[str]) -> dict[str, int]:
    """Delete conversations with all that hangs on them. Returns how many rows of each kind went."""
    kinds = ("notices", "requests", "drafts", "verdicts", "tickets", "messages", "answers", "conversations")
    removed = dict.fromkeys(kinds, 0)
    for at in range(0, len(conversation_ids), AT_ONCE):
        some = conversation_ids[at : at + AT_ONCE]
        answers = select(AnswerRecord.id).where(AnswerRecord.conversation_id.in_(some))
        tickets = select(Ticket.id).where(Ticket.conversation_id.in_(some))
        for name, statement in (
            ("notices", delete(Notice).where(Notice.ticket_id.in_(tickets))),
            ("requests", delete(DocumentRequest).where(DocumentRequest.ticket_id.in_(tickets))),
            ("drafts", delete(ReplyDraft).where(ReplyDraft.ticket_id.in_(tickets))),
            ("verdicts", delete(Verdict).where(Verdict.answer_id.in_(answers))),
            ("tickets", delete(Ticket).where(Ticket.conversation_id.in_(some))),
            ("messages", delete(Message).where(Message.conversation_id.in_(some))),
            ("answers", delete(AnswerRecord).where(AnswerRecord.conversation_id.in_(some))),
            ("conversations", delete(Conversation).where(Conversation.id.in_(some))),
        ):
            done = cast("CursorResult[Any]", session.execute(statement, execution_options=_UNSYNCHRONISED))
            removed[name] += done.rowcount
    return removed


def see(database: Database, user: User, conversation_id: str) -> None:
    """The asker has the conversation before him; goes on record where there was a reply that he had not seen."""
    with database.read() as session:
        if conversation_id not in session.scalars(_unseen(user)).all():
            return
    with database.transaction(user.actor, "opened") as change:
        conversation = owned(change.session, user, conversation_id)
        before = {"seen": conversation.seen}
        conversation.seen = change.session.scalar(_last(conversation_id)) or 0
        change.record("reply.seen", "conversation", conversation.id, before, {"seen": conversation.seen})


# asked by every open page all the time, so in one statement with one row
_which: BindParameter[str] = bindparam("conversation", type_=String)
_messages = select(func.count()).select_from(Message).where(Message.conversation_id == _which)
_STATE = select(_messages.scalar_subquery(), *marks(_which)).where(
    select(Conversation.id)
    .where(Conversation.id == _which, Conversation.account_id == bindparam("account", type_=String))
    .exists()
)


def state(records: Session | Connection, user: User, conversation_id: str) -> str:
    """A short text that changes whenever something in the conversation does that its page shows. Raises NotFound."""
    found = records.execute(_STATE, {"conversation": conversation_id, "account": user.id}).one_or_none()
    if found is None:
        raise NotFound("unknown_conversation")
    messages, *marked = found
    shown = f"{messages}:{[sorted((one or '').split(',')) for one in marked]}"
    return hashlib.sha256(shown.encode()).hexdigest()[:16]
