"""Plain text: paragraphs by blank lines, rule headings by themselves; encodings of Japan and the West."""

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from index.blocks import Block
from index.errors import DocumentError
from index.parsers.source import Source
from index.rules import level_of, split_opening

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ESCAPED = re.compile(rb"\x1b\$[@B]")  # ISO-2022-JP announces its kanji
_EIGHT_BIT = ("cp932", "euc_jp")
_WIDE = ("utf_16_le", "utf_16_be")
_KANA = re.compile(r"[\u3041-\u30ff]")
_WORDS = re.compile(r"[\u4e00-\u9fff\u3041-\u30ff]{2,}")
_NARROW_KANA = re.compile(r"[\uff61-\uff9f]")
_LATIN = re.compile(r"[ -~\n]")
_ODD = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufff0-\uffff]")
_SAMPLE = 40_000  # bytes; even, so that it never ends inside a character of UTF-16
_DAMAGED = 0.02  # share of signs that no text has
_INVISIBLE = re.compile("[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]")


def decode(data: bytes, name: str = "") -> str:
    """The text of a file, whatever its encoding, without signs that show nothing. Raises DocumentError: corrupt."""
    text = _INVISIBLE.sub("", _decode(data, name))
    if len(_ODD.findall(text)) > max(1, _DAMAGED * len(text)):
        raise DocumentError("corrupt", file=name)
    return _ODD.sub(" ", text)


def _decode(data: bytes, name: str) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if _ESCAPED.search(data[:_SAMPLE]):
        return data.decode("iso2022_jp", errors="replace")
    if b"\0" not in data:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return _legacy(data, name)


def _legacy(data: bytes, name: str) -> str:
    """The best of the Japanese encodings where one makes words, else what charset-normalizer says."""
    encodings = _WIDE if b"\0" in data else (*_EIGHT_BIT, *_WIDE)
    scores = [(_likeness(data[:_SAMPLE], encoding), -place, encoding) for place, encoding in enumerate(encodings)]
    score, _, encoding = max(scores)
    if score > 0:
        return data.decode(encoding, errors="replace")
    if b"\0" in data:
        raise DocumentError("corrupt", file=name)
    best = from_bytes(data).best()
    return str(best) if best is not None else data.decode("utf-8", errors="replace")


def _likeness(data: bytes, encoding: str) -> float:
    """How much like an office's text bytes read in an encoding, by signs that stand for it and against."""
    text = data.decode(encoding, errors="replace")
    score = 2.0 * len(_KANA.findall(text)) + sum(len(word) for word in _WORDS.findall(text))
    score += 0.5 * len(_NARROW_KANA.findall(text)) - 20.0 * len(_ODD.findall(text))
    if encoding in _WIDE:  # two bytes of any text make some kanji: only what also has its line breaks is meant so
        latin = len(_LATIN.findall(text))
        return score + latin if latin > len(text) / 50 else 0.0
    return score


def paragraphs(text: str) -> Iterator[Block]:
    """Blocks of running text: rule headings, then paragraphs as blank lines part them."""
    for chunk in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines: list[str] = []
        for line in chunk.split("\n"):
            opened = split_opening(line)
            if opened is None:
                lines.append(line)
                continue
            if any(lines):
                yield Block("paragraph", "\n".join(lines).strip())
            heading, rest = opened
            yield Block("heading", heading, level=level_of(heading))
            lines = [rest] if rest else []
        if any(line.strip() for line in lines):
            yield Block("paragraph", "\n".join(lines).strip())


def parse(source: Source) -> Iterator[Block]:
    """The blocks of a text file."""
    yield from paragraphs(decode(source.data, source.name))
