"""Office words in both languages: an English question's words find a Japanese passage, and 'quit' finds 'resign'.

The list that ships (`glossary.tsv`) is of no company: on each line English forms, a tab, Japanese forms. Forms of one
line count as one word. Departments add their own (`tables.GlossaryEntry`): abbreviations, names of places and systems.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from index.fetching import Together
from index.tables import GlossaryEntry
from index.tokenizer import fold, terms, unify

_LONGEST = 6  # words of an English form
Table = dict[str, list[frozenset[str]]]
_OWN = Together(
    select(GlossaryEntry.id, GlossaryEntry.english, GlossaryEntry.japanese)
    .where(GlossaryEntry.domain.in_(bindparam("domains", expanding=True)))
    .order_by(GlossaryEntry.domain, GlossaryEntry.english, GlossaryEntry.japanese, GlossaryEntry.id)
)


@dataclass(frozen=True)
class Entry:
    """What one word may be called. One side may be empty: an abbreviation and its long form are both English."""

    english: tuple[str, ...]
    japanese: tuple[str, ...]

    @classmethod
    def of(cls, english: str, japanese: str) -> "Entry":
        """From forms joined by '|'."""
        sides = (english.split("|"), japanese.split("|"))
        return cls(*(tuple(" ".join(form.split()) for form in side if terms(form)) for side in sides))


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


class Glossary:
    """Entries, each with the forms of one word: English ones, and Japanese ones."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._english: Table = {}
        self._japanese: Table = {}
        for entry in entries:
            forms = [found for form in (*entry.english, *entry.japanese) if (found := frozenset(terms(form)))]
            for form in entry.english:
                self._english.setdefault(" ".join(terms(form)), []).extend(forms)
            for form in entry.japanese:
                self._japanese.setdefault(unify(fold(form)), []).extend(forms)
        longest_first = sorted(self._japanese, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_where_it_stands, longest_first)) or r"(?!)")

    def meanings(self, question: str) -> list[Meaning]:
        """The words of a question that it knows, longest first where several begin in one place."""
        words = terms(question)
        known: dict[str, Meaning] = {}
        at = 0
        while at < len(words):
            size = next((n for n in range(_LONGEST, 0, -1) if " ".join(words[at : at + n]) in self._english), 0)
            if size:
                phrase = " ".join(words[at : at + size])
                known[phrase] = Meaning(frozenset(words[at : at + size]), tuple(self._english[phrase]))
            at += size or 1
        for match in self._pattern.finditer(unify(fold(question))):
            phrase = match.group()
            known[phrase] = Meaning(frozenset(terms(phrase)), tuple(self._japanese[phrase]))
        return list(known.values())

    def knows(self, entry: Entry) -> bool:
        """Whether some entry has all forms of this one."""
        wanted = {frozenset(terms(form)) for form in (*entry.english, *entry.japanese)}
        told = [self._english.get(" ".join(terms(form)), []) for form in entry.english]
        told += [self._japanese.get(unify(fold(form)), []) for form in entry.japanese]
        return any(wanted <= set(forms) for forms in told)


def _where_it_stands(form: str) -> str:
    """A pattern for a Japanese form: anywhere, but where it begins or ends in Latin letters ('EV') within no word."""
    before = r"(?<![a-z0-9])" if form[0].isascii() else ""
    after = r"(?![a-z0-9])" if form[-1].isascii() else ""
    return f"{before}{re.escape(form)}{after}"


def meanings(question: str) -> list[Meaning]:
    """The words of a question that the shipped glossary knows."""
    return _with(()).meanings(question)


def glossary_of(session: Session, domains: Collection[str]) -> Glossary:
    """The shipped glossary with the entries of some departments; another's change nothing."""
    return _with(tuple(entry for _, entry in entries_of(session, domains)))


def entries_of(session: Session, domains: Collection[str]) -> list[tuple[str, Entry]]:
    """The departments' own entries, each with its id, in a fixed order."""
    rows = _OWN.all(session, domains=list(domains))
    return [(key, Entry.of(english, japanese)) for key, english, japanese in rows]


@lru_cache(maxsize=1)
def shipped() -> tuple[Entry, ...]:
    """The entries that come with the product, of no company."""
    lines = (files("index") / "glossary.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(Entry.of(*line.split("\t")) for line in lines)


@lru_cache(maxsize=32)
def _with(own: tuple[Entry, ...]) -> Glossary:
    return Glossary((*shipped(), *own))
