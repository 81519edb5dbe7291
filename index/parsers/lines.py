"""Lines of text by their place on a page, whoever read them: to tables, headings and paragraphs with boxes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from index.blocks import Block
from index.parsers.rows import header_rows, joined_header, row_text
from index.rules import level_of, split_opening

ITEM = re.compile(r"^\s*([-‐–・･•●○■□◆◇※*]|[0-9０-９]+[.．)）]|[（(][0-9０-９一-十]+[)）]|[①-⑳])")
NUMBERED = re.compile(r"^\d+(\.\d+)*\.?\s+\S")
NO_LINE_END = (".", "。", ";", "、", ",")
HYPHEN = "\u00ad"  # stands where a word is broken at the line's end
PIECE_GAP = 0.6  # heights of type: what stands farther apart may be two cells
CELL_GAP = 1.2  # heights of type: a wider gap in a line parts two cells
READ_GAP = 0.3  # the same for pieces that OCR found apart
MIN_TABLE_ROWS = 2
LARGER, TITLE = 1.12, 1.35  # times the type of what stands below: a heading, and a title
LONGEST_TITLE = 60  # characters
Box = tuple[float, float, float, float]  # left, bottom, right, top, in points from the lower left


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

    def cells(self, cell_gap: float | None = None) -> list[Piece]:
        """The pieces, joined where a gap is that between words; `cell_gap`: the widest of these, not the line's."""
        widest = self.cell_gap if cell_gap is None else min(cell_gap, self.cell_gap)
        cells = [self.pieces[0]]
        for piece in self.pieces[1:]:
            gap, height = piece.left - cells[-1].right, max(cells[-1].top - cells[-1].bottom, 1.0)
            if gap > widest * height:
                cells.append(piece)
            else:
                cells[-1] = _one(cells[-1], piece)
        return cells


def _one(before: Piece, after: Piece) -> Piece:
    """Two that stand side by side as one."""
    between = " " if after.left - before.right > 0.15 * max(before.top - before.bottom, 1.0) else ""
    return Piece(
        before.text + between + after.text,
        before.left,
        min(before.bottom, after.bottom),
        max(before.right, after.right),
        max(before.top, after.top),
    )


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


def blocks_of(lines: Sequence[Line], page: int | None, below: Line | None = None) -> Iterator[Block]:
    """The blocks of a page. `below`: what stands below them and is no part of them."""
    at, running = 0, list[Line]()
    margin = max((line.right for line in lines), default=0.0)
    type_size = median(line.height for line in lines) if lines else 0.0
    while at < len(lines):
        rows = _table(lines, at)
        if rows:
            yield from _paragraph(running, page)
            running = []
            boxes = [box_of([line]) for line in lines[at : at + len(rows)]]
            yield from rows_of([[cell.text if cell else "" for cell in row] for row in rows], boxes, page)
            at += len(rows)
            continue
        line = lines[at]
        at += 1
        opened = split_opening(line.text)
        if opened is None and _is_title(line, lines[at] if at < len(lines) else below):
            yield from _paragraph(running, page)
            running = []
            level = _number_level(line.text) or (1 if line.height > TITLE * type_size else 3)
            yield Block("heading", line.text, level=level, page=page, box=box_of([line]))
        elif opened is not None:
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


def _table(lines: Sequence[Line], at: int) -> list[list[Piece | None]]:
    """The cells of the lines from `at` on that are a table's rows; none where it is no table.

    What stands in columns three times over is a table also where they are close together. A row of which some cells
    are empty, or so full that they nearly touch, goes by the columns of those above it.
    """
    close, wide = _in_columns(lines, at, PIECE_GAP), _in_columns(lines, at, None)
    rows = close if len(close) > MIN_TABLE_ROWS and len(close[0]) > max(2, len(wide[0]) if wide else 0) else wide
    if len(rows) < MIN_TABLE_ROWS:
        return []
    made: list[list[Piece | None]] = [list(row) for row in rows]
    while at + len(made) < len(lines) and _near(lines, at + len(made)):
        further = _fitted(lines[at + len(made)].cells(PIECE_GAP), made)
        if further is None:
            break
        made.append(further)
    return made


