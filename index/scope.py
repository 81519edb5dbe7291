"""For whom or what a document holds, in its own words: the section or line in which it says so of itself as a whole.

'1. 適用範囲', '第2条（適用範囲）', 'Who it applies to', a line '対象：…' in its head. A chapter's own scope is not the
document's. It decides nothing.
"""

import re
from collections.abc import Sequence
from typing import Protocol

from index.dates import plain

LONGEST = 200  # characters that are told; whole sentences only
HEAD = 2  # passages in which a line may tell of it

_NUMBER = r"(?:第\s*[\d一二三四五六七八九十]+\s*条|(?:article|section|§)\s*\d+[.:]?|\d{1,2}(?:\.\d{1,2})*[.)]?)"
_HEADING = re.compile(
    rf"{_NUMBER}?\s*\(?\s*"
    r"(?:適用(?:範囲|対象|対象者)?|対象(?:者|範囲)?|目的(?:と|及び|および|・)適用範囲"
    r"|(?:purpose and )?scope(?: and purpose)?|scope of (?:application|this \w+)|applicability|eligibility|applies to"
    r"|who (?:it|(?:this|the)(?: \w+)?) (?:applies to|covers|is for)|who is (?:covered|eligible))"
    r"\s*\)?",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"^(?:適用範囲|適用対象|対象者?|applies to|scope|for whom)\s*[:：]\s*(?=\S)", re.IGNORECASE | re.MULTILINE
)
_PART = re.compile(
    r"第\s*[\d一二三四五六七八九十]+\s*[章編部節]|(?:chapter|part|section)\s+[\divx]+|\d{1,2}[.)\s]", re.IGNORECASE
)
_OF_ALL = re.compile(r"総則|通則|general|introduction", re.IGNORECASE)
_MARK = re.compile(r"(?:\d{1,2}(?:[.．]\d{1,2})*[.．)）]?|[(（]\d{1,2}[)）])\s+")
_SENTENCE = re.compile(r".+?(?:[。！？!?]|\.(?=\s|$)|$)\s*")


class Told(Protocol):
    """A passage as far as it is needed to read what a document says of itself."""

    @property
    def text(self) -> str:
        """Its text."""

    @property
    def heading(self) -> str:
        """Its heading path."""


def read_scope(passages: Sequence[Told]) -> str:
    """What a document says of whom or what it holds for, in whole sentences up to LONGEST; '' where it doesn't.

    Args:
        passages: of the document, in their order.
    """
    for passage in passages:
        *above, last = plain(passage.heading).split(" > ")
        if _HEADING.fullmatch(last.strip()) and all(map(_of_the_whole, above)):
            return _shortened(passage.text)
    for passage in passages[:HEAD]:
        if found := _LINE.search(passage.text):
            return _shortened(passage.text[found.end() :].partition("\n")[0])
    return ""


def _of_the_whole(heading: str) -> bool:
    return not _PART.match(heading) or bool(_OF_ALL.search(heading))


def _shortened(text: str) -> str:
    """Its first sentences; '' for a table's rows, and where the first sentence is too long."""
    if "; " in text:
        return ""
    line = " ".join(text.split())
    mark = _MARK.match(line)
    told = ""
    for sentence in _SENTENCE.findall(line, mark.end() if mark else 0):
        if len(told) + len(sentence.rstrip()) > LONGEST:
            break
        told += sentence
    return told.rstrip()
