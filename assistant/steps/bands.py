"""Bands of numbers that a rule is for: 'over 300,000 up to 3,000,000 yen', '100〜999個', 'three years or more'.

Whoever names another number of the same band asks for the same; whoever names a number asks for no other band's rule.
Rules for Japanese and English; it reads texts only.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from assistant.steps.facts import Fact, facts
from assistant.steps.numerals import in_digits

_NUMBER = r"\d+(?:\.\d+)?(?![\d.:/])(?:年\d{1,2}(?=[かヶカヵ箇]月)| years? (?:and )?\d{1,2}(?= months?))?"
_LOW = rf"(?P<over>\b(?:over|above|more than) [£$€]?)?(?<![a-z\d.:/-])(?P<low>{_NUMBER})"
_BETWEEN = re.compile(
    rf"{_LOW}(?P<by>[^\d、。;]{{0,8}}?(?:を?[超越]え|以上|から|[〜~–-]| up to | to )[^\d、。;・…:：]{{0,8}}?)"
    rf"(?P<high>{_NUMBER})(?P<after>[^\d、。;]{{0,8}})"
)
_UPWARDS = re.compile(
    rf"{_LOW}(?P<by>[^\d、。;]{{0,20}}?(?:を?[超越]え|以上|\b(?:or|and) (?:more|longer|older|above|over)\b))?"
)
_DOWNWARDS = re.compile(
    rf"(?P<under>\b(?:under|below|up to|less than|fewer than) [£$€]?)?(?<![a-z\d.:/-])(?P<high>{_NUMBER})"
    r"(?P<after>[^\d、。;]{0,12}?(?:未満|以下|以内|まで|\bor (?:less|fewer)\b))?"
)
_WITHOUT_LOW, _WITHOUT_HIGH = re.compile("[超越]え"), re.compile(r"\b(?:under|below|than)\b|未満")
_NTH_YEAR = re.compile(r"(\d+)年目")  # it may be over or not
_ITEM = re.compile(r"^\s*(?:[-・•*]|\d{1,2}[.)．）]|[（(]\d{1,2}[)）]|[①-⑳])\s*")
_DIGITS = re.compile(r"[\d.,]+")
_KILO = re.compile(r"(\d+(?:\.\d+)?)キロ(?![メグ])")  # of weight or of way
_NO_AMOUNTS = ("date", "clock", "weekday", "part")
_LONGEST = 20  # characters of a number with its unit
_Narrowness = tuple[float, float]
_NOT_HELD: _Narrowness = (-math.inf, -math.inf)


@dataclass(frozen=True)
class _Band:
    """From a number to another, upwards or downwards; `above`, `below`: without the number itself."""

    low: Fraction | None
    high: Fraction | None
    unit: str | None
    above: bool
    below: bool

    def holds(self, fact: Fact) -> bool:
        if fact.unit != self.unit or fact.unit in _NO_AMOUNTS:
            return False
        value = Fraction(fact.value)
        if self.low is not None and (value < self.low or (self.above and value == self.low)):
            return False
        return self.high is None or value < self.high or (value == self.high and not self.below)

    @property
    def narrowness(self) -> _Narrowness:
        """The later it begins, then the sooner it ends."""
        return -1.0 if self.low is None else float(self.low), -math.inf if self.high is None else -float(self.high)


class _Kind(NamedTuple):
    """Rules that can be compared: a column's, or those of sentences with these words in common, with one unit."""

    words: str
    unit: str | None
    alike: bool  # but for their numbers


def one_band(rule: str, numbers: Sequence[Fact]) -> bool:
    """Whether a rule is for a band that holds all these numbers."""
    return any(all(band.holds(number) for number in numbers) for band in _bands(in_digits(rule)))


