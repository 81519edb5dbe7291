"""PowerPoint: each slide's title, texts, tables and notes, from top to bottom."""

from collections.abc import Iterator
from pathlib import Path

from pptx import Presentation
from pptx.shapes.base import BaseShape

from index.blocks import Block
from index.parsers.rows import rows_with_header


def parse(path: Path) -> Iterator[Block]:
    """The blocks of a pptx file."""
    for number, slide in enumerate(Presentation(str(path)).slides, start=1):
        if slide._element.get("show") == "0":
            continue
        title = slide.shapes.title
        name = title.text_frame.text.strip() if title is not None and title.has_text_frame else ""
        yield Block("heading", name or f"{number}", level=1, slide=number)
        shapes = [s for s in slide.shapes if title is None or s.shape_id != title.shape_id]
        for shape in sorted(shapes, key=lambda s: (s.top or 0, s.left or 0)):
            yield from _shape(shape, number)
        if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame):
            text = notes.text.strip()
            if text:
                yield Block("paragraph", text, slide=number)


def _shape(shape: BaseShape, slide: int) -> Iterator[Block]:
    if hasattr(shape, "shapes"):
        for inner in shape.shapes:
            yield from _shape(inner, slide)
    elif getattr(shape, "has_table", False):
        rows = [[cell.text.strip() for cell in row.cells] for row in shape.table.rows]  # type: ignore[attr-defined]
        yield from rows_with_header(rows, 1, slide=slide)
    elif shape.has_text_frame:
        for paragraph in shape.text_frame.paragraphs:  # type: ignore[attr-defined]
            text = "".join(run.text for run in paragraph.runs).strip()
            if text:
                yield Block("item", text, slide=slide)
