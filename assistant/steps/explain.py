"""Step 8: why this answer, in two or three plain sentences and a small table, from recorded facts alone.

Never written by the language model. It reads what the steps recorded and decides nothing.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.answer import Citation
from assistant.steps.decide import Decision
from assistant.steps.verify import Verification
from assistant.wording import Language, say

QUOTED = 120  # characters of a quotation in an explanation
_ROWS = re.compile(r"(\d+):(\d+)")


@dataclass(frozen=True)
class Facts:
    """What the explanation is made from."""

    language: Language
    domain_title: str | None
    chosen_by_user: bool
    nearest_example: str | None
    by_documents: bool  # no other department's documents come nearer to the question
    runner_up: str | None  # title
    searched_all: bool  # no department was clear
    routed_title: str | None  # of the department that the question looked like, where the answer comes from another
    citations: list[Citation]
    otherwise: bool  # whether the first citation that is not in force says otherwise than the answer
    against: Citation | None  # what says otherwise and is in force
    coverage: float
    unnamed: str  # what the follow-up names and its passage does not
    missing: tuple[str, ...]  # names of the question that its passage does not have
    decision: Decision
    verification: Verification | None
    hold_below: float
    release: str
    aside: bool  # small talk and the like


def place(language: Language, citation: Citation) -> str:
    """Where a citation stands: page, sheet and cells, slide or heading; empty when the file says no more."""
    parts = []
    if citation.page is not None:
        parts.append(say(language, "place.page", page=citation.page))
    if citation.sheet:
        parts.append(say(language, "place.sheet", sheet=citation.sheet))
    if citation.cells:
        parts.append(_cells(language, citation.cells))
    if citation.slide is not None:
        parts.append(say(language, "place.slide", slide=citation.slide))
    if citation.heading:
        parts.append(citation.heading)
    return say(language, "place.joint").join(parts)


def _cells(language: Language, cells: str) -> str:
    """'B2:D7' as it is; '2:7', of a file whose columns have no letters, in words."""
    rows = _ROWS.fullmatch(cells)
    if rows is None:
        return cells
    first, last = rows.groups()
    return say(language, "place.row" if first == last else "place.rows", first=first, last=last)


def explain(facts: Facts) -> str:
    """Why this department, why this passage, what decided: one sentence each. Of small talk only that it is that."""
    if facts.aside and facts.decision.status == "declined":
        return say(facts.language, "why.aside")
    sentences = [_route(facts), _passage(facts), _time(facts), _against(facts), _decision(facts)]
    return say(facts.language, "why.joint").join(sentence for sentence in sentences if sentence)


def _route(facts: Facts) -> str:
    if facts.chosen_by_user and facts.domain_title:
        return say(facts.language, "why.chosen", domain=facts.domain_title)
    if facts.domain_title is None or (facts.searched_all and not facts.citations):
        return say(facts.language, "why.no_department")
    if facts.searched_all:
        return say(facts.language, "why.searched_all", domain=facts.domain_title)
    if facts.routed_title is not None:
        return say(facts.language, "why.elsewhere", domain=facts.domain_title, routed=facts.routed_title)
    if facts.nearest_example is None:
        key = "why.routed_by_documents" if facts.by_documents else "why.routed_by_description"
        return say(facts.language, key, domain=facts.domain_title)
    key = "why.routed_before" if facts.runner_up else "why.routed"
    return say(
        facts.language,
        f"{key}_documents" if facts.by_documents else key,
        domain=facts.domain_title,
        example=facts.nearest_example,
        runner_up=facts.runner_up or "",
    )


def _passage(facts: Facts) -> str:
    if not facts.citations:
        return say(facts.language, "why.nothing_found")
    first = next((one for one in facts.citations if not facts.otherwise or one.force == "in_force"), None)
    if first is None:
        return ""
    where = place(facts.language, first)
    key = "why.passage_at" if where else "why.passage"
    share = round(100 * facts.coverage)
    return say(facts.language, key, file=first.file, place=where, share=share)


def _time(facts: Facts) -> str:
    """What is to be said of documents that are not in force: one says otherwise, or the answer rests on one."""
    first = facts.citations[0] if facts.citations else None
    other = next((one for one in facts.citations if one.force != "in_force"), None)
    if first is None or other is None:
        return ""
    told = "otherwise" if facts.otherwise and first.force == "in_force" else "unused" if facts.otherwise else "rests_on"
    if told == "rests_on" and other is not first:
        return ""
    day = other.since if other.force == "not_yet" else other.until
    when = say(facts.language, f"why.when_{other.force}" if day else "why.when_unknown", day=day or "")
    return say(facts.language, f"why.{told}", file=other.file, when=when, quote=shortened(other.quote))


def _against(facts: Facts) -> str:
    other = facts.against
    if other is None or facts.decision.status == "declined":
        return ""
    since = say(facts.language, "why.when_since", day=other.since) if other.since else ""
    return say(facts.language, "why.against", file=other.file, since=since, quote=shortened(other.quote))


def shortened(quote: str) -> str:
    """A quotation on one line, cut where it is long."""
    line = " ".join(quote.split())
    return line if len(line) <= QUOTED else line[: QUOTED - 1] + "…"


def _decision(facts: Facts) -> str:
    language, decision, checked = facts.language, facts.decision, facts.verification
    percent, limit = _percents(decision.confidence, facts.hold_below)
    if decision.status == "declined":
        key = "why.declined_there" if facts.chosen_by_user else "why.declined"
        return say(language, key, percent=percent, domain=facts.domain_title or "")
    if checked is not None and not checked.supported:
        return _unsupported(language, checked)
    if facts.against is not None and facts.release != "review":
        return say(language, "why.held_contradicted")
    if facts.unnamed and facts.release != "review":
        return say(language, "why.held_unnamed", words=facts.unnamed)
    if facts.release != "hold":
        key = "why.answered_always" if decision.status == "answered" else f"why.held_{facts.release}"
        return say(language, key, percent=percent, domain=facts.domain_title or "")
    ordered = sorted(((effect, name) for name, effect in decision.contributions.items() if effect))
    (least, lowered), (most, raised) = (ordered[0], ordered[-1]) if ordered else ((0.0, ""), (0.0, ""))
    if decision.status == "answered":
        told = say(language, "why.answered", percent=percent, limit=limit)
        return told + (say(language, "why.raised", raised=say(language, f"signal.{raised}")) if most > 0 else "")
    told = say(language, "why.held", percent=percent, limit=limit)
    if least >= 0:
        return told + say(language, "why.held_evenly")
    told += say(language, "why.lowered", lowered=say(language, f"signal.{lowered}"))
    return told + say(language, f"help.{lowered}", words=say(language, "place.joint").join(facts.missing))


def _percents(confidence: float, limit: float) -> tuple[str, str]:
    """Both in per cent, with decimals only where they would look the same and are not."""
    for places in (0, 1, 2):
        told, bound = percent(confidence, places), percent(limit, places)
        if told != bound:
            break
    return told, bound


def percent(share: float, places: int = 0) -> str:
    """In per cent, never rounded up: what is held below 80 % is not told as 80 %."""
    return f"{math.floor(100 * share * 10**places + 1e-6) / 10**places:.{places}f}"


def _unsupported(language: Language, checked: Verification) -> str:
    """What of the draft does not stand in its source: the first that differs."""
    joint = say(language, "place.joint")
    for key, words in (
        ("held_number", checked.foreign_numbers),
        ("held_lost", checked.lost_numbers),
        ("held_name", checked.foreign_names),
    ):
        if words:
            return say(language, f"why.{key}", words=joint.join(words))
    if checked.exchanged:
        return say(language, "why.held_exchanged", words=joint.join(checked.exchanged))
    if checked.turned:
        return say(language, "why.held_turned")
    if not checked.negation_agrees:
        return say(language, "why.held_negation")
    return say(language, "why.held_unsupported", share=round(100 * checked.support))


def table(language: Language, signals: Mapping[str, float], contributions: Mapping[str, float]) -> list[dict[str, Any]]:
    """The signals that had an effect, in words with their values and signed effects (log-odds), strongest first."""
    return [
        {
            "name": name,
            "label": say(language, f"signal.{name}"),
            "value": signals[name],
            "effect": round(effect, 3),
        }
        for name, effect in sorted(contributions.items(), key=lambda item: -abs(item[1]))
        if effect
    ]
