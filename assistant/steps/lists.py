"""Lists in a text: what announces one, where its items end, and which questions ask for a whole one.

A rule that says 'on the following conditions' says little without them. Works on positions, like `sentences`.
"""

import re
from collections.abc import Iterator, Sequence

from assistant.steps.sentences import sentences
from index import begins_item

LONGEST_LIST = 600  # characters; of a longer one nothing is quoted rather than a part
_ANNOUNCES = re.compile(
    r"次の(?!日|月|年|週|回|方|人|会|営業)|(?:^|[、。はがもを])以下の|下記|次に(?:掲げる|該当)|[:：]$"
    r"|\bfollowing\b|\bas follows\b"
    r"|\b(?:these|all of the|one of the) (?:conditions|cases|steps|points|documents|items)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"条件|要件|手順|方法|仕方|しかた|やり方|[いきしちにみりぎじびえけせてねめれげべ]方[はをが?？]|(?:ルール|決まり)[はをっ]"
    r"|(?:一覧|流れ)(?:[はをが?？]|$)|必要な(?:もの|書類)|提出(?:する)?書類|書類[はっ]て?(?:何|どれ)|(?:どの|どんな)書類|何が(?:必要|要)"
    r"|(?:する|やる|準備する)こと|注意(?:点|事項|する)|気をつけ|(?:して|やって|入れ)(?:は|ちゃ)(?:いけ|だめ|なら)"
    r"|どうやって|どう(?:すれば|したら|進め)|(?:どんな|どういう|どのような)場合"
    r"|\bhow (?:do|can|should|would|must) (?:i|we|you|one)\b|\bhow (?:to|does one)\b|\bsteps?\b|\bprocedure\b"
    r"|\bthe (?:process|rules)\b|\bconditions?\b|\brequirements?\b|\bin which cases\b"
    r"|\bwhat (?:counts|is needed)\b|\bwhat needs to\b|\bwhat .*(?:done|hand in)\b"
    r"|\bwhat (?:\w+ ){0,2}(?:i|we|somebody|one) (?:\w+ )?(?:do|need|have|bring)\b"
    r"|\bwhich (?:documents|papers|things|forms)\b",
    re.IGNORECASE,
)

Place = tuple[int, int]


def asks_for_list(question: str) -> bool:
    """Whether a question may ask for all of a list: conditions, steps, what is needed."""
    return bool(_ASKS.search(question))


def with_its_list(text: str, start: int, end: int) -> Place:
    """A span with the list that its last sentence announces, if it is short enough to be quoted."""
    told = list(sentences(text))
    last = next((n for n in range(len(told) - 1, -1, -1) if told[n][0] < end), None)
    if last is None or not _ANNOUNCES.search(text[slice(*told[last])]):
        return start, end
    listed = told[_run(text, told, last + 1)][1]
    return (start, max(listed, end)) if listed - told[last][0] <= LONGEST_LIST else (start, end)


def lists(text: str) -> Iterator[Place]:
    """(start, end) of each list of two items and more that is short enough to be quoted, its first mark included; but
    for those that a sentence announces: that one brings its list.
    """
    told = list(sentences(text))
    number = 0
    while number < len(told):
        last = _run(text, told, number)
        start, end = _line(text, told[number][0]), told[max(last, number)][1]
        alone = number == 0 or not _ANNOUNCES.search(text[slice(*told[number - 1])])
        if alone and last > number and _items(text, told[number : last + 1]) > 1 and end - start <= LONGEST_LIST:
            yield start, end
        number = max(last, number) + 1


def laid_out(text: str) -> str:
    """A text without the breaks that its document's width made: each item of a list on a line of its own."""
    made, before = "", 0
    for start, end in sentences(text):
        fresh = _begins(text, before, start)
        first = _line(text, start) if fresh else start
        made += "\n" if made and fresh else " " if made and text[before:first] else ""
        made += " ".join(text[first:end].split())
        before = end
    return made


def _run(text: str, told: Sequence[Place], first: int) -> int:
    """The number of the last sentence of the items from `first` on; the one before it where there is none. An item's
    other sentences stand on the line with it.
    """
    last = first - 1
    for number in range(first, len(told)):
        before = told[number - 1][1] if number else 0
        goes_on = last >= first and "\n" not in text[before : told[number][0]]
        if not goes_on and not _begins(text, before, told[number][0]):
            break
        last = number
    return last


def _items(text: str, told: Sequence[Place]) -> int:
    """How many of the sentences begin an item."""
    befores = (0, *(end for _, end in told))
    return sum(_begins(text, before, start) for before, (start, _) in zip(befores, told, strict=False))


def _begins(text: str, before: int, start: int) -> bool:
    """Whether a sentence, after the one that ends at `before`, begins a line with the mark of an item."""
    line = _line(text, start)
    return line >= before and begins_item(text, line)


def _line(text: str, at: int) -> int:
    """Where the words of a line begin, its mark included."""
    start = text.rfind("\n", 0, at) + 1
    return start + len(text[start:at]) - len(text[start:at].lstrip())
