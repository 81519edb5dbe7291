"""A zip of documents: each read in memory; names are shown and never used as paths."""

import io
import zipfile
from collections.abc import Iterator

from index.blocks import Block
from index.errors import DocumentError
from index.parsers.inside import parse_inside
from index.parsers.source import Source

UTF8_NAME = 0x800
LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def parse(source: Source) -> Iterator[Block]:
    """The blocks of all documents in an archive. Raises DocumentError, also for one of them."""
    with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and not any(part in m.filename for part in LITTER)]
        if not members:
            raise DocumentError("no_text", file=source.name)
        for member in members:
            yield from parse_inside(source, _name(member), archive.read(member), level=1)


def _name(member: zipfile.ZipInfo) -> str:
    """Zips of Japanese Windows have their names in CP932 without saying so; zipfile takes them for CP437."""
    if member.flag_bits & UTF8_NAME:
        return member.filename
    for encoding in ("utf-8", "cp932"):
        try:
            return member.filename.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return member.filename
