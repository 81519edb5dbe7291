"""When a department lets answers out: how, with which promise about wrong ones, and what the promise costs.

Judged answers are the examples kept for the threshold, as the assistant answers them now, and reviewers' verdicts on
answers of the live version. Verdicts come more often where something was wrong, so they err on the safe side.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from adapters.evaluation import Progress
from adapters.risk_control import Promise, promise
from adapters.scores import WEIGHT
from adapters.worth import Worth
from assistant.access import User
from assistant.clock import now
from assistant.confidences import Confidences
from assistant.database import Database
from assistant.domains import DEFAULT_HOLD_BELOW, DomainInfo, Domains
from assistant.errors import BadInput
from assistant.promotion import Promotions
from assistant.steps.decide import SIGNALS, Coefficients, Signals, confidence_of
from assistant.tables import AnswerRecord, Domain, Verdict
from assistant.versions import Versions

WAYS = ("hold", "review", "automatic")
LEAST, MOST = 0.001, 0.5  # tolerated
OFFERED = (0.01, 0.03, 0.05, 0.1)
STRICT = 0.9  # threshold where nothing is known of what confidences are worth
TRAFFIC = timedelta(days=30)


@dataclass(frozen=True)
class JudgedDraft:
    """A draft that was judged: how sure it was, whether it is right, and how serious it would be to be wrong."""

    confidence: float
    right: bool
    severity: str = "high"

    def loss(self, weighted: bool) -> float:
        """0 where it is right, else 1; with `weighted` less than 1 where it is not serious."""
        if self.right:
            return 0.0
        return WEIGHT[self.severity] / max(WEIGHT.values()) if weighted else 1.0


@dataclass(frozen=True)
class Preview:
    """What tolerating that many wrong answers would mean.

    hold_below: the threshold that would be set; an estimate where `promise` keeps none. traffic, held: recent drafts,
    and how many of them would go to the desk. others: the promises that could be chosen instead.
    """

    promise: Promise
    hold_below: float
    traffic: int
    held: int
    others: list[Promise]
    drafts: list[JudgedDraft]
    weighted: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether it is a promise, and no mere estimate."""
        return self.promise.hold_below is not None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "promise": asdict(self.promise),
            "kept": self.is_kept,
            "hold_below": self.hold_below,
            "traffic": self.traffic,
            "held": self.held,
            "others": [asdict(other) for other in self.others],
            "weighted": self.weighted,
        }


