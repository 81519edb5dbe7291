"""Step 1, second half: an answer that a person gave to the same question is offered first.

The same question means the same words after NFKC and case folding; a looser match has to be measured first.
It serves only while what it cites is still in force.
"""

import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from adapters.tables import Example
from assistant.access import User
from assistant.answer import Answer, Citation, Seconds
from assistant.database import Database
from assistant.tables import Account
from assistant.wording import Language, say
from index import Index


@dataclass(frozen=True)
class ReviewedAnswer:
    """A person's answer that stands."""

    example: str
    domain: str
    text: str
    citations: list[dict[str, Any]]
    person: str

    def as_answer(self, question: str, language: Language, conversation: str, total: float) -> Answer:
        """The answer object: a person's, marked as such."""
        return Answer(
            id="",
            question=question,
            status="answered",
            answer=self.text,
            draft=None,
            language=language,
            domain=self.domain,
            adapter=None,
            confidence=1.0,
            calibrated=False,
            citations=[Citation(**citation) for citation in self.citations],
            why=say(language, "why.reviewed", person=self.person),
            reasons=[],
            signals={"reviewed_example": self.example},
            reviewed=True,
            ticket=None,
            conversation=conversation,
            seconds=Seconds(total=round(total, 3)),
        )


def same_words(question: str) -> str:
    """What two questions must share to be the same."""
    folded = unicodedata.normalize("NFKC", question).casefold()
    return "".join(character for character in folded if character.isalnum())


def find_reviewed(
    database: Database, index: Index, question: str, user: User, domain: str | None
) -> ReviewedAnswer | None:
    """The latest approved answer to these very words in a domain that the person sees, or None."""
    domains = [domain] if domain else list(user.roles)
    wanted = same_words(question)
    with database.read() as session:
        examples = session.scalars(
            select(Example)
            .where(Example.domain.in_(domains), Example.state == "approved", Example.answer != "")
            .order_by(Example.created_at.desc())
        )
        for example in examples:
            if same_words(example.question) != wanted:
                continue
            cited = [citation["version"] for citation in example.evidence]
            if not index.in_force(session, cited):
                continue
            account = session.get(Account, example.approver)
            person = account.display_name if account else example.approver
            return ReviewedAnswer(str(example.id), example.domain, example.answer, example.evidence, person)
    return None
