"""Bands of numbers that a rule is for: 'over 300,000 up to 3,000,000 yen', '100〜999個', 'three years or more'.

Whoever names another number of the same band asks for the same; whoever names a number asks for no other band's rule.
Rules for Japanese and English; it reads texts only.
"""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from assistant.steps.facts import Fact, facts
from assistant.steps.numerals import in_digits

_NUMBER = r"\d+(?:\.\d+)?(?![\d.:/])(?:年\d{1,2}(?=[かヶカヵ箇]月)| years? (?:and )?\d{1,2}(?= months?))?"
_SIGNS = "£$€¥"
_LOW = rf"(?P<over>\b(?:over|above|more than) [{_SIGNS}]?)?(?<![a-z\d.:/-])(?P<low>{_NUMBER})"
_BETWEEN = re.compile(
    rf"{_LOW}(?P<by>[^\d、。;]{{0,8}}?(?:を?[超越]え|以上|から|[〜~–-]| up to | to )[^\d、。;・…:：]{{0,8}}?)"
    rf"(?P<high>{_NUMBER})(?P<after>[^\d、。;]{{0,8}})"
)
_UPWARDS = re.compile(
    rf"{_LOW}(?P<by>[^\d、。;]{{0,20}}?(?:を?[超越]え|以上|\b(?:or|and) (?:more|longer|older|above|over)\b))?"
)
_DOWNWARDS = re.compile(
    rf"(?P<under>\b(?:under|below|up to|less than|fewer than) [{_SIGNS}]?)?(?<![a-z\d.:/-])(?P<high>{_NUMBER})"
    r"(?P<after>[^\d、。;]{0,12}?(?:未満|以下|以内|まで|\bor (?:less|fewer)\b))?"
)
_WITHOUT_LOW, _WITHOUT_HIGH = re.compile("[超越]え"), re.compile(r"\b(?:under|below|than)\b|未満")
_NTH_YEAR = re.compile(r"(\d+)年目")  # it may be over or not
_WRITTEN_OUT = (  # other ways of writing a band
    (re.compile(rf"\bbetween ({_NUMBER}(?: [a-z]+)?) and (?=\d)"), r"\1 to "),
    (re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\+ ?([a-z]+)"), r"\1 \2 or more"),
    (
        re.compile(rf"\b(over|above|more than|under|below|up to|less than) ([{_SIGNS}]{_NUMBER}) ?/ ?(?=[{_SIGNS}])"),
        r"\1 \2; \1 ",
    ),
)
_LABEL = re.compile(r"([^:]{1,60}?)(?::|\.{3}|・・・)")  # of an item of a list: 'under 3 years: 4 hours'
_BORDERS = re.compile(r"\b(?:fewer|less|more|than|under|over|up|to|between|from|above|below)\b")
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

    low: Fact | None
    high: Fact | None
    above: bool
    below: bool

    @property
    def unit(self) -> str | None:
        end = self.low or self.high
        return end.unit if end else None

    @property
    def own(self) -> Fact | None:
        """An end that belongs to it."""
        return self.low if self.low and not self.above else self.high if self.high and not self.below else None

    def holds(self, fact: Fact) -> bool:
        if fact.unit != self.unit or fact.unit in _NO_AMOUNTS:
            return False
        value, (low, high) = Fraction(fact.value), self._ends
        if low is not None and (value < low or (self.above and value == low)):
            return False
        return high is None or value < high or (value == high and not self.below)

    @property
    def _ends(self) -> tuple[Fraction | None, Fraction | None]:
        return Fraction(self.low.value) if self.low else None, Fraction(self.high.value) if self.high else None

    @property
    def narrowness(self) -> _Narrowness:
        """The later it begins, then the sooner it ends."""
        low, high = self._ends
        return -1.0 if low is None else float(low), -math.inf if high is None else -float(high)


class _Kind(NamedTuple):
    """Rules that can be compared: a column's, or those of sentences with these words in common, with one unit."""

    words: str
    unit: str | None
    alike: bool  # but for their numbers


def one_band(rule: str, numbers: Sequence[Fact]) -> bool:
    """Whether a rule is for a band that holds all these numbers."""
    return any(all(band.holds(number) for number in numbers) for band in _bands(_plain(rule)))


@dataclass(frozen=True)
class Rule:
    """A rule beside the others that stand under its heading."""

    another: bool  # for a band that does not hold the question's number, where another rule's does, or more narrowly
    question: str | None = None  # where others are left out for this one: the question with the number as it says it


def compared(question: str, rules: Sequence[str]) -> list[Rule]:
    """Which of the rules that stand under one heading are for another band than the question's number: the rate for 5
    to 10 km is no answer to who drives 12, nor what holds from 3 years on to who has been there for 6, if there is a
    rule from 5 years on; and how the question reads in the words of the rule that is left: 'after 5 years'.

    Args:
        rules: table rows ('column: cell; column: cell', as the index writes them), and sentences, see `_by_kind`.
    """
    asked = _asked(question)
    if not asked:
        return [Rule(another=False) for _ in rules]
    steps = _steps(rules)
    kinds = [
        [(kind, band) for kind, band in _by_kind(rule, steps) if any(band.unit == fact.unit for fact in asked)]
        for rule in rules
    ]
    parted = {kind for one in kinds for kind, band in one if band.high is not None}
    narrow: list[dict[_Kind, tuple[_Narrowness, _Band]]] = []
    for one in kinds:
        found: dict[_Kind, tuple[_Narrowness, _Band]] = {}
        for kind, band in one:
            if kind in parted or kind.alike:
                how = band.narrowness if any(band.holds(fact) for fact in asked) else _NOT_HELD
                if kind not in found or how > found[kind][0]:
                    found[kind] = how, band
        narrow.append(found)
    best: defaultdict[_Kind, _Narrowness] = defaultdict(lambda: _NOT_HELD)
    for row in narrow:
        for kind, (how, _) in row.items():
            best[kind] = max(best[kind], how)
    another = [any(how < best[kind] for kind, (how, _) in row.items()) for row in narrow]
    decided = {kind for row in narrow for kind, (how, _) in row.items() if how < best[kind]}
    made = []
    for left_out, rule, row in zip(another, rules, narrow, strict=True):
        bands = [] if left_out else [band for kind, (_, band) in row.items() if kind in decided]
        made.append(Rule(left_out, _worded(question, asked, rule, bands)))
    return made


def _worded(question: str, asked: Sequence[Fact], rule: str, bands: Sequence[_Band]) -> str | None:
    """The question with its number in the words of the band that holds it."""
    for band in bands:
        held = [fact for fact in asked if band.holds(fact)]
        words = max((fact.told for fact in held), key=len)
        if band.own is None or any(fact.equals(band.own) or fact.told not in words for fact in held):
            continue
        for text in (unicodedata.normalize("NFKC", question), in_digits(question)):
            start = text.casefold().find(words)
            if start >= 0:
                return f"{text[:start]}{_as_written(band.own, rule)}{text[start + len(words) :]}"
    return None


def _as_written(fact: Fact, rule: str) -> str:
    """A number as the rule has it, where that is with commas."""
    with_commas = _DIGITS.sub(lambda match: f"{int(match[0]):,}" if match[0].isdecimal() else match[0], fact.told)
    return with_commas if with_commas in rule else fact.told


def _asked(question: str) -> list[Fact]:
    """The amounts that a question names, also where it asks for all up to one; none where it names another band. What
    may be either of two is both.
    """
    plain = _plain(question)
    if any(_bands(plain)) or any(band.below for band in _downwards(plain)):
        return []
    found = [fact for fact in facts(question) if fact.unit not in _NO_AMOUNTS]
    for match in _KILO.finditer(plain):
        found += [replace(fact, told=match[0]) for fact in facts(f"{match[1]}km")]
    for match in _NTH_YEAR.finditer(plain):
        found += [replace(fact, told=match[0]) for fact in facts(f"{int(match[1]) * 12 - 6} months")]
    return found


def _steps(rules: Sequence[str]) -> set[_Kind]:
    """The first columns that say only where each band begins, the last one openly: '6 months', '18 months', '30 months
    or more'.
    """
    bare: defaultdict[_Kind, list[Fraction]] = defaultdict(list)
    open_ended: defaultdict[_Kind, list[Fraction]] = defaultdict(list)
    for column, cell in (cells[0] for cells in map(_cells, rules) if cells):
        plain = _plain(cell)
        if (fact := _bare(plain)) is not None:
            bare[_Kind(column, fact.unit, alike=True)].append(Fraction(fact.value))
        for band in _bands(plain):
            if band.low is not None and band.high is None:
                open_ended[_Kind(column, band.unit, alike=True)].append(Fraction(band.low.value))
    return {kind for kind, lows in open_ended.items() if bare[kind] and max(bare[kind]) < min(lows)}


def _bare(cell: str) -> Fact | None:
    """The amount that is all there is in a cell."""
    found = facts(cell)
    return found[0] if len(found) == 1 and found[0].told == cell.strip() and found[0].unit not in _NO_AMOUNTS else None


def _cells(rule: str) -> list[tuple[str, str]]:
    """(column, cell) of a table's row; of anything else none."""
    cells = [cell.partition(": ") for cell in rule.split("; ")]
    whole = len(cells) > 1 and all(between for _, between, _ in cells)
    return [(column, cell) for column, _, cell in cells] if whole else []


def _by_kind(rule: str, steps: Collection[_Kind]) -> Iterator[tuple[_Kind, _Band]]:
    """The bands of a rule, each with the kind of rule that it can be compared with.

    Of a row those of its column: in the first, which says what the row is for, also bands with one end, and the steps
    where a band begins; in another, which may say what is allowed, only those with two. Of a sentence those of
    sentences that are the same but for their numbers, and, where one of them has an upper end, of those that begin
    alike ('more than 1 year: parental leave' and 'more than 5 years: a sabbatical' are no two halves of one rule); of a
    list's items ('under 3 years: 4 hours') also those that do so but for the words of the band.
    """
    cells = _cells(rule)
    if not cells:
        plain = _ITEM.sub("", _plain(rule))
        for band in _bands(plain):
            yield _Kind(_DIGITS.split(plain, maxsplit=1)[0], band.unit, alike=False), band
            yield _Kind(_DIGITS.sub("0", plain), band.unit, alike=True), band
        if label := _LABEL.match(plain):
            begins = " ".join(_BORDERS.sub(" ", _DIGITS.split(label[1], maxsplit=1)[0]).split())
            for band in (*_bands(label[1]), *_downwards(label[1])):
                yield _Kind(f"{begins}:", band.unit, alike=False), band
        return
    for number, (column, cell) in enumerate(cells):
        plain = _plain(cell)
        bands = list(_bands(plain))
        if number > 0:
            bands = [one for one in bands if one.high is not None]
        elif (fact := _bare(plain)) is not None and _Kind(column, fact.unit, alike=True) in steps:
            bands = [_Band(fact, None, above=False, below=False)]
        else:
            bands += _downwards(plain)
        yield from ((_Kind(column, one.unit, alike=True), one) for one in bands)


def _plain(text: str) -> str:
    """A text with its numbers in digits and its bands in one way of writing."""
    plain = in_digits(text)
    for pattern, instead in _WRITTEN_OUT:
        plain = pattern.sub(instead, plain)
    return plain


def _bands(plain: str) -> Iterator[_Band]:
    for match in _BETWEEN.finditer(plain):
        high = _amount(plain[_begins(match, "high") :])
        low = _amount(plain[_begins(match, "low") : match.start("high")])
        if low.unit is None:  # 'from 50,000 to under 300,000 yen'
            low = _amount(match["low"] + plain[match.end("high") :])
        if low.unit == high.unit and low.unit not in _NO_AMOUNTS:
            below = bool(_WITHOUT_HIGH.search(match["by"] + match["after"]))
            yield _Band(low, high, _without_low(match), below)
    for match in _UPWARDS.finditer(_BETWEEN.sub(" ", plain)):
        low = _amount(match.string[_begins(match, "low") :])
        if (match["over"] or match["by"]) and low.unit not in _NO_AMOUNTS:
            yield _Band(low, None, _without_low(match), below=False)


def _downwards(plain: str) -> Iterator[_Band]:
    for match in _DOWNWARDS.finditer(_BETWEEN.sub(" ", plain)):
        high = _amount(match.string[_begins(match, "high") :])
        if (match["under"] or match["after"]) and high.unit not in _NO_AMOUNTS:
            below = bool(_WITHOUT_HIGH.search(f"{match['under'] or ''}{match['after'] or ''}"))
            yield _Band(None, high, above=False, below=below)


def _amount(text: str) -> Fact:
    """The number that a text begins with."""
    return facts(text[:_LONGEST])[0]


def _begins(match: re.Match[str], number: str) -> int:
    """Where a number begins, with its currency's sign."""
    start = match.start(number)
    return start - (match.string[start - 1 : start] in tuple(_SIGNS))


def _without_low(match: re.Match[str]) -> bool:
    return bool(match["over"] or _WITHOUT_LOW.search(match["by"] or ""))
