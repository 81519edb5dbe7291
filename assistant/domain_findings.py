"""What a domain check found, judged: what stands against letting a department in, what to do, which settings suit it.

Rules over measured figures and nothing else; how they were measured is `domain_check`'s business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from adapters.example_checks import FEW, FEW_JUDGED
from adapters.risk_control import Promise
from adapters.scores import Share
from index import DocumentError

FEWEST_ROUTED = 5  # example questions from which on routing is fitted
FINDABLE = 0.7  # share of passages found by meaning alone below which the encoder does not know the words
USEFUL = 0.4  # share of right drafts below which the desk answers nearly everything anyway
WRONG = 0.15  # share wrong among the shown above which nothing goes out unseen
UNKNOWN = 0.01  # share of tokens that the encoder does not know
TIGHT: Mapping[str, float] = {"ja": 1.2, "en": 2.8}  # characters a token below which a text is cut into crumbs
SERIOUS = 0.2  # share of questions whose wrong answer is serious, above which less is tolerated
STRICT = 0.03  # share wrong tolerated in such a department

Code = Literal[
    "no_documents", "unread", "waiting", "few_routed", "no_examples", "few_judged", "all_answerable", "other_language",
    "unmeasured", "not_found", "few_right", "many_wrong", "crumbs", "unknown", "severe_examples", "few_to_learn",
]  # fmt: skip
Verdict = Literal["not_yet", "review", "ready"]


@dataclass(frozen=True)
class Answered:
    """How the questions kept for the threshold were answered; drafts: right ones, of the answerable."""

    questions: int
    drafts: Share
    shown: Share
    wrong: Share  # of the shown


@dataclass(frozen=True)
class Measured:
    """A department as it is.

    unread: files with the reason. passages, questions: by language. splits: approved examples by use. characters: a
    token, by language; unknown: share of the tokens. by_meaning, found: questions whose passage search gives among its
    first five, by meaning alone and with words. answered None: not asked with what there is now. promises: the
    strictest first; judged: answers that they rest on. serious: share of questions of high severity.
    """

    domain: str
    documents: int
    waiting: int
    unread: Sequence[tuple[str, DocumentError]]
    passages: Mapping[str, int]
    questions: Mapping[str, int]
    splits: Mapping[str, int]
    unanswerable: int
    routed: int
    characters: Mapping[str, float]
    unknown: float
    by_meaning: Share
    found: Share
    answered: Answered | None
    severe: int
    serious: float
    judged: int
    promises: Sequence[Promise]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        unread = [{"file": file, "error": error.code} for file, error in self.unread]
        return asdict(replace(self, unread=())) | {"unread": unread}


@dataclass(frozen=True)
class Remark:
    """Something found; `stops`: not before it is mended."""

    code: Code
    stops: bool
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Advice:
    """Whether a department can begin, and with which settings. missing: judged answers that the promise takes still."""

    verdict: Verdict
    release: Literal["review", "hold"]
    tolerated: float
    missing: int


def remarks(measured: Measured) -> list[Remark]:
    """All that was found, what stops first."""
    found = [*_texts(measured), *_questions(measured), *_language(measured), *_answers(measured)]
    return sorted(found, key=lambda one: not one.stops)


def _texts(measured: Measured) -> list[Remark]:
    made = []
    if not sum(measured.passages.values()):
        made.append(Remark("no_documents", True))
    if measured.unread:
        made.append(Remark("unread", False, {"count": len(measured.unread), "of": measured.documents}))
    if measured.waiting:
        made.append(Remark("waiting", False, {"count": measured.waiting}))
    return made


def _questions(measured: Measured) -> list[Remark]:
    made = []
    total, calibration = sum(measured.splits.values()), measured.splits.get("calibration", 0)
    if measured.routed < FEWEST_ROUTED:
        made.append(Remark("few_routed", True, {"count": measured.routed, "wanted": FEWEST_ROUTED}))
    if not total:
        made.append(Remark("no_examples", False))
        return made
    if calibration < FEW_JUDGED:
        made.append(Remark("few_judged", False, {"count": calibration, "wanted": FEW_JUDGED}))
    if not measured.unanswerable:
        made.append(Remark("all_answerable", False))
    if measured.severe:
        made.append(Remark("severe_examples", False, {"count": measured.severe}))
    if measured.splits.get("train", 0) < FEW:
        made.append(Remark("few_to_learn", False, {"count": measured.splits.get("train", 0), "wanted": FEW}))
    return made


def _language(measured: Measured) -> list[Remark]:
    made = []
    for language, asked in measured.questions.items():
        if asked and sum(measured.passages.values()) and not measured.passages.get(language):
            made.append(Remark("other_language", False, {"language": language, "count": asked}))
    for language, characters in measured.characters.items():
        if characters < TIGHT[language]:
            made.append(Remark("crumbs", False, {"language": language, "characters": characters}))
    if measured.unknown > UNKNOWN:
        made.append(Remark("unknown", False, {"share": 100 * measured.unknown}))
    if measured.by_meaning.of and (measured.by_meaning.value or 0.0) < FINDABLE:
        shares = {"share": 100 * (measured.by_meaning.value or 0.0), "with_words": 100 * (measured.found.value or 0.0)}
        made.append(Remark("not_found", False, shares))
    return made


def _answers(measured: Measured) -> list[Remark]:
    answered = measured.answered
    if answered is None or not answered.questions:
        return [Remark("unmeasured", False)] if measured.splits.get("calibration") else []
    made = []
    if answered.drafts.value is not None and answered.drafts.value < USEFUL:
        made.append(Remark("few_right", False, {"share": 100 * answered.drafts.value}))
    if answered.wrong.value is not None and answered.wrong.value > WRONG:
        made.append(Remark("many_wrong", False, {"share": 100 * answered.wrong.value, "shown": answered.wrong.of}))
    return made


def advice(measured: Measured) -> Advice:
    """Whether and how to begin: with a promise kept by what was judged, else with a person before every answer."""
    allowed = [one for one in measured.promises if measured.serious <= SERIOUS or one.tolerated <= STRICT]
    kept = next((one for one in allowed if one.hold_below is not None), None)
    wanted = kept or (allowed or measured.promises)[-1]
    missing = 0 if kept else max(0, wanted.needed - measured.judged)
    if any(one.stops for one in remarks(measured)):
        return Advice("not_yet", "review", wanted.tolerated, missing)
    return Advice("ready" if kept else "review", "hold" if kept else "review", wanted.tolerated, missing)
