"""Do two pieces of evidence say the same? Two documents that do are a reason to believe, not a reason to doubt.

It looks at the words the reader marked, else at the whole quotation; it knows nothing of ranks.
"""

import unicodedata

from assistant.answer import Evidence
from assistant.steps.facts import facts, strangers


def says_the_same(one: Evidence, other: Evidence) -> bool:
    """Whether both give the same numbers, or, where they give none, one's words stand in the other's."""
    ours, theirs = _said(one), _said(other)
    counted, also = facts(ours), facts(theirs)
    if counted or also:
        return not strangers(counted, also) and not strangers(also, counted)
    return bool(ours) and bool(theirs) and (ours in theirs or theirs in ours)


def _said(evidence: Evidence) -> str:
    return " ".join(unicodedata.normalize("NFKC", evidence.marked or evidence.quote).casefold().split())
