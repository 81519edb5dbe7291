"""What kind of answer a question expects, by its form: an amount in a certain unit, a time, a number.

A sentence without a digit answers no 'how many', one without days no 'how many days'. Rules over question words; it
knows no documents.
"""

import re
import unicodedata

_AMOUNT = re.compile(
    r"何\s*(日|時間|分|か月|ヶ月|カ月|年|週|円|人|名|回|枚|件|個|本|台|歳|割|パーセント|%|mm|ミリ|度|号|階|営業日)"
    r"|いくら|いくつ|どれくらい|どのくらい|どれぐらい|どのぐらい|何時|いつ|期限|締切|締め切り|上限|下限|金額|料金|費用|公差|寸法|内線|番号"
    r"|\bhow (much|many|long|often|far|soon|late|early)\b|\bwhen\b|\bwhat time\b|\bdeadline\b"
    r"|\b(maximum|minimum|max|min)\b"
    r"|\blimit\b|\btolerance\b|\bextension\b|\bphone number\b|\bwhat (percentage|rate|price|amount|date|day)\b",
    re.IGNORECASE,
)
_WORD = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|ninety|"
    r"half|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
)
_VALUE = re.compile(
    r"\d|[一二三四五六七八九十百千万]+(日|時|分|月|年|週|円|人|名|回|件|個|割|営業日|か月)|半[日年月]"
    rf"|\b({_WORD}|monday|tuesday|wednesday|"
    r"thursday|friday|daily|weekly|monthly|annually|immediately|end of)\b|即時|直ち|毎[日週月年]|月末|当日|速やか",
    re.IGNORECASE,
)
# what is asked for → what must stand beside a number
_UNITS = {
    r"何\s*(営業日|日)": r"[\d一二三四五六七八九十]\s*(営業日|労働日|日)",
    r"何\s*時間": r"\d\s*時間",
    r"何\s*分": r"\d\s*分",
    r"何\s*(か|ヶ|カ|ケ)月": r"\d\s*(か|ヶ|カ|ケ|ヵ)月|半年|毎月",
    r"何\s*年": r"\d\s*年",
    r"何\s*歳": r"\d\s*歳",
    r"何\s*(度|℃)": r"\d\s*(度|℃|°)",
    r"いくら|何\s*円": r"\d\s*(円|%|万)|¥|円",
    r"\bhow many (\w+ )?days\b": rf"(\d|\b({_WORD}))[ -](\w+ )?days?\b",
    r"\bhow many (\w+ )?weeks\b": rf"(\d|\b({_WORD}))[ -](\w+ )?weeks?\b",
    r"\bhow many (\w+ )?hours\b": rf"(\d|\b({_WORD}))[ -](\w+ )?hours?\b",
}
_EXPECTED = [(re.compile(asked, re.IGNORECASE), re.compile(told, re.IGNORECASE)) for asked, told in _UNITS.items()]
_IDENTIFIER = re.compile(r"(?<![a-z0-9])(?=[a-z0-9-]*[a-z])(?=[a-z0-9-]*\d)[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9])")


def fits(question: str, sentence: str) -> bool:
    """Whether a sentence can be the kind of answer that the question asks for."""
    asked, told = (unicodedata.normalize("NFKC", text) for text in (question, sentence))
    for form, answer in _EXPECTED:
        if form.search(asked):
            return bool(answer.search(told))
    return not _AMOUNT.search(asked) or bool(_VALUE.search(told))


def identifiers(text: str) -> set[str]:
    """Names with letters and digits in them (AS-2041, M6, SUS440C): an answer about another one is no answer."""
    return set(_IDENTIFIER.findall(unicodedata.normalize("NFKC", text).casefold()))
