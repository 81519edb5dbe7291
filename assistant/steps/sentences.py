"""Where sentences begin and end, in Japanese and English, in text that may be wrapped by hand.

Works on positions, so that what is quoted is exactly the document's text.
"""

import re
from collections.abc import Iterator

from index import BULLET

_END = re.compile(
    r"[。！？!?]+[」』）)\]]*"  # Japanese ends, and marks of any language
    r"|\.(?=[\s\])」』）]|$)[\])」』）]*"  # a full stop before a blank: not 3.5, not v2.1
    r"|\n\s*\n"  # a paragraph's end
    r"|\n"
)
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|No|Nos|Fig|Sec|Art|vs|approx|Mr|Ms|Mrs|Dr|Co|Ltd|Inc|ext)|\b[A-Z])$")
_OPENS = re.compile(
    r"\s*([-・•●○■□◆◇※*＊]|[0-9０-９]+[.．)）]|[（(][0-9０-９一-十]+[)）]|[①-⑳]|[^\s:：;；]{1,40}[:：]\s)"
)
WRAPPED_LATIN, WRAPPED_JAPANESE = 45, 24  # characters; a shorter line was not broken for want of room


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each sentence, blanks and bullets left out. A line break ends one only where it must."""
    start = 0
    for match in _END.finditer(text):
        if _goes_on(text, start, match):
            continue
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _goes_on(text: str, start: int, match: re.Match[str]) -> bool:
    if match.group() == ".":
        return bool(_ABBREVIATION.search(text, max(start, match.start() - 8), match.start()))
    if match.group() != "\n":
        return False
    line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]  # the whole line, wherever the sentence began
    room = WRAPPED_LATIN if line.isascii() else WRAPPED_JAPANESE
    return len(line.strip()) >= room and not _OPENS.match(text, match.end()) and "; " not in line


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    if bullet := BULLET.match(text, start, end):
        start = bullet.end()
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        yield start, end
