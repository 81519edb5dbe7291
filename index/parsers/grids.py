"""Tables that are ruled: a PDF page's lines make grids, whose cells the text is put into by where it stands.

Lines are the straight parts of drawn paths, and filled shapes as thin as a line. Those that touch make one grid. What
no line parts is one cell, and its text stands in each row and column that it covers.
"""

import ctypes
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import pypdfium2 as pdfium
from pypdfium2 import raw

from index.parsers.lines import Box, Line, Piece, joint, lines_of

THIN, SHORTEST, TOUCH = 3.0, 6.0, 2.5  # points: the widest line, the shortest, the gap that two may have
MOST_PARTS, MOST_LINES = 20_000, 400  # of a page: more is a drawing
LONGEST_CELL = 20  # lines


class Ruling(NamedTuple):
    """A straight line: at `at` across its direction, from `start` to `end` along it, in points from the lower left."""

    at: float
    start: float
    end: float

    def crosses(self, other: "Ruling") -> bool:
        """Whether it meets a line of the other direction."""
        return (
            self.start - TOUCH <= other.at <= self.end + TOUCH and other.start - TOUCH <= self.at <= other.end + TOUCH
        )

    def parts(self, place: float) -> bool:
        """Whether it stands between two cells that meet at this place along it."""
        return self.start - TOUCH <= place <= self.end + TOUCH


@dataclass(eq=False)
class Grid:
    """A table's cells. `xs` from the left and `ys` from the top part its columns and rows; `pieces` are put in before
    any cell is looked at.
    """

    upright: list[Ruling]
    level: list[Ruling]
    xs: list[float] = field(init=False)
    ys: list[float] = field(init=False)
    pieces: list[Piece] = field(default_factory=list)

    def __post_init__(self) -> None:
        ends = [end for line in self.level for end in (line.start, line.end)]
        tops = [end for line in self.upright for end in (line.start, line.end)]
        self.xs = _places([*(line.at for line in self.upright), min(ends), max(ends)])
        self.ys = _places([*(line.at for line in self.level), min(tops), max(tops)])[::-1]

    @property
    def is_table(self) -> bool:
        """Whether it has two rows and columns, and is no frame around something."""
        return len(self.xs) > 2 and len(self.ys) > 2

    def holds(self, piece: Piece) -> bool:
        """Whether a piece stands in it."""
        across, up = _middle(piece)
        return self.xs[0] <= across <= self.xs[-1] and self.ys[-1] <= up <= self.ys[0]

    def columns_of_text(self) -> list[list[Line]]:
        """The lines of each cell, where one holds more than a table's cell does: lines parted a page, not values."""
        cells = list({id(lines): lines for row in self._inside for lines in row}.values())
        return cells if max(map(len, cells)) > LONGEST_CELL else []

    def rows(self) -> Iterator[tuple[list[str], Box]]:
        """The texts of each row's cells with the row's box; of rows that no line parts, each by itself."""
        left, right = round(self.xs[0], 1), round(self.xs[-1], 1)
        for cells, (top, bottom) in zip(self._inside, pairwise(self.ys), strict=True):
            for one in _apart(cells):
                texts = [_text(lines) for lines in one]
                if any(texts):
                    yield texts, (left, round(bottom, 1), right, round(top, 1))

    @cached_property
    def _inside(self) -> list[list[list[Line]]]:
        """The lines of text of every cell, by row and column."""
        wide, high = len(self.xs) - 1, len(self.ys) - 1
        whole = list(range(wide * high))

        def first(cell: int) -> int:
            while whole[cell] != cell:
                cell = whole[cell]
            return cell

        for row in range(high):
            up = (self.ys[row] + self.ys[row + 1]) / 2
            for column in range(wide):
                across = (self.xs[column] + self.xs[column + 1]) / 2
                here = row * wide + column
                if column + 1 < wide and not _parted(self.upright, self.xs[column + 1], up):
                    whole[first(here + 1)] = first(here)
                if row + 1 < high and not _parted(self.level, self.ys[row + 1], across):
                    whole[first(here + wide)] = first(here)
        held: dict[int, list[Piece]] = {}
        down = [-y for y in self.ys]
        for piece in self.pieces:
            across, up = _middle(piece)
            column = min(bisect_right(self.xs, across), wide) - 1
            row = min(bisect_right(down, -up), high) - 1
            held.setdefault(first(max(row, 0) * wide + max(column, 0)), []).append(piece)
        lines = {cell: lines_of(pieces) for cell, pieces in held.items()}
        return [[lines.get(first(row * wide + column), []) for column in range(wide)] for row in range(high)]


