"""PowerPoint: each slide's title, texts, tables and notes, from top to bottom; a hidden slide is marked hidden."""

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pptx import Presentation
from pptx.util import Pt

from index.blocks import Block
from index.items import as_item
from index.parsers.rows import header_rows, rows_with_header
from index.parsers.source import Source

SMALLEST = Pt(2)
MAX_GROUPS = 20  # shapes in shapes in shapes


def parse(source: Source) -> Iterator[Block]:
    """The blocks of a pptx file."""
    slides = Presentation(io.BytesIO(source.data)).slides
    for number, slide in enumerate(slides, start=1):
        source.turned(number, len(slides))
        unseen = slide._element.get("show") == "0"
        for block in _slide(slide, number):
            yield replace(block, hidden=True) if unseen else block


def _slide(slide: Any, number: int) -> Iterator[Block]:
    title = slide.shapes.title
    name = title.text_frame.text.strip() if title is not None and title.has_text_frame else ""
    yield Block("heading", " ".join(name.split()) or f"{number}", level=1, slide=number)
    shapes = [s for s in slide.shapes if title is None or s.shape_id != title.shape_id]
    for shape in sorted(shapes, key=lambda s: (s.top or 0, s.left or 0)):
        yield from _shape(shape, number, 0)
    if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame):
        text = notes.text.replace("\v", "\n").strip()
        if text:
            yield Block("paragraph", text, slide=number)


def _shape(shape: Any, slide: int, depth: int) -> Iterator[Block]:
    if hasattr(shape, "shapes"):
        for inner in shape.shapes if depth < MAX_GROUPS else ():
            yield from _shape(inner, slide, depth + 1)
    elif getattr(shape, "has_table", False):
        rows = _rows(shape.table)
        yield from rows_with_header(rows, header_rows(rows), slide=slide)
    elif getattr(shape, "has_chart", False):
        yield from _chart(shape.chart, slide)
    elif shape.has_text_frame:
        hidden = _not_drawn(shape)
        for paragraph in shape.text_frame.paragraphs:
            for block in _paragraph(paragraph, slide):
                yield replace(block, hidden=True) if hidden else block


def _paragraph(paragraph: Any, slide: int) -> Iterator[Block]:
    seen, unseen = "", ""
    for element in paragraph._p:
        tag = element.tag.rsplit("}", 1)[-1]
        if tag == "br":
            seen += "\n"
        elif tag in ("r", "fld"):
            words = "".join(node.text or "" for node in element if node.tag.endswith("}t"))
            size = next((node.get("sz") for node in element if node.tag.endswith("}rPr")), None)
            if size is not None and size.isdigit() and Pt(int(size) / 100) < SMALLEST:
                unseen += words
            else:
                seen += words
    if seen.strip():
        yield Block("item", as_item(seen.strip()), slide=slide)
    if unseen.strip():
        yield Block("item", unseen.strip(), slide=slide, hidden=True)


def _not_drawn(shape: Any) -> bool:
    """Hidden in the selection pane."""
    return any(node.tag.endswith("}cNvPr") and node.get("hidden") in ("1", "true") for node in shape._element.iter())


def _rows(table: Any) -> list[list[str]]:
    """Each cell's text; a merged cell's stands in every cell that it covers."""
    rows = [[cell.text.replace("\v", "\n").strip() for cell in row.cells] for row in table.rows]
    for r, row in enumerate(table.rows):
        for c, cell in enumerate(row.cells):
            if cell.is_merge_origin:
                for down in range(min(cell.span_height, len(rows) - r)):
                    for right in range(min(cell.span_width, len(rows[r]) - c)):
                        rows[r + down][c + right] = rows[r][c]
    return rows


def _chart(chart: Any, slide: int) -> Iterator[Block]:
    """A chart's numbers as the table that it was drawn from."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield Block("item", chart.chart_title.text_frame.text.strip(), slide=slide)
    for plot in chart.plots:
        names = [str(name) for name in plot.categories]
        rows = [["", *names]]
        for series in plot.series:
            rows.append([series.name or "", *("" if value is None else f"{value:.10g}" for value in series.values)])
        yield from rows_with_header(rows, 1, slide=slide)
