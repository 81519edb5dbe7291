"""Which month a question and a table's row are about: December's row is no answer to a question about November.

Only what is plain: the question names one month, and the row's first cell one other, with no word that makes a span.
"""

import re
import unicodedata

Month = tuple[int | None, int]  # (year, where it is named; month)

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = "january|february|april|june|july|august|september|october|november|december"
_SHORT = "March|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"  # small letters may be other words
_MAY = r"(?<=in )May|(?<=of )May|(?<=for )May|(?<=by )May|(?<=\d )May|May(?= \d)"  # 'May I …' asks leave
_ENGLISH = re.compile(rf"\b((?i:{_LONG})|{_SHORT}|{_MAY})\b\.?,?(?: (?:of )?(20\d\d))?")
_JAPANESE = re.compile(r"(?:(20\d\d)年)?(?<!\d)(1[0-2]|[1-9])月(?!曜)")
_FIGURES = re.compile(r"\b(20\d\d)[-/](1[0-2]|0?[1-9])(?![\d])")
_SPAN = re.compile(
    r"以降|以前|以後|まで|から|より|[〜~–—]|\b(?i:to|onwards?|until|till|from|before|after|since|through|by)\b"
)


def months(text: str) -> set[Month]:
    """The months that a text names."""
    plain = unicodedata.normalize("NFKC", text)
    found = {(_year(one[2]), _NAMES.index(one[1][:3].casefold()) + 1) for one in _ENGLISH.finditer(plain)}
    for pattern in (_JAPANESE, _FIGURES):
        found |= {(_year(one[1]), int(one[2])) for one in pattern.finditer(plain)}
    return found


def of_another_month(question: str, row: str) -> bool:
    """Whether a row ('column: cell; column: cell', as the index writes it) is of another month than is asked about."""
    key, more, _ = row.partition("; ")
    if not more or ": " not in key or _SPAN.search(key):
        return False
    asked, told = months(question), months(key)
    if len(asked) != 1 or len(told) != 1:
        return False
    [(year, month)], [(told_year, told_month)] = asked, told
    return month != told_month or (year is not None and told_year is not None and year != told_year)


def _year(digits: str | None) -> int | None:
    return int(digits) if digits else None
