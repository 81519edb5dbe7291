"""Step 1, second half: an answer that a person gave to the same question is offered first.

The same question means the same words after NFKC and case folding. An answer to one that may be the same in other
words is told of beside what the assistant says itself, and never given in its place: on the frozen questions the
surest matches were wrong for one in seven (`benchmarks.fit_similar --measure frozen`). Either counts only while its
sources are in force.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.tables import Example
from assistant.access import User
from assistant.answer import Answer, Citation, Seconds
from assistant.database import Database
from assistant.language import language_of
from assistant.question_vectors import QuestionVectors
from assistant.steps.similar import COSINE_FLOOR, Asked, likeness, probability, shipped
from assistant.tables import Account
from assistant.wording import Language, say
from index import Index

NEAREST = 20  # answered questions that are compared with one asked


@dataclass(frozen=True)
class ReviewedAnswer:
    """A person's answer that stands."""

    example: str
    domain: str
    text: str
    citations: list[dict[str, Any]]
    person: str
    question: str
    likeness: float = 1.0  # probability that it answers what was asked; 1: the same words

    def beside(self) -> dict[str, Any]:
        """What is told of it where it does not."""
        return {
            "domain": self.domain,
            "question": self.question,
            "answer": self.text,
            "person": self.person,
            "likeness": round(self.likeness, 4),
        }

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


class ReviewedAnswers:
    """The answers that people gave, and that still stand."""

    def __init__(self, database: Database, index: Index, vectors: QuestionVectors) -> None:
        self._database = database
        self._index = index
        self._vectors = vectors

    def same(self, question: str, user: User, domain: str | None) -> ReviewedAnswer | None:
        """The latest approved answer to these very words in a domain that the person sees, or None."""
        wanted = same_words(question)
        with self._database.read() as session:
            for key, asked in self._approved(session, user, domain):
                if same_words(asked) == wanted and (known := self._standing(session, key, user)):
                    return known
        return None

    def similar(
        self, question: str, language: Language, user: User, domain: str | None, found: Mapping[str, Sequence[str]]
    ) -> ReviewedAnswer | None:
        """The approved answer to the most similar question, where that may be the same; or None.

        Args:
            found: by domain the quotations found for the question, best first.
        """
        with self._database.read() as session:
            approved = self._approved(session, user, domain)
            if not approved:
                return None
            cosines = self._vectors.cosines(question, approved)
            asked = self._asked(session, question, language, user)
            best, best_likeness = None, shipped().told_from
            for number in np.argsort(-cosines)[:NEAREST].tolist():
                known = self._standing(session, approved[number][0], user)
                if known is None or cosines[number] < COSINE_FLOOR:
                    continue
                other = self._asked(session, known.question, language_of(known.question, "en"), user)
                quotes = [piece["quote"] for piece in known.citations]
                cosine = float(cosines[number])
                value = probability(likeness(asked, other, cosine, found.get(known.domain, ()), known.text, quotes))
                if value >= best_likeness:
                    best, best_likeness = known, value
            return replace(best, likeness=best_likeness) if best else None

    def nearest(self, question: str, user: User, domain: str, count: int) -> list[ReviewedAnswer]:
        """The answered questions of a domain that are nearest to one, for a person who is to answer it."""
        user.require("reviewer", domain)
        with self._database.read() as session:
            approved = self._approved(session, user, domain)
            cosines = self._vectors.cosines(question, approved)
            near = [n for n in np.argsort(-cosines)[:count].tolist() if cosines[n] >= COSINE_FLOOR]
            standing = (self._standing(session, approved[number][0], user) for number in near)
            return [known for known in standing if known is not None]

    @staticmethod
    def _approved(session: Session, user: User, domain: str | None) -> list[tuple[str, str]]:
        """Id and question of every answer that may be given here, the latest first: the whole rows may be thousands."""
        newest = (
            select(Example.id, Example.question)
            .where(
                Example.domain.in_([domain] if domain else list(user.roles)),
                Example.state == "approved",
                Example.answer != "",
            )
            .order_by(Example.created_at.desc())
        )
        return [(key, question) for key, question in session.execute(newest)]

    def _standing(self, session: Session, key: str, user: User) -> ReviewedAnswer | None:
        """An answer with who gave it; None where a document that it cites is not in force, or not for this person."""
        example = session.get_one(Example, key)
        if not self._index.in_force(session, [citation["version"] for citation in example.evidence], user.scope):
            return None
        account = session.get(Account, example.approver)
        person = account.display_name if account else example.approver
        return ReviewedAnswer(key, example.domain, example.answer, example.evidence, person, example.question)

    def _asked(self, session: Session, question: str, language: Language, user: User) -> Asked:
        return Asked.of(question, language, self._index.rarity(session, question, user.scope))
