"""What changed between two versions of a document: passages added, removed, changed, and the words in a changed one."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, Protocol

ALIKE = 0.4  # share of common words from which one passage is another one changed, and not something else
COMPARED = 10_000  # pairs of passages in one gap that are compared with each other; beyond, they pair by their order
_TOKEN = re.compile(r"[A-Za-z0-9_]+(?:[.,:][0-9]+)*|\s+|.", re.DOTALL)  # 1,500 is one word

Kind = Literal["added", "removed", "changed"]
Part = Literal["same", "gone", "new"]


class Text(Protocol):
    """What is compared of a passage."""

    @property
    def heading(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Change:
    """One passage that is not as it was. `parts`: its words in order, those that went, came and stayed."""

    kind: Kind
    heading: str
    parts: list[tuple[Part, str]]


def changes(before: Sequence[Text], after: Sequence[Text]) -> list[Change]:
    """The passages that differ, in the newer version's order; one that only moved is not among them."""
    told: list[tuple[Kind, Text | None, Text | None]] = []
    for tag, a, b, c, d in SequenceMatcher(
        None, [one.text for one in before], [one.text for one in after], autojunk=False
    ).get_opcodes():
        if tag != "equal":
            told += _gap(before[a:b], after[c:d])
    gone = {old.text for kind, old, _ in told if kind == "removed" and old}
    came = {new.text for kind, _, new in told if kind == "added" and new}
    moved = gone & came
    return [_change(kind, old, new) for kind, old, new in told if (new or old or _NONE).text not in moved]


@dataclass(frozen=True)
class _Nothing:
    heading: str = ""
    text: str = ""


_NONE = _Nothing()


def _gap(old: Sequence[Text], new: Sequence[Text]) -> Iterator[tuple[Kind, Text | None, Text | None]]:
    """Pair what went with what came in its place, each with the one most like it, in order."""
    at, bags = 0, [_bag(one) for one in old]
    for fresh in new:
        rest, bag = range(at, len(old)), _bag(fresh)
        if len(old) * len(new) > COMPARED:
            rest = rest[:1]
        best, place = max(((_alike(bags[n], bag), -n) for n in rest), default=(0.0, 0))
        if best < ALIKE:
            yield "added", None, fresh
            continue
        for n in range(at, -place):
            yield "removed", old[n], None
        yield "changed", old[-place], fresh
        at = -place + 1
    for one in old[at:]:
        yield "removed", one, None


def _bag(one: Text) -> Counter[str]:
    return Counter(token for token in _TOKEN.findall(one.text) if not token.isspace())


def _alike(one: Counter[str], other: Counter[str]) -> float:
    """Twice what is common by what there is (Dice), 0 to 1."""
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def _change(kind: Kind, old: Text | None, new: Text | None) -> Change:
    parts = _words(old.text if old else "", new.text if new else "")
    return Change(kind, (new or old or _NONE).heading, parts)


def _words(before: str, after: str) -> list[tuple[Part, str]]:
    """Both texts in one row: what stayed, what went, what came."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    parts: list[tuple[Part, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("same", "".join(old[a:b])))
            continue
        parts += [("gone", "".join(old[a:b]))] if b > a else []
        parts += [("new", "".join(new[c:d]))] if d > c else []
    return parts
