"""Cells of exported sheets: none is ever calculated by the program that opens it.

Every sheet is written by `sheet_line`: nothing else in the product writes rows of cells.
"""

import csv
import io
from collections.abc import Iterable

# what spreadsheets take for the beginning of a formula, the full-width forms that Japanese ones fold among them
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def harmless(value: object) -> object:
    """The value; text that a spreadsheet would calculate comes with an apostrophe before it, so that it stays text."""
    if isinstance(value, str) and value.lstrip(" \u3000\ufeff\x00").startswith(_FORMULA):
        return "'" + value
    return value


def as_written(cell: str) -> str:
    """A cell of a sheet that comes back, without the apostrophe that `harmless` put before it."""
    return cell[1:] if cell.startswith("'") and harmless(cell[1:]) == cell else cell


def sheet_line(cells: Iterable[object], delimiter: str = ",", end: str = "\r\n") -> str:
    """A row of a sheet, each of its cells harmless."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator=end).writerow([harmless(cell) for cell in cells])
    return written.getvalue()