def _in_columns(lines: Sequence[Line], at: int, gap: float | None) -> list[list[Piece]]:
    """The cells of the lines from `at` on that have as many, beginning at the same places."""
    rows = [lines[at].cells(gap)]
    while len(rows[0]) > 1 and at + len(rows) < len(lines) and _near(lines, at + len(rows)):
        cells = lines[at + len(rows)].cells(gap)
        if len(cells) != len(rows[0]) or not all(_aligned(a, b) for a, b in zip(rows[0], cells, strict=True)):
            break
        rows.append(cells)
    return rows


def _near(lines: Sequence[Line], at: int) -> bool:
    """Whether a line is near enough to the one before to be of one table with it."""
    return lines[at - 1].bottom - lines[at].top < 3 * lines[at - 1].height


def _fitted(cells: Sequence[Piece], rows: Sequence[Sequence[Piece | None]]) -> list[Piece | None] | None:
    """The cells of a further row by its table's columns; None where one stands in two of them, or all in one."""
    columns = [[cell for row in rows if (cell := row[at])] for at in range(len(rows[0]))]
    edges = [(min(cell.left for cell in column), max(cell.right for cell in column)) for column in columns]
    if any(edge[1] > following[0] for edge, following in pairwise(edges)):
        return None
    row: list[Piece | None] = [None] * len(edges)
    for cell in cells:
        over = [at for at, (left, right) in enumerate(edges) if cell.left < right and cell.right > left]
        if len(over) != 1:
            return None
        known = row[over[0]]
        row[over[0]] = cell if known is None else _one(known, cell)
    return row if sum(cell is not None for cell in row) > 1 else None


def _aligned(one: Piece, other: Piece) -> bool:
    """Cells of one column: flush left, flush right or centred; or one above the other for the most part."""
    slack = 0.6 * (one.top - one.bottom) + 1
    return (
        abs(one.left - other.left) < slack
        or abs(one.right - other.right) < slack
        or abs(one.left + one.right - other.left - other.right) < 2 * slack
    )


def rows_of(rows: list[list[str]], boxes: Sequence[Box], page: int | None) -> Iterator[Block]:
    """The rows of a table with as many cells each, with their headers where it has any. `boxes`: of each row."""
    tied = header_rows(rows)
    header = joined_header(rows[:tied]) if tied > 1 else _header(rows)
    first = max(tied, 1) if header else 0
    for row, box in zip(rows[first:], boxes[first:], strict=True):
        yield Block("row", row_text(header, row) if header else _pairs(row), page=page, box=box)


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


def _is_title(line: Line, below: Line | None) -> bool:
    """Whether a line is a heading by its type: larger than that of the line below, and no sentence."""
    text = line.text
    plain = "  " not in text and len(text) <= LONGEST_TITLE and not text.endswith(NO_LINE_END)
    return plain and below is not None and line.height > LARGER * below.height and line.bottom > below.bottom


def _number_level(text: str) -> int:
    """A heading's level by its number, below that of a document's title; 0 where it has none."""
    return text.split()[0].rstrip(".").count(".") + 2 if NUMBERED.match(text) else 0


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
        yield Block("heading", text, level=_number_level(text), page=page, box=box_of(lines))
    else:
        yield Block("paragraph", text, page=page, box=box_of(lines))


def joint(above: str) -> str:
    """What stands between two lines of running text: a blank after Latin words, nothing in Japanese."""
    last = above[-1:]
    return " " if (last.isascii() and last.isalnum()) or last in ".,;:)" else ""


def box_of(lines: Sequence[Line]) -> Box:
    """The box around lines."""
    return (
        round(min(line.left for line in lines), 1),
        round(min(line.bottom for line in lines), 1),
        round(max(line.right for line in lines), 1),
        round(max(line.top for line in lines), 1),
    )
