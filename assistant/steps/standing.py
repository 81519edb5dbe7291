"""What time a question asks about, and which documents are put aside at that time.

Usually it is today. Who asks for what was, or for what will be, is answered from documents of then.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from assistant.answer import Evidence, Reading
from assistant.steps.compare import says_the_same
from index import Standing, dates, same_matter

_PAST = re.compile(
    r"廃止|(?<![時日月年分])以前|(?<![\u4e00-\u9fff])前は|昔|旧(?!姓)|改[訂定正]前|(?:前|古い)の?[版規]|もとは|元は|これまで|昨年|去年|昨年度|前年度"
    r"|\b(?:superseded|obsolete|previous|previously|former|formerly|used to|last year|in the past)\b"
    r"|\b(?:old|older|earlier) "
    r"(?:policy|rules?|prices?|price list|version|limits?|rates?|handbook|standard|revision|edition|guide)\b"
    r"|\bbefore (?:the |that )?(?:change|revision|amendment|new|\d{4})",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"来年|来期|来月|次年度|翌年度|今後|改[訂定正]後|新しい(?:規程|規則|基準|版|制度|価格)"
    r"|\b(?:next (?:year|month|april|fiscal)|upcoming|in future|in the future|will change)\b"
    r"|\bnew (?:policy|rules?|prices?|price list|version|handbook|standard)\b",
    re.IGNORECASE,
)
NEARLY = 0.5  # of the best score: enough to be told of


@dataclass(frozen=True)
class AskedTime:
    """The day that a question is about, and whether it may mean what was, or what will be."""

    day: date
    past: bool = False
    future: bool = False

    def puts_aside(self, standing: Standing) -> bool:
        """Whether a document of that standing is not to be answered from."""
        force = standing.on(self.day)
        return (force == "replaced" and not self.past) or (force == "not_yet" and not self.future)


def asked_time(question: str, today: date) -> AskedTime:
    """When a question is about: a day to come that it names, else today."""
    text = unicodedata.normalize("NFKC", question)
    named = [found.first for found in dates(text)]
    day = max((day for day in named if day > today), default=today)
    past = bool(_PAST.search(text)) or any(day < today for day in named)
    return AskedTime(day, past, bool(_FUTURE.search(text)))


def told_otherwise(reading: Reading, domain: str | None) -> Evidence | None:
    """What a document put aside says, where the reader of the answer must know of it: of the same matter as the answer
    something else; or better than anything that is in force. Of the department that answers.
    """
    best = reading.evidence[0] if reading.evidence else None
    for other in reading.otherwise:
        if other.hit.passage.domain != domain:
            continue
        if best is None or other.score > best.score:
            return other
        if of_one_matter(best, other) and other.score >= NEARLY * best.score and not says_the_same(best, other):
            return other
    return None


def of_one_matter(one: Evidence, other: Evidence) -> bool:
    """Whether two pieces of evidence stand in documents of the same matter, or in one document."""
    ours, theirs = one.hit.passage, other.hit.passage
    return ours.document == theirs.document or same_matter(ours.standing.matter, theirs.standing.matter)
