"""Excel: each sheet's tables, headers of several and merged rows resolved, values as Excel shows them.

Hidden sheets, rows and columns, white letters and the format ';;;' give hidden text.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from index.blocks import Block
from index.errors import DocumentError
from index.parsers.cells import shown
from index.parsers.rows import MAX_HEADER_ROWS, joined_header, row_text
from index.parsers.source import Source

MAX_ROWS, MAX_COLUMNS, MAX_CELLS = 50_000, 500, 400_000
MAX_EMPTY = 10_000  # empty rows after which nothing more is looked for; some sheets claim a million of them
MAX_REACH = 1_048_576  # rows of a sheet: one that claims to be so long is read without its look
SHOWS_NOTHING = re.compile(r"\s*;\s*;\s*;?\s*")


@dataclass
class Grid:
    """A sheet's filled rows: their numbers (from 1), shown values, hidden values; and cells merged across columns."""

    numbers: list[int]
    rows: list[list[str]]
    unseen: list[list[str]]
    spans: set[tuple[int, int]]  # (row number, column from 0)


def parse(source: Source) -> Iterator[Block]:
    """The rows of every sheet, each with its headers and cell range. Raises DocumentError: too_many_rows."""
    stream = io.BytesIO(source.data)
    # read-only first: a sheet whose last cell lies a million rows down would never load otherwise
    workbook = load_workbook(stream, read_only=True, data_only=True)
    whole = all(_size(sheet) <= MAX_CELLS for sheet in workbook.worksheets)
    if whole:
        workbook.close()
        workbook = load_workbook(stream, data_only=True)
    for sheet in workbook.worksheets:
        grid = _grid(sheet) if whole else _plain_grid(sheet, source.name)
        told = list(_tables(sheet.title, grid))
        if not told:
            continue
        blocks = [Block("heading", sheet.title, level=1, sheet=sheet.title), *told]
        unseen = sheet.sheet_state != "visible"
        yield from (replace(block, hidden=True) if unseen else block for block in blocks)


def _size(sheet: Any) -> int:
    return (sheet.max_row or MAX_REACH) * (sheet.max_column or 1)


def _grid(sheet: Worksheet) -> Grid:
    """Shown values, merged cells spread over what they cover."""
    grid = Grid([], [], [], set())
    columns = _hidden_columns(sheet)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        values = [shown(cell.value, cell.number_format) if cell.value is not None else "" for cell in row]
        look = sheet.row_dimensions.get(number) if number in sheet.row_dimensions else None
        gone = look is not None and bool(look.hidden)
        unseen = [gone or c in columns or (bool(values[c]) and _unseen(cell)) for c, cell in enumerate(row)]
        grid.numbers.append(number)
        grid.rows.append(["" if hidden else value for value, hidden in zip(values, unseen, strict=True)])
        grid.unseen.append([value if hidden else "" for value, hidden in zip(values, unseen, strict=True)])
    for area in sheet.merged_cells.ranges:
        if area.min_row > len(grid.rows):
            continue
        value = grid.rows[area.min_row - 1][area.min_col - 1]
        for r in range(area.min_row - 1, min(area.max_row, len(grid.rows))):
            for c in range(area.min_col - 1, min(area.max_col, len(grid.rows[r]))):
                grid.rows[r][c] = value
                if area.max_col > area.min_col:
                    grid.spans.add((r + 1, c))
    return grid


def _hidden_columns(sheet: Worksheet) -> set[int]:
    """Columns from 0; a dimension may stand for several."""
    found: set[int] = set()
    for look in sheet.column_dimensions.values():
        if look.hidden and look.min:
            found |= set(range(look.min - 1, min(look.max or look.min, MAX_COLUMNS)))
    return found


def _unseen(cell: Any) -> bool:
    """Whether a cell shows nothing of its value: format ';;;', or white letters without a ground."""
    if SHOWS_NOTHING.fullmatch(cell.number_format or ""):
        return True
    colour = cell.font.color if cell.font is not None else None
    if colour is None or colour.type not in ("rgb", "theme"):
        return False
    white = str(colour.rgb).upper()[-6:] == "FFFFFF" if colour.type == "rgb" else colour.theme == 0
    return white and not colour.tint and cell.fill.fill_type is None


