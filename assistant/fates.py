"""What became of a question that went to a desk, or of a flag: for the person who sent it there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import BindParameter, ColumnElement, ScalarSelect, String, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from adapters.tables import AdapterVersion, Example
from assistant.tables import Ticket, Verdict

Kept = Literal["proposed", "approved", "learnt", "retired"]


@dataclass(frozen=True)
class Fate:
    """Where a question is, and what its reply is good for.

    found: what the reviewer says of the assistant's answer. kept: whether the reply answers the next asker, and whether
    the version that answers now has learnt from it.
    """

    kind: str
    is_waiting: bool
    domain: str | None
    handed_over: bool
    found: str | None
    kept: Kept | None


def fates(session: Session, conversation_id: str) -> dict[str, Fate]:
    """By answer, of one conversation; of several tickets of an answer the latest counts."""
    shown = (Ticket.answer_id, Ticket.kind, Ticket.state, Ticket.domain, Ticket.handed_over, Ticket.example_id)
    found = select(*shown).where(Ticket.conversation_id == conversation_id).order_by(Ticket.created_at)
    tickets = {ticket.answer_id: ticket for ticket in session.execute(found)}
    if not tickets:
        return {}
    of_reviewers = Verdict.answer_id.in_(tickets), Verdict.role == "reviewer"
    said = select(Verdict.answer_id, Verdict.verdict).where(*of_reviewers).order_by(Verdict.created_at)
    verdicts = {answer: verdict for answer, verdict in session.execute(said)}
    kept = _kept(session, [ticket.example_id for ticket in tickets.values() if ticket.example_id])
    return {
        answer: Fate(
            kind=ticket.kind,
            is_waiting=ticket.state != "answered",
            domain=ticket.domain,
            handed_over=ticket.handed_over,
            found=verdicts.get(answer),
            kept=kept.get(ticket.example_id or ""),
        )
        for answer, ticket in tickets.items()
    }


def marks(conversation: BindParameter[str]) -> list[ScalarSelect[str]]:
    """For a statement: texts that change whenever what `fates` tells of a conversation does. Their parts, between
    commas, come in any order.
    """
    brought = Ticket.conversation_id == conversation
    answers, examples = select(Ticket.answer_id).where(brought), select(Ticket.example_id).where(brought)
    departments = select(Example.domain).where(Example.id.in_(examples))
    tickets = _together(Ticket.answer_id, Ticket.kind, Ticket.state, Ticket.domain, Ticket.handed_over)
    parts = [
        select(tickets).where(brought),
        select(_together(Verdict.answer_id, Verdict.verdict)).where(
            Verdict.answer_id.in_(answers), Verdict.role == "reviewer"
        ),
        select(_together(Example.id, Example.state)).where(Example.id.in_(examples)),
        select(_together(AdapterVersion.id)).where(
            AdapterVersion.state == "live", AdapterVersion.domain.in_(departments)
        ),
    ]
    return [part.scalar_subquery() for part in parts]


def _together(*columns: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    text: ColumnElement[str] = literal("")
    for column in columns:
        text = text + func.coalesce(cast(column, String), "") + " "
    return func.aggregate_strings(text, ",")


def _kept(session: Session, ids: Sequence[str]) -> dict[str, Kept]:
    if not ids:
        return {}
    examples = session.execute(select(Example.id, Example.domain, Example.state).where(Example.id.in_(ids))).all()
    live = select(AdapterVersion.lineage).where(
        AdapterVersion.state == "live", AdapterVersion.domain.in_({row.domain for row in examples})
    )
    learnt = {one for lineage in session.scalars(live) for one in lineage.get("example_ids", ())}
    return {row.id: "learnt" if row.state == "approved" and row.id in learnt else row.state for row in examples}
