"""Step 6: does what was written stand in what it cites?

Numbers exactly and all of them; negation alike; words mostly. It looks at texts only and has no say in what follows.
"""

import re
import unicodedata
from dataclasses import dataclass

from index import terms

_CITATION = re.compile(r"\s*\[\d+\]")
_MARKS = re.compile(r"</?evidence>", re.IGNORECASE)  # the prompt's own; an answer that repeats them is none
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_NEGATION = re.compile(
    r"ない|なし|ません|ず(?=[、。]|に)|不可|禁止|\bnot\b|n't\b|\bno\b|\bnever\b|\bwithout\b|\bcannot\b",
    re.IGNORECASE,
)
_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
}

MIN_SUPPORT = 0.75


@dataclass(frozen=True)
class Verification:
    """Whether a draft holds, and by what."""

    supported: bool
    support: float  # share of the draft's terms that stand in the evidence, 0 to 1
    foreign_numbers: tuple[str, ...]  # numbers that stand in no evidence
    lost_numbers: tuple[str, ...]  # the evidence's numbers that the draft leaves out: a limit, a condition
    negation_agrees: bool


def numbers(text: str) -> set[str]:
    """The numbers of a text as written, after NFKC, thousands separators left out; small number words too."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    found = {number.replace(",", "") for number in _NUMBER.findall(plain)}
    return found | {_NUMBER_WORDS[word] for word in re.findall(r"[a-z]+", plain) if word in _NUMBER_WORDS}


def verify(draft: str, evidence: str, question: str) -> Verification:
    """Check a draft against the text it cites; words of the question are granted."""
    plain = _CITATION.sub("", draft)
    granted = set(terms(evidence)) | set(terms(question))
    own = terms(plain)
    support = sum(term in granted for term in own) / len(own) if own else 0.0
    foreign = tuple(sorted(numbers(plain) - numbers(evidence)))
    lost = tuple(sorted(numbers(evidence) - numbers(plain)))
    agrees = bool(_NEGATION.search(plain)) == bool(_NEGATION.search(evidence))
    holds = support >= MIN_SUPPORT and not foreign and not lost and agrees and not _MARKS.search(plain)
    return Verification(holds, support, foreign, lost, agrees)
