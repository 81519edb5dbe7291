"""Bands of numbers that a rule is for: 'over 300,000 up to 3,000,000 yen', '100〜999個', 'three years or more'.

Whoever names another number of the same band asks for the same. Rules for Japanese and English; it reads texts only.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from assistant.steps.facts import Fact, facts
from assistant.steps.numerals import in_digits

_NUMBER = r"\d+(?:\.\d+)?(?![\d.:/])"
_LOW = rf"(?P<over>\b(?:over|above|more than) [£$€]?)?(?<![a-z\d.:/-])(?P<low>{_NUMBER})"
_BETWEEN = re.compile(
    rf"{_LOW}(?P<by>[^\d、。;]{{0,8}}?(?:を?[超越]え|以上|から|[〜~–-]| up to | to )[^\d、。;]{{0,8}}?)"
    rf"(?P<high>{_NUMBER})(?P<after>[^\d、。;]{{0,8}})"
)
_UPWARDS = re.compile(rf"{_LOW}(?P<by>[^\d、。;]{{0,20}}?(?:を?[超越]え|以上|\bor (?:more|longer|above)\b))?")
_WITHOUT_LOW, _WITHOUT_HIGH = re.compile("[超越]え"), re.compile(r"\b(?:under|below)\b|未満")
_NO_AMOUNTS = ("date", "clock", "weekday", "part")
_LONGEST = 20  # characters of a number with its unit


@dataclass(frozen=True)
class _Band:
    """From a number to another, or upwards; `above`, `below`: without the number itself."""

    low: Fraction
    high: Fraction | None
    unit: str | None
    above: bool
    below: bool

    def holds(self, fact: Fact) -> bool:
        if fact.unit != self.unit or fact.unit in _NO_AMOUNTS:
            return False
        value = Fraction(fact.value)
        if value < self.low or (self.above and value == self.low):
            return False
        return self.high is None or value < self.high or (value == self.high and not self.below)


def one_band(rule: str, numbers: Sequence[Fact]) -> bool:
    """Whether a rule is for a band that holds all these numbers."""
    return any(all(band.holds(number) for number in numbers) for band in _bands(in_digits(rule)))


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


def _amount(text: str) -> Fact:
    """The number that a text begins with."""
    return facts(text[:_LONGEST])[0]


def _without_low(match: re.Match[str]) -> bool:
    return bool(match["over"] or _WITHOUT_LOW.search(match["by"] or ""))
