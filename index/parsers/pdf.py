"""PDF with text: lines from their boxes, paragraphs from the gaps between them, each with page and box.

Headers and footers that repeat on most pages are dropped. A file without any text is a scan and says so.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium

from index.blocks import Block, rule_level, split_rule
from index.errors import DocumentError

MAX_PAGES = 2_000
EDGE_LINES = 2  # lines at the top and bottom of a page that may be a header or footer
MIN_PAGES_FOR_EDGES = 3


@dataclass
class Line:
    """One line of text: its box in points from the lower left, and the height of its characters."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """Of the box."""
        return self.top - self.bottom


def parse(path: Path) -> Iterator[Block]:
    """The blocks of a pdf file. Raises DocumentError: encrypted, no_text."""
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        code = "encrypted" if "password" in str(error).lower() or "security" in str(error).lower() else "corrupt"
        raise DocumentError(code, file=path.name) from error
    pages = [_lines(document[number]) for number in range(min(len(document), MAX_PAGES))]
    if not any(pages):
        raise DocumentError("no_text", file=path.name)
    repeated = _edges(pages)
    for number, lines in enumerate(pages, start=1):
        kept = [line for line in lines if _edge_key(line.text) not in repeated]
        yield from _blocks(kept, number)


def _lines(page: pdfium.PdfPage) -> list[Line]:
    text = page.get_textpage()
    lines: list[Line] = []
    for index in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(index)
        words = text.get_text_bounded(left, bottom, right, top).strip()
        if not words:
            continue
        last = lines[-1] if lines else None
        middle = (bottom + top) / 2
        if last is not None and last.bottom <= middle <= last.top and left >= last.left - 1:
            gap = left - last.right
            joint = " " if gap > 0.15 * last.height else ""
            last.text += ("  " if gap > 2 * last.height else joint) + words
            last.right, last.top, last.bottom = (
                max(last.right, right),
                max(last.top, top),
                min(last.bottom, bottom),
            )
        else:
            lines.append(Line(words, left, bottom, right, top))
    text.close()
    page.close()
    return lines


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _edge_key(text: str) -> str:
    return re.sub(r"\d+", "#", " ".join(text.split()))


def _edges(pages: list[list[Line]]) -> set[str]:
    """Lines (numbers aside) that stand at the edge of more than half the pages."""
    if len(pages) < MIN_PAGES_FOR_EDGES:
        return set()
    counts = Counter(
        key for lines in pages for key in {_edge_key(line.text) for line in lines[:EDGE_LINES] + lines[-EDGE_LINES:]}
    )
    return {key for key, count in counts.items() if count > len(pages) / 2}


def _blocks(lines: list[Line], page: int) -> Iterator[Block]:
    running: list[Line] = []
    for line in lines:
        opened = split_rule(line.text)
        if opened is not None:
            yield from _paragraph(running, page)
            running = []
            heading, rest = opened
            yield Block("heading", heading, level=rule_level(heading), page=page, box=_box([line]))
            if rest:
                running = [Line(rest, line.left, line.bottom, line.right, line.top)]
            continue
        if running and _parts(running[-1], line):
            yield from _paragraph(running, page)
            running = []
        running.append(line)
    yield from _paragraph(running, page)


def _parts(above: Line, below: Line) -> bool:
    """Whether a new paragraph begins: a wide gap, a jump upwards, or another size of type."""
    gap = above.bottom - below.top
    tallest = max(above.height, below.height)
    return gap > 0.9 * tallest or gap < -2 * tallest or abs(above.height - below.height) > 0.35 * tallest


def _paragraph(lines: list[Line], page: int) -> Iterator[Block]:
    if not lines:
        return
    text = lines[0].text
    for line in lines[1:]:
        starts_item = re.match(r"^\s*([-・•●○■□◆◇※*]|[0-9０-９]+[.．)）]|[（(][0-9０-９一-十]+[)）]|[①-⑳])", line.text)
        columns = "  " in line.text
        joint = "\n" if starts_item or columns else " " if _latin(text[-1]) or text[-1] in ".,;:)" else ""
        text += joint + line.text
    numbered = re.match(r"^\d+(\.\d+)*\.?\s+\S", text)
    if len(lines) == 1 and len(text) <= 70 and numbered and not text.endswith((".", "。", ";")):
        level = text.split()[0].rstrip(".").count(".") + 1
        yield Block("heading", text, level=level, page=page, box=_box(lines))
    else:
        yield Block("paragraph", text, page=page, box=_box(lines))


def _box(lines: list[Line]) -> tuple[float, float, float, float]:
    return (
        round(min(line.left for line in lines), 1),
        round(min(line.bottom for line in lines), 1),
        round(max(line.right for line in lines), 1),
        round(max(line.top for line in lines), 1),
    )
