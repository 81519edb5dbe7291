"""Which format a file is in truth: from its first bytes and, for archives, from what is inside.

Also refuses what only pretends to be small: archives are measured before anything opens them.
"""

import io
import zipfile
import zlib
from pathlib import PurePosixPath

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
    "eml": "eml",
    "docx": "docx",
    "xlsx": "xlsx",
    "pptx": "pptx",
    "docm": "docx",
    "xlsm": "xlsx",
    "pptm": "pptx",
    "pdf": "pdf",
    "png": "png",
    "jpg": "jpg",
    "jpeg": "jpg",
    "tif": "tiff",
    "tiff": "tiff",
    "zip": "zip",
}
TEXTUAL = ("txt", "md", "html", "csv", "eml")
PICTURES = ("png", "jpg", "tiff")
HOLDING_OTHERS = ("zip", "eml")
OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # older office files, and encrypted newer ones
STARTS = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
}
# what cannot be read, and what its program can save it as
SAVE_AS = {
    "doc": "docx",
    "dot": "docx",
    "rtf": "docx",
    "odt": "docx",
    "pages": "docx",
    "jtd": "docx",
    "xls": "xlsx",
    "xlt": "xlsx",
    "xlsb": "xlsx",
    "ods": "xlsx",
    "numbers": "xlsx",
    "ppt": "pptx",
    "pps": "pptx",
    "odp": "pptx",
    "key": "pptx",
    "msg": "eml",
    "gif": "png",
    "bmp": "png",
    "webp": "png",
    "heic": "jpg",
    "svg": "pdf",
    "dwg": "pdf",
    "dxf": "pdf",
    "xps": "pdf",
    "mht": "html",
    "mhtml": "html",
    "xml": "txt",
    "json": "txt",
    "7z": "zip",
    "rar": "zip",
    "gz": "zip",
    "tgz": "zip",
    "lzh": "zip",
}
FOREIGN_STARTS = (b"{\\rtf", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"RIFF", b"MZ", b"\x7fELF", b"BM")

MAX_MEMBERS = 5_000
MAX_UNPACKED = 400 * 1024 * 1024
MAX_MEMBER_RATIO, SMALL = 200, 2 * 1024 * 1024


def format_of(data: bytes, name: str) -> str:
    """The format's name in `parsers.PARSERS`. Raises DocumentError for what cannot or must not be read."""
    if not data:
        raise DocumentError("empty_file", file=name)
    stated = stated_format(name)
    actual = _actual(data, name, stated)
    if actual is None:
        if stated in TEXTUAL:
            return stated
        if stated and (text := _as_text(data)):
            raise DocumentError("wrong_extension", file=name, actual=text)
        raise DocumentError("corrupt", file=name) if stated else unsupported(name)
    if stated == actual or (stated in PICTURES and actual in PICTURES):  # cameras and scanners mix these up
        return actual
    if stated is None and extension(name) in SAVE_AS:
        raise unsupported(name)
    raise DocumentError("wrong_extension", file=name, actual=actual)


def stated_format(name: str) -> str | None:
    """The format that a file's name promises, if it is one that can be read."""
    return EXTENSIONS.get(extension(name))


def extension(name: str) -> str:
    """Of a file's name: small letters, without the dot."""
    return PurePosixPath(name).suffix.lower().lstrip(".")


def unsupported(name: str) -> DocumentError:
    """The refusal of a format that is not read, with the one to save it as where that is known."""
    better = SAVE_AS.get(extension(name))
    if better is None:
        return DocumentError("unsupported_type", file=name)
    return DocumentError("save_as", file=name, format=better)


def _actual(data: bytes, name: str, stated: str | None) -> str | None:
    """What the bytes say; None for what may be text."""
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK"):
        return _archive(data, name)
    if data.startswith(OLE):
        if b"E\0n\0c\0r\0y\0p\0t" in data:
            raise DocumentError("encrypted", file=name)
        if stated in ("docx", "xlsx", "pptx"):  # a file of an older program under a newer name
            raise DocumentError("save_as", file=name, format=stated)
        raise unsupported(name)
    for start, found in STARTS.items():
        if data.startswith(start):
            return found
    if data.startswith(FOREIGN_STARTS) and (b"\0" in data[:4096] or data.startswith(b"{\\rtf")):
        raise unsupported(name) if stated is None else DocumentError("unsupported_type", file=name)
    return None


def _as_text(data: bytes) -> str | None:
    """Which kind of text it is; None where it is none, or in another encoding than UTF-8."""
    try:
        begin = data.decode("utf-8")[:1024].lstrip("\ufeff \r\n\t").lower()
    except UnicodeDecodeError:
        return None
    if "\0" in begin:
        return None
    return "html" if begin.startswith(("<!doctype html", "<html")) else "txt"


def _archive(data: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _measure(archive, members, len(data), name)
            names = {member.filename for member in members}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
        raise DocumentError("corrupt", file=name) from error
    for part, found in OFFICE.items():
        if part in names:
            return found
    if "mimetype" in names or "[Content_Types].xml" in names:  # OpenDocument, binary workbooks and the like
        raise unsupported(name)
    return "zip"


def _measure(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], size: int, name: str) -> None:
    """Refuse bombs by what really comes out, not by what the directory claims."""
    if len(members) > MAX_MEMBERS:
        raise DocumentError("too_many_files", file=name, limit=MAX_MEMBERS)
    if sum(member.compress_size for member in members) > size:
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
