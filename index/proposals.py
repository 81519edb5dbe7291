"""Words that a department's documents explain themselves: a name in the other language or an abbreviation beside it.

霞野（Kasumino）, 三次元測定機（CMM）, 'measurement system analysis (MSA)', 浅葱精工株式会社（以下「会社」という）.
They are put before a reviewer and used for nothing until he takes them.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from index.glossary import Entry, Glossary
from index.languages import language_of

_JAPANESE = r"[\u3005\u30a0-\u30ff\u4e00-\u9fff]"
_LATIN = r"[A-Za-z][A-Za-z0-9&.' /-]{0,38}[A-Za-z0-9]"
_BOTH = re.compile(rf"(?P<ja>{_JAPANESE}{{2,14}})[」』]?\s?[(]\s?(?P<en>{_LATIN})\s?[)]")
_TURNED = re.compile(rf"\b(?P<en>[A-Za-z][A-Za-z0-9-]{{1,30}})\s?[(]\s?(?P<ja>{_JAPANESE}{{2,14}})\s?[)]")
_SHORTENED = re.compile(r"(?P<long>(?:[A-Za-z][\w'-]*[ -]){1,6}[A-Za-z][\w'-]*)\s?[(](?P<short>[A-Z][A-Z0-9&]{1,7})[)]")
_HEREAFTER = re.compile(rf"(?P<long>{_JAPANESE}{{3,20}})[(]以下、?\s?「(?P<short>[^」]{{2,12}})」とい[うい]")
_NO_NAME = re.compile(  # a unit, or a word that a name does not begin with
    r"^(?:[a-z]{1,3}$|(?:form|rev|ver|version|no|ext|tel|see|page|fig|table|from|until|with|without|in|at|or)\b)"
)
_IDENTIFIER = re.compile(r"\d")


@dataclass(frozen=True)
class Proposal:
    """An entry that documents suggest: how often, and the first place where they do."""

    entry: Entry
    count: int
    example: str


def proposals(texts: Iterable[str], known: Glossary) -> list[Proposal]:
    """What texts explain and `known` lacks, most frequent first."""
    found = Counter[Entry]()
    examples: dict[Entry, str] = {}
    for text in texts:
        plain = unicodedata.normalize("NFKC", text)
        for entry, start, end in _explained(plain):
            found[entry] += 1
            examples.setdefault(entry, " ".join(plain[max(0, start - 20) : end + 20].split()))
    fresh = [(entry, count) for entry, count in found.items() if not known.knows(entry)]
    fresh.sort(key=lambda pair: (-pair[1], pair[0].english, pair[0].japanese))
    return [Proposal(entry, count, examples[entry]) for entry, count in fresh]


def _explained(text: str) -> Iterator[tuple[Entry, int, int]]:
    for pattern in (_BOTH, _TURNED):
        for match in pattern.finditer(text):
            english = match["en"].strip()
            if not _NO_NAME.match(english) and not _IDENTIFIER.search(english) and language_of(english) == "en":
                yield Entry((english,), (match["ja"],)), match.start(), match.end()
    for match in _SHORTENED.finditer(text):
        if long := _spelt_out(match["long"], match["short"]):
            yield Entry((long, match["short"]), ()), match.start(), match.end()
    for match in _HEREAFTER.finditer(text):
        yield Entry((), (match["long"], match["short"])), match.start(), match.end()


def _spelt_out(long: str, short: str) -> str:
    """The last words whose first letters are the abbreviation's; empty where they are not."""
    words = re.split(r"[ -]", long)
    letters = [letter for letter in short.lower() if letter.isalpha()]
    last = words[-len(letters) :]
    return " ".join(last) if [word[:1].lower() for word in last] == letters else ""
