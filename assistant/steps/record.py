"""Step 9: everything needed to show, judge and replay an answer, written in one transaction.

The question is recorded before the work starts, so that a crash in the middle loses no question; the answer,
its message and the ticket of a hold come together or not at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from assistant.access import User
from assistant.answer import Answer, Citation, Evidence, Reading, Seconds, Status
from assistant.audit import digest
from assistant.clock import today
from assistant.conversations import add_message, earlier_questions, open_conversation
from assistant.database import Change, Database
from assistant.errors import NotFound, Refusal
from assistant.tables import AnswerRecord, Conversation, new_id
from assistant.tickets import open_held

T = TypeVar("T")


def citations(
    reading: Reading, told: Evidence | None, nobodys: bool, status: Status, domain: str | None
) -> list[Citation]:
    """The sources in the department that answers: the answer's own first, then what says otherwise: in force, or not
    any more (`told`). A declined question shows what the documents do say of its topic, one that is nobody's topic
    nothing.
    """
    if status == "declined" and nobodys:
        return []
    otherwise = [one for one in (reading.against, told) if one is not None]
    said = {one.hit.passage.id for one in otherwise}
    here = [one for one in reading.evidence if one.hit.passage.domain == domain and one.hit.passage.id not in said]
    found = [*here[:1], *otherwise, *here[1:]]
    day = today()
    return [Citation.of_evidence(n, one, day) for n, one in enumerate(found, start=1)]


def rounded(seconds: Seconds) -> Seconds:
    """To the millisecond."""
    return Seconds(*(round(value, 3) for value in (seconds.route, seconds.evidence, seconds.answer, seconds.total)))


class Recorder(Protocol):
    """Keeps questions and answers."""

    def question(self, user: User, conversation: str | None, text: str) -> tuple[str, Sequence[str]]:
        """Record what was asked. Returns the conversation's id and its earlier questions as they were searched."""

    def answer(self, user: User, made: Answer, trace: dict[str, Any]) -> Answer:
        """Record an answer. Returns it with its ids."""


class Records:
    """Keeps them in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def question(self, user: User, conversation: str | None, text: str) -> tuple[str, Sequence[str]]:
        """Record what was asked. Returns the conversation's id and its earlier questions as they were searched."""
        return self.write(user, "asked", lambda change: put_question(change, user, conversation, text))

    def answer(self, user: User, made: Answer, trace: dict[str, Any]) -> Answer:
        """Record an answer; a held one gets its ticket. Returns it with its ids."""
        return self.write(user, f"question {made.status}", lambda change: put_answer(change, user, made, trace))

    def write(self, user: User, reason: str, put: Callable[[Change], T]) -> T:
        """Write in a transaction; on a full disk once more, in the room that is kept for this."""

        def write() -> T:
            with self._database.transaction(user.actor, reason) as change:
                return put(change)

        try:
            return write()
        except Refusal as error:
            if error.code != "no_disk" or not self._database.spare():
                raise
        return write()


def put_question(change: Change, user: User, conversation: str | None, text: str) -> tuple[str, Sequence[str]]:
    """See `Records.question`; in the caller's transaction."""
    opened = open_conversation(change, user, conversation, text)
    earlier = earlier_questions(change.session, opened.id)
    message = add_message(change, opened, "employee", text, account=user.id)
    change.record("question.asked", "message", message.id, after={"text": digest(text)})
    return opened.id, earlier


def put_answer(change: Change, user: User, made: Answer, trace: dict[str, Any]) -> Answer:
    """See `Records.answer`; in the caller's transaction. Raises NotFound."""
    conversation = change.session.get(Conversation, made.conversation)
    if conversation is None:  # it was erased meanwhile
        raise NotFound("unknown_conversation")
    identifier = new_id()
    kept = AnswerRecord(
        id=identifier,
        conversation_id=made.conversation,
        account_id=user.id,
        question=made.question,
        status=made.status,
        domain=made.domain,
        body={},
        trace=trace,
    )
    change.session.add(kept)
    change.session.flush()
    ticket = open_held(change, kept).id if made.status == "held" else None
    complete = replace(made, id=identifier, ticket=ticket)
    kept.body = complete.as_dict()
    add_message(change, conversation, "assistant", complete.answer or "", answer=identifier)
    after = {"status": made.status, "domain": made.domain, "adapter": made.adapter}
    change.record("answer.recorded", "answer", identifier, after=after)
    return complete
