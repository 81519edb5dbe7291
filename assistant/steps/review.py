"""Step 1, second half: an answer that a person gave to the same question is offered first.

The same question means the same words after NFKC and case folding. In other words it is one that surely asks the same
(see `similar`): then the person's answer is given, with the question that it was given to. One that may be the same is
told of beside what the assistant says itself. Either counts only while its sources are in force.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.tables import Example
from assistant.access import User
from assistant.answer import Answer, Citation, Evidence, Seconds
from assistant.clock import today
from assistant.database import Database
from assistant.language import language_of
from assistant.question_vectors import QuestionVectors
from assistant.steps.second_look import Judge
from assistant.steps.similar import (
    COSINE_FLOOR,
    NEAREST,
    Asked,
    Likeness,
    likeliest,
    likeness,
    shipped,
    to_judge,
    told_by,
)
from assistant.steps.standing import AskedTime, asked_time
from assistant.tables import Account
from assistant.wording import Language, say
from index import Encode, Index, fetch_all


@dataclass(frozen=True)
class ReviewedAnswer:
    """A person's answer that stands."""

    example: str
    domain: str
    text: str
    citations: list[dict[str, Any]]
    source: str  # desk: given to a question; sheet: put in with others
    account: str  # of the person who gave it, or put in the sheet
    person: str
    question: str
    likeness: float = 1.0  # probability that it answers what was asked; 1: the same words
    measured: Likeness | None = None  # what that was weighed from

    def beside(self) -> dict[str, Any]:
        """What is told of it where the words are others."""
        return {
            "example": self.example,
            "account": self.account,
            "domain": self.domain,
            "question": self.question,
            "answer": self.text,
            "person": self.person,
            "source": self.source,
            "likeness": round(self.likeness, 4),
        }

    def as_answer(self, question: str, language: Language, conversation: str, total: float) -> Answer:
        """The answer object: a person's, marked as such, with the question where that was asked in other words."""
        in_other_words = self.likeness < 1
        return Answer(
            id="",
            question=question,
            status="answered",
            answer=self.text,
            draft=None,
            language=language,
            domain=self.domain,
            adapter=None,
            confidence=round(self.likeness, 4),
            calibrated=False,
            citations=[Citation(**(citation | {"copies": []})) for citation in self.citations],
            why=why(
                language, self.source, self.person, self.question if in_other_words else None, bool(self.citations)
            ),
            reasons=[],
            signals={"reviewed_example": self.example, "reviewer": self.account, "source": self.source},
            reviewed=True,
            ticket=None,
            conversation=conversation,
            seconds=Seconds(total=round(total, 3)),
            similar=self.beside() if in_other_words else None,
        )


def why(language: Language, source: str, person: str, question: str | None, sourced: bool) -> str:
    """Why a person's answer is given.

    Args:
        source: desk or sheet, see `ReviewedAnswer`.
        question: what it was given to, where the words were others.
        sourced: whether it rests on documents.
    """
    key = "why.imported" if source == "sheet" else "why.reviewed"
    told = [say(language, f"{key}_similar" if question else key, person=person, question=question)]
    told += [say(language, "why.still_in_force")] if sourced else []
    return say(language, "why.joint").join(told)


def same_words(question: str) -> str:
    """What two questions must share to be the same."""
    folded = unicodedata.normalize("NFKC", question).casefold()
    return "".join(character for character in folded if character.isalnum())


