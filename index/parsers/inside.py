"""Files inside a file: each under a heading of its own name, read in memory by its format's parser.

A part that is no document (a program, a signature's picture of an odd kind) is named and passed over; a part that
should be readable and is not refuses the whole, so that nothing is indexed by halves.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from index.blocks import Block
from index.errors import DocumentError
from index.formats import extension, format_of
from index.parsers import parser_of
from index.parsers.source import Source

MAX_DEPTH = 3
PASSED_OVER = ("unsupported_type", "save_as", "empty_file", "no_text")


def parse_inside(outer: Source, name: str, data: bytes, level: int) -> Iterator[Block]:
    """The blocks of a part, its own headings below `level`. Raises DocumentError: nested_too_deep, or the part's."""
    shown = "/".join(part for part in PurePosixPath(name).parts if part not in ("/", "..")) or name
    if outer.depth >= MAX_DEPTH:
        raise DocumentError("nested_too_deep", file=outer.name, limit=MAX_DEPTH)
    yield Block("heading", shown, level=level)
    source = Source(shown, data, outer.pictures, outer.depth + 1)
    try:
        for block in parser_of(format_of(data, shown))(source):
            yield replace(block, level=block.level + level) if block.kind == "heading" else block
    except DocumentError as error:
        if error.code not in PASSED_OVER and extension(shown):
            raise DocumentError(error.code, **error.params | {"file": f"{outer.name} ({shown})"}) from error
        yield Block("item", shown)
