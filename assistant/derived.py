"""What was made from a document, and so is concerned when it is withdrawn: examples, versions, answers, open questions.

Who looks sees what is at his own desks, or was asked by himself; of the rest a number.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from adapters.tables import AdapterVersion, Example
from assistant.access import User
from assistant.tables import AnswerRecord, Ticket

NAMED = 20  # of a kind, where people read it


@dataclass(frozen=True)
class Derived:
    """What rests on a document or cites it.

    Each approved example answers its question as a reviewed answer; `learnt` of them are of the training split.
    """

    examples: list[dict[str, str]]  # approved: id, domain, question, split
    versions: list[dict[str, str]]  # that learnt them: id, domain, state
    proposals: list[dict[str, str]] = field(default_factory=list)  # that wait for approval: id, domain, question
    answers: list[dict[str, str]] = field(default_factory=list)  # that somebody was shown, latest first: id, domain, at
    tickets: list[dict[str, str]] = field(default_factory=list)  # that wait at a desk: id, domain, question
    elsewhere: int = 0  # examples, proposals, answers and tickets that are not for the person who looks

    @property
    def learnt(self) -> int:
        """How many of the examples are learnt from."""
        return sum(one["split"] == "train" for one in self.examples)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    def counts(self) -> dict[str, Any]:
        """For the audit chain, which holds nobody's words."""
        lists = {name: len(rows) for name, rows in asdict(self).items() if isinstance(rows, list)}
        return lists | {"versions": [one["id"] for one in self.versions], "elsewhere": self.elsewhere}


def derived_of(session: Session, user: User, document: str) -> Derived:
    """What was made from a document, as far as this person may know."""
    wanted = select(Example).where(Example.state.in_(("approved", "proposed"))).order_by(Example.created_at)
    resting = [row for row in session.scalars(wanted) if any(piece["document"] == document for piece in row.evidence)]
    learnt = {row.id for row in resting if row.state == "approved"}
    cited = _citing(session, document)
    open_ones = select(Ticket).where(Ticket.state != "answered").order_by(Ticket.due_at)
    waiting = [row for row in session.scalars(open_ones) if row.answer_id in cited] if cited else []
    shown = [row for row in cited.values() if row.status != "held"]
    examples = [row for row in resting if row.domain in user.desks]
    answers = [row for row in shown if _may_know(user, row)]
    tickets = [row for row in waiting if _may_know(user, row)]
    return Derived(
        examples=[_named(row, row.question) | {"split": row.split} for row in examples if row.state == "approved"],
        versions=[
            {"id": row.id, "domain": row.domain, "state": row.state}
            for row in session.scalars(select(AdapterVersion).where(AdapterVersion.domain.in_(user.desks)))
            if learnt & set(row.lineage.get("example_ids", ()))
        ],
        proposals=[_named(row, row.question) for row in examples if row.state == "proposed"],
        answers=[
            {"id": row.id, "domain": row.domain or "", "at": row.created_at.isoformat()}
            for row in sorted(answers, key=lambda one: one.created_at, reverse=True)
        ],
        tickets=[_named(row, cited[row.answer_id].question) for row in tickets],
        elsewhere=len(resting) + len(shown) + len(waiting) - len(examples) - len(answers) - len(tickets),
    )


def _citing(session: Session, document: str) -> dict[str, AnswerRecord]:
    """The answers that cite a document, by id. The database looks for its id first: bodies are many and long."""
    likely = select(AnswerRecord).where(cast(AnswerRecord.body, String).contains(document))
    return {
        row.id: row
        for row in session.scalars(likely)
        if any(one["document"] == document for one in row.body["citations"])
    }


def _may_know(user: User, row: AnswerRecord | Ticket) -> bool:
    return row.domain in user.desks or row.account_id == user.id


def _named(row: Example | Ticket, question: str) -> dict[str, str]:
    return {"id": row.id, "domain": row.domain or "", "question": question}