def of_another_band(question: str, rules: Sequence[str]) -> list[bool]:
    """Which of the rules that stand under one heading are for a band that does not hold the question's number, where a
    band of another one like it does, or holds it more narrowly: the rate for 5 to 10 km is no answer to who drives 12,
    nor what holds from 3 years on to who has been there for 6, if there is a rule from 5 years on.

    Args:
        rules: table rows ('column: cell; column: cell', as the index writes them), and sentences, see `_by_kind`.
    """
    asked = _asked(question)
    if not asked:
        return [False] * len(rules)
    kinds = [
        [(kind, band) for kind, band in _by_kind(rule) if any(band.unit == fact.unit for fact in asked)]
        for rule in rules
    ]
    parted = {kind for one in kinds for kind, band in one if band.low is not None and band.high is not None}
    narrow: list[dict[_Kind, _Narrowness]] = []
    for one in kinds:
        found: defaultdict[_Kind, _Narrowness] = defaultdict(lambda: _NOT_HELD)
        for kind, band in one:
            if kind in parted or kind.alike:
                holds = any(band.holds(fact) for fact in asked)
                found[kind] = max(found[kind], band.narrowness if holds else _NOT_HELD)
        narrow.append(found)
    best: defaultdict[_Kind, _Narrowness] = defaultdict(lambda: _NOT_HELD)
    for row in narrow:
        for kind, how in row.items():
            best[kind] = max(best[kind], how)
    return [any(how < best[kind] for kind, how in row.items()) for row in narrow]


def _asked(question: str) -> list[Fact]:
    """The amounts that a question names, none where it names a band itself; what may be either of two is both."""
    plain = in_digits(question)
    if any(_bands(plain)) or any(_downwards(plain)):
        return []
    found = [fact for fact in facts(question) if fact.unit not in _NO_AMOUNTS]
    found += facts(" ".join(f"{match[1]}km" for match in _KILO.finditer(plain)))
    return found + facts(" ".join(f"{int(match[1]) * 12 - 6} months" for match in _NTH_YEAR.finditer(plain)))


def _by_kind(rule: str) -> Iterator[tuple[_Kind, _Band]]:
    """The bands of a rule, each with the kind of rule that it can be compared with.

    Of a row those of its column: in the first, which says what the row is for, also bands with one end; in another,
    which may say what is allowed, only those with two. Of a sentence those of sentences that are the same but for their
    numbers, and, where one of them has two ends, of those that begin alike: 'more than 1 year: parental leave' and
    'more than 5 years: a sabbatical' are no two halves of one rule.
    """
    cells = [cell.partition(": ") for cell in rule.split("; ")]
    if len(cells) < 2 or not all(between for _, between, _ in cells):
        plain = _ITEM.sub("", in_digits(rule))
        for band in _bands(plain):
            yield _Kind(_DIGITS.split(plain, maxsplit=1)[0], band.unit, alike=False), band
            yield _Kind(_DIGITS.sub("0", plain), band.unit, alike=True), band
        return
    for number, (column, _, cell) in enumerate(cells):
        plain = in_digits(cell)
        bands = (
            [*_bands(plain), *_downwards(plain)]
            if number == 0
            else [one for one in _bands(plain) if one.high is not None]
        )
        yield from ((_Kind(column, one.unit, alike=True), one) for one in bands)


def _bands(plain: str) -> Iterator[_Band]:
    for match in _BETWEEN.finditer(plain):
        high = _amount(plain[match.start("high") :])
        low = _amount(plain[match.start("low") : match.start("high")])
        if low.unit is None:  # 'from 50,000 to under 300,000 yen'
            low = _amount(match["low"] + plain[match.end("high") :])
        if low.unit == high.unit and low.unit not in _NO_AMOUNTS:
            below = bool(_WITHOUT_HIGH.search(match["by"] + match["after"]))
            yield _Band(Fraction(low.value), Fraction(high.value), low.unit, _without_low(match), below)
    for match in _UPWARDS.finditer(_BETWEEN.sub(" ", plain)):
        low = _amount(match.string[match.start("low") :])
        if (match["over"] or match["by"]) and low.unit not in _NO_AMOUNTS:
            yield _Band(Fraction(low.value), None, low.unit, _without_low(match), below=False)


def _downwards(plain: str) -> Iterator[_Band]:
    for match in _DOWNWARDS.finditer(_BETWEEN.sub(" ", plain)):
        high = _amount(match.string[match.start("high") :])
        if (match["under"] or match["after"]) and high.unit not in _NO_AMOUNTS:
            below = bool(_WITHOUT_HIGH.search(f"{match['under'] or ''}{match['after'] or ''}"))
            yield _Band(None, Fraction(high.value), high.unit, above=False, below=below)


def _amount(text: str) -> Fact:
    """The number that a text begins with."""
    return facts(text[:_LONGEST])[0]


def _without_low(match: re.Match[str]) -> bool:
    return bool(match["over"] or _WITHOUT_LOW.search(match["by"] or ""))
