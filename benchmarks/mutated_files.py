"""Files of every format that is read, damaged at random, and what becomes of each."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from PIL import Image

from index import DocumentError
from index.formats import format_of
from index.parse_child import read
from index.parsers.source import Source, Word
from index.pictures import Shelf

DOCUMENTS = Path(__file__).parent.parent / "examples" / "documents"


def mutated(count: int) -> Iterator[tuple[str, bytes]]:
    """Files of every format with bytes turned, cut out, doubled or ended early; the same every time."""
    by_format: dict[str, Path] = {}
    for path in sorted(DOCUMENTS.rglob("*.*"), key=lambda p: (p.stat().st_size, p.name)):
        by_format.setdefault(path.suffix, path)
    names = [(path.name, path.read_bytes()) for path in by_format.values()]
    for ending, kind in (("jpg", "JPEG"), ("tiff", "TIFF")):
        out = io.BytesIO()
        Image.new("L", (60, 40), 200).save(out, kind)
        names.append((f"picture.{ending}", out.getvalue()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("rules.txt"), "The gate closes at ten.")
    names.append(("archive.zip", out.getvalue()))
    for number in range(count):
        random = Random(number)
        name, data = names[number % len(names)]
        body = bytearray(data)
        for _ in range(random.randint(1, 20)):
            at = random.randrange(len(body))
            match random.randrange(4):
                case 0:
                    body[at] = random.randrange(256)
                case 1:
                    del body[at : at + random.randint(1, 50)]
                case 2:
                    body[at:at] = body[at : at + random.randint(1, 50)]
                case _:
                    body = body[: max(1, at)] if random.random() < 0.2 else body
            if not body:
                break
        yield name, bytes(body)


def _no_words(_: Image.Image) -> list[Word]:
    return []


def outcome(name: str, data: bytes) -> str:
    """What the reader makes of a file: 'read', or the code of its refusal. Pictures are not looked at for words."""
    try:
        result = read(Source(name, data, Shelf(name, [], _no_words)), format_of(data, name))
    except DocumentError as refused:
        return refused.code
    return str(result.get("code", "read"))
