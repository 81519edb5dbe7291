"""A Japanese and English dictionary for search: which words of the other language a question's words may stand for.

Made once from JMdict (Electronic Dictionary Research and Development Group, CC BY-SA), as the package `jamdict-data`
brings it, into a small read-only file. Where that file is missing, nothing is translated. It knows nothing of
passages; a wrong sense costs little, because only words that stand in a passage count.
"""

import re
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from index.languages import Language
from index.tokenizer import FUNCTION_WORDS, fold, terms

FILE = "dictionary.db"
LONGEST_PHRASE = 3  # English words that are looked up together
LONGEST_HEADWORD = 6  # Japanese characters likewise
SENSES, ALTERNATIVES = 6, 30  # kept of an entry, and of a word
RARE = 0.5  # weight of entries that JMdict does not mark as common
FURTHER_SENSE = 0.3  # by how much each further sense of an entry weighs less
_SUFFIX = re.compile(r"(ations?|ating|ated|ings?|ied|ie|ed|ly|ment|al|er|or|e|y)$")
_SHORTEST_STEM = 4
_KATAKANA = re.compile(r"[ァ-ヴー]{2,}")


@dataclass(frozen=True)
class Alternative:
    """One possible translation: terms that must all stand in a passage, and how usual it is, 0 to 1."""

    terms: frozenset[str]
    weight: float


class Dictionary:
    """Looks up the words of a question. Safe to call from several threads; calls take turns."""

    def __init__(self, file: Path | None) -> None:
        self._lock = threading.Lock()
        self._rows = (
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
            if file is not None and file.exists()
            else None
        )

    def translations(self, question: str, language: Language) -> list[list[Alternative]]:
        """For each word or phrase of the question that the dictionary has: what it may be in the other language."""
        if self._rows is None:
            return []
        return list(self._english(question) if language == "en" else self._japanese(question))

    def _english(self, question: str) -> Iterator[list[Alternative]]:
        words = stems(question)
        phrases = (
            " ".join(words[start : start + size])
            for start in range(len(words))
            for size in range(1, min(LONGEST_PHRASE, len(words) - start) + 1)
        )
        for phrase in dict.fromkeys(phrases):
            if found := self._find("en", phrase):
                yield found

    def _japanese(self, question: str) -> Iterator[list[Alternative]]:
        """Longest words first, from the left."""
        text, start = fold(question), 0
        while start < len(text):
            for size in range(min(LONGEST_HEADWORD, len(text) - start), 1, -1):
                if found := self._find("ja", text[start : start + size]):
                    yield found
                    start += size - 1
                    break
            start += 1

    def _find(self, language: Language, word: str) -> list[Alternative]:
        if self._rows is None:
            return []
        with self._lock:
            rows = self._rows.execute(
                "SELECT said, weight FROM words WHERE language = ? AND word = ?", (language, word)
            ).fetchall()
        return [Alternative(frozenset(terms(said)), weight) for said, weight in rows]


def stems(text: str) -> list[str]:
    """The content words of an English text without their endings, so that 'calibrated' finds 'calibration'."""
    return [_stem(word) for word in re.findall(r"[a-z]{2,}", fold(text)) if word not in FUNCTION_WORDS]


def _stem(word: str) -> str:
    singular = word[:-1] if len(word) > _SHORTEST_STEM and word.endswith("s") and not word.endswith("ss") else word
    stem = _SUFFIX.sub("", singular)
    return stem if len(stem) >= _SHORTEST_STEM else singular


def source() -> Path | None:
    """JMdict's database as the package installs it, if it is installed."""
    package = find_spec("jamdict_data")
    file = Path(package.origin).parent / "jamdict.db" if package and package.origin else None
    return file if file and file.exists() else None


def build(jmdict: Path, target: Path) -> None:
    """Write the dictionary's file from JMdict's database."""
    said: dict[tuple[Language, str], dict[str, float]] = defaultdict(dict)
    for heads, glosses, common in _entries(jmdict):
        for rank, gloss in enumerate(glosses[:SENSES]):
            english = " ".join(re.sub(r"\(.*?\)", "", gloss).split()).lower()
            phrase = stems(english)
            if not 1 <= len(phrase) <= LONGEST_PHRASE:
                continue
            weight = min(1.0, (1.0 if common else RARE) * 2 / (1 + FURTHER_SENSE * rank))
            content = " ".join(word for word in re.findall(r"[a-z]+", english) if word not in FUNCTION_WORDS)
            for head in heads:
                for key, other in ((("en", " ".join(phrase)), head), (("ja", fold(head)), content)):
                    known = said[key]  # type: ignore[index]  # the two languages, literally
                    known[other] = max(known.get(other, 0.0), weight)
    half = target.with_suffix(".half")
    half.unlink(missing_ok=True)
    rows = sqlite3.connect(half)
    rows.execute("CREATE TABLE words (language TEXT, word TEXT, said TEXT, weight REAL)")
    for (language, word), others in said.items():
        usual = sorted(others.items(), key=lambda entry: (-entry[1], entry[0]))[:ALTERNATIVES]
        rows.executemany("INSERT INTO words VALUES (?, ?, ?, ?)", [(language, word, *other) for other in usual])
    rows.execute("CREATE INDEX ix_words ON words (language, word)")
    rows.commit()
    rows.close()
    half.replace(target)


def _entries(jmdict: Path) -> Iterator[tuple[list[str], list[str], bool]]:
    """(headwords, English glosses, whether it is common) of JMdict's entries that can be searched for."""
    rows = sqlite3.connect(f"{jmdict.absolute().as_uri()}?mode=ro", uri=True)
    written: dict[str, dict[int, list[str]]] = {}
    common: set[int] = set()
    for table, marks in (("Kanji", "KJP"), ("Kana", "KNP")):
        written[table] = defaultdict(list)
        for entry, text in rows.execute(f"SELECT idseq, text FROM {table} ORDER BY ID"):  # noqa: S608  # own names
            written[table][entry].append(text)
        marked = f"SELECT t.idseq FROM {table} t JOIN {marks} m ON m.kid = t.ID"  # noqa: S608  # own names
        common.update(entry for (entry,) in rows.execute(marked))
    glosses: dict[int, list[str]] = defaultdict(list)
    for entry, text in rows.execute(
        "SELECT s.idseq, g.text FROM SenseGloss g JOIN Sense s ON s.ID = g.sid WHERE g.lang = 'eng' ORDER BY s.ID"
    ):
        glosses[entry].append(text)
    for entry, texts in glosses.items():
        kanji = [head for head in written["Kanji"].get(entry, ()) if 2 <= len(head) <= LONGEST_HEADWORD]
        kana = [head for head in written["Kana"].get(entry, ()) if _KATAKANA.fullmatch(head)]
        if heads := (kanji or kana)[:2]:
            yield heads, texts, entry in common
    rows.close()
