"""A PDF page's letters, one by one, to pieces of lines: seen and unseen.

By the font's box of each letter and not by its ink: where a font is not installed, its letters have no ink here but
are no less in the document.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium
from PIL.Image import Image
from pypdfium2 import raw

from index.parsers.grids import Ruling
from index.parsers.lines import HYPHEN, PIECE_GAP, Piece

MAX_LETTERS = 2_000_000
SMALLEST = 2.0  # points: nobody reads smaller type
LIGHT, CONTRAST = 200, 48  # of 255
UNMAPPED = ("\0", "\ufffe", "\uffff")


@dataclass
class _Run:
    """Letters that go on in one line."""

    text: str = ""
    left: float = 0.0
    bottom: float = 0.0
    right: float = 0.0
    top: float = 0.0
    ink: float | None = 0.0
    upright: bool = False
    letters: int = 0

    def takes(
        self, letter: str, box: tuple[float, float, float, float], ink: float | None, walls: Sequence[Ruling]
    ) -> bool:
        """Whether a letter goes on from here. `walls`: the page's upright lines."""
        left, bottom, _, top = box
        height = max(self.top - self.bottom, 1.0)
        if (ink is None) != (self.ink is None) or abs((ink or 0) - (self.ink or 0)) > CONTRAST:
            return False
        middle = (bottom + top) / 2
        if self.bottom <= middle <= self.top and not self.upright:
            gap = left - self.right
            if gap > 0.1 * height and any(self.right <= wall.at <= left and wall.parts(middle) for wall in walls):
                return False
            return -0.5 * height <= gap <= PIECE_GAP * height
        below = abs(left - self.left) < 0.3 * height and -0.5 * height < self.bottom - top < 0.3 * height
        return below and letter > "\u2e80" and (self.upright or self.letters == 1)

    def add(self, letter: str, box: tuple[float, float, float, float]) -> None:
        """Take a letter in."""
        left, bottom, right, top = box
        self.upright = self.upright or (self.letters > 0 and top < (self.bottom + self.top) / 2)
        gap = left - self.right
        if self.letters and not self.upright and gap > 0.25 * (top - bottom) and self.text[-1:] != " ":
            self.text += " "
        self.text += letter
        if self.letters:
            left, bottom = min(left, self.left), min(bottom, self.bottom)
            right, top = max(right, self.right), max(top, self.top)
        self.left, self.bottom, self.right, self.top = left, bottom, right, top
        self.letters += 1


def pieces_of(page: pdfium.PdfPage, walls: Sequence[Ruling] = ()) -> tuple[list[Piece], list[Piece]]:
    """What can be seen on a page and what cannot, in the order of the file. `walls`: upright lines, which part text."""
    seen: list[Piece] = []
    hidden: list[Piece] = []
    ground: Image | None = None
    for run in _runs(page, walls):
        piece = Piece(run.text.strip(), run.left, run.bottom, run.right, run.top)
        ink = run.ink
        if ink is not None and ink >= LIGHT:
            ground = ground or page.render(scale=min(1.0, 1500 / max(page.get_size()))).to_pil()
            ink = ink if abs(_ground(ground, page.get_height(), piece) - ink) >= CONTRAST else None
        unseen = ink is None or (not run.upright and run.top - run.bottom < SMALLEST)
        (hidden if unseen else seen).append(piece)
    return seen, hidden


def _runs(page: pdfium.PdfPage, walls: Sequence[Ruling]) -> Iterator[_Run]:
    text = page.get_textpage()
    run = _Run()
    inks: dict[int, float | None] = {}
    try:
        for index in range(min(text.count_chars(), MAX_LETTERS)):
            letter = _letter(text, index)
            if letter in ("\r", "\n", ""):
                if run.text.strip() and letter:
                    yield run
                    run = _Run()
                continue
            if letter == " ":
                run.text += " " if run.text and not run.text.endswith(" ") else ""
                continue
            box = _box(text, index)
            ink = _ink(text, index, inks)
            if run.letters and not run.takes(letter, box, ink, walls):
                yield run
                run = _Run()
            if not run.letters:
                run = _Run(ink=ink)
            run.add(letter, box)
    finally:
        text.close()
    if run.text.strip():
        yield run


def _letter(text: pdfium.PdfTextPage, index: int) -> str:
    """One character; those outside the first plane stand at two places, the second of which gives nothing."""
    code = raw.FPDFText_GetUnicode(text, index)
    if 0xD800 <= code < 0xDC00:
        low = raw.FPDFText_GetUnicode(text, index + 1)
        return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)) if 0xDC00 <= low < 0xE000 else ""
    if 0xDC00 <= code < 0xE000:
        return ""
    letter = chr(code)
    if letter == "\x02":
        return HYPHEN
    if letter in UNMAPPED or (letter < " " and letter not in "\r\n\t"):
        return ""
    return " " if letter in "\t\u00a0\u3000" else letter


def _box(text: pdfium.PdfTextPage, index: int) -> tuple[float, float, float, float]:
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text, index, box)
    return (box.left, min(box.bottom, box.top), box.right, max(box.bottom, box.top))


def _ink(text: pdfium.PdfTextPage, index: int, known: dict[int, float | None]) -> float | None:
    """How light a letter is, 0 (black) to 255; None when it is drawn without ink. Asked once a text object."""
    drawn = raw.FPDFText_GetTextObject(text, index)
    if not drawn:
        return 0.0
    key = ctypes.cast(drawn, ctypes.c_void_p).value or 0
    if key not in known:
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        given = raw.FPDFText_GetFillColor(text, index, red, green, blue, alpha)
        if raw.FPDFTextObj_GetTextRenderMode(drawn) == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
            known[key] = None
        elif not given:
            known[key] = 0.0
        else:
            light = 0.299 * red.value + 0.587 * green.value + 0.114 * blue.value
            known[key] = light if alpha.value >= CONTRAST else None
    return known[key]


def _ground(rendered: Image, height: float, piece: Piece) -> float:
    """How light the page is around a piece, 0 to 255: the commoner half of its pixels is what lies behind."""
    scale = rendered.height / height
    box = (
        int(piece.left * scale) - 2,
        int(rendered.height - piece.top * scale) - 2,
        int(piece.right * scale) + 2,
        int(rendered.height - piece.bottom * scale) + 2,
    )
    levels = rendered.convert("L").crop(box).histogram()
    half, below = sum(levels) / 2, 0
    for level, count in enumerate(levels):
        below += count
        if below >= half:
            return float(level)
    return 255.0