def _plain_grid(sheet: Any, name: str) -> Grid:
    """The values alone, of a sheet too large for its look to be loaded."""
    grid = Grid([], [], [], set())
    empty = 0
    for row in sheet.iter_rows(max_col=MAX_COLUMNS):
        values = [shown(cell.value, cell.number_format) if cell.value is not None else "" for cell in row]
        empty = 0 if any(values) else empty + 1
        if empty > MAX_EMPTY:
            break
        if not empty:
            if len(grid.rows) >= MAX_ROWS:
                raise DocumentError("too_many_rows", file=name, limit=MAX_ROWS)
            number = next(cell.row for cell in row if cell.value is not None)
            if grid.numbers and number > grid.numbers[-1] + 1:  # an empty row parts tables
                grid.numbers.append(number - 1)
                grid.rows.append([""] * len(values))
                grid.unseen.append([])
            grid.numbers.append(number)
            grid.rows.append(values)
            grid.unseen.append([])
    return grid


def _tables(sheet: str, grid: Grid) -> Iterator[Block]:
    """The tables of a sheet, parted by empty rows; a line with one value is a title or a note."""
    header: list[str] = []
    waiting: list[int] = []  # rows that may be headers
    titles = 0  # right above
    for r, row in enumerate(grid.rows):
        hidden = row_text([], grid.unseen[r])
        if hidden:
            yield Block("row", hidden, sheet=sheet, cells=_range(grid.unseen[r], grid.numbers[r]), hidden=True)
        values = {value for value in row if value}
        if not values:
            if not hidden:  # a hidden row inside a table does not part it
                yield from _alone(sheet, grid, waiting)
                header, waiting = [], []
        elif len(values) == 1 and not (header and _belongs(grid, r)):
            yield from _alone(sheet, grid, waiting)
            header, waiting = [], []
            line = _line(sheet, grid, r, next(iter(values)), titles)
            yield line
            titles = titles + 1 if line.kind == "heading" else 0
            continue
        elif not header and _looks_like_header(grid, r, len(waiting)):
            waiting.append(r)
        else:
            if waiting:
                header, waiting = joined_header([grid.rows[w] for w in waiting]), []
            yield Block("row", row_text(header, row), sheet=sheet, cells=_range(row, grid.numbers[r]))
        titles = 0
    yield from _alone(sheet, grid, waiting)


def _alone(sheet: str, grid: Grid, rows: list[int]) -> Iterator[Block]:
    """Headers under which nothing stands."""
    for r in rows:
        yield Block("row", row_text([], grid.rows[r]), sheet=sheet, cells=_range(grid.rows[r], grid.numbers[r]))


def _belongs(grid: Grid, r: int) -> bool:
    """Whether a row with one value goes on with the table: one that is not merged, and tables have such rows on."""
    return not any((grid.numbers[r], c) in grid.spans for c in range(len(grid.rows[r]))) and (
        r + 1 < len(grid.rows) and sum(bool(value) for value in grid.rows[r + 1]) > 1
    )


def _line(sheet: str, grid: Grid, r: int, value: str, titles: int) -> Block:
    """A title, below those right above it, or a note."""
    title = r == 0 or (len(value) <= 40 and not value.endswith(("。", ".")))
    cells = _range(grid.rows[r], grid.numbers[r])
    if title:
        return Block("heading", " ".join(value.split()), level=2 + min(titles, 2), sheet=sheet, cells=cells)
    return Block("paragraph", value, sheet=sheet, cells=cells)


def _looks_like_header(grid: Grid, r: int, before: int) -> bool:
    if r + 1 >= len(grid.rows) or before >= MAX_HEADER_ROWS:
        return False
    if before == 0:
        return any(grid.rows[r + 1])
    tied = any((grid.numbers[r - 1], c) in grid.spans for c in range(len(grid.rows[r])))
    return tied and not _mostly_numbers(grid.rows[r])


def _mostly_numbers(row: list[str]) -> bool:
    values = [v for v in row[1:] if v]
    return bool(values) and sum(bool(re.fullmatch(r"[¥£€$-]?\d[\d,.]*%?", v)) for v in values) > len(values) / 2


def _range(row: list[str], number: int) -> str:
    filled = [c for c, value in enumerate(row) if value]
    return f"{get_column_letter(filled[0] + 1)}{number}:{get_column_letter(filled[-1] + 1)}{number}"
