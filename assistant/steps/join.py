"""Step 8, second half: the answers to the questions of one message become one, each part with its question and place.

It decides nothing anew: what a person must see in one part is held with the whole; a part that no document answers is
said to be so. The confidence is that of the least sure part.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.answer import Answer, Citation, Seconds, Status
from assistant.steps.record import rounded
from assistant.wording import Language, say

Title = Callable[[str], str]  # of a department


def joined(question: str, language: Language, parts: Sequence[Answer], title: Title) -> Answer:
    """The answer to `question` from those to its parts, in their order."""
    drafted = [part for part in parts if part.draft or part.answer]
    least = min(drafted or parts, key=lambda part: part.confidence)
    status = _status([part.status for part in parts])
    held = [part for part in parts if part.status == "held"]
    speaks = min(held, key=lambda part: part.confidence) if held else next(iter(drafted), parts[0])
    text = "\n".join(_part(language, n, part, title) for n, part in enumerate(parts, start=1)) if drafted else None
    return replace(
        speaks,
        question=question,
        status=status,
        answer=text if status == "answered" else None,
        draft=text,
        confidence=least.confidence,
        citations=_citations(parts),
        why="\n".join(f"{n}. {part.why}" for n, part in enumerate(parts, start=1)),
        reasons=least.reasons,
        signals=least.signals | {"parts": [_told(part) for part in parts]},
        choices=[],
        seconds=rounded(Seconds(*(sum(values) for values in zip(*map(_times, parts), strict=True)))),
        similar=None,
    )


def joined_trace(searched: str, traces: Sequence[Mapping[str, Any]], answer: Answer) -> dict[str, Any]:
    """What is recorded for replay: each part's trace; what is asked of the whole is the deciding part's."""
    deciding = next((trace for trace in traces if trace["domain"] == answer.domain), traces[0])
    return {**deciding, "searched": searched, "draft": answer.draft, "parts": [dict(trace) for trace in traces]}


def _status(each: Sequence[Status]) -> Status:
    if "held" in each:
        return "held"
    return "answered" if "answered" in each else "declined"


def _part(language: Language, number: int, part: Answer, title: Title) -> str:
    """A part's question with its department, and below it what is said; its own first source has the part's number."""
    said = part.answer or part.draft
    if said is None or part.domain is None:
        return f"{number}. {part.question}\n{say(language, 'ask.part_declined')}"
    head = say(language, "place.part", number=number, question=part.question, department=title(part.domain))
    return f"{head}\n{said.removesuffix(' [1]')} [{number}]"


def _citations(parts: Sequence[Answer]) -> list[Citation]:
    """What each part rests on under the part's number; then what else was found, in the parts' order."""
    firsts = [replace(part.citations[0], n=n) for n, part in enumerate(parts, start=1) if part.citations and part.draft]
    others = [citation for part in parts for citation in part.citations[1 if part.draft else 0 :]]
    return firsts + [replace(citation, n=n) for n, citation in enumerate(others, start=len(parts) + 1)]


def _told(part: Answer) -> dict[str, Any]:
    return {
        "question": part.question,
        "status": part.status,
        "domain": part.domain,
        "confidence": part.confidence,
    }


def _times(part: Answer) -> tuple[float, float, float, float]:
    return part.seconds.route, part.seconds.evidence, part.seconds.answer, part.seconds.total
