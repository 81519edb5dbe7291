"""Figures of a department's desk that its owner acts on: what waits, for how long, what comes back, what is not known.

Times are told to the first reply. What was declined counts for the department that the question was routed to; its
words are shown where two people asked it or a desk has it, so that nobody's single question is read in a table.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import Session

from adapters.scores import Share
from assistant.access import User
from assistant.clock import now
from assistant.corrections import ALIKE
from assistant.database import Database
from assistant.question_vectors import QuestionVectors
from assistant.sampling import Samples
from assistant.tables import AnswerRecord, Ticket

DAYS = 30  # that the figures look back
GROUPED = 400  # questions without an answer that are grouped, the latest
SHOWN = 10  # groups


@dataclass(frozen=True)
class Unanswered:
    """Questions of one meaning that got no answer from the documents."""

    question: str  # the latest of them
    times: int
    people: int
    at_desk: int  # of them went to the desk


@dataclass(frozen=True)
class Figures:
    """A department's desk in the last DAYS days; hours are None where there was nothing to measure."""

    domain: str
    days: int
    open: int
    overdue: int
    oldest_hours: float | None
    answered: int
    first_reply_hours_median: float | None
    first_reply_hours_p90: float | None
    reopened: Share
    wrong: Share  # of the daily sample, 90 days
    unanswered: list[Unanswered]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


class DeskFigures:
    """Counts them."""

    def __init__(self, database: Database, samples: Samples, vectors: QuestionVectors) -> None:
        self._database = database
        self._samples = samples
        self._vectors = vectors

    def of(self, user: User, domain: str) -> Figures:
        """The figures of a department. Raises NotFound, NotAllowed (below owner)."""
        user.require("owner", domain)
        moment = now()
        since = moment - timedelta(days=DAYS)
        with self._database.read() as session:
            tickets = session.scalars(
                select(Ticket).where(
                    Ticket.domain == domain, or_(Ticket.state != "answered", Ticket.answered_at >= since)
                )
            ).all()
            unanswered = self._groups(session, _without_answer(session, domain, since))
        waiting = [ticket for ticket in tickets if ticket.state != "answered"]
        done = [ticket for ticket in tickets if ticket.first_answered_at and ticket.first_answered_at >= since]
        hours = [_hours(ticket.created_at, ticket.first_answered_at or moment) for ticket in done]
        return Figures(
            domain=domain,
            days=DAYS,
            open=len(waiting),
            overdue=sum(ticket.due_at < moment for ticket in waiting),
            oldest_hours=max((_hours(ticket.waiting_since, moment) for ticket in waiting), default=None),
            answered=len(done),
            first_reply_hours_median=round(float(np.median(hours)), 2) if hours else None,
            first_reply_hours_p90=round(float(np.percentile(hours, 90)), 2) if hours else None,
            reopened=Share.count([ticket.reopened > 0 for ticket in done]),
            wrong=self._samples.wrong(user, domain),
            unanswered=unanswered,
        )

    def _groups(self, session: Session, records: Sequence[AnswerRecord]) -> list[Unanswered]:
        """Questions of one meaning together: each joins the first one that it is near enough to; most asked first."""
        found = select(Ticket.answer_id).where(Ticket.answer_id.in_([record.id for record in records]))
        at_desk = set(session.scalars(found))
        if not records:
            return []
        vectors = self._vectors.of([record.question for record in records])
        groups: list[list[int]] = []
        for number in range(len(records)):
            cosines = vectors[[group[0] for group in groups]] @ vectors[number] if groups else np.zeros(0)
            if groups and cosines.max() >= ALIKE:
                groups[int(cosines.argmax())].append(number)
            else:
                groups.append([number])
        told = [
            Unanswered(
                question=group[0].question,
                times=len(group),
                people=len({record.account_id for record in group}),
                at_desk=sum(record.id in at_desk for record in group),
            )
            for group in ([records[number] for number in numbers] for numbers in groups)
        ]
        shown = [one for one in told if one.people > 1 or one.at_desk]
        return sorted(shown, key=lambda one: (-one.people, -one.times))[:SHOWN]


def _without_answer(session: Session, domain: str, since: datetime) -> Sequence[AnswerRecord]:
    """What was held here, or declined although the question seemed to be this department's; the latest first."""
    routed = cast(AnswerRecord.trace["domain"].as_string(), String) == domain
    return session.scalars(
        select(AnswerRecord)
        .where(
            AnswerRecord.created_at >= since,
            or_(
                (AnswerRecord.status == "held") & (AnswerRecord.domain == domain),
                (AnswerRecord.status == "declined") & routed,
            ),
        )
        .order_by(AnswerRecord.created_at.desc())
        .limit(GROUPED)
    ).all()


def _hours(start: datetime, end: datetime) -> float:
    return round(max(0.0, (end - start).total_seconds()) / 3600, 2)