class ReviewedAnswers:
    """The answers that people gave, and that still stand."""

    def __init__(
        self, database: Database, index: Index, vectors: QuestionVectors, encode: Encode, match: Judge, rerank: Judge
    ) -> None:
        """`encode`: the encoder of the search, that of `vectors`; `match`: the matcher; `rerank`: the reranker."""
        self._database = database
        self._index = index
        self._vectors = vectors
        self._encode = encode
        self._match = match
        self._rerank = rerank

    def same(self, question: str, user: User, domain: str | None) -> ReviewedAnswer | None:
        """The latest approved answer to these very words in a domain that the person sees, or None."""
        wanted, time = same_words(question), asked_time(question, today())
        with self._database.read() as session:
            for key, asked in self._approved(session, user, domain):
                if same_words(asked) == wanted and (known := self._standing(session, key, user, time)):
                    return known
        return None

    def similar(
        self, question: str, language: Language, user: User, domain: str, found: Evidence | None
    ) -> ReviewedAnswer | None:
        """The approved answer to the question that is most likely the same, where that may be; or None.

        Args:
            domain: the department that would answer; only its own are looked at.
            found: the best that was found for the question there.
        """
        with self._database.read() as session:
            approved = self._approved(session, user, domain)
            cosines = self._vectors.cosines(question, [text for _, text in approved])
            near = self._near(session, approved, cosines, user, asked_time(question, today()))
            if not near:
                return None
            asked = self._asked(session, question, language, user)
            others = [self._asked(session, one.question, language_of(one.question, "en"), user) for one, _ in near]
        rests_on = [[piece["quote"] for piece in known.citations] for known, _ in near]
        to_be_judged = [to_judge(one.question, one.text, told) for (one, _), told in zip(near, rests_on, strict=True)]
        quoted = self._encode([told_by(known.text, told) for (known, _), told in zip(near, rests_on, strict=True)])
        closes = quoted @ self._encode([question], query=True)[0]
        judged = self._match(question, list(chain.from_iterable(to_be_judged))).reshape(len(near), -1)
        measured = [
            likeness(asked, other, cosine, float(close), found, known.text, quotes, odds.tolist())
            for (known, cosine), other, close, quotes, odds in zip(near, others, closes, rests_on, judged, strict=True)
        ]
        chosen = [(near[n][0], measured[n]) for n in likeliest([shipped().probability(one) for one in measured])]
        if not chosen:
            return None
        again = self._rerank(question, [(known.question, known.text) for known, _ in chosen]).tolist()
        judged_again = [(known, replace(one, reranked=odds)) for (known, one), odds in zip(chosen, again, strict=True)]
        matches = [replace(known, likeness=shipped().probability(one), measured=one) for known, one in judged_again]
        best = max(matches, key=attrgetter("likeness"))
        return best if best.likeness >= shipped().told_from else None

    def _near(
        self,
        session: Session,
        approved: Sequence[tuple[str, str]],
        cosines: NDArray[np.float32],
        user: User,
        time: AskedTime,
    ) -> list[tuple[ReviewedAnswer, float]]:
        """The nearest that stand, with their cosines."""
        near = [number for number in np.argsort(-cosines).tolist() if cosines[number] >= COSINE_FLOOR]
        standing = (
            (self._standing(session, approved[number][0], user, time), float(cosines[number])) for number in near
        )
        return list(islice(((known, cosine) for known, cosine in standing if known is not None), NEAREST))

    def nearest(self, question: str, user: User, domain: str | None, count: int) -> list[ReviewedAnswer]:
        """The answered questions of a domain (None: of all that the person may ask) that are nearest to one, for
        whoever is to answer it. Raises NotFound, NotAllowed (below reviewer in the domain).
        """
        if domain:
            user.require("reviewer", domain)
        with self._database.read() as session:
            approved = self._approved(session, user, domain)
            cosines = self._vectors.cosines(question, [text for _, text in approved])
            near = [n for n in np.argsort(-cosines)[:count].tolist() if cosines[n] >= COSINE_FLOOR]
            time = asked_time(question, today())
            standing = (self._standing(session, approved[number][0], user, time) for number in near)
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
        return [(key, question) for key, question in fetch_all(session, newest)]

    def _standing(self, session: Session, key: str, user: User, time: AskedTime) -> ReviewedAnswer | None:
        """An answer with who gave it; None where a document it cites is not in force then, or not for this person."""
        example = session.get_one(Example, key)
        standings = self._index.standings(session)
        cited = [standings[piece["document"]] for piece in example.evidence if piece["document"] in standings]
        if any(time.puts_aside(standing) for standing in cited):
            return None
        if not self._index.in_force(session, [citation["version"] for citation in example.evidence], user.scope):
            return None
        account = session.get(Account, example.approver)
        person = account.display_name if account else example.approver
        return ReviewedAnswer(
            key,
            example.domain,
            example.answer,
            example.evidence,
            example.source,
            example.approver,
            person,
            example.question,
        )

    def _asked(self, session: Session, question: str, language: Language, user: User) -> Asked:
        return Asked.of(question, language, self._index.rarity(session, question, user.scope))
