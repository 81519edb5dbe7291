"""Numbers written as words or kanji, in digits: 二十五日, 2万文字, twenty-five days, half a day, 4年半.

Only where they are surely numbers: 一般 and 一部 are words, 'one of them' counts nothing. It reads texts only.
"""

import re
import unicodedata
from fractions import Fraction

_ONES = {character: value for value, character in enumerate("〇一二三四五六七八九")}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "億": 10**8}
_COUNTERS = (
    r"日(?!本|程|常|付[のはをがに、。])|時(?!的|期|点|に)|分間|分以[内上]|分前|分後|分未満|[かヶカケヵ箇]月|月(?=[一二三四五六七八九十]|末|中|に|か|の)"
    r"|年(?!度末|次)|週|円|人|名(?!前|称)|回|件|個|割|営業日|歳|台|枚|本(?=の|を|が|ま|以)|条|項|章|倍|点(?=以)|社(?=以|の)"
    r"|文字|桁|口|段|階|か所|ヶ所|ミリ|メートル|キロ|グラム|トン|パーセント|度(?=以|未|を)|等級|級|次|つ"
)
_KANJI = re.compile(
    rf"(?<![第〇一二三四五六七八九十百千万億\d])(?:(?P<many>[〇一二三四五六七八九]*[十百千万億][〇一二三四五六七八九十百千万億]*|[〇一二三四五六七八九]{{2,}})"
    rf"(?={_COUNTERS}|以[上下内]|未満)|(?P<one>[一二三四五六七八九])(?={_COUNTERS}))"
    r"|(?<=第)(?P<nth>[一二三四五六七八九十百]+)"
)
_LARGE = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<size>[千万億])(?:(?P<rest>\d+)(?P<then>[千万]?))?")
_ROUND = re.compile(r"(?<![\w.])(?P<number>\d+(?:\.\d+)?)(?: ?(?P<size>k|grand|thousand)| million)\b")
_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen"""
_WORDS = {word: value for value, word in enumerate(_SMALL.split())}
_WORDS |= {
    word: 10 * value
    for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6}
_ORDINALS = {  # 'first' and 'second' mostly count nothing
    word: value
    for value, word in enumerate(
        ["third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"], 3
    )
}
_WORD = "|".join(_WORDS)
_SCALE = "|".join(_SCALES)
_SPELT = re.compile(
    rf"\b(?:(?:{_WORD})(?:[ -](?:and )?(?:{_WORD}|{_SCALE})\b)*|a (?:{_SCALE})\b(?:[ -](?:and )?(?:{_WORD})\b)*)\b"
    r"(?P<after>[ -]?[a-z]*)"
)
_UNITS_AFTER = re.compile(
    r"[ -]?(year|month|week|day|hour|minute|working|business|time|person|people|per|page|character|half)"
)
_ORDINAL = re.compile(rf"\b({'|'.join(_ORDINALS)})\b")
_FIXED = [
    (re.compile(r"半(?=日|年|月(?!末))"), "0.5"),
    (re.compile(r"\bhalf[ -](?:a |an )?(?=day|year|hour|month)"), "0.5 "),
    (re.compile(r"\ba fortnight\b|\bfortnight\b"), "14 days"),
    (re.compile(r"\btwice\b"), "2 times"),
    (re.compile(r"(?<=\d)(?:st|nd|rd|th)\b"), ""),
    (re.compile(r"(?<=\d)/2 days?\b"), "/2 days"),
]
_AND_A_HALF = [  # once the number itself is in digits
    (re.compile(r"(?<![\d.])(\d+)(年|[かヶカケヵ箇]月|週間|日|時間)半(?![ばぶ期数額分])"), r"\1.5\2"),
    (re.compile(r"(?<![\d.])(\d+) and a (?:half|0\.5)[ -](?=year|month|week|day|hour)"), r"\1.5 "),
    (re.compile(r"(?<![\d.])\b(\d+) (year|month|week|day|hour)s? and a half\b"), r"\1.5 \2s"),
    (re.compile(r"\ban? (year|month|week|day|hour) and a half\b"), r"1.5 \1s"),
]
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def kanji_in_digits(text: str) -> str:
    """The text after NFKC, its numbers in kanji in digits."""
    return _KANJI.sub(lambda match: str(_value(match.group())), unicodedata.normalize("NFKC", text))


def in_digits(text: str) -> str:
    """The text after NFKC and case folding, its numbers in digits and without separators."""
    plain = _THOUSANDS.sub("", unicodedata.normalize("NFKC", text).casefold())
    for pattern, instead in _FIXED:
        plain = pattern.sub(instead, plain)
    plain = kanji_in_digits(plain)
    plain = _ROUND.sub(_rounded, _LARGE.sub(_multiplied, plain))
    plain = _SPELT.sub(_spelt, plain)
    for pattern, instead in _AND_A_HALF:
        plain = pattern.sub(instead, plain)
    return _ORDINAL.sub(lambda match: str(_ORDINALS[match[1]]), plain)


def _value(kanji: str) -> int:
    """Of a number in kanji, positional (二〇二六) or with its places (二千二十六)."""
    if not set(kanji) & (_TENS.keys() | _MYRIADS.keys()):
        return int("".join(str(_ONES[character]) for character in kanji))
    total = part = digit = 0
    for character in kanji:
        if character in _ONES:
            digit = _ONES[character]
        elif character in _TENS:
            part += (digit or 1) * _TENS[character]
            digit = 0
        else:
            total += (part + digit or 1) * _MYRIADS[character]
            part = digit = 0
    return total + part + digit


def _multiplied(match: re.Match[str]) -> str:
    sizes = {"千": 1000, "": 1} | _MYRIADS
    whole, _, decimals = match["number"].partition(".")
    value = int(whole + decimals) * sizes[match["size"]] // 10 ** len(decimals)
    return str(value + int(match["rest"] or 0) * sizes[match["then"] or ""])


def _rounded(match: re.Match[str]) -> str:
    """28k, 12 grand, 1.2 million in digits."""
    return str(int(Fraction(match["number"]) * (1000 if match["size"] else 10**6)))


def _spelt(match: re.Match[str]) -> str:
    said, after = match.group()[: match.start("after") - match.start()], match["after"]
    words = [word for word in re.split(r"[ -]", said) if word not in ("and", "a")]
    if words == ["one"] and not _UNITS_AFTER.match(after):
        return match.group()
    total = part = 0
    for word in words:
        if word in _SCALES:
            scaled = (part or 1) * _SCALES[word]
            total, part = (total + scaled, 0) if _SCALES[word] > 100 else (total, scaled)
        else:
            part += _WORDS[word]
    return str(total + part) + after
