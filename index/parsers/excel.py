"""Excel: each sheet's tables, headers of several and merged rows resolved, values as Excel shows them."""

import datetime
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from index.blocks import Block
from index.parsers.rows import joined_header, row_text

MAX_ROWS, MAX_COLUMNS, MAX_HEADER_ROWS = 20_000, 200, 4
Grid = list[list[str]]


def parse(path: Path) -> Iterator[Block]:
    """The rows of every visible sheet, each with its headers and cell range."""
    # read-only first: a sheet whose last cell lies a million rows down would never load otherwise
    source = BytesIO(path.read_bytes())  # a stored file has no extension, which openpyxl would miss
    probe = load_workbook(source, read_only=True, data_only=True)
    small = [s.title for s in probe.worksheets if (s.max_row or 0) <= MAX_ROWS and (s.max_column or 0) <= MAX_COLUMNS]
    everything = len(small) == len(probe.worksheets)
    if everything:
        probe.close()
        workbook = load_workbook(source, data_only=True)
    else:
        workbook = probe
    for sheet in workbook.worksheets:
        if sheet.sheet_state != "visible":
            continue
        grid, spans = _grid(sheet) if everything else (_plain_grid(sheet), set())
        yield Block("heading", sheet.title, level=1, sheet=sheet.title)
        yield from _tables(sheet.title, grid, spans)


def _grid(sheet: Worksheet) -> tuple[Grid, set[tuple[int, int]]]:
    """Shown values, merged cells spread; and which cells belong to a merge across columns."""
    grid = [[shown(cell) for cell in row] for row in sheet.iter_rows()]
    spans: set[tuple[int, int]] = set()
    for area in sheet.merged_cells.ranges:
        value = grid[area.min_row - 1][area.min_col - 1]
        for r in range(area.min_row - 1, min(area.max_row, len(grid))):
            for c in range(area.min_col - 1, min(area.max_col, len(grid[r]))):
                grid[r][c] = value
                if area.max_col > area.min_col:
                    spans.add((r, c))
    return grid, spans


def _plain_grid(sheet: Any) -> Grid:
    rows = sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS)
    return [values for row in rows if any(values := [shown(cell) for cell in row])]


def _tables(sheet: str, grid: Grid, spans: set[tuple[int, int]]) -> Iterator[Block]:
    """The tables of a sheet, parted by empty rows; a line with one value is a title or a note."""
    header: list[str] = []
    waiting: list[int] = []  # rows that may be headers
    for r, row in enumerate(grid):
        values = {value for value in row if value}
        if not values:
            header, waiting = [], []
        elif len(values) == 1:
            header, waiting = [], []
            yield _line(sheet, grid, r, next(iter(values)))
        elif not header and _looks_like_header(grid, r, spans, len(waiting)):
            waiting.append(r)
        else:
            if waiting:
                header, waiting = joined_header([grid[w] for w in waiting]), []
            text = row_text(header, row)
            if text:
                yield Block("row", text, sheet=sheet, cells=_range(grid, r))
    if waiting:
        for r in waiting:
            yield Block("row", row_text([], grid[r]), sheet=sheet, cells=_range(grid, r))


def _line(sheet: str, grid: Grid, r: int, value: str) -> Block:
    title = r == 0 or (len(value) <= 40 and not value.endswith(("。", ".")))
    kind = "heading" if title else "paragraph"
    return Block(kind, value, level=2 if title else 0, sheet=sheet, cells=_range(grid, r))  # type: ignore[arg-type]


def _looks_like_header(grid: Grid, r: int, spans: set[tuple[int, int]], before: int) -> bool:
    if r + 1 >= len(grid) or before >= MAX_HEADER_ROWS:
        return False
    if before == 0:
        return any(grid[r + 1])
    return any((r - 1, c) in spans for c in range(len(grid[r]))) and not _mostly_numbers(grid[r])


def _mostly_numbers(row: list[str]) -> bool:
    values = [v for v in row[1:] if v]
    return bool(values) and sum(bool(re.match(r"^[¥£€$-]?\d", v)) for v in values) > len(values) / 2


def _range(grid: Grid, r: int) -> str:
    filled = [c for c, value in enumerate(grid[r]) if value]
    return f"{get_column_letter(filled[0] + 1)}{r + 1}:{get_column_letter(filled[-1] + 1)}{r + 1}"


def shown(cell: Cell) -> str:
    """A cell's value as Excel shows it, as far as its number format is one of the common ones."""
    value = cell.value
    if value is None:
        return ""
    form = cell.number_format or "General"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d" if (value.hour, value.minute) == (0, 0) else "%Y-%m-%d %H:%M")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M")
    if isinstance(value, (int, float)):
        return _number(float(value), form)
    return str(value).strip()


def _number(value: float, form: str) -> str:
    form = re.sub(r"\[[^\]]*\]", "", form.split(";")[0])
    decimals = len(match.group(1)) if (match := re.search(r"0\.(0+)", form)) else 0
    if "%" in form:
        return f"{value * 100:.{decimals}f}%"
    grouped = "," if "#,##0" in form or "0,0" in form else ""
    text = f"{value:.10g}" if form in ("General", "@") else f"{value:{grouped}.{decimals}f}"
    before = "".join(re.findall(r'^[^0#]*?"([^"]*)"', form)) or next((c for c in "¥£€$" if c in form.split("0")[0]), "")
    after = "".join(re.findall(r'"([^"]*)"\s*$', form)) if re.search(r'[0#]\s*"', form) else ""
    return f"{before}{text}{after}"
