"""Word: paragraphs, headings, lists and tables in their order; text formatted as hidden is left out."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from index.blocks import Block, rule_level, split_rule
from index.parsers.rows import rows_with_header

MAX_PARAGRAPHS = 60_000


def parse(path: Path) -> Iterator[Block]:
    """The blocks of a docx file."""
    document: Document = docx.Document(str(path))
    for number, item in enumerate(document.iter_inner_content()):
        if number > MAX_PARAGRAPHS:
            return
        if isinstance(item, Table):
            yield from _table(item)
        else:
            yield from _paragraph(item)


def _paragraph(paragraph: Paragraph) -> Iterator[Block]:
    text = _visible_text(paragraph).strip()
    if not text:
        return
    style = _style(paragraph)
    if style.startswith("heading ") and style[8:].isdigit():
        yield Block("heading", text, level=int(style[8:]))
    elif style == "title":
        yield Block("heading", text, level=1)
    elif opened := split_rule(text):
        heading, rest = opened
        yield Block("heading", heading, level=rule_level(heading))
        if rest:
            yield Block("paragraph", rest)
    elif style.startswith("list") or paragraph._p.find(f".//{qn('w:numPr')}") is not None:
        yield Block("item", text)
    else:
        yield Block("paragraph", text)


def _style(paragraph: Paragraph) -> str:
    style = paragraph.style
    return (style.name or "").lower() if style is not None else ""


def _visible_text(paragraph: Paragraph) -> str:
    parts = []
    for run in paragraph._p.iter(qn("w:r")):
        properties = run.find(qn("w:rPr"))
        if properties is not None and properties.find(qn("w:vanish")) is not None:
            continue
        for node in run:
            if node.tag == qn("w:t"):
                parts.append(node.text or "")
            elif node.tag in (qn("w:tab"), qn("w:br"), qn("w:cr")):
                parts.append("\t" if node.tag == qn("w:tab") else "\n")
    return "".join(parts)


def _table(table: Table) -> Iterator[Block]:
    """Rows with their headers; a merged cell's text stands in each cell that it covers."""
    rows = [[_cell_text(cell) for cell in row.cells] for row in table.rows]
    rows = [row for row in rows if any(row)]
    if not rows:
        return
    if len(rows[0]) == 1:
        for row in rows:
            yield Block("paragraph", row[0])
        return
    yield from rows_with_header(rows, header_rows(rows))


def _cell_text(cell: object) -> str:
    return "\n".join(filter(None, (_visible_text(p).strip() for p in cell.paragraphs)))  # type: ignore[attr-defined]


def header_rows(rows: list[list[str]]) -> int:
    """How many rows at the top are headers: the first, and the next as long as merged cells tie them together."""
    count = 1
    while count < min(4, len(rows) - 1) and _spans(rows[count - 1]) and not _has_values(rows[count]):
        count += 1
    if _is_form(rows):
        return 0
    return count if len(rows) > count else 0


def _spans(row: list[str]) -> bool:
    return any(a and a == b for a, b in pairwise(row))


def _has_values(row: list[str]) -> bool:
    return any(any(c.isdigit() for c in cell) for cell in row[1:])


def _is_form(rows: list[list[str]]) -> bool:
    """Two columns whose first row reads like all others: names and values, not a header."""
    return len(rows[0]) == 2 and (_has_values(rows[0]) or len(rows[0][1]) > 20)
