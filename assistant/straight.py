"""A question straight to a person, without being looked up: the way that is left when too many are being answered."""

from sqlalchemy.orm import Session

from assistant import conversations
from assistant.access import User
from assistant.answer import Answer, Seconds
from assistant.ask import check_question
from assistant.database import Change, Database
from assistant.desk import escalate
from assistant.steps.record import Records, put_answer, put_question
from assistant.wording import Language


class StraightToDesk:
    """Puts questions before a person as they are."""

    def __init__(self, database: Database, longest: int) -> None:
        """`longest`: as the setting `question_characters` says."""
        self._records = Records(database)
        self._longest = longest

    def ask(
        self, question: str, user: User, domain: str | None, conversation: str | None, language: Language
    ) -> tuple[str, str]:
        """Record a question with its ticket, or nothing: at the desk of a department that was picked, else at every
        desk.

        Returns the conversation and the ticket. Raises BadInput, NotFound, Conflict (too many of this person's wait).
        """
        text = check_question(question, self._longest)
        if domain is not None:
            user.require("employee", domain)

        def put(change: Change) -> tuple[str, str]:
            opened = conversation
            if opened is None or not _ends_with(change.session, user, opened, text):
                opened, _ = put_question(change, user, conversation, text)
            answer = put_answer(change, user, _unread(text, domain, opened, language), {"searched": text})
            return opened, escalate(change, user, answer.id)

        return self._records.write(user, "question put before a person", put)


def _ends_with(session: Session, user: User, conversation: str, text: str) -> bool:
    """Whether this very question, unanswered, is what a conversation ends with: it is not put down twice."""
    conversations.owned(session, user, conversation)
    last = conversations.turns(session, conversation, 1)
    return [(one.author, one.text, one.ticket) for one in last] == [("employee", text, None)]


def _unread(question: str, domain: str | None, conversation: str, language: Language) -> Answer:
    """The answer object of a question that nothing was looked up for."""
    return Answer(
        id="",
        question=question,
        status="declined",
        answer=None,
        draft=None,
        language=language,
        domain=domain,
        adapter=None,
        confidence=0.0,
        calibrated=False,
        citations=[],
        why="",
        reasons=[],
        signals={"straight": True},
        reviewed=False,
        ticket=None,
        conversation=conversation,
        seconds=Seconds(),
    )
