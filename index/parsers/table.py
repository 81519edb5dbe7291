"""CSV and TSV: the delimiter found, the first row as header, one block a row with its line number as cells."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from index.blocks import Block
from index.parsers.rows import row_text
from index.parsers.text import decode

MAX_ROWS = 100_000


def parse(path: Path) -> Iterator[Block]:
    """The rows of a table file."""
    text = decode(path.read_bytes(), path.name)
    csv.field_size_limit(10_000_000)
    lines = [row for _, row in zip(range(MAX_ROWS), csv.reader(io.StringIO(text), _dialect(text)), strict=False)]
    filled = [(number, row) for number, row in enumerate(lines, start=1) if any(cell.strip() for cell in row)]
    if not filled:
        return
    width = max(len(row) for _, row in filled)
    title = [" ".join(row).strip() for _, row in filled[:1] if sum(bool(c.strip()) for c in row) == 1 < width]
    if title:  # one cell alone above the table is its title
        yield Block("heading", title[0], level=1)
        filled = filled[1:]
    header = filled[0][1] if len(filled) > 1 else []
    for number, row in filled[1:] or filled:
        shown = row_text(header, row)
        if shown:
            yield Block("row", shown, cells=f"{number}:{number}")


def _dialect(text: str) -> type[csv.Dialect]:
    class Found(csv.excel):
        delimiter = max(",\t;", key=text[:20_000].count) if text else ","

    return Found
