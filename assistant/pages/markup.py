"""HTML for pages, from data that nobody vouches for: everything is escaped, nothing is a link or an image.

Made for Gradio's Markdown component: one block without blank lines, so that no Markdown in a document or a
question is ever interpreted.
"""

from collections.abc import Sequence
from html import escape

_MARKDOWN = str.maketrans({c: f"&#{ord(c)};" for c in "\\`*_{}[]()#+-.!|~<>$:"})


def text(value: object) -> str:
    """Plain text, harmless as HTML and as Markdown; line breaks kept, empty lines left out."""
    safe = escape(str(value), quote=True)
    pieces = [_armour(line) for line in safe.splitlines() if line.strip()]
    return "<br>".join(pieces)


def _armour(line: str) -> str:
    # entities made by escape() must survive, so only characters outside them are armoured
    out, rest = [], line
    while "&" in rest:
        before, _, tail = rest.partition("&")
        entity, semicolon, rest = tail.partition(";")
        out.append(before.translate(_MARKDOWN) + "&" + entity + semicolon)
    return "".join(out) + rest.translate(_MARKDOWN)


def tag(name: str, inner: str, css: str = "", **attributes: str) -> str:
    """An element around markup that is already safe."""
    given = {"class": css, **attributes} if css else attributes
    shown = "".join(f' {key}="{escape(value, quote=True)}"' for key, value in given.items())
    return f"<{name}{shown}>{inner}</{name}>"


def table(labels: Sequence[str], rows: Sequence[Sequence[str]], css: str = "") -> str:
    """A table of cells of safe markup; each tells its column, which a phone shows beside it instead of the head."""
    head = "".join(tag("th", text(label), scope="col") for label in labels)
    body = ""
    for row in rows:
        body += tag("tr", "".join(tag("td", cell, title=label) for label, cell in zip(labels, row, strict=True)))
    return tag("table", tag("thead", tag("tr", head)) + tag("tbody", body), css)


def pairs(rows: Sequence[tuple[str, str]]) -> str:
    """Names with their values, as plain text."""
    cells = (tag("th", text(name), scope="row") + tag("td", text(value)) for name, value in rows)
    return tag("table", "".join(tag("tr", row) for row in cells), "signals")


def marked(passage: str, quote: str, around: int = 160) -> str:
    """The quoted span marked in its context, at most `around` characters on each side."""
    at = passage.find(quote)
    if at < 0:
        return tag("mark", text(quote))
    start, end = max(0, at - around), min(len(passage), at + len(quote) + around)
    before = ("…" if start else "") + passage[start:at]
    after = passage[at + len(quote) : end] + ("…" if end < len(passage) else "")
    # text() drops a break at an edge, so the breaks around the mark are put back
    opening = "<br>" if before.endswith("\n") else " " * before.endswith(" ")
    closing = "<br>" if after.startswith("\n") else " " * after.startswith(" ")
    return text(before) + opening + tag("mark", text(quote)) + closing + text(after)
