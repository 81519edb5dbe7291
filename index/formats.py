"""Which format a file is in truth: from its first bytes and, for office files, from what is inside.

Also refuses what only pretends to be small: archives are measured before anything opens them.
"""

import zipfile
import zlib
from pathlib import Path

from index.errors import DocumentError

EXTENSIONS = {
    "txt": "txt",
    "text": "txt",
    "log": "txt",
    "md": "md",
    "markdown": "md",
    "html": "html",
    "htm": "html",
    "csv": "csv",
    "tsv": "csv",
    "docx": "docx",
    "xlsx": "xlsx",
    "pptx": "pptx",
    "docm": "docx",
    "xlsm": "xlsx",
    "pptm": "pptx",
    "pdf": "pdf",
}
TEXTUAL = ("txt", "md", "html", "csv")
OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # older office files, and encrypted newer ones

MAX_MEMBERS = 5_000
MAX_UNPACKED = 400 * 1024 * 1024
MAX_MEMBER_RATIO, SMALL = 200, 2 * 1024 * 1024


def format_of(path: Path, name: str) -> str:
    """The format's name in `parsers.PARSERS`. Raises DocumentError for what cannot or must not be read."""
    with path.open("rb") as file:
        start = file.read(2048)
    if not start:
        raise DocumentError("empty_file", file=name)
    stated = EXTENSIONS.get(Path(name).suffix.lower().lstrip("."))
    actual = _actual(path, name, start)
    if actual is None:
        if stated in TEXTUAL:
            return stated
        raise DocumentError("corrupt" if stated else "unsupported_type", file=name)
    if stated is None:
        raise DocumentError("wrong_extension", file=name, actual=actual)
    if stated != actual:
        raise DocumentError("wrong_extension", file=name, actual=actual)
    return actual


def _actual(path: Path, name: str, start: bytes) -> str | None:
    """What the bytes say; None for what may be text."""
    if b"%PDF-" in start[:1024]:
        return "pdf"
    if start.startswith(b"PK"):
        return _office(path, name)
    if start.startswith(OLE):
        encrypted = b"E\0n\0c\0r\0y\0p\0t" in path.read_bytes()
        raise DocumentError("encrypted" if encrypted else "unsupported_type", file=name)
    if start.startswith(
        (b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"\x1f\x8b", b"7z\xbc", b"Rar!")
    ):
        raise DocumentError("unsupported_type", file=name)
    return None


def _office(path: Path, name: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _measure(archive, members, path.stat().st_size, name)
            names = {member.filename for member in members}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
        raise DocumentError("corrupt", file=name) from error
    for part, found in OFFICE.items():
        if part in names:
            return found
    raise DocumentError("unsupported_type", file=name)


def _measure(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], size: int, name: str) -> None:
    """Refuse bombs by what really comes out, not by what the directory claims."""
    if len(members) > MAX_MEMBERS or sum(member.compress_size for member in members) > size:
        raise DocumentError("expands_too_much", file=name)
    total = 0
    for member in members:
        if member.flag_bits & 1:
            raise DocumentError("encrypted", file=name)
        out = 0
        try:
            with archive.open(member) as file:
                while chunk := file.read(1 << 20):
                    out += len(chunk)
                    total += len(chunk)
                    dense = out > SMALL and out > MAX_MEMBER_RATIO * max(1, member.compress_size)
                    if total > MAX_UNPACKED or dense:
                        raise DocumentError("expands_too_much", file=name)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
            raise DocumentError("corrupt", file=name) from error
