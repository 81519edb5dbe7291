"""What kind of answer a question expects, by its form: a number with a unit, a time, a place to turn to.

A sentence without a digit answers no 'how many'. Rules over question words; it knows no documents.
"""

import re

_AMOUNT = re.compile(
    r"何\s*(日|時間|分|か月|ヶ月|カ月|年|週|円|人|名|回|枚|件|個|本|台|歳|割|パーセント|％|%|mm|ミリ|度|号|階|営業日)"
    r"|いくら|いくつ|どれくらい|どのくらい|どれぐらい|どのぐらい|何時|いつ|期限|締切|締め切り|上限|下限|金額|料金|費用|公差|寸法|内線|番号"
    r"|\bhow (much|many|long|often|far|soon|late|early)\b|\bwhen\b|\bwhat time\b|\bdeadline\b"
    r"|\b(maximum|minimum|max|min)\b"
    r"|\blimit\b|\btolerance\b|\bextension\b|\bphone number\b|\bwhat (percentage|rate|price|amount|date|day)\b",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"\d|[一二三四五六七八九十百千万]+(日|時|分|月|年|週|円|人|名|回|件|個|割|営業日|か月)|半[日年月]"
    r"|\b(one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|half|monday|tuesday|wednesday|"
    r"thursday|friday|daily|weekly|monthly|annually|immediately|end of)\b|即時|直ち|毎[日週月年]|月末|翌|当日|速やか",
    re.IGNORECASE,
)


def expects_value(question: str) -> bool:
    """Whether the question asks for an amount, a time or a number."""
    return bool(_AMOUNT.search(question))


def has_value(sentence: str) -> bool:
    """Whether a sentence states one."""
    return bool(_VALUE.search(sentence))
