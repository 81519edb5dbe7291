"""A domain check in words: a plain report in either language."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from assistant.domain_findings import Measured, advice, remarks
from assistant.domains import DomainInfo
from assistant.plain_report import Report, Section
from assistant.wording import LANGUAGES, Language, say, say_error

SHOWN_FILES = 50


def report(language: Language, measured: Measured, info: DomainInfo, when: datetime) -> Report:
    """The report of a check."""
    tell = partial(say, language)
    advised = advice(measured)
    return Report(
        title=tell("check.title", domain=info.title(language), when=f"{when.astimezone():%Y-%m-%d %H:%M}"),
        verdict=tell(f"check.verdict_{advised.verdict}"),
        good=advised.verdict != "not_yet",
        sections=[
            _found(language, measured),
            _advised(language, measured),
            _has(language, measured),
            _reads(language, measured),
            _answers(language, measured),
        ],
    )


def _found(language: Language, measured: Measured) -> Section:
    told = [
        say(language, f"check.found_{one.code}", **one.params | _named(language, one.params))
        for one in remarks(measured)
    ]
    return Section(say(language, "check.remarks"), [], told or [say(language, "check.nothing")])


def _named(language: Language, params: Mapping[str, object]) -> dict[str, str]:
    spoken = params.get("language")
    return {"language": say(language, f"check.in_{spoken}")} if spoken in LANGUAGES else {}


def _advised(language: Language, measured: Measured) -> Section:
    tell, advised = partial(say, language), advice(measured)
    tolerated = f"{100 * advised.tolerated:.0f}"
    told = [tell(f"check.release_{advised.release}", tolerated=tolerated)]
    if advised.missing:
        told.append(tell("check.missing", missing=advised.missing, tolerated=tolerated, judged=measured.judged))
    elif advised.release == "review":
        told.append(tell("check.not_sure", tolerated=tolerated, judged=measured.judged))
    told.append(tell("check.learning", count=measured.splits.get("train", 0)))
    return Section(tell("check.advice"), [], told)


def _has(language: Language, measured: Measured) -> Section:
    tell = partial(say, language)
    splits = tell("examples.counts", **measured.splits)
    figures = [
        (tell("check.documents"), str(measured.documents)),
        (tell("check.passages"), _by_language(language, measured.passages)),
        (tell("check.routed"), str(measured.routed)),
        (tell("check.questions"), f"{_by_language(language, measured.questions)} · {splits}"),
        (tell("check.unanswerable"), str(measured.unanswerable)),
    ]
    unread = [f"{file}: {say_error(language, error)}" for file, error in measured.unread[:SHOWN_FILES]]
    return Section(tell("check.has"), figures, unread)


def _reads(language: Language, measured: Measured) -> Section:
    tell = partial(say, language)
    words = "、".join if language == "ja" else ", ".join
    figures = [
        (tell("check.characters"), words(f"{tell(f'check.in_{k}')} {v:.2f}" for k, v in measured.characters.items())),
        (tell("check.unknown"), f"{100 * measured.unknown:.2f} %"),
        (tell("check.by_meaning"), f"{measured.by_meaning} ({measured.by_meaning.of})"),
        (tell("check.found"), f"{measured.found} ({measured.found.of})"),
    ]
    return Section(tell("check.reads"), figures, [])


def _answers(language: Language, measured: Measured) -> Section:
    tell, answered = partial(say, language), measured.answered
    if answered is None:
        return Section(tell("check.answers"), [], [tell("check.not_asked")])
    figures = [
        (tell("evaluation.questions"), str(answered.questions)),
        (tell("check.drafts"), str(answered.drafts)),
        (tell("check.shown"), str(answered.shown)),
        (tell("check.wrong"), f"{answered.wrong} ({answered.wrong.of})"),
    ]
    costs = [
        tell("release.cost_row", tolerated=100 * one.tolerated) + ": "
        + (tell("release.cost_not_kept", needed=one.needed) if one.hold_below is None
           else tell("release.cost_kept", share=100 * one.shown / one.judged))
        for one in measured.promises
    ]  # fmt: skip
    return Section(tell("check.answers"), figures, costs)


def _by_language(language: Language, counts: Mapping[str, int]) -> str:
    told = ", ".join(f"{say(language, f'check.in_{name}')} {counts[name]}" for name in LANGUAGES if counts.get(name))
    return told or "0"
