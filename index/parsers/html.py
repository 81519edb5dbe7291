"""HTML: headings, paragraphs, list items and tables; scripts, styles and what is hidden left out."""

from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from index.blocks import Block
from index.parsers.rows import rows_with_header
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


def parse(path: Path) -> Iterator[Block]:
    """The blocks of an HTML file."""
    soup = BeautifulSoup(decode(path.read_bytes(), path.name), "lxml")
    for tag in soup.find_all(SKIPPED):
        if tag.name != "head":
            tag.decompose()
    yield from _walk(soup.body or soup)


def _walk(parent: Tag) -> Iterator[Block]:
    running: list[str] = []
    for child in parent.children:
        if isinstance(child, Tag) and child.name in BREAKING:
            yield from _flush(running)
            yield from _element(child)
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
    if _hidden(tag):
        return
    if tag.name in ("h1", "h2", "h3", "h4", "h5", "h6"):
        text = " ".join(tag.get_text(" ").split())
        if text:
            yield Block("heading", text, level=int(tag.name[1]))
    elif tag.name == "table":
        yield from _table(tag)
    elif tag.name in ("li", "dt", "dd") and not tag.find(BREAKING):
        text = " ".join(tag.get_text(" ").split())
        if text:
            yield Block("item", text)
    else:
        yield from _walk(tag)


def _hidden(tag: Tag) -> bool:
    style = str(tag.get("style", "")).replace(" ", "").lower()
    return tag.has_attr("hidden") or "display:none" in style or "visibility:hidden" in style


def _table(table: Tag) -> Iterator[Block]:
    """Rows with merged cells spread over what they cover."""
    grid: dict[tuple[int, int], str] = {}
    header_rows = 0
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    for r, row in enumerate(rows):
        cells = [cell for cell in row.find_all(("td", "th")) if cell.find_parent("tr") is row]
        if r == header_rows and cells and all(cell.name == "th" for cell in cells):
            header_rows += 1
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
    yield from rows_with_header(lines, header_rows or (1 if len(lines) > 1 else 0))


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, "1"))
    return min(max(1, int(value)), 200) if value.isdigit() else 1
