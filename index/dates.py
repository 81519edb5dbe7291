"""Dates as documents write them: 2026年4月1日, 令和八年四月一日, R8.4.1, 1 April 2026, 2026-04-01.

Works on NFKC text (`plain`), so that full-width digits and ㋿ are read as well. What may mean two days (04/05/2026) is
not read.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

ERAS = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
LETTERS = {"M": "明治", "T": "大正", "S": "昭和", "H": "平成", "R": "令和"}
EARLIEST, LATEST = 1868, 2199  # years outside are numbers of something else
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_KANJI_DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "元": 1}

_COUNT = r"(?:\d{1,4}|[〇零一二三四五六七八九十百元]{1,5})"
_MONTH = r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"  # noqa: E501
_ERA = "|".join(ERAS)
_DATE = re.compile(
    rf"(?:(?P<era>{_ERA})\s*|西暦\s*)?(?P<y1>{_COUNT})\s*年\s*(?P<m1>{_COUNT})\s*月(?:\s*(?P<d1>{_COUNT})\s*日)?"
    r"|(?<![A-Za-z\d])(?P<letter>[MTSHR])\s?(?P<y2>\d{1,2})[./](?P<m2>\d{1,2})[./](?P<d2>\d{1,2})(?!\d)"
    r"|(?<![\d./-])(?P<y3>\d{4})(?P<joint>[-/.])(?P<m3>\d{1,2})(?P=joint)(?P<d3>\d{1,2})(?![\d/-]|\.\d)"
    rf"|(?<![\w.])(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of )?{_MONTH.format('m4')},?[ -](?P<y4>\d{{4}})(?!\d)"
    rf"|(?<![A-Za-z]){_MONTH.format('m5')}(?: (?P<d5>\d{{1,2}})(?:st|nd|rd|th)?,)? (?P<y5>\d{{4}})(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Dated:
    """A date at `start:end` of a plain text; where only a month is named, the whole month."""

    start: int
    end: int
    first: date
    last: date


def plain(text: str) -> str:
    """The text that `dates` works on: NFKC."""
    return unicodedata.normalize("NFKC", text)


def dates(text: str) -> Iterator[Dated]:
    """The dates of a plain text, in order; what is no date of the calendar is passed over."""
    for match in _DATE.finditer(text):
        number = next(n for n in "12345" if match[f"y{n}"])
        year = _year(match[f"y{number}"], match["era"] or LETTERS.get((match["letter"] or "").upper()))
        month = _month(match[f"m{number}"])
        day = match[f"d{number}"]
        if year is None or not EARLIEST <= year <= LATEST or not 1 <= month <= 12:
            continue
        last = monthrange(year, month)[1]
        if day is None:
            yield Dated(match.start(), match.end(), date(year, month, 1), date(year, month, last))
        elif 1 <= (read := count(day)) <= last:
            yield Dated(match.start(), match.end(), date(year, month, read), date(year, month, read))


def count(written: str) -> int:
    """A number in digits or kanji: 12, 十二, 三十一, 二〇二六; 元 is 1."""
    if written.isdecimal():
        return int(written)
    if "十" not in written and "百" not in written:
        return int("".join(str(_KANJI_DIGITS[sign]) for sign in written))
    total = 0
    for unit, value in (("百", 100), ("十", 10)):
        before, found, written = written.rpartition(unit) if unit in written else ("", "", written)
        if found:
            total += value * (count(before) if before else 1)
    return total + (count(written) if written else 0)


def _year(written: str, era: str | None) -> int | None:
    """The year of the common era. An era may go on past its end: 平成32年 was written for 2020 before anybody knew."""
    number = count(written)
    if era is None:
        return number
    return ERAS[era] + number - 1 if 1 <= number <= 99 else None


def _month(written: str) -> int:
    letters = written[:3].lower()
    return MONTHS.index(letters) + 1 if letters in MONTHS else count(written)
