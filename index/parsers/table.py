"""CSV and TSV: encoding and delimiter found, the first row as header, one block a row with its number as cells."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from index.blocks import Block
from index.errors import DocumentError
from index.parsers.rows import row_text
from index.parsers.source import Source
from index.parsers.text import decode

MAX_ROWS = 100_000
DELIMITERS = ",\t;|"
SAMPLE_ROWS = 200


def parse(source: Source) -> Iterator[Block]:
    """The rows of a table file. Raises DocumentError: too_many_rows."""
    text = decode(source.data, source.name)
    csv.field_size_limit(10_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    lines = list(islice(reader, MAX_ROWS + 1))
    if len(lines) > MAX_ROWS:
        raise DocumentError("too_many_rows", file=source.name, limit=MAX_ROWS)
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


def delimiter_of(text: str) -> str:
    """The sign that parts most rows into equally many cells; a comma where none does."""
    best, found = 0.0, ","
    for sign in DELIMITERS:
        rows = islice(csv.reader(io.StringIO(text[:100_000], newline=""), delimiter=sign), SAMPLE_ROWS)
        widths = Counter(len(row) for row in rows if row)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]))
        score = count / widths.total() * (1 + width / 1000) if width > 1 else 0.0
        if score > best:
            best, found = score, sign
    return found
