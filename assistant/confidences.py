"""A department's own confidence: the shared coefficients, moved by what its reviewers said of its answers.

A fit is a version: made by an owner with a reason, on record, taken back in one step. It is pulled towards the shared
coefficients, so that few verdicts move little, and is refused where it foretells the verdicts no better. Verdicts on
answers that somebody complained of take no part: they were chosen by being wrong.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.shrunk_logistic import fit, log_loss, probabilities
from assistant.access import User
from assistant.clock import now
from assistant.database import Database
from assistant.errors import BadInput, Conflict
from assistant.steps.decide import SIGNALS, Coefficients, shipped
from assistant.tables import AnswerRecord, ConfidenceFit, Domain, Ticket, Verdict, new_id

FEWEST = 60  # verdicts
FEWEST_EACH = 10  # right ones, and others
PULL = 8.0  # strength of the shared coefficients, in the penalty of `fit`
FOLDS = 5
COMPLAINTS = ("flagged", "escalated")


@dataclass(frozen=True)
class Refit:
    """What a department's own fit would be worth.

    verdicts, right: what it rests on. needed: at least. before, after: log loss of the shared and of the own
    coefficients on verdicts that the fit did not see; None where there are too few. live: the number of the own fit in
    force.
    """

    verdicts: int
    right: int
    needed: int
    before: float | None
    after: float | None
    live: int | None
    live_since: datetime | None

    @property
    def is_better(self) -> bool:
        """Whether it foretells verdicts better than what is there now."""
        return self.before is not None and self.after is not None and self.after < self.before

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        body = asdict(self) | {"better": self.is_better}
        body["live_since"] = self.live_since.isoformat() if self.live_since else None
        return body


class Confidences:
    """The coefficients that each department's answers are weighed with."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, domain: str) -> Coefficients:
        """The department's own; the shared ones where it has none, or one that was fitted to another program."""
        with self._database.read() as session:
            row = _live(session, domain)
            return _coefficients(row) if row else shipped()

    def versions(self) -> dict[str, int]:
        """The number of the fit in force by department, of those that have one."""
        with self._database.read() as session:
            rows = session.scalars(select(ConfidenceFit).where(ConfidenceFit.state == "live"))
            return {row.domain: row.number for row in rows if row.shared == shipped().identity}

    def preview(self, user: User, domain: str) -> Refit:
        """What a fit would be worth. Raises NotFound, NotAllowed (below owner)."""
        user.require("owner", domain)
        with self._database.read() as session:
            row = _live(session, domain)
            measured, right = _judged(session, domain)
        before = after = None
        if _enough(right):
            before, after = _compared(measured, right)
        since = row.created_at if row else None
        return Refit(len(right), int(right.sum()), FEWEST, before, after, row.number if row else None, since)

    def refit(self, user: User, domain: str, remark: str) -> Refit:
        """Fit to the verdicts there are, and put that in force.

        Raises: NotFound, NotAllowed, BadInput (no remark), Conflict (too few verdicts; no better).
        """
        found = self.preview(user, domain)
        if not remark.strip():
            raise BadInput("needs_remark")
        if found.before is None:
            raise Conflict("too_few_verdicts", verdicts=found.verdicts, needed=FEWEST, each=FEWEST_EACH)
        if not found.is_better:
            raise Conflict("confidence_not_better", verdicts=found.verdicts)
        with self._database.transaction(user.actor, remark) as change:
            measured, right = _judged(change.session, domain)
            weights = fit(measured, right, PULL, vector_of(shipped()))
            worth = {"verdicts": found.verdicts, "right": found.right, "before": found.before, "after": found.after}
            change.session.get_one(Domain, domain, with_for_update=True)  # one fit of a department at a time
            earlier = change.session.scalars(select(ConfidenceFit).where(ConfidenceFit.domain == domain)).all()
            for row in earlier:
                row.state = "retired"
            made = ConfidenceFit(
                id=new_id(),
                domain=domain,
                number=1 + max((row.number for row in earlier), default=0),
                bias=float(weights[-1]),
                weights={name: float(weight) for name, weight in zip(SIGNALS, weights[:-1], strict=True)},
                shared=shipped().identity,
                figures=worth,
                state="live",
                created_by=user.actor,
                created_at=now(),
            )
            change.session.add(made)
            change.session.flush()
            change.record("confidence.refitted", "domain", domain, {"fit": found.live}, {"fit": made.number} | worth)
            return replace(found, live=made.number, live_since=made.created_at)

    def take_back(self, user: User, domain: str, remark: str) -> Refit:
        """Back to the shared coefficients.

        Raises: NotFound, NotAllowed, BadInput (no remark), Conflict (none of its own).
        """
        user.require("owner", domain)
        if not remark.strip():
            raise BadInput("needs_remark")
        with self._database.transaction(user.actor, remark) as change:
            row = change.session.scalar(
                select(ConfidenceFit).where(ConfidenceFit.domain == domain, ConfidenceFit.state == "live")
            )
            if row is None:
                raise Conflict("no_own_confidence", domain=domain)
            row.state = "retired"
            change.record("confidence.taken-back", "domain", domain, {"fit": row.number}, {"fit": None})
        return self.preview(user, domain)


def _live(session: Session, domain: str) -> ConfidenceFit | None:
    """The department's fit in force; None where it was pulled towards other coefficients than today's."""
    row = session.scalar(select(ConfidenceFit).where(ConfidenceFit.domain == domain, ConfidenceFit.state == "live"))
    return row if row is not None and row.shared == shipped().identity else None


def _coefficients(row: ConfidenceFit) -> Coefficients:
    return replace(shipped(), bias=row.bias, weights=row.weights, version=f"{row.domain}/{row.number}")


def vector_of(coefficients: Coefficients) -> NDArray[np.float64]:
    """Weights in the order of SIGNALS, and the bias (S + 1,)."""
    return np.array([*(coefficients.weights[name] for name in SIGNALS), coefficients.bias])


def _judged(session: Session, domain: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Signals (N, S) of the drafts that reviewers judged, and whether each was right (N,), oldest first."""
    complained = select(Ticket.answer_id).where(Ticket.kind.in_(COMPLAINTS))
    rows = session.execute(
        select(AnswerRecord.id, AnswerRecord.body, Verdict.verdict)
        .join(Verdict, Verdict.answer_id == AnswerRecord.id)
        .where(AnswerRecord.domain == domain, Verdict.role == "reviewer", AnswerRecord.id.not_in(complained))
        .order_by(Verdict.created_at, Verdict.id)
    )
    latest = {key: (body["signals"], verdict == "right") for key, body, verdict in rows if not body["reviewed"]}
    usable = [(said, right) for said, right in latest.values() if "parts" not in said and set(SIGNALS) <= said.keys()]
    measured = np.array([[float(said[name]) for name in SIGNALS] for said, _ in usable])
    return measured.reshape(-1, len(SIGNALS)), np.array([right for _, right in usable], bool)


def _enough(right: NDArray[np.bool_]) -> bool:
    return len(right) >= FEWEST and FEWEST_EACH <= right.sum() <= len(right) - FEWEST_EACH


def _compared(measured: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """Log loss of the shared and of the own coefficients, each verdict foretold by a fit on the other folds."""
    shared = vector_of(shipped())
    fold = np.arange(len(right)) % FOLDS
    own = np.zeros(len(right))
    for one in range(FOLDS):
        kept = fold != one
        own[~kept] = probabilities(measured[~kept], fit(measured[kept], right[kept], PULL, shared))
    return log_loss(probabilities(measured, shared), right), log_loss(own, right)
