"""Lines of text by their place on a page, whoever read them: to tables, headings and paragraphs with boxes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from index.blocks import Block
from index.parsers.rows import row_text
from index.rules import level_of, split_opening

ITEM = re.compile(r"^\s*([-‐–・･•●○■□◆◇※*]|[0-9０-９]+[.．)）]|[（(][0-9０-９一-十]+[)）]|[①-⑳])")
NUMBERED = re.compile(r"^\d+(\.\d+)*\.?\s+\S")
NO_LINE_END = (".", "。", ";", "、", ",")
HYPHEN = "\u00ad"  # stands where a word is broken at the line's end
CELL_GAP = 1.2  # heights of type: a wider gap in a line parts two cells
READ_GAP = 0.3  # the same for pieces that OCR found apart
MIN_TABLE_ROWS = 2


@dataclass(frozen=True)
class Piece:
    """Text that stands together in a line: its box in points from the lower left."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


@dataclass
class Line:
    """Pieces at one height, from left to right."""

    pieces: list[Piece] = field(default_factory=list)
    cell_gap: float = CELL_GAP

    @property
    def text(self) -> str:
        """All pieces; a blank where there is a gap, two where it is as wide as between cells."""
        text = self.pieces[0].text
        for before, after in zip(self.pieces, self.pieces[1:], strict=False):
            gap = after.left - before.right
            height = max(before.top - before.bottom, 1.0)
            text += ("  " if gap > self.cell_gap * height else " " if gap > 0.15 * height else "") + after.text
        return text

    @property
    def left(self) -> float:
        """Where it begins."""
        return min(piece.left for piece in self.pieces)

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return min(piece.bottom for piece in self.pieces)

    @property
    def top(self) -> float:
        """Its upper edge."""
        return max(piece.top for piece in self.pieces)

    @property
    def right(self) -> float:
        """Where it ends."""
        return max(piece.right for piece in self.pieces)

    @property
    def height(self) -> float:
        """Of its tallest piece."""
        return max(piece.top - piece.bottom for piece in self.pieces)

    def cells(self) -> list[Piece]:
        """The pieces joined where the gap between them is that between words."""
        cells = [self.pieces[0]]
        for piece in self.pieces[1:]:
            last = cells[-1]
            gap, height = piece.left - last.right, max(last.top - last.bottom, 1.0)
            if gap > self.cell_gap * height:
                cells.append(piece)
            else:
                joint = " " if gap > 0.15 * height else ""
                cells[-1] = Piece(
                    last.text + joint + piece.text,
                    last.left,
                    min(last.bottom, piece.bottom),
                    max(last.right, piece.right),
                    max(last.top, piece.top),
                )
        return cells


def lines_of(pieces: Sequence[Piece]) -> list[Line]:
    """Pieces in reading order to lines: a piece beside the one before it, to its right, continues the line."""
    lines: list[Line] = []
    for piece in pieces:
        middle = (piece.bottom + piece.top) / 2
        last = lines[-1] if lines else None
        beside = last is not None and last.bottom <= middle <= last.top and piece.left >= last.pieces[-1].left - 1
        if last is not None and beside:
            last.pieces.append(piece)
        else:
            lines.append(Line([piece]))
    return lines


def sorted_lines(pieces: Sequence[Piece]) -> list[Line]:
    """What OCR found, in any order, to lines from the top: what has its middle in the line's height belongs to it."""
    lines: list[Line] = []
    for piece in sorted(pieces, key=lambda p: -(p.top + p.bottom)):
        middle = (piece.bottom + piece.top) / 2
        if lines and lines[-1].bottom <= middle <= lines[-1].top:
            lines[-1].pieces.append(piece)
        else:
            lines.append(Line([piece], READ_GAP))
    for line in lines:
        line.pieces.sort(key=lambda p: p.left)
    return lines


def blocks_of(lines: Sequence[Line], page: int | None) -> Iterator[Block]:
    """The blocks of a page."""
    at, running = 0, list[Line]()
    margin = max((line.right for line in lines), default=0.0)
    while at < len(lines):
        rows = _table(lines, at)
        if rows:
            yield from _paragraph(running, page)
            running = []
            yield from _rows(lines[at : at + rows], page)
            at += rows
            continue
        line = lines[at]
        at += 1
        opened = split_opening(line.text)
        if opened is not None:
            yield from _paragraph(running, page)
            heading, rest = opened
            yield Block("heading", heading, level=level_of(heading), page=page, box=box_of([line]))
            running = [Line([Piece(rest, line.left, line.bottom, line.right, line.top)])] if rest else []
        elif running and _parts(running[-1], line, margin):
            yield from _paragraph(running, page)
            running = [line]
        else:
            running.append(line)
    yield from _paragraph(running, page)


