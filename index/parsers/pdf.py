"""PDF: lines from their boxes; pages that are pictures, wholly or in part, are read by OCR.

Headers and footers that repeat on most pages are dropped. Text that is drawn but cannot be seen (no ink, no size, the
colour of what lies behind it) is given as hidden.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, zip_longest

import pypdfium2 as pdfium
from PIL.Image import Image
from pypdfium2 import raw

from index.blocks import Block
from index.errors import DocumentError
from index.parsers.grids import Grid, grids_of
from index.parsers.letters import pieces_of
from index.parsers.lines import Line, Piece, blocks_of, lines_of, rows_of, sorted_lines
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

    parts: list[list[Line] | Grid]  # running text and ruled tables, in the order of the file
    scanned: list[Line]
    hidden: list[Piece]

    @property
    def lines(self) -> list[Line]:
        """Those of the running text."""
        return [line for part in self.parts if isinstance(part, list) for line in part]


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
    if not any(page.parts or page.scanned for page in pages):
        raise DocumentError("no_text", file=source.name)
    repeated = _edges([page.lines for page in pages])
    for number, page in enumerate(pages, start=1):
        for part, following in zip_longest(page.parts, page.parts[1:]):
            if isinstance(part, Grid):
                yield from _tabled(part, number)
            else:
                below = Line(following.pieces[:1]) if isinstance(following, Grid) else None
                yield from blocks_of([line for line in part if _edge_key(line.text) not in repeated], number, below)
        yield from blocks_of(page.scanned, number)
        for piece in page.hidden:
            box = (piece.left, piece.bottom, piece.right, piece.top)
            yield Block("paragraph", piece.text, page=number, box=box, hidden=True)


def _tabled(grid: Grid, number: int) -> Iterator[Block]:
    """A ruled table's rows; one that is a single cell stands over those that follow, and is a paragraph. Of a page that
    lines part, the text of each part.
    """
    if parts := grid.columns_of_text():
        for lines in parts:
            yield from blocks_of(lines, number)
        return
    for whole, rows in groupby(grid.rows(), key=lambda row: len(set(row[0])) == 1):
        told = list(rows)
        if whole:
            yield from (Block("paragraph", cells[0], page=number, box=box) for cells, box in told)
        else:
            yield from rows_of([cells for cells, _ in told], [box for _, box in told], number)


def _page(document: pdfium.PdfDocument, number: int, source: Source) -> Page:
    source.turned(number + 1, len(document))
    page = document[number]
    try:
        grids = grids_of(page)
        seen, hidden = pieces_of(page, [wall for grid in grids for wall in grid.upright])
        parts = _apart(seen, grids)
        area = _pictured(page, seen)
        scanned = _scanned(page, area, source) if area else []
    finally:
        page.close()
    if area:
        scanned = [piece for piece in scanned if not any(_overlaps(piece, other) for other in seen)]
    return Page(parts, sorted_lines(scanned), hidden)


def _apart(seen: list[Piece], grids: list[Grid]) -> list[list[Line] | Grid]:
    """The pieces in their order: those in a table are given to it, which stands where its first one does."""
    parts: list[list[Piece] | Grid] = []
    for piece in seen:
        grid = next((grid for grid in grids if grid.holds(piece)), None)
        if grid is not None:
            grid.pieces.append(piece)
            if grid not in parts:
                parts.append(grid)
        elif parts and isinstance(parts[-1], list):
            parts[-1].append(piece)
        else:
            parts.append([piece])
    return [part if isinstance(part, Grid) else lines_of(part) for part in parts]


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
