"""The text in pictures, by RapidOCR with the models of its wheel: nothing is downloaded.

A page takes seconds, a document many pages, and the child that reads it has 20. So a `Shelf` of what was read before
is handed from child to child: each reads as many pictures as fit its time, then stops with `Unfinished`, and the next
finds these on the shelf. It knows no format and no page; pictures are told apart by their order.
"""

import time
from collections.abc import Callable
from typing import Any

from PIL import ImageOps
from PIL.Image import Image

from index.errors import DocumentError
from index.parsers.source import Word

MAX_PICTURES = 200
MAX_SIDE = 1_800  # pixels: A4 at 150 dpi; larger pictures are made smaller
FIND_SIDE = 960  # the picture in which lines are looked for; they are then read from the larger one
SURE = 0.5


class Unfinished(Exception):
    """There are pictures left to read, and no time for them in this process."""


class Shelf:
    """Reads pictures, at most for `seconds` of processor time; `known` is what earlier processes read."""

    def __init__(self, name: str, known: list[list[Word]], recognise: Callable[[Image], list[Word]] | None) -> None:
        self._name = name
        self._known = known
        self._recognise = recognise
        self._asked = 0
        self._until = 0.0
        self.read_now: list[list[Word]] = []

    def start(self, seconds: float) -> None:
        """From now on pictures may be read, at least one, for so many seconds of processor time."""
        self._until = time.process_time() + seconds

    def read(self, picture: Callable[[], Image | None], *, needed: bool = True) -> list[Word]:
        """See `parsers.source.Pictures`. Raises Unfinished when no time is left."""
        at = self._asked
        if at >= MAX_PICTURES:
            if needed:
                raise DocumentError("too_many_scans", file=self._name, limit=MAX_PICTURES)
            return []
        self._asked += 1
        if at < len(self._known):
            return self._known[at]
        if self._recognise is None or (self.read_now and time.process_time() > self._until):
            raise Unfinished
        made = picture()
        words = self._recognise(made) if made is not None else []
        self.read_now.append(words)
        return words


def load_reader() -> Callable[[Image], list[Word]]:
    """The reader with its models in memory (some 80 MB)."""
    import numpy as np
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.max_side_len": MAX_SIDE,
            "Det.limit_type": "max",
            "Det.limit_side_len": FIND_SIDE,
            "Rec.rec_batch_num": 1,  # several long lines at once would take more memory than a child has
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    _japanese_only(engine)

    def recognise(picture: Image) -> list[Word]:
        ready = _prepared(picture)
        scale = max(picture.size) / max(ready.size)
        found: Any = engine(np.asarray(ready)[:, :, ::-1])  # red, green, blue → blue, green, red
        if not found.txts:
            return []
        return [
            Word(
                text,
                round(float(box[:, 0].min()) * scale, 1),
                round(float(box[:, 1].min()) * scale, 1),
                round(float(box[:, 0].max()) * scale, 1),
                round(float(box[:, 1].max()) * scale, 1),
                round(float(score), 3),
            )
            for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
            if score >= SURE
        ]

    return recognise


def _japanese_only(engine: Any) -> None:
    """Let the reader choose among characters that Japanese and English offices write: 熱, never 热."""
    recogniser = engine._load_rec_model()
    engine._load_det_model()
    decode = recogniser.postprocess_op
    foreign = [place for place, sign in enumerate(decode.character) if len(sign) == 1 and not _written_here(sign)]

    def chosen(scores: Any, *rest: Any, **more: Any) -> Any:
        scores[:, :, foreign] = 0.0
        return decode(scores, *rest, **more)

    recogniser.postprocess_op = chosen


def _written_here(sign: str) -> bool:
    try:
        sign.encode("cp932")
    except UnicodeEncodeError:
        return "\u00c0" <= sign <= "\u024f" or sign in "£–—•€"  # Latin with accents
    return True


def _prepared(picture: Image) -> Image:
    """Upright, on white, red-green-blue, of a size that a child has memory for."""
    ImageOps.exif_transpose(picture, in_place=True)  # one large picture less in memory than with a copy
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        from PIL.Image import new

        ground = new("RGBA", picture.size, "white")
        ground.alpha_composite(picture.convert("RGBA"))
        picture = ground
    return picture.convert("RGB")
