"""Evaluating whoever answers: every question asked, every answer judged, and the step named that failed.

It is handed `ask`, so that the whole assistant, a part of it or a peer is judged in the same way.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from adapters.judging import evidence_found, f1, says_all
from adapters.questions import Question

TOP = 5  # passages in which the evidence should stand
Verdict = Literal["right", "wrong", "held", "declined"]
Step = Literal["route", "passage", "reading", "writing", "decision"]


@dataclass(frozen=True)
class Outcome:
    """What was given to one question."""

    status: str  # answered | held | declined
    text: str | None  # what was answered, or would have been (a held draft); None: nothing
    confidence: float  # 0 to 1
    domain: str | None  # where the question was sent; None: nobody's
    passages: Sequence[tuple[str, str]]  # (file, text) of all that was read, best first
    cited: Sequence[tuple[str, str]]  # (file, quote) that the text cites
    seconds: float


Ask = Callable[[Question], Outcome]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Judged:
    """A question's outcome, judged. Only plain values: it is stored as JSON."""

    id: str
    language: str
    domain: str | None
    kind: str
    group: str
    severity: str
    question: str
    history: list[str]
    gold: str | None
    answerable: bool
    status: str
    text: str | None
    confidence: float
    routed: str | None
    cited: list[list[str]]
    seconds: float
    verdict: Verdict  # an answered question that has no answer is wrong
    would_be_right: bool  # of the text, shown or not
    evidence_in_top: bool
    cited_supports: bool
    character_f1: float
    word_f1: float
    failed: Step | None  # the first step that went wrong; None where nothing did

    @property
    def shown(self) -> bool:
        """Whether the asker was given an answer."""
        return self.status == "answered"

    @property
    def well_routed(self) -> bool:
        """Whether the question went to its department, or to nobody where it is nobody's."""
        return self.routed == self.domain

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def judge(question: Question, outcome: Outcome) -> Judged:
    """Judge one outcome."""
    said = outcome.text or ""
    would_be_right = question.answerable and says_all(question, said)
    verdict: Verdict = "held" if outcome.status == "held" else "declined"
    if outcome.status == "answered":
        verdict = "right" if would_be_right else "wrong"
    in_top = question.answerable and evidence_found(question, outcome.passages[:TOP])
    cited_holds = question.answerable and says_all(question, " \n ".join(quote for _, quote in outcome.cited))
    files = {piece.file for piece in question.evidence}
    supports = cited_holds and any(file in files for file, _ in outcome.cited)
    return Judged(
        id=question.id,
        language=question.language,
        domain=question.domain,
        kind=question.kind,
        group=question.group,
        severity=question.severity,
        question=question.question,
        history=list(question.history),
        gold=question.gold,
        answerable=question.answerable,
        status=outcome.status,
        text=outcome.text,
        confidence=outcome.confidence,
        routed=outcome.domain,
        cited=[list(piece) for piece in outcome.cited],
        seconds=round(outcome.seconds, 3),
        verdict=verdict,
        would_be_right=would_be_right,
        evidence_in_top=in_top,
        cited_supports=supports,
        character_f1=f1(said, question.gold, "character") if question.gold else 0.0,
        word_f1=f1(said, question.gold, "word") if question.gold else 0.0,
        failed=_failed(question, outcome, verdict, would_be_right, cited_holds),
    )


def _failed(
    question: Question, outcome: Outcome, verdict: Verdict, would_be_right: bool, cited_holds: bool
) -> Step | None:
    if verdict == "right" or (not question.answerable and verdict != "wrong"):
        return None
    if not question.answerable or would_be_right:
        return "decision"
    if not evidence_found(question, outcome.passages):
        return "route" if outcome.domain != question.domain else "passage"
    return "writing" if cited_holds else "reading"


def evaluate(ask: Ask, questions: Sequence[Question], progress: Progress = lambda _done, _all: None) -> list[Judged]:
    """Ask and judge every question, in order."""
    judged = []
    for number, question in enumerate(questions, start=1):
        judged.append(judge(question, ask(question)))
        progress(number, len(questions))
    return judged


def timed(ask: Callable[[], Any]) -> tuple[Any, float]:
    """What `ask` gives, and the seconds it took."""
    began = time.perf_counter()
    given = ask()
    return given, time.perf_counter() - began


def by(key: str, judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    """Judged questions by one of their fields, the fields' values sorted."""
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(str(getattr(one, key) or "none"), []).append(one)
    return dict(sorted(groups.items()))