def grids_of(page: pdfium.PdfPage) -> list[Grid]:
    """The ruled tables of a page."""
    level: list[Ruling] = []
    upright: list[Ruling] = []
    for x1, y1, x2, y2 in _parts(page):
        if abs(y1 - y2) <= THIN and abs(x1 - x2) >= SHORTEST:
            level.append(Ruling((y1 + y2) / 2, min(x1, x2), max(x1, x2)))
        elif abs(x1 - x2) <= THIN and abs(y1 - y2) >= SHORTEST:
            upright.append(Ruling((x1 + x2) / 2, min(y1, y2), max(y1, y2)))
        if len(level) + len(upright) > MOST_PARTS:
            return []
    level, upright = _joined(level), _joined(upright)
    if not level or not upright or len(level) + len(upright) > MOST_LINES:
        return []
    return [grid for grid in _touching(level, upright) if grid.is_table]


def _parts(page: pdfium.PdfPage) -> Iterator[tuple[float, float, float, float]]:
    """The straight parts of the page's paths, and what is filled as thin as a line, as two points each."""
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1):
        left, bottom, right, top = item.get_bounds()
        if min(right - left, top - bottom) <= THIN:
            across, up = (left + right) / 2, (bottom + top) / 2
            yield (left, up, right, up) if right - left >= top - bottom else (across, bottom, across, top)
            continue
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        if not raw.FPDFPath_GetDrawMode(item, fill, stroke) or not stroke.value:
            continue
        yield from _drawn(item)


def _drawn(item: pdfium.PdfObject) -> Iterator[tuple[float, float, float, float]]:
    """The straight parts of one drawn path."""
    a, b, c, d, e, f = item.get_matrix().get()
    x, y = ctypes.c_float(), ctypes.c_float()
    begun = last = (0.0, 0.0)
    for at in range(min(raw.FPDFPath_CountSegments(item), MOST_PARTS)):
        part = raw.FPDFPath_GetPathSegment(item, at)
        if not raw.FPDFPathSegment_GetPoint(part, x, y):
            continue
        point = a * x.value + c * y.value + e, b * x.value + d * y.value + f
        if raw.FPDFPathSegment_GetType(part) == raw.FPDF_SEGMENT_MOVETO:
            begun = point
        elif raw.FPDFPathSegment_GetType(part) == raw.FPDF_SEGMENT_LINETO:
            yield (*last, *point)
        last = point
        if raw.FPDFPathSegment_GetClose(part):
            yield (*last, *begun)


def _joined(lines: Sequence[Ruling]) -> list[Ruling]:
    """Lines that go on from one another, as one: programs draw a table's lines cell by cell."""
    made: list[Ruling] = []
    places = _places([line.at for line in lines])
    at_one = ((places[bisect_right(places, line.at) - 1], line.start, line.end) for line in lines)
    for place, start, end in sorted(at_one):
        if made and made[-1].at == place and start <= made[-1].end + TOUCH:
            made[-1] = Ruling(place, made[-1].start, max(end, made[-1].end))
        else:
            made.append(Ruling(place, start, end))
    return made


def _places(values: Sequence[float]) -> list[float]:
    """Places in order, those that nearly coincide once."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > TOUCH:
            kept.append(value)
    return kept


def _touching(level: list[Ruling], upright: list[Ruling]) -> Iterator[Grid]:
    """What is connected, each by itself."""
    left = list(upright)
    while left:
        group: tuple[list[Ruling], list[Ruling]] = ([], [left.pop()])
        waiting = list(level)
        grew = True
        while grew:
            met = [line for line in waiting if any(line.crosses(other) for other in group[1])]
            waiting = [line for line in waiting if line not in met]
            group[0].extend(met)
            also = [line for line in left if any(line.crosses(other) for other in met)]
            left = [line for line in left if line not in also]
            group[1].extend(also)
            grew = bool(met or also)
        if group[0]:
            yield Grid(group[1], group[0])


def _parted(lines: Sequence[Ruling], at: float, place: float) -> bool:
    return any(abs(line.at - at) <= TOUCH and line.parts(place) for line in lines)


def _middle(piece: Piece) -> tuple[float, float]:
    return (piece.left + piece.right) / 2, (piece.bottom + piece.top) / 2


def _apart(cells: list[list[Line]]) -> Iterator[list[list[Line]]]:
    """A row as it is ruled; several where each of its cells has as many lines, three or more: a table whose rows no
    line parts.
    """
    counts = {len(lines) for lines in cells if lines}
    if len(counts) == 1 and (count := counts.pop()) > 2 and sum(map(bool, cells)) > 1:
        for at in range(count):
            yield [lines[at : at + 1] for lines in cells]
    else:
        yield cells


def _text(lines: Sequence[Line]) -> str:
    text = lines[0].text if lines else ""
    for above, line in pairwise(lines):
        text += joint(above.text) + line.text
    return text
