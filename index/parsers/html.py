"""HTML: headings, paragraphs, list items and tables; scripts and styles left out, what cannot be seen marked."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, repeat

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from index.blocks import Block
from index.items import as_item
from index.parsers.rows import header_rows, rows_with_header
from index.parsers.source import Source
from index.parsers.text import decode, paragraphs

SKIPPED = ("script", "style", "noscript", "template", "head", "nav", "svg", "iframe")
BREAKING = (
    "p",
    "div",
    "section",
    "article",
    "li",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "main",
    "header",
    "footer",
    "aside",
    "figure",
    "body",
    "form",
    "fieldset",
)


INVISIBLE = re.compile(
    r"display:none|visibility:hidden|(?<![a-z-])opacity:0(?![.\d])|font-size:[01](px|pt|em)?(?![.\d])|text-indent:-\d{3,}"
)
WHITE = re.compile(r"(?<![a-z-])color:(white|#fff(fff)?|rgba?\(255,255,255|transparent)(?![0-9a-f])")
SIMPLE = re.compile(r"([^{}]+)\{([^{}]*)\}")
MAX_RULES = 200


def parse(source: Source) -> Iterator[Block]:
    """The blocks of an HTML file."""
    yield from blocks(_decoded(source))


def blocks(page: str) -> Iterator[Block]:
    """The blocks of a page or of a piece of one, in order; after them the text that a browser does not show."""
    soup = BeautifulSoup(page, "lxml")
    # white letters can be seen wherever the page colours a ground; which ground lies under which text is not looked up
    white = not re.search("background|bgcolor", page, re.IGNORECASE)
    styled = _hidden_by_style(soup, white)
    for tag in soup.find_all(SKIPPED):
        if tag.name != "head":
            tag.decompose()
    body = soup.body or soup
    styled |= {id(tag) for tag in body.find_all(True) if tag.has_attr("hidden") or _unseen(_style(tag), white)}
    outermost = [t for t in body.find_all(True) if id(t) in styled and not any(id(o) in styled for o in t.parents)]
    taken = [tag.extract() for tag in outermost]
    yield from _walk(body)
    for tag in taken:
        for block in _walk(tag):
            yield replace(block, kind="paragraph", level=0, hidden=True)


def _decoded(source: Source) -> str:
    """As the page itself says where that fits, else as found out."""
    stated = re.search(rb"""<meta[^>]{0,200}charset=["']?([\w-]{3,20})""", source.data[:4096], re.IGNORECASE)
    if stated:
        name = stated.group(1).decode().lower()
        try:
            return source.data.decode("cp932" if name in ("shift_jis", "x-sjis", "sjis") else name)
        except (LookupError, UnicodeDecodeError):  # pages are often saved anew in another encoding than they say
            pass
    return decode(source.data, source.name)


def _hidden_by_style(soup: BeautifulSoup, white: bool) -> set[int]:
    """What the page's own style rules hide, by identity. Rules that cannot be understood hide nothing."""
    found: set[int] = set()
    rules = [rule for sheet in soup.find_all("style") for rule in SIMPLE.findall(sheet.get_text())]
    for selector, body in rules[:MAX_RULES]:
        if _unseen(body, white) and re.fullmatch(r"[\w.#\s,-]{1,200}", selector):
            found |= {id(tag) for tag in soup.select(selector.strip().strip(","))}
    return found


def _walk(parent: Tag) -> Iterator[Block]:
    running: list[str] = []
    marks = _marks(parent)
    for child in parent.children:
        if isinstance(child, Tag) and child.name in BREAKING:
            yield from _flush(running)
            yield from _item(child, next(marks)) if child.name == "li" else _element(child)
        elif isinstance(child, Tag) and child.find(BREAKING):
            yield from _flush(running)
            yield from _walk(child)
        elif isinstance(child, Tag):
            running.append("\n" if child.name == "br" else child.get_text())
        elif type(child) is NavigableString:
            running.append(str(child))
    yield from _flush(running)


def _flush(running: list[str]) -> Iterator[Block]:
    text = "\n".join(" ".join(line.split()) for line in "".join(running).split("\n"))
    running.clear()
    if text.strip():
        yield from paragraphs(" ".join(text.split()))


def _element(tag: Tag) -> Iterator[Block]:
    if tag.name in ("h1", "h2", "h3", "h4", "h5", "h6"):
        text = " ".join(tag.get_text(" ").split())
        if text:
            yield Block("heading", text, level=int(tag.name[1]))
    elif tag.name == "table":
        yield from _table(tag)
    elif tag.name in ("dt", "dd") and not tag.find(BREAKING):
        text = " ".join(tag.get_text(" ").split())
        if text:
            yield Block("item", text)
    else:
        yield from _walk(tag)


def _item(tag: Tag, mark: str) -> Iterator[Block]:
    """An item of a list, the mark before its first words."""
    for number, block in enumerate(_walk(tag)):
        told = number == 0 and block.kind in ("item", "paragraph")
        yield replace(block, kind="item", text=as_item(block.text, mark)) if told else block


def _marks(parent: Tag) -> Iterator[str]:
    """What a browser writes before a list's items."""
    if parent.name != "ol":
        return repeat("-")
    first = re.fullmatch(r"\d{1,4}", str(parent.get("start", "1")))
    return (f"{number}." for number in count(int(first.group()) if first else 1))


def _style(tag: Tag) -> str:
    return str(tag.get("style", ""))


def hides(page: str) -> bool:
    """Whether a piece of a page may hold text that a browser does not show."""
    return bool(
        INVISIBLE.search(re.sub(r"\s", "", page.lower())) or re.search(r"<[^>]*\shidden\b", page, re.IGNORECASE)
    )


def _unseen(style: str, white: bool) -> bool:
    """Whether a style shows nothing: not drawn, of no size, or in `white` letters where those cannot be seen."""
    style = re.sub(r"\s|!important", "", style.lower())
    return bool(INVISIBLE.search(style)) or (white and bool(WHITE.search(style)))


def _table(table: Tag) -> Iterator[Block]:
    """Rows with merged cells spread over what they cover."""
    grid: dict[tuple[int, int], str] = {}
    said_headers = 0
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    for r, row in enumerate(rows):
        cells = [cell for cell in row.find_all(("td", "th")) if cell.find_parent("tr") is row]
        if r == said_headers and cells and all(cell.name == "th" for cell in cells):
            said_headers += 1
        column = 0
        for cell in cells:
            while (r, column) in grid:
                column += 1
            text = " ".join(cell.get_text(" ").split())
            for down in range(_span(cell, "rowspan")):
                for right in range(_span(cell, "colspan")):
                    grid[r + down, column + right] = text
            column += _span(cell, "colspan")
    width = max((c for _, c in grid), default=-1) + 1
    lines = [[grid.get((r, c), "") for c in range(width)] for r in range(len(rows))]
    yield from rows_with_header(lines, said_headers or header_rows(lines))


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, "1"))
    return min(max(1, int(value)), 200) if value.isdigit() else 1
