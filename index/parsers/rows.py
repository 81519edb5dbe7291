"""Table rows as text that stands by itself: 'Header: value; …', headers of several rows joined."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from index.blocks import Block
from index.items import unmarked

SEPARATOR = "; "
_ENDS = re.compile(r"[。．.!?！？:：;；]$")  # a sentence, or what speaks of all that follows
MAX_HEADER_ROWS = 4
LONGEST_NAME = 20  # characters: a form's value is longer than a column's name
LONGEST_FORM = 8  # rows of names and values that are one thing
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
    return cells if named >= 2 and max(len(name) for name, _ in cells) <= LONGEST_HEADER else []


def joined_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """Several header rows as one: 'Hotel / London'; repeats of merged cells said once."""
    width = max((len(row) for row in rows), default=0)
    header = []
    for at in range(width):
        names = [" ".join(row[at].split()) for row in rows if at < len(row) and row[at].strip()]
        header.append(" / ".join(dict.fromkeys(names)))
    return header


def rows_with_header(rows: Sequence[Sequence[str]], headers: int, **place: object) -> Iterator[Block]:
    """The body rows of a table as blocks, each with its headers; a table of headers alone as one row, and so is a short
    form of names and values.
    """
    if not headers and 1 < len(rows) <= LONGEST_FORM and _is_form(rows):
        yield Block("row", row_text([row[0] for row in rows], [row[1] for row in rows]), **place)  # type: ignore[arg-type]
        return
    header = joined_header(rows[:headers])
    body = rows[headers:]
    if not body and any(header):
        yield Block("row", SEPARATOR.join(name for name in header if name), **place)  # type: ignore[arg-type]
    for row in body:
        text = row_text(header, row)
        if text:
            yield Block("row", text, **place)  # type: ignore[arg-type]


def captioned(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks; a table of one row begins with the line above it, which says what it is of."""
    held: list[Block] = []  # a line, and what may be its only row
    for block in blocks:
        if len(held) == 2 and not _goes_on(held[1], block):
            held = [_named(*held)]
        if len(held) == 1 and block.kind == "row" and _names(held[0], block):
            held.append(block)
            continue
        yield from held
        held = [block]
    if len(held) == 2:
        held = [_named(*held)]
    yield from held


def _named(line: Block, row: Block) -> Block:
    return replace(row, text=f"{unmarked(line.text.strip())}{SEPARATOR}{row.text}")


def _goes_on(row: Block, block: Block) -> bool:
    """Whether a block is a further row of the same table."""
    ours, theirs = ({name for name, _ in row_cells(one.text)} for one in (row, block))
    return block.kind == "row" and (ours == theirs or bool(ours & theirs - {""}))


def _names(line: Block, row: Block) -> bool:
    text = line.text.strip()
    same = (line.page, line.sheet, line.slide, line.hidden) == (row.page, row.sheet, row.slide, row.hidden)
    plain = line.kind in ("item", "paragraph") and len(text) <= LONGEST_HEADER and "\n" not in text
    return same and plain and not _ENDS.search(text)


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
