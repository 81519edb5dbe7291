"""What an adapter version changes, in words: figures before and after, topics that moved, what broke, what mended."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from adapters.evaluation import Judged
from assistant.domains import DomainInfo
from assistant.plain_report import Report, Section
from assistant.promotion import Compared
from assistant.wording import Language, say

SHOWN = 20  # answers, topics
LONGEST = 160  # characters of an answer
FIGURES = ("right", "wrong_among_shown", "held", "declined", "evidence_in_top")


def report(language: Language, found: Compared, info: DomainInfo, when: datetime) -> Report:
    """The report of a comparison."""
    tell = partial(say, language)
    title = tell("change.title", version=found.version.id[:8], domain=info.title(language),
                 when=f"{when.astimezone():%Y-%m-%d %H:%M}")  # fmt: skip
    if not found.live["frozen"]:
        return Report(title, tell("adapters.nothing_to_judge"), False, [_made(language, found)])
    objections = [tell(f"gate.{one.code}", **one.params) for one in found.objections]
    verdict = tell("change.against" if objections else "adapters.no_objections")
    sections = [_figures(language, found), _topics(language, found), _answers(language, found), _made(language, found)]
    against = [Section(tell("adapters.objections"), [], objections)] if objections else []
    return Report(title, verdict, not objections, against + sections)


def moved(pairs: Sequence[tuple[Judged, Judged]]) -> list[tuple[str, int, int]]:
    """(topic, right drafts won, lost) of the topics in which any was, the most moved first.

    A topic that nobody named goes by its first question.
    """
    topics: dict[str, tuple[str, int, int]] = {}
    for before, after in pairs:
        name, won, lost = topics.get(before.group, (_name(before), 0, 0))
        won += after.would_be_right and not before.would_be_right
        lost += before.would_be_right and not after.would_be_right
        topics[before.group] = name, won, lost
    return sorted((one for one in topics.values() if one[1] or one[2]), key=lambda one: (-one[2], -one[1], one[0]))


def _name(one: Judged) -> str:
    unnamed = len(one.group) == 16 and all(character in "0123456789abcdef" for character in one.group)
    return one.question if unnamed else one.group


def _figures(language: Language, found: Compared) -> Section:
    tell, figures = partial(say, language), found.scores()
    rows = [(tell("evaluation.questions"), str(figures["live"].questions))]
    rows += [
        (tell(f"evaluation.{name}"), f"{getattr(figures['live'], name)} → {getattr(figures['candidate'], name)}")
        for name in FIGURES
    ]
    told = [tell("version.threshold", before=found.live_hold_below, after=found.hold_below)]
    if found.difference is not None:
        won, lost = found.difference.only_b, found.difference.only_a
        told.insert(0, tell("adapters.drafts", won=won, lost=lost, p=f"{found.difference.p_value:.3g}"))
    return Section(tell("change.figures"), rows, told)


def _topics(language: Language, found: Compared) -> Section:
    pairs = list(zip(found.live["frozen"], found.candidate["frozen"], strict=True))
    told = [say(language, "change.topic", topic=name, won=won, lost=lost) for name, won, lost in moved(pairs)[:SHOWN]]
    return Section(say(language, "change.topics"), [], told or [say(language, "change.no_topic")])


def _answers(language: Language, found: Compared) -> Section:
    tell, changed = partial(say, language), found.changed()
    told = [
        tell("change.answer", question=before.question, before=_said(language, before), after=_said(language, after))
        for before, after in changed[:SHOWN]
    ]
    if len(changed) > SHOWN:
        told.append(tell("adapters.more", count=len(changed) - SHOWN))
    return Section(tell("adapters.changed", count=len(changed)), [], told or [tell("adapters.nothing_changed")])


def _said(language: Language, one: Judged) -> str:
    right = say(language, "adapters.right" if one.would_be_right else "adapters.not_right")
    words = " ".join((one.text or "–").split())
    shortened = words if len(words) <= LONGEST else words[:LONGEST] + "…"
    return f"{shortened} ({right}, {say(language, f'ask.{one.status}')})"


def _made(language: Language, found: Compared) -> Section:
    tell, lineage = partial(say, language), found.version.lineage
    told = lineage.get("membership")
    rows = [
        (tell("adapters.part"), tell(f"adapters.part_{found.version.part}")),
        (tell("change.method"), f"{lineage.get('method', '')} {lineage.get('rank') or ''}".strip()),
        (tell("adapters.examples"), str(lineage.get("examples", ""))),
        (tell("change.made"), f"{found.version.created_at.astimezone():%Y-%m-%d %H:%M}"),
        (tell("change.bytes"), f"{lineage.get('adapter_bytes', 0):,}"),
        (tell("change.told"), tell("change.told_apart", **told) if told else tell("change.told_unknown")),
    ]
    return Section(tell("change.how"), rows, [])