def _table(lines: Sequence[Line], at: int) -> int:
    """How many lines from `at` on are a table's rows: as many cells each, beginning at the same places."""
    first = lines[at].cells()
    if len(first) < 2:
        return 0
    count = 1
    while at + count < len(lines):
        cells = lines[at + count].cells()
        above = lines[at + count - 1]
        near = above.bottom - lines[at + count].top < 3 * above.height
        if len(cells) != len(first) or not near or not all(_aligned(a, b) for a, b in zip(first, cells, strict=True)):
            break
        count += 1
    return count if count >= MIN_TABLE_ROWS else 0


def _aligned(one: Piece, other: Piece) -> bool:
    """Cells of one column: flush left, flush right or centred; or one above the other for the most part."""
    slack = 0.6 * (one.top - one.bottom) + 1
    return (
        abs(one.left - other.left) < slack
        or abs(one.right - other.right) < slack
        or abs(one.left + one.right - other.left - other.right) < 2 * slack
    )


def _rows(lines: Sequence[Line], page: int | None) -> Iterator[Block]:
    rows = [[cell.text for cell in line.cells()] for line in lines]
    header = _header(rows)
    if not header:
        for line, row in zip(lines, rows, strict=True):
            yield Block("row", _pairs(row), page=page, box=box_of([line]))
        return
    for line, row in zip(lines[1:], rows[1:], strict=True):
        yield Block("row", row_text(header, row), page=page, box=box_of([line]))


def _header(rows: list[list[str]]) -> list[str]:
    """The first row, unless it reads like the others: names and values side by side, as in a form."""
    first = rows[0]
    if len(first) % 2 == 0 and len(first) > 2:  # a form's pairs: 品名 スリーブ 図番 AS-3310
        digits = [[bool(re.search(r"\d", row[c])) for row in rows] for c in range(len(first))]
        names, values = sum(map(sum, digits[::2])), sum(map(sum, digits[1::2]))
        if values > names == 0 and any(column[0] for column in digits[1::2]):
            return []
    if any(re.fullmatch(r"[¥£€$±-]?\d[\d,.]*\D{0,2}", cell) for cell in first[1:]):
        return []
    return first


def _pairs(row: list[str]) -> str:
    """A form's row: 'name: value' where it pairs up."""
    if len(row) % 2:
        return "; ".join(row)
    return "; ".join(f"{name}: {value}" for name, value in zip(row[::2], row[1::2], strict=True))


def _parts(above: Line, below: Line, margin: float) -> bool:
    """Whether a new paragraph begins: a wide gap, a jump upwards, another size of type.

    A line that ends well before the right margin ends its paragraph sooner than one that fills the page.
    """
    gap = above.bottom - below.top
    tallest = max(above.height, below.height)
    full = above.right > margin - 2.5 * tallest
    return (
        gap > (0.9 if full else 0.45) * tallest
        or gap < -2 * tallest
        or abs(above.height - below.height) > 0.35 * tallest
    )


def _paragraph(lines: Sequence[Line], page: int | None) -> Iterator[Block]:
    if not lines:
        return
    text = lines[0].text
    for line in lines[1:]:
        columns = "  " in line.text
        between = "\n" if ITEM.match(line.text) or columns else joint(text)
        text = text.removesuffix(HYPHEN) + between + line.text
    text = text.replace(HYPHEN, "-")
    if len(lines) == 1 and len(text) <= 70 and NUMBERED.match(text) and not text.endswith(NO_LINE_END):
        level = text.split()[0].rstrip(".").count(".") + 1
        yield Block("heading", text, level=level, page=page, box=box_of(lines))
    else:
        yield Block("paragraph", text, page=page, box=box_of(lines))


def joint(above: str) -> str:
    """What stands between two lines of running text: a blank after Latin words, nothing in Japanese."""
    last = above[-1:]
    return " " if (last.isascii() and last.isalnum()) or last in ".,;:)" else ""


def box_of(lines: Sequence[Line]) -> tuple[float, float, float, float]:
    """The box around lines."""
    return (
        round(min(line.left for line in lines), 1),
        round(min(line.bottom for line in lines), 1),
        round(max(line.right for line in lines), 1),
        round(max(line.top for line in lines), 1),
    )
