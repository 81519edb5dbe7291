"""Table rows as text that stands by itself: 'Header: value; …', headers of several rows joined."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from index.blocks import Block

SEPARATOR = "; "
MAX_HEADER_ROWS = 4
LONGEST_NAME = 20  # characters: a form's value is longer than a column's name
LONGEST_HEADER = 60  # characters of joined headers, where a row is shown as cells again


def row_text(header: Sequence[str], row: Sequence[str]) -> str:
    """One row with its column headers; empty cells left out. A cell without a header stands alone.

    A cell merged over several columns is said once, with what its headers have in common.
    """
    parts: list[tuple[str, str]] = []
    for at, value in enumerate(row):
        value = " ".join(value.split())
        name = " ".join(header[at].split()) if at < len(header) else ""
        if not value:
            continue
        if name == value:
            name = ""
        if (name, value) not in parts[-1:]:
            parts.append((name, value))
    return SEPARATOR.join(f"{name}: {value}" if name else value for name, value in parts)


def row_cells(text: str) -> list[tuple[str, str]]:
    """The cells (header, value) of a row's text, for showing it as a table; none where it reads like no row."""
    parts = [part.partition(": ") for part in text.split(SEPARATOR)]
    cells = [(name, value) if colon else ("", name) for name, colon, value in parts]
    named = sum(bool(name) for name, _ in cells)
    return cells if named >= 2 and cells[0][0] and max(len(name) for name, _ in cells) <= LONGEST_HEADER else []


def joined_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """Several header rows as one: 'Hotel / London'; repeats of merged cells said once."""
    width = max((len(row) for row in rows), default=0)
    header = []
    for at in range(width):
        names = [" ".join(row[at].split()) for row in rows if at < len(row) and row[at].strip()]
        header.append(" / ".join(dict.fromkeys(names)))
    return header


def rows_with_header(rows: Sequence[Sequence[str]], headers: int, **place: object) -> Iterator[Block]:
    """The body rows of a table as blocks, each with its headers; a table of headers alone as one row."""
    header = joined_header(rows[:headers])
    body = rows[headers:]
    if not body and any(header):
        yield Block("row", SEPARATOR.join(name for name in header if name), **place)  # type: ignore[arg-type]
    for row in body:
        text = row_text(header, row)
        if text:
            yield Block("row", text, **place)  # type: ignore[arg-type]


def header_rows(rows: Sequence[Sequence[str]]) -> int:
    """How many rows at the top are headers: the first, and the next as long as merged cells tie them together."""
    if not rows or _is_form(rows):
        return 0
    count = 1
    while count < min(MAX_HEADER_ROWS, len(rows) - 1) and _spans(rows[count - 1]) and not _has_values(rows[count]):
        count += 1
    return count if len(rows) > count else 0


def _spans(row: Sequence[str]) -> bool:
    return any(a and a == b for a, b in pairwise(row))


def _has_values(row: Sequence[str]) -> bool:
    return any(any(c.isdigit() for c in cell) for cell in row[1:])


def _is_form(rows: Sequence[Sequence[str]]) -> bool:
    """Two columns whose first row reads like all others: names and values, not a header."""
    return len(rows[0]) == 2 and (_has_values(rows[0]) or len(rows[0][1]) > LONGEST_NAME)
