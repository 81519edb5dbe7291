"""Step 1: a follow-up question is completed from the conversation, so that it can be searched by itself.

A rule, not a model: what is carried over is the question before it, as it was asked. It refuses to guess
when the question names its own topic.
"""

import re
from collections.abc import Sequence

_OPENERS_EN = re.compile(
    r"^(and|but|or|so|also|then|what about|how about|what if|same for|is it|does it|do they|are they|"
    r"is that|and if|why|which one|how so|how long|how much|how many|until when|by when|since when)\b[^.]*$",
    re.IGNORECASE,
)
_POINTERS_EN = re.compile(r"\b(it|that|this|those|these|them|they|there|the same)\b", re.IGNORECASE)
_OPENERS_JA = re.compile(r"^(それ|その|これ|この|あれ|では|じゃあ|じゃ|だと|なら|ちなみに|あと|また|でも|同じ)")
_ENDINGS_JA = re.compile(r"(は|の場合は?|だと|なら|については?|も同じ(ですか)?)[?？。]?$")

SHORT_EN_WORDS = 7
SHORT_JA_CHARACTERS = 14


def is_follow_up(question: str) -> bool:
    """Whether a question leans on the one before: it opens or points back and is too short to stand alone."""
    text = question.strip()
    if re.search(r"[\u3040-\u9fff]", text):
        short = len(text) <= SHORT_JA_CHARACTERS
        return bool(_OPENERS_JA.search(text)) or (short and bool(_ENDINGS_JA.search(text)))
    short = len(text.split()) <= SHORT_EN_WORDS
    return short and bool(_OPENERS_EN.search(text) or _POINTERS_EN.search(text))


def complete(question: str, earlier: Sequence[str]) -> str:
    """The question as it is searched: with the last earlier question before it when it is a follow-up.

    Args:
        question: as typed.
        earlier: this conversation's earlier questions as they were searched, oldest first.
    """
    if not earlier or not is_follow_up(question):
        return question
    return f"{earlier[-1]} {question}"
