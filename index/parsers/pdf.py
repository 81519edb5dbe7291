"""PDF: lines from their boxes; pages that are pictures, wholly or in part, are read by OCR.

Headers and footers that repeat on most pages are dropped. Text that is drawn but cannot be seen (no ink, no size, the
colour of what lies behind it) is given as hidden.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
from PIL.Image import Image
from pypdfium2 import raw

from index.blocks import Block
from index.errors import DocumentError
from index.parsers.letters import pieces_of
from index.parsers.lines import Line, Piece, blocks_of, lines_of, sorted_lines
from index.parsers.picture import pieces
from index.parsers.source import Source

MAX_PAGES = 2_000
EDGE_LINES = 2  # lines at the top and bottom of a page that may be a header or footer
MIN_PAGES_FOR_EDGES = 3
DPI = 150
MAX_RENDERED = 2_000  # pixels of the longer side
PICTURED = 0.1  # share of a page that pictures must take to be read beside its text
CAPTIONED = 50  # characters over a picture that make it a background, not a scan
Rect = tuple[float, float, float, float]  # left, bottom, right, top


@dataclass(frozen=True)
class Page:
    """What stands on one page."""

    lines: list[Line]
    scanned: list[Line]
    hidden: list[Piece]


def parse(source: Source) -> Iterator[Block]:
    """The blocks of a pdf file. Raises DocumentError: encrypted, corrupt, no_text, too_many_scans."""
    try:
        document = pdfium.PdfDocument(source.data)
    except pdfium.PdfiumError as error:
        code = "encrypted" if re.search("password|security", str(error), re.IGNORECASE) else "corrupt"
        raise DocumentError(code, file=source.name) from error
    if len(document) > MAX_PAGES:
        raise DocumentError("too_many_pages", file=source.name, limit=MAX_PAGES)
    pages = [_page(document, number, source) for number in range(len(document))]
    if not any(page.lines or page.scanned for page in pages):
        raise DocumentError("no_text", file=source.name)
    repeated = _edges([page.lines for page in pages])
    for number, page in enumerate(pages, start=1):
        kept = [line for line in page.lines if _edge_key(line.text) not in repeated]
        yield from blocks_of(kept, number)
        yield from blocks_of(page.scanned, number)
        for piece in page.hidden:
            box = (piece.left, piece.bottom, piece.right, piece.top)
            yield Block("paragraph", piece.text, page=number, box=box, hidden=True)


def _page(document: pdfium.PdfDocument, number: int, source: Source) -> Page:
    source.turned(number + 1, len(document))
    page = document[number]
    try:
        seen, hidden = pieces_of(page)
        lines = lines_of(seen)
        area = _pictured(page, seen)
        scanned = _scanned(page, area, source) if area else []
    finally:
        page.close()
    if area:
        scanned = [piece for piece in scanned if not any(_overlaps(piece, other) for other in seen)]
    return Page(lines, sorted_lines(scanned), hidden)


def _pictured(page: pdfium.PdfPage, seen: list[Piece]) -> Rect | None:
    """Where the page is a picture to be read; None when its text says all."""
    width, height = page.get_width(), page.get_height()
    if not seen:
        drawn = next(page.get_objects(max_depth=2), None) is not None
        return (0.0, 0.0, width, height) if drawn else None
    found: Rect | None = None
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=2):
        left, bottom, right, top = item.get_bounds()
        rect = (max(left, 0.0), max(bottom, 0.0), min(right, width), min(top, height))
        if rect[2] > rect[0] and rect[3] > rect[1]:
            found = rect if found is None else _around(found, rect)
    if found is None or (found[2] - found[0]) * (found[3] - found[1]) < PICTURED * width * height:
        return None
    inside = sum(len(piece.text) for piece in seen if _within(piece, found))
    return found if inside < CAPTIONED else None


def _scanned(page: pdfium.PdfPage, area: Rect, source: Source) -> list[Piece]:
    """The text in a part of the page, in points of the page."""
    width, height = page.get_width(), page.get_height()
    left, bottom, right, top = area
    scale = min(DPI / 72, MAX_RENDERED / max(right - left, top - bottom, 1.0))
    whole = (right - left) * (top - bottom) > 0.9 * width * height

    def picture() -> Image:
        crop = (left, bottom, width - right, height - top)
        made: Image = page.render(scale=scale, crop=(0, 0, 0, 0) if whole else crop).to_pil()
        return made

    words = source.pictures.read(picture, needed=whole)
    if whole:
        return pieces(words, height * scale, scale)
    return [
        Piece(p.text, p.left + left, p.bottom + bottom, p.right + left, p.top + bottom)
        for p in pieces(words, (top - bottom) * scale, scale)
    ]


def _around(one: Rect, other: Rect) -> Rect:
    return (min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3]))


def _within(piece: Piece, area: Rect) -> bool:
    across, up = (piece.left + piece.right) / 2, (piece.bottom + piece.top) / 2
    return area[0] <= across <= area[2] and area[1] <= up <= area[3]


def _overlaps(one: Piece, other: Piece) -> bool:
    return min(one.right, other.right) > max(one.left, other.left) and min(one.top, other.top) - max(
        one.bottom, other.bottom
    ) > 0.3 * (one.top - one.bottom)


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
