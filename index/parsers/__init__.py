"""One parser a format, each with the same shape: `parse(path) -> Iterator[Block]`.

A parser raises DocumentError for what it can name (encrypted, no text); anything else it raises means that the
file is damaged. It runs in a child process and may assume that the file's size was checked.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from index.blocks import Block

# format → module; loaded when needed, so that a text file does not wait for a spreadsheet library
PARSERS = {
    "txt": "index.parsers.text",
    "md": "index.parsers.markdown",
    "html": "index.parsers.html",
    "csv": "index.parsers.table",
    "docx": "index.parsers.word",
    "xlsx": "index.parsers.excel",
    "pptx": "index.parsers.powerpoint",
    "pdf": "index.parsers.pdf",
}


def parser_of(format_name: str) -> Callable[[Path], Iterator[Block]]:
    """The parser of a format named in PARSERS."""
    parse: Callable[[Path], Iterator[Block]] = import_module(PARSERS[format_name]).parse
    return parse
