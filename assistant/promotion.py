"""A candidate on its way to the counter: compared with what is live, held against the gate, put live or refused.

What it is compared by are the department's own frozen, regression and calibration examples, asked of the whole
assistant, and frozen ones of the other departments that whoever compares owns; a comparison that was made with the same
questions, documents and versions is not made again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.evaluation import Judged, Progress
from adapters.gate import Objection, objections, others_lost, refitted_threshold, tells_learnt
from adapters.questions import Question
from adapters.risk_control import promise
from adapters.scores import WEIGHT, Comparison, Scores, compare, scores
from assistant.access import User
from assistant.answer import Answer
from assistant.domains import Domains
from assistant.errors import Conflict, NotAllowed, Refusal
from assistant.evaluations import Evaluations
from assistant.examples import Examples
from assistant.versions import VersionInfo, Versions
from assistant.wording import Sentences

NEIGHBOURS = "neighbours"  # other departments' frozen questions
COMPARED = ("frozen", "regression", "calibration", NEIGHBOURS)
MOST_NEIGHBOURS = 40  # questions; they cost the time of a comparison


@dataclass(frozen=True)
class Compared:
    """A candidate beside what is live, on a department's own questions.

    live, candidate: by split. hold_below: the candidate's threshold; its verdicts are those at that threshold.
    """

    version: VersionInfo
    live_version: str | None
    live: dict[str, list[Judged]]
    candidate: dict[str, list[Judged]]
    live_hold_below: float
    hold_below: float
    objections: list[Objection]

    @property
    def difference(self) -> Comparison | None:
        """Drafts right with the candidate against the live version, on the frozen questions."""
        if not self.live["frozen"]:
            return None
        return compare(self.live["frozen"], self.candidate["frozen"], lambda one: one.would_be_right)

    def scores(self) -> dict[str, Scores]:
        """The figures of both on the frozen questions."""
        return {"live": scores(self.live["frozen"]), "candidate": scores(self.candidate["frozen"])}

    def changed(self) -> list[tuple[Judged, Judged]]:
        """Frozen and regression questions that are answered differently: broken ones first, then mended ones."""
        pairs = [
            (before, after)
            for split in ("frozen", "regression")
            for before, after in zip(self.live[split], self.candidate[split], strict=True)
            if (before.text, before.verdict) != (after.text, after.verdict)
        ]
        return sorted(
            pairs, key=lambda pair: (pair[1].would_be_right - pair[0].would_be_right, pair[1].verdict != "wrong")
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        difference = self.difference
        return {
            "version": self.version.id,
            "live": self.live_version,
            "live_hold_below": self.live_hold_below,
            "hold_below": self.hold_below,
            "scores": {name: figures.as_dict() for name, figures in self.scores().items()},
            "difference": vars(difference) if difference else None,
            "objections": [vars(one) | {"questions": list(one.questions)} for one in self.objections],
            "changed": len(self.changed()),
        }


class Promotions:
    """Compares, promotes and rolls back."""

    def __init__(self, domains: Domains, examples: Examples, evaluations: Evaluations, versions: Versions) -> None:
        self._domains = domains
        self._examples = examples
        self._evaluations = evaluations
        self._versions = versions

    def compare(self, user: User, version: str, progress: Progress = lambda _done, _all: None) -> Compared:
        """Ask both versions the department's questions, as far as that was not done yet.

        Raises: NotFound, AdapterError (the candidate cannot be loaded), Conflict (documents or versions changed).
        """
        info = self._versions.get(user, version)
        for tried in (self._versions.live(info.domain), info.id):
            for split in COMPARED:
                self._ask(user, info.domain, split, tried, progress)
        found = self.known(user, info.id)
        if found is None:
            raise Conflict("live_changed", domain=info.domain)
        return found

    def side_by_side(self, user: User, version: str, question: str) -> tuple[Answer, Answer]:
        """The answer to a question with what is live (or, for the live version itself, the skills), and with a version.

        Raises: NotFound, BadInput, AdapterError.
        """
        info = self._versions.get(user, version)
        live = self._versions.live(info.domain)
        other = None if live == info.id else live
        without, with_it = self._evaluations.side_by_side(user, info.domain, question, [other, info.id])
        return without, with_it

    def ask_live(self, user: User, domain: str, split: str, progress: Progress) -> None:
        """Ask the live version a split's questions, unless that was done with what there is now."""
        self._ask(user, domain, split, self._versions.live(domain), progress)

    def asked_live(self, user: User, domain: str, split: str) -> list[Judged] | None:
        """How the live version answered them; None where it was not asked with what there is now."""
        return self._answers(user, domain, split, self._versions.live(domain))

    def _ask(self, user: User, domain: str, split: str, version: str | None, progress: Progress) -> None:
        if self._answers(user, domain, split, version) is None:
            questions = self._questions(user, domain, split)
            instead = {domain: version}
            self._evaluations.run(user, questions, split, domain=domain, instead=instead, progress=progress)

    def _answers(self, user: User, domain: str, split: str, version: str | None) -> list[Judged] | None:
        questions = self._questions(user, domain, split)
        if not questions:
            return []
        run = self._evaluations.known(user, questions, split, domain, {domain: version})
        return run.judged if run else None

    def known(self, user: User, version: str) -> Compared | None:
        """The comparison as far as both were asked with what there is now; None where something was not asked.

        Raises NotFound.
        """
        info = self._versions.get(user, version)
        live = self._versions.live(info.domain)
        department = self._domains.get(info.domain)
        threshold, tolerated = department.hold_below, department.tolerated
        before, after = (self._judged(user, info.domain, tried) for tried in (live, info.id))
        if before is None or after is None:
            return None
        fitted = refitted_threshold(before["calibration"], after["calibration"], threshold)
        if tolerated is not None:
            fitted = _promised(after["calibration"], tolerated, department.weighted) or max(fitted, threshold)
        before = {split: [_at(one, threshold) for one in found] for split, found in before.items()}
        after = {split: [_at(one, fitted) for one in found] for split, found in after.items()}
        lost = [Objection("part_lost", {"part": part}) for part in sorted(self._versions.lost(info.domain, info.id))]
        severe = sum(finding.severity == "severe" for finding in self._examples.check(user, info.domain))
        return Compared(
            version=info,
            live_version=live,
            live=before,
            candidate=after,
            live_hold_below=threshold,
            hold_below=fitted,
            objections=[
                *lost,
                *tells_learnt(info.lineage.get("membership")),
                *others_lost(before[NEIGHBOURS], after[NEIGHBOURS]),
                *objections(before["frozen"], after["frozen"], before["regression"], after["regression"], severe),
            ],
        )

    def _judged(self, user: User, domain: str, version: str | None) -> dict[str, list[Judged]] | None:
        found: dict[str, list[Judged]] = {}
        for split in COMPARED:
            answers = self._answers(user, domain, split, version)
            if answers is None:
                return None
            found[split] = answers
        return found

    def _questions(self, user: User, domain: str, split: str) -> list[Question]:
        if split != NEIGHBOURS:
            return sorted(self._examples.questions(domain, split), key=lambda question: question.id)
        others = [
            question
            for other in sorted(set(user.owned) - {domain})
            for question in self._examples.questions(other, "frozen")
        ]
        return sorted(others, key=lambda question: hashlib.sha256(question.id.encode()).digest())[:MOST_NEIGHBOURS]

    def admit(self, user: User, version: str, remark: str) -> VersionInfo:
        """The version, if this person may put it live as far as no question need be asked. Raises as `promote` does."""
        info = self._versions.get(user, version)
        if info.state not in ("candidate", "retired"):
            raise Conflict("version_not_a_candidate", version=info.id, state=info.state)
        if self._domains.get(info.domain).second_approval and info.created_by == user.actor:
            raise NotAllowed("needs_another_owner", version=info.id)
        if not remark.strip():
            raise Refusal("needs_remark")
        return info

    def promote(
        self,
        user: User,
        version: str,
        remark: str,
        *,
        override: bool = False,
        progress: Progress = lambda _done, _all: None,
    ) -> tuple[VersionInfo, Compared]:
        """Put a candidate live if nothing stands against it, with its own threshold.

        Args:
            override: put it live in spite of objections; the remark says why, and the objections go on record.

        Raises: NotFound, NotAllowed (the department asks for two people, and this one trained it), Conflict (no
            candidate; changed meanwhile), Refusal (no remark; objections).
        """
        info = self.admit(user, version, remark)
        found = self.compare(user, info.id, progress)
        if found.objections and not override:
            against = Sentences(tuple((f"gate.{one.code}", one.params) for one in found.objections))
            raise Refusal("gate_objects", version=info.id, objections=against)
        gate = {
            "objections": [one.code for one in found.objections],
            "overridden": bool(found.objections),
            "against": found.live_version,
            "frozen": _counts(found.candidate["frozen"]),
            "frozen_before": _counts(found.live["frozen"]),
        }
        return self._versions.put_live(user, info.id, found.hold_below, remark, gate), found


def _promised(judged: Sequence[Judged], tolerated: float, weighted: bool) -> float | None:
    """The threshold that keeps the department's promise with these answers; None: none does."""
    drafts = [one for one in judged if one.text is not None]
    heaviest = max(WEIGHT.values())
    losses = [0.0 if one.would_be_right else WEIGHT[one.severity] / heaviest if weighted else 1.0 for one in drafts]
    return promise([one.confidence for one in drafts], losses, tolerated).hold_below


def _at(one: Judged, threshold: float) -> Judged:
    """A judged answer as it would have been at another threshold. What does not stand in its evidence stays held."""
    if one.verdict in ("right", "wrong") and one.confidence < threshold:
        return replace(one, verdict="held", status="held")
    return one


def _counts(judged: Sequence[Judged]) -> dict[str, int]:
    return {
        "questions": len(judged),
        "right": sum(one.verdict == "right" for one in judged),
        "wrong": sum(one.verdict == "wrong" for one in judged),
        "drafts_right": sum(one.would_be_right for one in judged),
    }
