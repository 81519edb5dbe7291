"""One parser a format, each with the same shape: `parse(source) -> Iterator[Block]`.

A parser raises DocumentError for what it can name (encrypted, no text); anything else it raises means that the
file is damaged. It runs in a child process and may assume that the file's size was checked.
"""

from collections.abc import Callable, Iterator
from importlib import import_module

from index.blocks import Block
from index.parsers.source import Source

# format → module; loaded when needed, so that a text file does not wait for a spreadsheet library
PARSERS = {
    "txt": "index.parsers.text",
    "md": "index.parsers.markdown",
    "html": "index.parsers.html",
    "csv": "index.parsers.table",
    "eml": "index.parsers.mail",
    "docx": "index.parsers.word",
    "xlsx": "index.parsers.excel",
    "pptx": "index.parsers.powerpoint",
    "pdf": "index.parsers.pdf",
    "png": "index.parsers.picture",
    "jpg": "index.parsers.picture",
    "tiff": "index.parsers.picture",
    "zip": "index.parsers.archive",
}


def parser_of(format_name: str) -> Callable[[Source], Iterator[Block]]:
    """The parser of a format named in PARSERS."""
    parse: Callable[[Source], Iterator[Block]] = import_module(PARSERS[format_name]).parse
    return parse
