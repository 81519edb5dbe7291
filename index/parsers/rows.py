"""Table rows as text that stands by itself: 'Header: value; …', headers of several rows joined."""

from collections.abc import Iterator, Sequence

from index.blocks import Block

SEPARATOR = "; "


def row_text(header: Sequence[str], row: Sequence[str]) -> str:
    """One row with its column headers; empty cells left out. A cell without a header stands alone."""
    parts = []
    for at, value in enumerate(row):
        value = " ".join(value.split())
        name = " ".join(header[at].split()) if at < len(header) else ""
        if value:
            parts.append(f"{name}: {value}" if name and name != value else value)
    return SEPARATOR.join(parts)


def joined_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """Several header rows as one: 'Hotel / London'; repeats of merged cells said once."""
    width = max((len(row) for row in rows), default=0)
    header = []
    for at in range(width):
        names = [" ".join(row[at].split()) for row in rows if at < len(row) and row[at].strip()]
        header.append(" / ".join(dict.fromkeys(names)))
    return header


def rows_with_header(rows: Sequence[Sequence[str]], header_rows: int, **place: object) -> Iterator[Block]:
    """The body rows of a table as blocks, each with its headers; a table of headers alone as one row."""
    header = joined_header(rows[:header_rows])
    body = rows[header_rows:]
    if not body and any(header):
        yield Block("row", SEPARATOR.join(name for name in header if name), **place)  # type: ignore[arg-type]
    for row in body:
        text = row_text(header, row)
        if text:
            yield Block("row", text, **place)  # type: ignore[arg-type]
