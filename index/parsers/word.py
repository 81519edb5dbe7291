"""Word: paragraphs, headings, numbered lists, tables, footnotes and text boxes in their order.

Comments, deleted and moved-away text are left out. Text that is formatted away (hidden, of no size, white on white) is
given as hidden. Read from the XML itself: python-docx's objects take minutes for what is long.
"""

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from index.blocks import Block
from index.errors import DocumentError
from index.items import as_item
from index.parsers.numbering import Numbering
from index.parsers.rows import header_rows, rows_with_header
from index.parsers.source import Source
from index.rules import level_of, split_opening

MAX_PARAGRAPHS = 300_000
MAX_DEPTH = 20  # tables in tables, boxes in boxes
SMALLEST = 4  # half points
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
BOX, P, R, T, TBL = (qn(name) for name in ("w:txbxContent", "w:p", "w:r", "w:t", "w:tbl"))
GONE = {qn("w:del"), qn("w:moveFrom"), FALLBACK, BOX}
SIGNS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
HOLDERS = {qn(f"w:{name}") for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
OFF = ("0", "false", "off")


def parse(source: Source) -> Iterator[Block]:
    """The blocks of a docx file. Raises DocumentError: too_many_rows."""
    document = docx.Document(io.BytesIO(source.data))
    reader = _Reader(document, source.name)
    yield from reader.content(document.element.body, 0)


class _Reader:
    """Walks one document's XML with its styles, numbers and notes at hand."""

    def __init__(self, document: Any, name: str) -> None:
        self._name = name
        self._numbering = Numbering(document)
        self._styles = {
            style.get(qn("w:styleId")): (style.find(qn("w:name")).get(qn("w:val")) or "").lower()
            for style in document.styles.element.findall(qn("w:style"))
            if style.find(qn("w:name")) is not None
        }
        self._notes = {kind: _notes(document, kind) for kind in ("footnote", "endnote")}
        self._coloured = document.element.find(qn("w:background")) is not None
        self._read = 0

    def content(self, parent: Any, depth: int) -> Iterator[Block]:
        """Paragraphs and tables of a body, cell or box."""
        for item in parent if depth <= MAX_DEPTH else ():
            if item.tag == P:
                yield from self._paragraph(item, depth)
            elif item.tag == TBL:
                yield from self._table(item, depth)
            elif item.tag in HOLDERS:
                yield from self.content(item, depth + 1)

    def _paragraph(self, paragraph: Any, depth: int) -> Iterator[Block]:
        self._count()
        seen, unseen = self._texts(paragraph, plain=depth == 0)
        sign = self._numbering.sign(paragraph) if seen.strip() else ""
        yield from self._styled(paragraph, (sign + seen).strip())
        if unseen.strip():
            yield Block("paragraph", unseen.strip(), hidden=True)
        for note in paragraph.iter(qn("w:footnoteReference"), qn("w:endnoteReference")):
            kind = "footnote" if note.tag == qn("w:footnoteReference") else "endnote"
            text = self._notes[kind].get(note.get(qn("w:id")), "")
            if text:
                yield Block("item", text)
        for box in _outermost_boxes(paragraph):
            yield from self.content(box, depth + 1)

    def _styled(self, paragraph: Any, text: str) -> Iterator[Block]:
        if not text:
            return
        style = self._style(paragraph)
        if style.startswith("heading ") and style[8:].isdigit():
            yield Block("heading", " ".join(text.split()), level=int(style[8:]))
        elif style == "title":
            yield Block("heading", " ".join(text.split()), level=1)
        elif opened := split_opening(text):
            heading, rest = opened
            yield Block("heading", heading, level=level_of(heading))
            if rest:
                yield Block("paragraph", rest)
        elif style.startswith("list") or self._numbering.listed(paragraph):
            yield Block("item", as_item(text))
        else:
            yield Block("paragraph", text)

    def _style(self, paragraph: Any) -> str:
        found = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return self._styles.get(found.get(qn("w:val")), "") if found is not None else ""

    def _texts(self, paragraph: Any, *, plain: bool) -> tuple[str, str]:
        """What can be seen and what cannot. `plain` where the ground is the page's, not a cell's or box's."""
        seen: list[str] = []
        unseen: list[str] = []
        whole = paragraph.find(f"{qn('w:pPr')}/{qn('w:shd')}") is not None
        white = plain and not whole and not self._coloured
        for run in _runs(paragraph):
            words = "".join(node.text or "" if node.tag == T else SIGNS.get(node.tag, "") for node in run)
            (unseen if _formatted_away(run, white) else seen).append(words)
        return "".join(seen), "".join(unseen)

    def _table(self, table: Any, depth: int) -> Iterator[Block]:
        """Rows with their headers; a merged cell's text stands in each cell that it covers."""
        rows: list[list[str]] = []
        unseen: list[str] = []
        for row in table.iter(qn("w:tr")):
            if _table_of(row) is not table:
                continue
            self._count()
            cells = self._cells(row, rows[-1] if rows else [], unseen, depth)
            if _on(row, "w:trPr/w:hidden"):
                unseen.append("; ".join(filter(None, cells)))
            else:
                rows.append(cells)
        rows = [row for row in rows if any(row)]
        if rows and max(map(len, rows)) == 1:
            yield from (Block("paragraph", row[0]) for row in rows)
        elif rows:
            yield from rows_with_header(rows, header_rows(rows))
        yield from (Block("row", text, hidden=True) for text in unseen if text.strip())

    def _cells(self, row: Any, above: list[str], unseen: list[str], depth: int) -> list[str]:
        cells: list[str] = []
        for cell in row.iter(qn("w:tc")):
            if _row_of(cell) is not row:
                continue
            merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            if merge is not None and merge.get(qn("w:val")) != "restart" and len(cells) < len(above):
                text = above[len(cells)]
            else:
                inside = list(self.content(cell, depth + 1))
                text = "\n".join(block.text for block in inside if not block.hidden)
                unseen += [block.text for block in inside if block.hidden]
            span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
            width = span.get(qn("w:val")) if span is not None else "1"
            cells += [text] * (min(max(1, int(width)), 100) if width and width.isdecimal() else 1)
        return cells

    def _count(self) -> None:
        self._read += 1
        if self._read > MAX_PARAGRAPHS:
            raise DocumentError("too_many_rows", file=self._name, limit=MAX_PARAGRAPHS)


def _runs(parent: Any) -> Iterator[Any]:
    """The runs of a paragraph that are in force, those of text boxes in it aside."""
    for item in parent:
        if item.tag == R:
            yield item
            if item.find(f".//{R}") is not None and item.find(f".//{BOX}") is None:
                yield from _runs(item)
        elif item.tag not in GONE and isinstance(item.tag, str):
            yield from _runs(item)


def _outermost_boxes(paragraph: Any) -> Iterator[Any]:
    """Text boxes in a paragraph, once each: Word writes every box a second time for older programs."""
    for box in paragraph.iter(BOX):
        outer = [node.tag for node in box.iterancestors()]
        inside = outer[: outer.index(P)] if P in outer else outer
        if FALLBACK not in outer and BOX not in inside and next(box.iterancestors(P)) is paragraph:
            yield box


def _table_of(row: Any) -> Any:
    return next(row.iterancestors(TBL), None)


def _row_of(cell: Any) -> Any:
    return next(cell.iterancestors(qn("w:tr")), None)


def _on(parent: Any, path: str) -> bool:
    """Whether a switch stands there and is not off."""
    node = parent.find("/".join(qn(name) for name in path.split("/")))
    return node is not None and node.get(qn("w:val")) not in OFF


def _formatted_away(run: Any, white: bool) -> bool:
    look = run.find(qn("w:rPr"))
    if look is None:
        return False
    if _on(look, "w:vanish") or _on(look, "w:webHidden"):
        return True
    size = look.find(qn("w:sz"))
    value = size.get(qn("w:val")) if size is not None else None
    if value is not None and value.isdecimal() and int(value) < SMALLEST:
        return True
    colour = look.find(qn("w:color"))
    ground = look.find(qn("w:highlight")) is not None or look.find(qn("w:shd")) is not None
    return white and not ground and colour is not None and (colour.get(qn("w:val")) or "").upper() == "FFFFFF"


def _notes(document: Any, kind: str) -> dict[str, str]:
    """Foot- or endnotes by id."""
    part = next((r.target_part for r in document.part.rels.values() if r.reltype.endswith(f"/{kind}s")), None)
    if part is None:
        return {}
    root = parse_xml(part.blob)
    found = {}
    for note in root.findall(qn(f"w:{kind}")):
        if note.get(qn("w:type")) in (None, "normal"):
            found[note.get(qn("w:id"))] = "".join(node.text or "" for node in note.iter(T)).strip()
    return found
