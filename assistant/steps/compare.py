"""Do two pieces of evidence say the same? Two documents that do are a reason to believe, not a reason to doubt.

It looks at the words the reader marked, else at the whole quotation; it knows nothing of ranks.
"""

import re
import unicodedata

from assistant.answer import Evidence
from assistant.steps.verify import numbers

_FULL_HOUR = re.compile(r":00$")


def says_the_same(one: Evidence, other: Evidence) -> bool:
    """Whether both give the same numbers, or, where they give none, one's words stand in the other's."""
    ours, theirs = _said(one), _said(other)
    counted, also = _numbers(ours), _numbers(theirs)
    if counted or also:
        return counted == also
    return bool(ours) and bool(theirs) and (ours in theirs or theirs in ours)


def _said(evidence: Evidence) -> str:
    return " ".join(unicodedata.normalize("NFKC", evidence.marked or evidence.quote).casefold().split())


def _numbers(text: str) -> set[str]:
    return {_FULL_HOUR.sub("", number) for number in numbers(text)}
