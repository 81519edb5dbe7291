"""Files that a command takes line by line."""

from pathlib import Path

from index import decode


def lines_of(file: Path) -> list[str]:
    """The lines of a text, in whatever encoding it was saved. Raises OSError, DocumentError (it is no text)."""
    return decode(file.read_bytes(), file.name).splitlines()
