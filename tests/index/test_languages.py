"""Languages of texts, and postings that follow their tokenizer; what may not be seen has no part in either."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from index import Scope
from index.languages import language_of
from tests.index.conftest import Shelf


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


def test_documents_that_may_not_be_seen_change_no_score_in_either_language(shelf: Shelf) -> None:
    shelf.put("測定機器.txt", "マイクロメータの校正は6か月ごとに行う。")
    shelf.put("instruments.txt", "Micrometers are calibrated every six months.")

    def found() -> list[tuple[int, float]]:
        return [(hit.passage.id, hit.score) for hit in shelf.search("How often are micrometers calibrated?")]

    before = found()
    for number in range(4):
        shelf.put(f"secret{number}.txt", "マイクロメータの校正。" * 5, domain="board")
        shelf.put(f"secret-en{number}.txt", "Micrometers are calibrated often.", domain="board")
    assert found() == before


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
