"""Pictures of text (png, jpg, tiff): read by OCR, laid out as a page is; a tiff may hold several pages."""

import io
from collections.abc import Iterator, Sequence
from functools import partial

from PIL import Image, ImageSequence

from index.blocks import Block
from index.errors import DocumentError
from index.parsers.lines import Piece, blocks_of, sorted_lines
from index.parsers.source import Source, Word

MAX_PIXELS = 50_000_000


def parse(source: Source) -> Iterator[Block]:
    """The blocks of a picture; boxes in pixels from the lower left. Raises DocumentError: expands_too_much."""
    with Image.open(io.BytesIO(source.data), formats=("PNG", "JPEG", "TIFF", "MPO")) as picture:
        for number, frame in enumerate(ImageSequence.Iterator(picture), start=1):
            if frame.width * frame.height > MAX_PIXELS:
                raise DocumentError("expands_too_much", file=source.name)
            height = frame.height
            words = source.pictures.read(partial(_itself, frame))
            page = number if getattr(picture, "n_frames", 1) > 1 else None
            yield from blocks_of(sorted_lines(pieces(words, height)), page)


def _itself(frame: Image.Image) -> Image.Image:
    """Whoever reads it makes it smaller in its place: a copy would be half of the memory that there is."""
    return frame


PADDING = 0.15  # of its height that OCR leaves free above and below a line


def pieces(words: Sequence[Word], height: float, scale: float = 1.0) -> list[Piece]:
    """Words in a picture of that height as pieces of a page that has `scale` pixels a point."""
    found = []
    for word in words:
        free = PADDING * (word.bottom - word.top)
        bottom, top = height - word.bottom + free, height - word.top - free
        found.append(Piece(word.text, word.left / scale, bottom / scale, word.right / scale, top / scale))
    return found
