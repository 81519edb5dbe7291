"""A daily sample of shown answers that reviewers judge, so that the share of wrong ones is measured and not guessed.

Which answers are in it is decided by a hash of their ids: nobody chooses, and everybody sees the same ones.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.scores import Share
from assistant.access import User
from assistant.answer import Answer
from assistant.clock import now
from assistant.corrections import Corrections
from assistant.database import Database
from assistant.desk import departments_own, everybodys_evidence
from assistant.documents import kept_from
from assistant.errors import BadInput, NotFound
from assistant.tables import AnswerRecord, Verdict
from assistant.verdicts import VERDICTS, check_verdict, reviewers_verdict

DAILY = 5  # answers a department and day
DAYS = 7  # for which they wait to be judged
MEASURED = 90  # days over which the share of wrong ones is told


@dataclass(frozen=True)
class Sampled:
    """A shown answer that is to be judged. Who asked it, and what else was said, takes no part."""

    id: str
    domain: str
    day: date
    question: str
    answer: Answer


class Samples:
    """The samples of one home."""

    def __init__(self, database: Database, corrections: Corrections) -> None:
        self._database = database
        self._corrections = corrections

    def waiting(self, user: User) -> list[Sampled]:
        """The answers of the last days at this person's desks that nobody has judged, newest day first."""
        with self._database.read() as session:
            judged = _verdicts(session)
            found = [row for row in _sample(session, user.desks, DAYS) if row.id not in judged]
            hidden = kept_from(session, user, [Answer.from_dict(row.body) for row in found])
        return [_sampled(row, user, hidden) for row in found]

    def judge(
        self,
        user: User,
        answer_id: str,
        verdict: str,
        cause: str | None = None,
        severity: str | None = None,
        *,
        keep: bool = False,
    ) -> None:
        """Say of a sampled answer whether it is right.

        Args:
            keep: an answer that is right also becomes an example: no later version may get it wrong.

        Raises: NotFound (not in this person's sample), BadInput, Conflict (`keep` contradicts an example).
        """
        if verdict not in VERDICTS:
            raise BadInput("unknown_verdict")
        check_verdict(verdict, cause, severity)
        if keep and verdict != "right":
            raise BadInput("keep_only_right")
        if keep:
            self._encode_rivals(answer_id)
        with self._database.transaction(user.actor, "daily sample judged") as change:
            record = next((row for row in _sample(change.session, user.desks, DAYS) if row.id == answer_id), None)
            if record is None:
                raise NotFound("unknown_answer")
            reviewers_verdict(change, user, answer_id, verdict, cause, severity)
            if keep:
                found = everybodys_evidence(change.session, record)
                rests_on = [one for one in found if f"[{one['n']}]" in record.body["answer"]]
                self._corrections.keep_right(change, user, record, rests_on)

    def _encode_rivals(self, answer_id: str) -> None:
        """Encode the questions that are new, before the records are locked."""
        with self._database.read() as session:
            record = session.get(AnswerRecord, answer_id)
            if record is not None:
                self._corrections.rivals(session, record.domain or "", record.question, str(record.body["answer"]))

    def wrong(self, user: User, domain: str) -> Share:
        """The share of sampled shown answers that were judged wrong, partly wrong ones among them.

        Raises NotFound, NotAllowed (below reviewer).
        """
        user.require("reviewer", domain)
        with self._database.read() as session:
            judged = _verdicts(session)
            sample = _sample(session, (domain,), MEASURED)
        return Share.count([judged[row.id] != "right" for row in sample if row.id in judged])


def _sample(session: Session, domains: tuple[str, ...], days: int) -> list[AnswerRecord]:
    """Of each department and day the answers with the lowest hashes; none that rests on a document that not everybody
    in the department sees.
    """
    rows = session.scalars(
        select(AnswerRecord).where(
            AnswerRecord.domain.in_(domains),
            AnswerRecord.status == "answered",
            AnswerRecord.created_at >= now() - timedelta(days=days),
        )
    )
    by_day: defaultdict[tuple[date, str | None], list[AnswerRecord]] = defaultdict(list)
    shown = [row for row in rows if _is_ours(row.body)]
    first = {row.id: row.body["citations"][0]["document"] for row in shown if row.body["citations"]}
    everybodys = departments_own(session, list(first.values()))
    for row in shown:
        # a person's reply may rest on no document
        if first[row.id] in everybodys if row.id in first else row.body["reviewed"]:
            by_day[row.created_at.date(), row.domain].append(row)
    return [
        row
        for _, found in sorted(by_day.items(), key=lambda item: item[0][0], reverse=True)
        for row in sorted(found, key=lambda one: hashlib.sha256(one.id.encode()).digest())[:DAILY]
    ]


def _is_ours(body: dict[str, Any]) -> bool:
    """Whether the assistant answers for what was shown: its own words, or a person's to a question in other words."""
    return not body["reviewed"] or body.get("similar") is not None


def _verdicts(session: Session) -> dict[str, str]:
    """The latest reviewer's verdict on each answer."""
    rows = session.scalars(select(Verdict).where(Verdict.role == "reviewer").order_by(Verdict.created_at))
    return {row.answer_id: row.verdict for row in rows}


def _sampled(row: AnswerRecord, user: User, hidden: set[str]) -> Sampled:
    answer = Answer.from_dict(row.body).visible_to(user.roles, hidden)
    return Sampled(row.id, str(row.domain), row.created_at.date(), row.question, answer)
