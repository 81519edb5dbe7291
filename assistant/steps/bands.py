"""Bands of numbers that a rule is for: 'over 300,000 up to 3,000,000 yen', '100〜999個', 'three years or more'.

Whoever names another number of the same band asks for the same; whoever names a number asks for no other band's rule.
Rules for Japanese and English; it reads texts only.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from assistant.steps.facts import Fact, facts
from assistant.steps.numerals import in_digits

_NUMBER = r"\d+(?:\.\d+)?(?![\d.:/])(?:年\d{1,2}(?=[かヶカヵ箇]月)| years? (?:and )?\d{1,2}(?= months?))?"
_LOW = rf"(?P<over>\b(?:over|above|more than) [£$€]?)?(?<![a-z\d.:/-])(?P<low>{_NUMBER})"
_BETWEEN = re.compile(
    rf"{_LOW}(?P<by>[^\d、。;]{{0,8}}?(?:を?[超越]え|以上|から|[〜~–-]| up to | to )[^\d、。;]{{0,8}}?)"
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
_ITEM = re.compile(r"\s*(?:[-・•*]|\d{1,2}[.)．）]|[（(]\d{1,2}[)）]|[①-⑳])")
_KILO = re.compile(r"(\d+(?:\.\d+)?)キロ(?![メグ])")  # of weight or of way
_NO_AMOUNTS = ("date", "clock", "weekday", "part")
_LONGEST = 20  # characters of a number with its unit


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


def one_band(rule: str, numbers: Sequence[Fact]) -> bool:
    """Whether a rule is for a band that holds all these numbers."""
    return any(all(band.holds(number) for number in numbers) for band in _bands(in_digits(rule)))


def of_another_band(question: str, rules: Sequence[str]) -> list[bool]:
    """Which of the rules that stand under one heading are for a band that holds none of the question's numbers, where
    the same column's band of another holds one: the rate for 5 to 10 km is no answer to who drives 12.

    Args:
        rules: table rows ('column: cell; column: cell', as the index writes them) and items of a list. Other sentences
            are none such: 'only above 4 hours' answers who asks about three.
    """
    asked = _asked(question)
    held = [_held(rule, asked) for rule in rules] if asked else [{} for _ in rules]
    somewhere = {kind for one in held for kind, holds in one.items() if holds}
    return [any(kind in somewhere and not holds for kind, holds in one.items()) for one in held]


def _asked(question: str) -> list[Fact]:
    """The amounts that a question names, none where it names a band itself; what may be either of two is both."""
    plain = in_digits(question)
    if any(_bands(plain)) or any(_downwards(plain)):
        return []
    found = [fact for fact in facts(question) if fact.unit not in _NO_AMOUNTS]
    found += facts(" ".join(f"{match[1]}km" for match in _KILO.finditer(plain)))
    return found + facts(" ".join(f"{int(match[1]) * 12 - 6} months" for match in _NTH_YEAR.finditer(plain)))


def _held(rule: str, asked: Sequence[Fact]) -> dict[tuple[str, str | None], bool]:
    """By column and unit of a rule's bands: whether one of them holds an amount that is asked about."""
    units = {fact.unit for fact in asked}
    found: defaultdict[tuple[str, str | None], bool] = defaultdict(bool)
    for column, band in _by_column(rule):
        if band.unit in units:
            found[column, band.unit] |= any(band.holds(fact) for fact in asked)
    return found


def _by_column(rule: str) -> Iterator[tuple[str, _Band]]:
    """The bands of a row with their columns: in the first, which says what the row is for, those downwards too; in
    another, which may say what is allowed, only those with two ends. Of a list's item all but those downwards.
    """
    cells = [cell.partition(": ") for cell in rule.split("; ")]
    if len(cells) < 2 or not all(between for _, between, _ in cells):
        yield from (("", band) for band in _bands(in_digits(rule)) if _ITEM.match(rule))
        return
    for number, (column, _, cell) in enumerate(cells):
        plain = in_digits(cell)
        if number == 0:
            yield from ((column, band) for band in (*_bands(plain), *_downwards(plain)))
        else:
            yield from ((column, band) for band in _bands(plain) if band.high is not None)


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
