"""Office words in both languages: an English question's words find a Japanese passage, and 'quit' finds 'resign'.

The list that ships (`glossary.tsv`) is of no company: on each line English forms, a tab, Japanese forms. Forms of one
line count as one word.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from index.tokenizer import fold, terms, unify

_LONGEST = 6  # words of an English form


@dataclass(frozen=True)
class Meaning:
    """A word of a question that the glossary knows.

    asked: its lexical terms in the question. forms: what it may be called in either language, each as lexical terms.
    """

    asked: frozenset[str]
    forms: tuple[frozenset[str], ...]

    def stands_in(self, found: frozenset[str] | set[str]) -> bool:
        """Whether any form's terms are all among `found`."""
        return any(form <= found for form in self.forms)


def meanings(question: str) -> list[Meaning]:
    """The words of a question that the glossary knows, longest first where several begin in one place."""
    english, japanese, pattern = _tables()
    words = terms(question)
    known: dict[str, Meaning] = {}
    at = 0
    while at < len(words):
        size = next((n for n in range(_LONGEST, 0, -1) if " ".join(words[at : at + n]) in english), 0)
        if size:
            phrase = " ".join(words[at : at + size])
            known[phrase] = Meaning(frozenset(words[at : at + size]), tuple(english[phrase]))
        at += size or 1
    for match in pattern.finditer(unify(fold(question))):
        phrase = match.group()
        known[phrase] = Meaning(frozenset(terms(phrase)), tuple(japanese[phrase]))
    return list(known.values())


Table = dict[str, list[frozenset[str]]]


@lru_cache(maxsize=1)
def _tables() -> tuple[Table, Table, re.Pattern[str]]:
    """Forms by English terms joined by blanks, by unified Japanese, and a pattern of the latter."""
    english: Table = {}
    japanese: Table = {}
    for line in (files("index") / "glossary.tsv").read_text(encoding="utf-8").splitlines():
        ours, theirs = (side.split("|") for side in line.split("\t"))
        forms = [frozenset(terms(form)) for form in (*ours, *theirs)]
        for form in ours:
            english.setdefault(" ".join(terms(form)), []).extend(forms)
        for form in theirs:
            japanese.setdefault(unify(fold(form)), []).extend(forms)
    longest_first = sorted(japanese, key=len, reverse=True)
    return english, japanese, re.compile("|".join(map(re.escape, longest_first)))
