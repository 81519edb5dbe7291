"""What a parser is handed: a file's bytes and name, and who reads pictures for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PIL.Image import Image


@dataclass(frozen=True)
class Word:
    """A piece of text in a picture: its box in pixels from the upper left, and how sure the reader is, 0 to 1."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    score: float


class Pictures(Protocol):
    """Reads the text in pictures."""

    def read(self, picture: Callable[[], Image | None], *, needed: bool = True) -> list[Word]:
        """The words in a picture, which is made only when it is read now; no words when it gives None.

        A picture that is not `needed` is passed over when a document has too many.
        Raises DocumentError: too_many_scans.
        """


@dataclass(frozen=True)
class Source:
    """A file to be read. Its bytes and not a path: what is inside an archive or mail never touches the disk."""

    name: str
    data: bytes
    pictures: Pictures
    depth: int = 0  # how many archives and mails it lies in
    turned: Callable[[int, int], None] = lambda _page, _of: None  # told each page or slide that is begun
