"""A plain report: lines for a terminal, Markdown for a file, HTML to be looked at or printed.

What it tells is data: escaped, never markup.
"""

import html
import re
from dataclasses import dataclass

from assistant.wording import Language

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~])")


@dataclass(frozen=True)
class Section:
    """A heading with figures (name, value) and sentences."""

    title: str
    figures: list[tuple[str, str]]
    sentences: list[str]


@dataclass(frozen=True)
class Report:
    """What was found, in one language. `good`: nothing stands against it."""

    title: str
    verdict: str
    good: bool
    sections: list[Section]


def as_text(made: Report) -> str:
    """For a terminal."""
    lines = [made.title, made.verdict]
    for section in made.sections:
        told = [f"{name}: {value}" for name, value in section.figures] + section.sentences
        lines += ["", section.title, *(f"  {' '.join(one.split())}" for one in told)]
    return "\n".join(lines)


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