class Releases:
    """How the departments of one home release answers."""

    def __init__(
        self,
        database: Database,
        domains: Domains,
        versions: Versions,
        promotions: Promotions,
        confidences: Confidences,
    ) -> None:
        self._database = database
        self._domains = domains
        self._versions = versions
        self._promotions = promotions
        self._confidences = confidences

    def measure(self, user: User, domain: str, progress: Progress = lambda _done, _all: None) -> None:
        """Ask the examples kept for the threshold, unless that was done with what there is now."""
        user.require("owner", domain)
        self._promotions.ask_live(user, domain, "calibration", progress)

    def preview(self, user: User, domain: str, tolerated: float, weighted: bool | None = None) -> Preview:
        """What a share of wrong answers tolerated among the shown would mean.

        Args:
            weighted: whether a wrong answer counts by its severity; None: as the department does now.

        Raises: NotFound, NotAllowed, BadInput.
        """
        user.require("owner", domain)
        if not LEAST <= tolerated <= MOST:
            raise BadInput("bad_tolerance")
        info = self._domains.get(domain)
        by_severity = info.weighted if weighted is None else weighted
        drafts = self._judged(user, domain)
        kept = _promise(drafts, tolerated, by_severity)
        threshold = kept.hold_below
        if threshold is None:
            threshold = self._estimate(drafts, tolerated, info.hold_below)
        confidences = self._traffic(domain)
        return Preview(
            promise=kept,
            hold_below=round(threshold, 4),
            traffic=len(confidences),
            held=sum(confidence < threshold for confidence in confidences),
            others=[_promise(drafts, share, by_severity) for share in OFFERED],
            drafts=drafts,
            weighted=by_severity,
        )

    def set(
        self,
        user: User,
        domain: str,
        remark: str,
        *,
        release: str | None = None,
        tolerated: float | None = None,
        weighted: bool | None = None,
        unpromised: bool = False,
    ) -> DomainInfo:
        """Choose how answers are released and, with `tolerated`, the threshold that keeps the promise.

        Args:
            unpromised: takes a promise back; the threshold is again that of every department.

        Raises: NotFound, NotAllowed (below owner), BadInput (no such way, no remark, a promise that is none).
        """
        user.require("owner", domain)
        if release not in (None, *WAYS):
            raise BadInput("unknown_release")
        if not remark.strip():
            raise BadInput("needs_remark")
        if unpromised and tolerated is not None:
            raise BadInput("promise_or_none")
        found = self.preview(user, domain, tolerated, weighted) if tolerated is not None else None
        with self._database.transaction(user.actor, remark) as change:
            row = change.session.get_one(Domain, domain)
            before = _told(row)
            row.release = release or row.release
            if found is not None:
                row.tolerated, row.hold_below, row.weighted = tolerated, found.hold_below, found.weighted
            elif unpromised and row.tolerated is not None:
                row.tolerated, row.hold_below = None, DEFAULT_HOLD_BELOW
            after = _told(row)
            if found is not None:
                after["promised"] = found.is_kept
            change.record("release.set", "domain", domain, before, after)
        return self._domains.get(domain)

    def _judged(self, user: User, domain: str) -> list[JudgedDraft]:
        asked = self._promotions.asked_live(user, domain, "calibration") or []
        examples = [
            JudgedDraft(one.confidence, one.would_be_right, one.severity) for one in asked if one.text is not None
        ]
        return examples + self._verdicts(domain)

    def _verdicts(self, domain: str) -> list[JudgedDraft]:
        """The latest reviewer's verdict on each draft of the version that is live."""
        live = self._versions.live(domain)
        with self._database.read() as session:
            rows = session.execute(
                select(AnswerRecord, Verdict)
                .join(Verdict, Verdict.answer_id == AnswerRecord.id)
                .where(AnswerRecord.domain == domain, Verdict.role == "reviewer")
                .order_by(Verdict.created_at)
            )
            latest = {record.id: (record.body, verdict.verdict, verdict.severity) for record, verdict in rows}
        fitted = self._confidences.of(domain)
        return [
            JudgedDraft(_weighed(body, fitted), verdict == "right", severity or "high")
            for body, verdict, severity in latest.values()
            if not body["reviewed"] and body["adapter"] == live
        ]

    def _traffic(self, domain: str) -> list[float]:
        """The confidences of the drafts of the last days."""
        with self._database.read() as session:
            rows = session.scalars(
                select(AnswerRecord.body).where(
                    AnswerRecord.domain == domain,
                    AnswerRecord.status.in_(("answered", "held")),
                    AnswerRecord.created_at >= now() - TRAFFIC,
                )
            )
            bodies = [body for body in rows if not body["reviewed"]]
        fitted = self._confidences.of(domain)
        return [_weighed(body, fitted) for body in bodies]

    @staticmethod
    def _estimate(drafts: Sequence[JudgedDraft], tolerated: float, present: float) -> float:
        """A threshold where no promise can be made: what is expected to tolerate no more, and never looser than now."""
        worth = Worth.fit([draft.confidence for draft in drafts], [draft.right for draft in drafts])
        if worth is None:
            return max(present, STRICT)
        enough = (step / 100 for step in range(1, 100) if worth.wrong_from(step / 100) <= tolerated)
        return max(present, next(enough, 0.99))


def _promise(drafts: Sequence[JudgedDraft], tolerated: float, weighted: bool) -> Promise:
    return promise([draft.confidence for draft in drafts], [draft.loss(weighted) for draft in drafts], tolerated)


def _weighed(body: dict[str, Any], fitted: Coefficients) -> float:
    """A recorded draft's confidence as it would be said now; as it was said, where its signals are not today's."""
    said = body["signals"]
    if "parts" in said or not set(SIGNALS) <= said.keys():
        return float(body["confidence"])
    return confidence_of(Signals(**{name: float(said[name]) for name in SIGNALS}), fitted)[0]


def _told(row: Domain) -> dict[str, Any]:
    return {
        "release": row.release,
        "tolerated": row.tolerated,
        "hold_below": row.hold_below,
        "weighted": row.weighted,
    }
