"""A person's reply on its way to an example: what it says again, what it contradicts, and who else has to agree.

Two answers to one question meet before either of them serves: whoever approves sees both and decides. Where a
department asks for it, an example is proposed by one person and serves when another has approved it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.example_checks import facts_of
from adapters.tables import Example
from assistant.access import User
from assistant.database import Change, Database
from assistant.errors import Conflict, NotAllowed, NotFound
from assistant.language import language_of
from assistant.question_vectors import QuestionVectors
from assistant.steps.review import same_words
from assistant.tables import AnswerRecord, Domain, Ticket
from assistant.tickets import asked_by_itself, names_of

ALIKE = 0.64  # cosine, of `QuestionVectors`, from which two may be one: about half of such pairs are
Replaces = Collection[str] | None  # ids of the examples that are no longer right; None: nobody has decided


@dataclass(frozen=True)
class Rival:
    """Another answer to a question that is the same, or may be in other words."""

    id: str
    question: str
    answer: str
    person: str
    state: str
    is_same_question: bool


@dataclass(frozen=True)
class Proposal:
    """An example that waits for a second person, or for somebody to decide what it contradicts.

    needs_another: whoever proposed it cannot approve it.
    """

    id: str
    domain: str
    question: str
    answer: str
    person: str
    created_at: datetime
    is_own: bool
    needs_another: bool
    rivals: list[Rival]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return vars(self) | {
            "created_at": self.created_at.isoformat(),
            "rivals": [vars(rival) for rival in self.rivals],
        }


class Corrections:
    """The examples that come from people's replies."""

    def __init__(self, database: Database, vectors: QuestionVectors) -> None:
        self._database = database
        self._vectors = vectors

    def rivals(self, session: Session, domain: str, question: str, answer: str) -> list[Rival]:
        """Approved or proposed examples that answer this question otherwise, the surest first."""
        found = _answering(session, domain, "approved", "proposed")
        cosines = self._vectors.cosines(question, [row.question for row in found])
        return _otherwise(session, found, cosines, question, answer)

    def contradicted(self, session: Session, domain: str, asked: Sequence[tuple[str, str]]) -> list[Rival | None]:
        """For each question with its answer the approved example that most surely answers it otherwise."""
        found = _answering(session, domain, "approved")
        if not found or not asked:
            return [None] * len(asked)
        known = self._vectors.of([row.question for row in found])
        told = self._vectors.of([question for question, _ in asked])
        return [
            next(iter(_otherwise(session, found, known @ vector, question, answer)), None)
            for (question, answer), vector in zip(asked, told, strict=True)
        ]

    def keep(
        self,
        change: Change,
        user: User,
        ticket: Ticket,
        reply: str,
        evidence: Sequence[dict[str, Any]],
        replaces: Replaces,
        *,
        question: str,
        cause: str | None = None,
        severity: str | None = None,
    ) -> Example:
        """Make a reply an example, in the caller's transaction; or confirm the one that says the same.

        Args:
            question: what it answers, in words that others may read.
            replaces: the rivals that are no longer right. Of two answers to the same words only one can stand.

        Raises Conflict where it contradicts another and nobody has decided.
        """
        example = Example(
            domain=ticket.domain or "",
            question=question,
            topic=ticket.answer_id,
            answer=reply,
            split="train",  # it was wrong or unsure here; what is judged by must not be chosen by that
            failed_part=cause,
            source="desk",
            severity=severity,
        )
        return self._keep(change, user, example, evidence, replaces)

    def keep_right(
        self, change: Change, user: User, record: AnswerRecord, evidence: Sequence[dict[str, Any]]
    ) -> Example:
        """Make a shown answer that was judged right an example by which later versions are judged: it must stay right.

        In the caller's transaction. Raises Conflict where it contradicts another.
        """
        example = Example(
            domain=record.domain or "",
            question=asked_by_itself(record),
            topic=record.id,
            answer=record.body["answer"],
            split="regression",
            failed_part=None,
            source="sample",
            severity=None,
        )
        return self._keep(change, user, example, evidence, None)

    def _keep(
        self,
        change: Change,
        user: User,
        example: Example,
        evidence: Sequence[dict[str, Any]],
        replaces: Replaces,
    ) -> Example:
        domain = change.session.get(Domain, example.domain, with_for_update=True)
        if domain is None:
            raise Conflict("keep_needs_department")
        known = self._said_before(change.session, domain.name, example.question, example.answer)
        if known is not None:
            if known.state == "proposed" and known.approver != user.id:
                self._approve(change, user, known, replaces)
            return known
        example.evidence = list(evidence)
        example.facts = facts_of(example.answer, [citation["quote"] for citation in evidence])
        example.language = language_of(example.question, "en")
        example.approver, example.second_approver = user.id, None
        example.state = "proposed" if domain.second_approval else "approved"
        if example.state == "approved":
            self.settle(change, domain.name, example.question, example.answer, replaces)
        change.session.add(example)
        change.session.flush()
        action = "example.proposed" if domain.second_approval else "example.approved"
        change.record(action, "example", example.id, after={"domain": domain.name})
        return example

    def proposals(self, user: User) -> list[Proposal]:
        """The examples of this person's desks that wait for approval, oldest first."""
        waiting = select(Example).where(Example.domain.in_(user.desks), Example.state == "proposed")
        with self._database.read() as session:
            rows = session.scalars(waiting.order_by(Example.created_at)).all()
            names = names_of(session, {row.approver for row in rows})
            return [
                Proposal(
                    id=row.id,
                    domain=row.domain,
                    question=row.question,
                    answer=row.answer,
                    person=names.get(row.approver, row.approver),
                    created_at=row.created_at,
                    is_own=row.approver == user.id,
                    needs_another=session.get_one(Domain, row.domain).second_approval,
                    rivals=self.rivals(session, row.domain, row.question, row.answer),
                )
                for row in rows
            ]

    def approve(self, user: User, example_id: str, replaces: Replaces = None) -> None:
        """Agree to an example that was proposed: it serves from now on.

        Raises NotFound, NotAllowed (one's own, where two people have to agree), Conflict (it contradicts another, or is
        no proposal any more).
        """
        with self._database.read() as session:
            known = session.get(Example, example_id)
            if known is not None:  # encodes questions that are new before the records are locked
                self.rivals(session, known.domain, known.question, known.answer)
        with self._database.transaction(user.actor, "second approval") as change:
            row = self._proposed(change, user, example_id)
            if row.approver == user.id and change.session.get_one(Domain, row.domain).second_approval:
                raise NotAllowed("needs_second_person")
            self._approve(change, user, row, replaces)

    def decline(self, user: User, example_id: str, reason: str) -> None:
        """Say no to a proposed example; its author may take it back in the same way. Raises NotFound, Conflict."""
        with self._database.transaction(user.actor, reason.strip() or "declined") as change:
            row = self._proposed(change, user, example_id)
            change.record("example.declined", "example", row.id, {"state": row.state}, {"state": "retired"})
            row.state = "retired"

    @staticmethod
    def _proposed(change: Change, user: User, example_id: str) -> Example:
        row = change.session.get(Example, example_id, with_for_update=True)
        if row is None or not user.may("reviewer", row.domain):
            raise NotFound("unknown_example", example=example_id)
        if row.state != "proposed":
            raise Conflict("not_proposed")
        return row

    def _approve(self, change: Change, user: User, row: Example, replaces: Replaces) -> None:
        change.session.get(Domain, row.domain, with_for_update=True)
        self.settle(change, row.domain, row.question, row.answer, replaces)
        change.record("example.approved", "example", row.id, {"state": row.state}, {"state": "approved"})
        row.state, row.second_approver = "approved", None if row.approver == user.id else user.id

    def settle(self, change: Change, domain: str, question: str, answer: str, replaces: Replaces) -> None:
        """Retire what the new answer replaces. Raises Conflict where somebody has to decide first."""
        rivals = [one for one in self.rivals(change.session, domain, question, answer) if one.state == "approved"]
        left = [one for one in rivals if replaces is None or (one.is_same_question and one.id not in replaces)]
        if left:
            raise Conflict("contradicts", person=left[0].person, answer=left[0].answer[:200])
        for rival in rivals:
            if rival.id in (replaces or ()):
                row = change.session.get_one(Example, rival.id)
                change.record("example.retired", "example", row.id, {"state": row.state}, {"state": "retired"})
                row.state = "retired"

    @staticmethod
    def _said_before(session: Session, domain: str, question: str, answer: str) -> Example | None:
        found = session.scalars(
            select(Example).where(Example.domain == domain, Example.state.in_(("approved", "proposed")))
        )
        wanted = same_words(question), same_words(answer)
        return next((row for row in found if (same_words(row.question), same_words(row.answer)) == wanted), None)


def _answering(session: Session, domain: str, *states: str) -> Sequence[Example]:
    answering = select(Example).where(Example.domain == domain, Example.state.in_(states), Example.answer != "")
    return session.scalars(answering).all()


def _otherwise(
    session: Session, found: Sequence[Example], cosines: NDArray[np.float32], question: str, answer: str
) -> list[Rival]:
    """Those of some examples that answer a question otherwise, the surest first. cosines: of their questions, (N,)."""
    near = [
        (row, same_words(row.question) == same_words(question), float(cosine))
        for row, cosine in zip(found, cosines, strict=True)
        if same_words(row.answer) != same_words(answer)
    ]
    near = sorted((one for one in near if one[1] or one[2] >= ALIKE), key=lambda one: (-one[1], -one[2]))
    names = names_of(session, {row.approver for row, *_ in near})
    return [
        Rival(row.id, row.question, row.answer, names.get(row.approver, row.approver), row.state, same)
        for row, same, _ in near
    ]
