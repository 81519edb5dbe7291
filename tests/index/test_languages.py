"""A question in one language finds what stands in the other; what may not be seen has no part in it."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from index import Index, Scope, terms
from index.dictionary import Dictionary, build
from index.languages import language_of
from tests.index.conftest import DIMENSION, Shelf, count_tokens, encode

ENTRIES = [  # (headwords, kana, glosses, common)
    (["校正"], ["こうせい"], ["calibration", "correction"], True),
    (["有給休暇"], ["ゆうきゅうきゅうか"], ["paid leave (e.g. vacation)"], True),
    ([], ["マイクロメータ"], ["micrometer"], False),
]


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    """A dictionary of three entries, made from a database of JMdict's form."""
    source = tmp_path / "jmdict.db"
    rows = sqlite3.connect(source)
    rows.executescript(
        "CREATE TABLE Kanji (ID INTEGER, idseq INTEGER, text TEXT);"
        "CREATE TABLE Kana (ID INTEGER, idseq INTEGER, text TEXT);"
        "CREATE TABLE KJP (kid INTEGER, text TEXT); CREATE TABLE KNP (kid INTEGER, text TEXT);"
        "CREATE TABLE Sense (ID INTEGER, idseq INTEGER); CREATE TABLE SenseGloss (sid INTEGER, lang TEXT, text TEXT);"
    )
    for number, (kanji, kana, glosses, common) in enumerate(ENTRIES):
        for table, words in (("Kanji", kanji), ("Kana", kana)):
            for word in words:
                rows.execute(f"INSERT INTO {table} VALUES (?, ?, ?)", (number, number, word))  # noqa: S608
        if common:
            rows.execute("INSERT INTO KJP VALUES (?, 'news1')", (number,))
        rows.execute("INSERT INTO Sense VALUES (?, ?)", (number, number))
        rows.executemany("INSERT INTO SenseGloss VALUES (?, 'eng', ?)", [(number, gloss) for gloss in glosses])
    rows.commit()
    rows.close()
    build(source, tmp_path / "dictionary.db")
    return tmp_path / "dictionary.db"


def by_language(texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
    """The word encoder, with most of each vector saying only which language a text is in."""
    vectors = encode(texts) * 0.3
    for row, each in enumerate(texts):
        vectors[row, 0 if language_of(each) == "ja" else 1] += 2.0
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.fixture
def both(shelf: Any, dictionary: Path, tmp_path: Path) -> Shelf:
    """An index that knows both languages, with documents in each."""
    samples = [f"質問の見本{n}です" for n in range(20)] + [f"Sample question number {n}" for n in range(20)]
    index = Index(tmp_path / "home", by_language, count_tokens, "words-2", DIMENSION, 5, dictionary, samples)
    made = Shelf(index, shelf.engine, shelf.folder)
    made.put("測定機器.txt", "マイクロメータの校正は6か月ごとに行う。")
    for number in range(8):
        made.put(f"other{number}.txt", f"Rule {number}: the gate closes and instruments stay here.")
        made.put(f"別{number}.txt", f"規則{number}：正門は閉まり、機器はここに置く。")
    made.put("leave.txt", "Paid leave is 25 days a year.")
    return made


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("有給は何日？", "ja"),
        ("How many days?", "en"),
        ("離職票 will be mailed by when?", "en"),
        ("AsaGateの保守はいつ", "ja"),
        ("", "en"),
        ("AG-310", "en"),
    ],
)
def test_the_language_is_the_one_that_outweighs(text: str, language: str) -> None:
    assert language_of(text) == language


def test_an_english_question_finds_the_japanese_passage(both: Shelf) -> None:
    assert "測定機器.txt" in [hit.passage.file for hit in both.search("How often are micrometers calibrated?", count=5)]


def test_a_japanese_question_finds_the_english_passage(both: Shelf) -> None:
    assert "leave.txt" in [hit.passage.file for hit in both.search("有給休暇は何日ですか", count=5)]


def test_documents_that_may_not_be_seen_change_no_score_in_either_language(both: Shelf) -> None:
    def found() -> list[tuple[int, float]]:
        return [(hit.passage.id, hit.score) for hit in both.search("How often are micrometers calibrated?")]

    before = found()
    for number in range(4):
        both.put(f"secret{number}.txt", "マイクロメータの校正。" * 5, domain="board")
        both.put(f"secret-en{number}.txt", "Micrometers are calibrated often.", domain="board")
    assert found() == before


def test_word_forms_and_phrases_are_looked_up(dictionary: Path) -> None:
    words = Dictionary(dictionary)
    assert [a.terms for a in words.translations("calibrated?", "en")[0]] == [frozenset({"校正"})]
    assert [a.terms for a in words.translations("of micrometers", "en")[0]] == [frozenset(terms("マイクロメータ"))]
    assert [a.terms for a in words.translations("paid leave", "en")[0]] == [frozenset({"有給", "給休", "休暇"})]
    assert [a.terms for a in words.translations("有給休暇は", "ja")[0]] == [frozenset({"paid", "leave"})]


def test_without_a_dictionary_nothing_is_translated(tmp_path: Path) -> None:
    assert Dictionary(tmp_path / "none.db").translations("calibration", "en") == []


def test_postings_of_another_tokenizer_are_made_anew(shelf: Any) -> None:
    shelf.put("server.txt", "サーバーの申し込みはこちら。")
    shelf.change(lambda session: session.execute(text("UPDATE index_state SET tokenizer = 'bigram-1'")))
    shelf.change(lambda session: session.execute(text("DELETE FROM postings")))
    with Session(shelf.engine) as session:
        assert shelf.index.stale_postings(session)
        assert shelf.index.retokenise(session) == 1
        session.commit()
        assert not shelf.index.stale_postings(session)
        hits = shelf.index.search(session, "サーバ申込", Scope(frozenset({"people"}), "aki"))
    assert hits[0].lexical is not None
