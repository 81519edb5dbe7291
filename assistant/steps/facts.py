"""Numbers, dates, times and amounts of a text, brought to one form: 十日, ten days; 令和8年, 2026; 17時30分, 5:30 pm.

Rules for Japanese and English. It reads texts only, and has no opinion on what it finds.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from assistant.steps.numerals import in_digits

# one unit is so many of the smallest of its family; a unit without a family equals only itself
_FAMILIES: dict[str, dict[str, str | int]] = {
    "time": {"second": 1, "minute": 60, "hour": 3600},
    "day": {"day": 1, "week": 7},
    "month": {"month": 1, "year": 12},
    "length": {"µm": "1/1000", "mm": 1, "cm": 10, "m": 1000, "km": 1_000_000},
    "weight": {"mg": "1/1000", "g": 1, "kg": 1000, "t": 1_000_000},
    "volume": {"ml": 1, "l": 1000},
    "share": {"percent": 1, "tenth": 10},
    "data": {"kb": "1/1000", "mb": 1, "gb": 1000, "tb": 1_000_000},
}
_SIZES = {unit: (family, Fraction(size)) for family, units in _FAMILIES.items() for unit, size in units.items()}
_CALLED = {  # in the order in which they are tried
    "working-day": r"営業日|労働日|(?:business|working|work) ?days?(?![a-z])",
    "age": r"歳|years old(?![a-z])|years? of age(?![a-z])",
    "second": r"秒間?|sec(?:ond)?s?(?![a-z])",
    "minute": r"分間?(?!の\d|割|類|野|担|離|析)|min(?:ute)?s?(?![a-z])",
    "hour": r"時間|h(?:ou)?rs?(?![a-z])|h(?![a-z])",
    "week": r"週間?|weeks?(?![a-z])",
    "month": r"[かヶカケヵ箇ヵ]月間?|months?(?![a-z])",
    "fiscal-year": r"年度",
    "year": r"年間?(?!次)|years?(?![a-z])",
    "day": r"日間?(?!付)|days?(?![a-z])",
    "µm": r"[µμ]m(?![a-z])|ミクロン|マイクロメートル",
    "mm": r"mm(?![a-z])|ミリ(?:メートル)?(?!リ)",
    "cm": r"cm(?![a-z])|センチ(?:メートル)?",
    "km": r"km(?![a-z])|キロメートル",
    "m": r"m(?![a-z])|メートル|met(?:re|er)s?(?![a-z])",
    "mg": r"mg(?![a-z])|ミリグラム",
    "kg": r"kg(?![a-z])|キログラム|キロ(?![メワバ])|kilo(?:gram)?s?(?![a-z])",
    "g": r"g(?![a-z])|グラム",
    "t": r"t(?![a-z])|トン|ton(?:ne)?s?(?![a-z])",
    "ml": r"ml(?![a-z])|ミリリットル",
    "l": r"l(?![a-z])|リットル|lit(?:re|er)s?(?![a-z])",
    "percent": r"%|パーセント|per ?cent(?![a-z])",
    "tenth": r"割(?![合引当増り])",
    "kb": r"kb(?![a-z])",
    "mb": r"mb(?![a-z])|メガバイト",
    "gb": r"gb(?![a-z])|ギガ(?:バイト)?",
    "tb": r"tb(?![a-z])|テラバイト",
    "yen": r"円|yen(?![a-z])|jpy(?![a-z])",
    "dollar": r"ドル|dollars?(?![a-z])|usd(?![a-z])",
    "euro": r"ユーロ|euros?(?![a-z])|eur(?![a-z])",
    "pound": r"ポンド|pounds?(?![a-z])|gbp(?![a-z])",
    "pence": r"ペンス|pence(?![a-z])",
    "degree": r"°c?|℃|度(?![目数合以])|degrees?(?![a-z])",
    "character": r"文字|characters?(?![a-z])",
    "person": r"人|名(?![古前称義刺])|people(?![a-z])|persons?(?![a-z])",
    "times": r"回|times?(?![a-z])",
    "mile": r"マイル|miles?(?![a-z])",
    "case": r"件",
    "sheet": r"枚",
    "hrc": r"hrc(?![a-z])",
    "volt": r"v(?![a-z])|ボルト",
    "newton": r"nm?(?![a-z])|ニュートン",
    "pascal": r"mpa(?![a-z])",
}
_NAMES = list(_CALLED)
_MONEY = {"¥": "yen", "$": "dollar", "€": "euro", "£": "pound"}
_UNIT = "|".join(f"(?P<u{at}>{_CALLED[name]})" for at, name in enumerate(_NAMES))
_QUANTITY = re.compile(rf"(?P<sign>[¥$€£])?\s?(?P<number>\d+(?:\.\d+)?)(?:[ -]?(?:{_UNIT}))?")
_BETWEEN = re.compile(r"\s?(?:and|と)?\s?")
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december"]  # fmt: skip
_MONTH = "(?P<month>" + "|".join(f"{name}|{name[:3]}(?![a-z])\\.?" for name in _MONTHS) + ")"
_DAY = r"(?P<day>\d{1,2})"
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "r": 2018, "h": 1988, "s": 1925}
_WEEKDAYS = dict(zip("月火水木金土日", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], strict=True))


@dataclass(frozen=True)
class Fact:
    """A value with its unit, in the smallest unit of its family; its words, and the number that they say. A date is
    year-month-day, parts of it may be empty.
    """

    value: str
    unit: str | None
    told: str
    number: str = ""

    def equals(self, other: "Fact") -> bool:
        """The same value and the same unit."""
        return (self.value, self.unit) == (other.value, other.unit)

    def agrees(self, other: "Fact") -> bool:
        """The same value, and the same unit where both name one."""
        if self.unit == other.unit == "date":
            said = [(a, b) for a, b in zip(self.value.split("-"), other.value.split("-"), strict=True) if a or b]
            return all(a == b for a, b in said if a and b) and any(a and b for a, b in said)
        if None in (self.unit, other.unit):
            return self.number == other.number != ""
        return self.value == other.value and self.unit == other.unit


def facts(text: str) -> list[Fact]:
    """Everything with a number in it, and days of the week: dates first, then times, days and amounts."""
    rest = in_digits(text)
    found: list[Fact] = []
    for pattern, read in _FORMS:
        kept = [(match, made) for match in pattern.finditer(rest) if (made := read(match)) is not None]
        found += [made for _, made in kept]
        for match, _ in kept:
            rest = rest[: match.start()] + " " * len(match.group()) + rest[match.end() :]
    return found + list(_quantities(rest))


def unmatched(ours: Iterable[Fact], theirs: Iterable[Fact]) -> tuple[str, ...]:
    """The words of those of our facts that find no partner of their own among theirs."""
    left, waiting = list(theirs), list(ours)
    for pairs in (Fact.equals, Fact.agrees):  # what agrees in its unit too is paired first
        lonely = []
        for fact in waiting:
            partner = next((other for other in left if pairs(fact, other)), None)
            if partner is None:
                lonely.append(fact)
            else:
                left.remove(partner)
        waiting = lonely
    return tuple(sorted({fact.told for fact in waiting}))


def strange(ours: Iterable[Fact], theirs: Iterable[Fact]) -> list[Fact]:
    """Those of our facts that agree with none of theirs."""
    known = list(theirs)
    return [fact for fact in ours if not any(fact.agrees(other) for other in known)]


def strangers(ours: Iterable[Fact], theirs: Iterable[Fact]) -> tuple[str, ...]:
    """The words of those of our facts that agree with none of theirs, each once."""
    return tuple(sorted({fact.told for fact in strange(ours, theirs)}))


def _quantities(text: str) -> Iterator[Fact]:
    """Amounts; neighbours of one family are one: 1時間30分 is 90 minutes."""
    waiting: tuple[Fact, Fraction, int, int] | None = None  # a fact, the size of its last unit, where it stands
    for match in _QUANTITY.finditer(text):
        made, size = _amount(match)
        start = match.start("number")
        if waiting is not None:
            before, last, first, end = waiting
            joint = made.unit in _FAMILIES and made.unit == before.unit and size < last
            if joint and _BETWEEN.fullmatch(text, end, match.start()):
                value = str(Fraction(before.value) + Fraction(made.value))
                made, start = Fact(value, made.unit, text[first : match.end()]), first
            else:
                yield before
        waiting = made, size, start, match.end()
    if waiting is not None:
        yield waiting[0]


def _amount(match: re.Match[str]) -> tuple[Fact, Fraction]:
    """An amount and the size of its unit."""
    at = next((n for n in range(len(_NAMES)) if match[f"u{n}"]), None)
    unit = _MONEY.get(match["sign"] or "") or (None if at is None else _NAMES[at])
    value = Fraction(match["number"])
    if unit in (None, "year", "fiscal-year") and re.fullmatch(r"(?:19|20)\d\d", match["number"]):
        return Fact(f"{match['number']}--", "date", match.group().strip(), match["number"]), Fraction(1)
    family, size = _SIZES.get(unit or "", (unit, Fraction(1)))
    return Fact(str(value * size), family, match.group().strip(), str(value)), size


def _date(match: re.Match[str]) -> Fact | None:
    """Of the groups that the form has: era, year, month (a number or a name), day."""
    said = {name: value for name, value in match.groupdict().items() if value}
    year = said.get("year", "")
    if "era" in said:
        year = str(_ERAS[said["era"]] + (1 if year == "元" else int(year)))
    month = said.get("month", "")
    if month and not month.isdigit():
        month = str(next(n for n, name in enumerate(_MONTHS, start=1) if name[:3] == month[:3]))
    day = said.get("day", "")
    if int(month or 1) not in range(1, 13) or int(day or 1) not in range(1, 32):
        return None
    return Fact("-".join(str(int(part)) if part else "" for part in (year, month, day)), "date", match.group())


def _clock(match: re.Match[str]) -> Fact | None:
    said = match.groupdict()
    hour, minute = int(said["hour"]), 30 if said.get("half_past") else int(said.get("minute") or 0)
    half = (said.get("half") or "").replace(".", "")
    if hour > 24 or minute > 59:
        return None
    hour += 12 if half in ("pm", "午後") and hour < 12 else 0
    return Fact(f"{hour % 24}:{minute:02}", "clock", match.group().strip())


def _part(match: re.Match[str]) -> Fact | None:
    under = int(match["under"])
    return Fact(str(Fraction(int(match["over"]), under)), "part", match.group()) if under else None


def _weekday(match: re.Match[str]) -> Fact:
    told = match.group()
    return Fact(_WEEKDAYS.get(told[0], told[:3]), "weekday", told)


_FORMS: list[tuple[re.Pattern[str], Callable[[re.Match[str]], Fact | None]]] = [
    (re.compile(r"(?P<era>令和|平成|昭和|(?<![a-z0-9])[rhs](?=\d{1,2}[年.]))\s?(?P<year>\d{1,2}|元)[年.]"
                rf"(?:\s?(?P<month>\d{{1,2}})[月.](?:\s?{_DAY}日?)?)?"), _date),
    (re.compile(rf"(?P<year>\d{{4}})年\s?(?P<month>\d{{1,2}})月(?:\s?{_DAY}日)?"), _date),
    (re.compile(rf"(?<![\d/-])(?P<year>\d{{4}})(?P<by>[/.-])(?P<month>\d{{1,2}})(?P=by){_DAY}(?![\d/-])"), _date),
    (re.compile(rf"(?<!\d){_DAY} (?:of )?{_MONTH}(?:,? (?P<year>\d{{4}}))?(?![a-z\d])"), _date),
    (re.compile(rf"(?<![a-z]){_MONTH} {_DAY}(?:,? (?P<year>\d{{4}}))?(?![\d:])"), _date),
    (re.compile(rf"(?<![a-z]){_MONTH} (?P<year>\d{{4}})"), _date),
    (re.compile(rf"(?<!\d)(?P<month>\d{{1,2}})月\s?{_DAY}日"), _date),
    (re.compile(r"(?<!\d)(?P<month>\d{1,2})月(?![間曜])"), _date),
    (re.compile(rf"(?<![a-z])(?P<month>{'|'.join(m for m in _MONTHS if m not in ('may', 'march'))})(?![a-z])"), _date),
    (re.compile(r"(?<=of |by |in |ch )(?P<month>march|may)(?![a-z])"), _date),
    (re.compile(r"(?<![\d:])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})?(?![\d:])\s?(?P<half>[ap]\.?m\b\.?)?"),
     _clock),
    (re.compile(r"(?<!\d)(?P<hour>\d{1,2}) ?(?P<half>[ap]\.?m\b\.?)"), _clock),
    (re.compile(r"(?P<half>午前|午後)?(?<!\d)(?P<hour>\d{1,2})時(?!間)(?:(?P<minute>\d{1,2})分|(?P<half_past>半))?"),
     _clock),
    (re.compile(r"(?P<under>\d+)分の(?P<over>\d+)"), _part),
    (re.compile(r"[月火水木金土日]曜|(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b"), _weekday),
]  # fmt: skip
