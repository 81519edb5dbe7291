"""Bounds and the order of numbers: what a comparison of numbers alone cannot see.

'At least 5 days' and 'at most 5 days' hold the same number; '3 days in Osaka and 5 in Sendai' holds the same two when
they have changed places. Rules for Japanese and English; it reads texts only.
"""

import re
from collections.abc import Mapping

from assistant.steps.numerals import in_digits
from index import terms

_DIRECTIONS: Mapping[str, re.Pattern[str]] = {  # tried in this order; what one has taken is not another's
    "at most": re.compile(
        r"以下|以内|未満|を(?:超え|越え|上回ら)(?:ない|ず)|を限度|が?上限|最大|最長|最高|まで(?![もが])"
        r"|\b(?:no|not) (?:more|later|longer|higher) than\b|\b(?:at most|up to|at the latest|within|less than"
        r"|fewer than|under|below|maximum|until|or less|or fewer)\b"
    ),
    "at least": re.compile(
        r"以上|以降|を(?:下回ら|切ら)(?:ない|ず)|を(?:超え|越え|上回)|が?下限|最低|最小|最短|少なくとも"
        r"|\b(?:no|not) (?:less|fewer|earlier|sooner) than\b|\b(?:at least|more than|over|above|exceed\w*|minimum"
        r"|or more|or longer|from .{1,12} on)\b"
    ),
}
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WINDOW = 24  # characters before a number that say what it counts
_SURELY = 0.5  # by so much more must exchanged numbers fit


def turned(said: str, evidence: str) -> tuple[str, ...]:
    """Directions ('at most', 'at least') of a sentence that its evidence has nowhere."""
    return tuple(sorted(_directions(said) - _directions(evidence)))


def exchanged(said: str, evidence: str) -> tuple[str, ...]:
    """The first two numbers of a sentence that stand, each, where its evidence has the other; none: ()."""
    ours, theirs = _leading(said), _leading(evidence)
    both = sorted(set(ours) & set(theirs))
    for at, one in enumerate(both):
        for other in both[at + 1 :]:
            kept = _alike(ours[one], theirs[one]) + _alike(ours[other], theirs[other])
            crossed = _alike(ours[one], theirs[other]) + _alike(ours[other], theirs[one])
            if crossed > kept + _SURELY:
                return one, other
    return ()


def _directions(text: str) -> set[str]:
    rest, found = text.casefold(), set()
    for name, pattern in _DIRECTIONS.items():
        if pattern.search(rest):
            found.add(name)
            rest = pattern.sub(" ", rest)
    return found


def _leading(text: str) -> dict[str, set[str]]:
    """The terms that lead to each number that stands once."""
    plain, begin = in_digits(text), 0
    found: dict[str, set[str]] = {}
    twice = set()
    for place in _NUMBER.finditer(plain):
        if place.group() in found:
            twice.add(place.group())
        found[place.group()] = set(terms(plain[max(begin, place.start() - _WINDOW) : place.start()]))
        begin = place.end()
    return {number: words for number, words in found.items() if number not in twice}


def _alike(ours: set[str], theirs: set[str]) -> float:
    return len(ours & theirs) / max(1, len(ours | theirs))
