"""Step 1: a follow-up question is completed from the conversation, so that it can be searched by itself.

A rule, not a model: what is carried over is the question before it, as it was asked. It refuses to guess
when the question names its own topic.
"""

import re
from collections.abc import Sequence

from assistant.steps.instead import named_instead

_OPENERS_EN = re.compile(r"^(and|but|or|so|also|then|what about|how about|what if|same for)\b[^.]*$", re.IGNORECASE)
_QUESTION_WORDS_EN = re.compile(
    r"^(why|which one|how so|how long|how much|how many|until when|by when|since when)\b[^.]*$", re.IGNORECASE
)
_POINTERS_EN = re.compile(
    r"\b(it|that|this|those|these|them|they|(?<!\bis )(?<!\bare )there|the same)\b"
    r"|^how many (may|can|could|must|do|does|did|is|are|was|were|will|would|should|have|has|of)\b",  # of what?
    re.IGNORECASE,
)
_OPENERS_JA = re.compile(
    r"^(それ|その|これ|この(?![前度春夏秋冬])|あれ|では|じゃあ|じゃ|だと|なら|ちなみに|あと|また|でも)"
)
_ENDINGS_JA = re.compile(r"(^同じ.*|は|の場合は?|だと|なら|については?|も同じ(ですか)?)[?？。]?$")

_POINTER_JA = re.compile(r"^(?:[そこ]れ(?=[はがをにでもの])|[そこ](?=の))")

_ENDS = tuple("?？。.!！")  # of a sentence

# words up to which it leans on the one before: one that begins with 'and' is hardly the first of a conversation, one
# that begins with 'how many' names its own topic as soon as there is room for it
LEANING_EN_WORDS = 12
SHORT_EN_WORDS = 7
SHORTEST_EN_WORDS = 4
SHORT_JA_CHARACTERS = 14


def is_follow_up(question: str) -> bool:
    """Whether a question leans on the one before: it opens or points back and is too short to stand alone."""
    text = question.strip()
    if re.search(r"[\u3040-\u9fff]", text):
        short = len(text) <= SHORT_JA_CHARACTERS
        return bool(_OPENERS_JA.search(text)) or (short and bool(_ENDINGS_JA.search(text)))
    signs = (
        (_OPENERS_EN, LEANING_EN_WORDS),
        (_POINTERS_EN, SHORT_EN_WORDS),
        (_QUESTION_WORDS_EN, SHORTEST_EN_WORDS),
    )
    words = len(text.split())
    return any(words <= most and sign.search(text) for sign, most in signs)


def complete(question: str, earlier: Sequence[str]) -> str:
    """The question as it is searched: with the last earlier question before it when it is a follow-up.

    Args:
        question: as typed.
        earlier: this conversation's earlier questions as they were searched, oldest first.

    'それは社内でやるの？' after 'ブロックゲージは？' is asked of that: 'ブロックゲージは社内でやるの？'.
    """
    if not earlier or not is_follow_up(question):
        return question
    before = earlier[-1].rstrip()
    if (named := named_instead(before)) and _POINTER_JA.match(question):
        return _POINTER_JA.sub(named, question, count=1)
    return f"{before}{'' if before[-1:] in _ENDS else '?'} {question}"
