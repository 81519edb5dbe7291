"""A domain check in words, as a plain report in either language: Markdown for a file, HTML to be looked at or printed.

File names in it are data: escaped, never markup.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from assistant.domain_findings import Measured, advice, remarks
from assistant.domains import DomainInfo
from assistant.wording import LANGUAGES, Language, say, say_error

SHOWN_FILES = 50
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~])")


@dataclass(frozen=True)
class Section:
    """A heading with figures and sentences."""

    title: str
    figures: list[tuple[str, str]]
    sentences: list[str]


@dataclass(frozen=True)
class Report:
    """A check in one language; `verdict` in a sentence, `stops`: not before something is mended."""

    title: str
    verdict: str
    stops: bool
    sections: list[Section]


def report(language: Language, measured: Measured, info: DomainInfo, when: datetime) -> Report:
    """The report of a check."""
    tell = partial(say, language)
    advised = advice(measured)
    return Report(
        title=tell("check.title", domain=info.title(language), when=f"{when.astimezone():%Y-%m-%d %H:%M}"),
        verdict=tell(f"check.verdict_{advised.verdict}"),
        stops=advised.verdict == "not_yet",
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


def as_markdown(made: Report) -> str:
    """For a file."""
    lines = [f"# {_plain(made.title)}", "", f"**{_plain(made.verdict)}**"]
    for section in made.sections:
        lines += ["", f"## {_plain(section.title)}", ""]
        lines += [f"- {_plain(name)}: {_plain(value)}" for name, value in section.figures]
        lines += [f"- {_plain(sentence)}" for sentence in section.sentences]
    return "\n".join(lines) + "\n"


def _plain(words: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(words.split()))


def as_html(made: Report, language: Language) -> str:
    """A page of its own, without scripts, that can be kept and printed."""
    body = [f"<h1>{html.escape(made.title)}</h1><p><strong>{html.escape(made.verdict)}</strong></p>"]
    for section in made.sections:
        body.append(f"<h2>{html.escape(section.title)}</h2>")
        rows = "".join(f"<tr><th>{html.escape(n)}</th><td>{html.escape(v)}</td></tr>" for n, v in section.figures)
        items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in section.sentences)
        body.append((f"<table>{rows}</table>" if rows else "") + (f"<ul>{items}</ul>" if items else ""))
    style = (
        "body{font:16px/1.6 system-ui,'Noto Sans CJK JP','Yu Gothic UI',Meiryo,sans-serif;max-width:48rem;"
        "margin:2rem auto;padding:0 1rem;color:#1d2b2a}th{text-align:left;font-weight:600;padding-right:1.5rem;"
        "vertical-align:top}h2{font-size:1.1rem;margin-top:1.6rem}h1{font-size:1.4rem}"
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{html.escape(made.title)}</title>'
        f"<style>{style}</style></head><body>{''.join(body)}</body></html>\n"
    )
