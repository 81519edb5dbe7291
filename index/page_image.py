"""A page of a PDF as a picture with a passage framed, drawn in a confined child: the file is anybody's.

Its arguments are PATH PAGE LEFT,BOTTOM,RIGHT,TOP SECONDS MEGABYTES; it prints the picture (PNG).
"""

import io
import sys
from collections.abc import Sequence
from pathlib import Path

from index.children import run_child
from index.parse_child import confine
from index.parsing import MEGABYTES, SECONDS

DPI = 110
MAX_SIDE = 2200  # pixels
MARGIN = 3  # points around the passage
FRAME = (183, 121, 31)
Box = Sequence[float]  # left, bottom, right, top in points of the page


def page_image(path: Path, name: str, page: int, box: Box | None) -> bytes:
    """The picture of a page (1: the first). Raises DocumentError: there is no such page, or it cannot be drawn."""
    told = ",".join(f"{value:.1f}" for value in box) if box else "-"
    return run_child("page_image", name, [str(path), str(page), told, str(SECONDS), str(MEGABYTES)], SECONDS)


def load(_arguments: Sequence[str]) -> None:
    """Load what every child will need."""
    import pypdfium2  # noqa: F401
    from PIL import Image, ImageDraw, PngImagePlugin  # noqa: F401

    Image.init()


def main() -> None:
    """Draw the page that the arguments name."""
    import pypdfium2 as pdfium
    from PIL import ImageDraw

    path, page, told, seconds, megabytes = sys.argv[1:6]
    data = Path(path).read_bytes()
    confine(int(seconds), int(megabytes))
    document = pdfium.PdfDocument(data)
    sheet = document[int(page) - 1]
    scale = min(DPI / 72, MAX_SIDE / max(sheet.get_width(), sheet.get_height(), 1.0))
    picture = sheet.render(scale=scale).to_pil().convert("RGB")
    if told != "-":
        left, bottom, right, top = (float(value) for value in told.split(","))
        height = sheet.get_height()
        corners = (left - MARGIN, height - top - MARGIN, right + MARGIN, height - bottom + MARGIN)
        ImageDraw.Draw(picture).rectangle([value * scale for value in corners], outline=FRAME, width=3)
    made = io.BytesIO()
    picture.save(made, "PNG")
    sys.stdout.buffer.write(made.getvalue())
