"""A spreadsheet's values as Excel shows them: numbers, percentages, money, dates in western and Japanese form."""

import datetime
import re
from typing import Any

ERAS = (
    (datetime.date(2019, 5, 1), "令和", "R", 2018),
    (datetime.date(1989, 1, 8), "平成", "H", 1988),
    (datetime.date(1926, 12, 25), "昭和", "S", 1925),
    (datetime.date(1912, 7, 30), "大正", "T", 1911),
    (datetime.date(1868, 1, 25), "明治", "M", 1867),
)
BRACKETS = re.compile(r"\[[^\]]*\]")
QUOTED = re.compile(r'"([^"]*)"|\\(.)')
DATE_PART = re.compile(
    r'"[^"]*"|\\.|ggge|gge|ge|ggg|gg|g|yyyy|yy|e|mmmmm|mmmm|mmm|mm|m|dddd|ddd|dd|d|aaaa|aaa|hh|h|ss|s|am/pm|.',
    re.IGNORECASE | re.DOTALL,
)
WEEK = "月火水木金土日"
NAMED = {"mmm": "%b", "mmmm": "%B", "mmmmm": "%b", "ddd": "%a", "dddd": "%A"}


def shown(value: Any, number_format: str) -> str:
    """A cell's value in its number format; ISO dates where the format is the system's own."""
    form = number_format or "General"
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return _date(value, form)
    if isinstance(value, datetime.timedelta):
        minutes = int(value.total_seconds()) // 60
        return f"{minutes // 60}:{minutes % 60:02d}"
    if isinstance(value, (int, float)):
        return _number(value, form)
    return str(value).strip()


def _date(value: datetime.datetime | datetime.date | datetime.time, form: str) -> str:
    form = BRACKETS.sub("", form.split(";")[0])
    own = not re.search(r"[yYeEgGmMdDhHsSaA]", QUOTED.sub("", form)) or form.lower() in ("general", "mm-dd-yy")
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M") if own or value.second == 0 else value.strftime("%H:%M:%S")
    if own:
        timed = isinstance(value, datetime.datetime) and (value.hour or value.minute)
        return value.strftime("%Y-%m-%d %H:%M" if timed else "%Y-%m-%d")
    parts = DATE_PART.findall(form)
    lowered = [part.lower() for part in parts]
    text = ""
    for at, part in enumerate(parts):
        text += _date_part(value, part, lowered, at)
    return text.strip()


def _date_part(value: Any, part: str, parts: list[str], at: int) -> str:
    small = part.lower()
    if QUOTED.fullmatch(part):
        return part.strip('"') if part.startswith('"') else part[1:]
    letters = small[0]
    if len(small) == 1 and letters not in "gemdhs":
        return "" if letters in "_*@" else part
    if letters == "m" and small != "mmmmm" and _minutes(parts, at):
        return f"{getattr(value, 'minute', 0):0{len(small)}d}"
    if letters in "ge":
        return _era(value, small)
    if small in ("yyyy", "yy"):
        return f"{value.year}" if small == "yyyy" else f"{value.year % 100:02d}"
    if small in NAMED:
        return str(value.strftime(NAMED[small]))
    if small in ("aaa", "aaaa"):
        return WEEK[value.weekday()] + ("曜日" if small == "aaaa" else "")
    if small == "am/pm":
        return "AM" if getattr(value, "hour", 0) < 12 else "PM"
    if letters == "h":
        hour = getattr(value, "hour", 0)
        return _padded((hour % 12 or 12) if "am/pm" in parts else hour, small)
    return _padded(getattr(value, {"m": "month", "d": "day", "s": "second"}[letters], 0), small)


def _padded(number: int, form: str) -> str:
    return f"{number:0{len(form)}d}"


def _minutes(parts: list[str], at: int) -> bool:
    """Whether an m means minutes: after hours or before seconds."""
    before = next((p for p in reversed(parts[:at]) if p[0] in "hyds"), "")
    after = next((p for p in parts[at + 1 :] if p[0] in "hydsm"), "")
    return before.startswith("h") or after.startswith("s")


def _era(value: Any, form: str) -> str:
    day = value.date() if isinstance(value, datetime.datetime) else value
    start = next((era for era in ERAS if day >= era[0]), None)
    if start is None:
        return str(day.year)
    _, name, letter, zero = start
    names = {3: name, 2: name[0], 1: letter, 0: ""}[form.count("g")]
    return names + (str(day.year - zero) if "e" in form else "")


def _number(value: float, form: str) -> str:
    sections = BRACKETS.sub("", form).split(";")
    if value < 0 and len(sections) > 1 and sections[1].strip():
        value, form = -value, sections[1]  # the second part of a format says itself how less than nothing looks
    elif value == 0 and len(sections) > 2 and sections[2].strip():
        form = sections[2]
        if not re.search("[0#?]", QUOTED.sub("", form)):
            return _literal(form)
    else:
        form = sections[0]
    form = re.sub(r"_.|\*.", "", form)
    bare = QUOTED.sub("", form)
    if not re.search("[0#?]", bare) or "/" in bare:  # General, text, fractions
        return _general(value)
    found = re.search(r"[0#?][0#?,]*(?:\.([0#?]+))?(,*)", bare)
    digits = found.group(1) or "" if found else ""
    if "E+" in bare.upper():
        return f"{value:.{len(digits)}E}"
    if "%" in bare:
        value *= 100
    value /= 1000 ** (len(found.group(2)) if found else 0)
    text = f"{value:{',' if ',' in bare.split('.')[0].rstrip(',') else ''}.{len(digits)}f}"
    optional = len(digits) - len(digits.rstrip("#?"))
    for _ in range(optional):
        text = text[:-1] if text.endswith("0") else text
    if found and digits and optional == len(digits):
        text = text.rstrip(".")
    whole = found.group().split(".")[0].replace(",", "").count("0") if found else 0
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    if whole > 1 and "," not in text:
        text = "0" * max(0, whole - len(text.split(".")[0])) + text
    start = re.search(r'(?:"[^"]*"|\\.|[^0#?"\\])*', form)
    before = _literal(start.group()) if start else ""
    after = _literal(re.sub(r"^[0#?,.]*", "", form[start.end() :] if start else ""))
    return f"{sign}{before}{text}{after}"


def _literal(form: str) -> str:
    """The words in a part of a format."""
    return QUOTED.sub(lambda match: match.group(1) or match.group(2) or "", form).replace("@", "").strip("\n")


def _general(value: float) -> str:
    if isinstance(value, int) or value == int(value):
        return str(int(value)) if abs(value) < 1e15 else f"{value:.10G}"
    return f"{value:.10g}"
