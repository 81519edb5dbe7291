"""A question straight to a person, without being looked up: the way that is left when too many are being answered."""

from assistant import conversations
from assistant.access import User
from assistant.answer import Answer, Seconds
from assistant.ask import check_question
from assistant.database import Database
from assistant.desk import Desk
from assistant.steps.record import Records
from assistant.wording import Language


class StraightToDesk:
    """Puts questions before a person as they are."""

    def __init__(self, database: Database, desk: Desk, longest: int) -> None:
        """`longest`: as the setting `question_characters` says."""
        self._database = database
        self._desk = desk
        self._longest = longest

    def ask(
        self, question: str, user: User, domain: str | None, conversation: str | None, language: Language
    ) -> tuple[str, str]:
        """Record a question and open its ticket: at the desk of a department that was picked, else at every desk.

        Returns the conversation and the ticket. Raises BadInput, NotFound, Conflict (too many of this person's wait).
        """
        text = check_question(question, self._longest)
        if domain is not None:
            user.require("employee", domain)
        records = Records(self._database)
        waiting = self._unanswered(user, conversation, text)
        opened = waiting or records.question(user, conversation, text)[0]
        answer = records.answer(user, _unread(text, domain, opened, language), {"searched": text})
        return opened, self._desk.escalate(user, answer.id)

    def _unanswered(self, user: User, conversation: str | None, text: str) -> str | None:
        """The conversation, where this very question is what it ends with: it is not put down twice."""
        if conversation is None:
            return None
        with self._database.read() as session:
            conversations.owned(session, user, conversation)
            last = conversations.turns(session, conversation, 1)
        return (
            conversation if [(one.author, one.text, one.ticket) for one in last] == [("employee", text, None)] else None
        )


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
