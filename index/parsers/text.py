"""Plain text: paragraphs by blank lines, rule headings by themselves; encodings of Japan and the West."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from charset_normalizer import from_bytes

from index.blocks import Block, rule_level, split_rule
from index.errors import DocumentError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_JAPANESE = ("cp932", "euc_jp", "iso2022_jp")
_KANA = re.compile(r"[\u3040-\u30ff]")
_ODD = re.compile(r"[\u0080-\u009f\uff61-\uff9f\ue000-\uf8ff\ufffd]")


def decode(data: bytes, name: str) -> str:
    """The text of a file, whatever its encoding. Raises DocumentError when it is not text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if data.count(0) > len(data) // 4:
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", errors="replace")
    if b"\0" in data:
        raise DocumentError("corrupt", file=name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(data)


def _legacy(data: bytes) -> str:
    """The best of the Japanese encodings where they fit, else what charset-normalizer says."""
    candidates = []
    for encoding in _JAPANESE:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        candidates.append((len(_KANA.findall(text)) - 3 * len(_ODD.findall(text)), text))
    if candidates:
        score, text = max(candidates, key=lambda pair: pair[0])
        if score > 0:
            return text
    best = from_bytes(data).best()
    return str(best) if best is not None else data.decode("utf-8", errors="replace")


def paragraphs(text: str) -> Iterator[Block]:
    """Blocks of running text: rule headings, then paragraphs as blank lines part them."""
    for chunk in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines: list[str] = []
        for line in chunk.split("\n"):
            opened = split_rule(line)
            if opened is None:
                lines.append(line)
                continue
            if any(lines):
                yield Block("paragraph", "\n".join(lines).strip())
            heading, rest = opened
            yield Block("heading", heading, level=rule_level(heading))
            lines = [rest] if rest else []
        if any(line.strip() for line in lines):
            yield Block("paragraph", "\n".join(lines).strip())


def parse(path: Path) -> Iterator[Block]:
    """The blocks of a text file."""
    yield from paragraphs(decode(path.read_bytes(), path.name))
