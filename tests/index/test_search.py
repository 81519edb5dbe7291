"""Searching: Japanese and English found by words, nothing of what may not be seen, replaced and deleted documents."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from index import Index, Scope
from tests.index.conftest import DIMENSION, count_tokens, encode

LEAVE_JA = (
    "# 休暇規程\n\n## 年次有給休暇\n\n入社6か月後に年次有給休暇を10日付与する。\n\n## 慶弔休暇\n\n結婚は5日とする。\n"
)
LEAVE_EN = "# Leave\n\n## Annual leave\n\nStaff receive 25 days of annual leave.\n"


def test_a_japanese_question_finds_the_japanese_passage_by_its_words(shelf: Any) -> None:
    shelf.put("休暇規程.md", LEAVE_JA)
    shelf.put("leave.md", LEAVE_EN)
    shelf.put("gate.txt", "正門は22時に閉まります。")
    best = shelf.search("年次有給休暇は何日もらえますか")[0]
    assert best.passage.file == "休暇規程.md"
    assert best.passage.heading == "休暇規程 > 年次有給休暇"
    assert "10日付与" in best.passage.text


@pytest.mark.parametrize("question", ["ＡＳ－２０４１の公差", "as-2041", "AS‐2041 公差は?"])
def test_a_part_number_is_found_however_it_is_typed(shelf: Any, question: str) -> None:
    shelf.put("parts.txt", "AS-2041 の外径公差は -0.005 mm です。")
    shelf.put("other.txt", "AS-3050 の外径公差は -0.010 mm です。")
    assert shelf.search(question)[0].passage.file == "parts.txt"


@pytest.mark.parametrize(
    "question", ["第6条", "第六条には何が書いてありますか", "規程の６条2項について", "規程第 6 条"]
)
def test_an_article_is_found_by_its_number_however_it_is_typed(shelf: Any, question: str) -> None:
    articles = "".join(
        f"第{number}条（その{number}）\n{number % 6 + 6}日の前に、第{7 + number % 3}条の届けを{number}部出す。\n\n"
        for number in range(1, 17)
    )
    shelf.put("規程.txt", articles.replace("第6条（", "第六条（"))
    assert shelf.search(question)[0].passage.heading.endswith("第六条（その6）")


def test_a_hidden_department_changes_neither_results_nor_scores(shelf: Any) -> None:
    shelf.put("leave.md", LEAVE_EN)
    shelf.put("gate.txt", "The gate closes at ten. Annual parking permits cost 20 days of waiting.")
    before = [(hit.passage.id, hit.score, hit.dense, hit.lexical) for hit in shelf.search("annual leave days")]
    for number in range(5):
        shelf.put(f"secret{number}.txt", "annual leave days " * 20, domain="board")
    assert [(h.passage.id, h.score, h.dense, h.lexical) for h in shelf.search("annual leave days")] == before
    assert {hit.passage.domain for hit in shelf.search("annual leave days", "people", "board")} == {"people", "board"}


def test_somebodys_own_upload_is_found_by_him_alone(shelf: Any) -> None:
    shelf.put("mine.txt", "My locker is number 4711.", visibility="private")
    assert [hit.passage.file for hit in shelf.search("locker number")] == ["mine.txt"]
    assert shelf.search("locker number", user="ben") == []


def test_who_sees_no_department_finds_nothing(shelf: Any) -> None:
    shelf.put("leave.md", LEAVE_EN)
    with Session(shelf.engine) as session:
        assert shelf.index.search(session, "annual leave", Scope(frozenset(), "aki")) == []
        assert shelf.index.rarity(session, "annual leave", Scope(frozenset(), "aki")).keys() == {"annual", "leave"}


def test_an_accepted_upload_is_found_by_the_department(shelf: Any) -> None:
    document = shelf.put("mine.txt", "My locker is number 4711.", visibility="private")
    shelf.change(lambda session: shelf.index.library.accept(session, document))
    assert [hit.passage.file for hit in shelf.search("locker number", user="ben")] == ["mine.txt"]


def test_a_replaced_document_is_found_in_its_new_words_only(shelf: Any) -> None:
    document = shelf.put("badge.txt", "Badges are blue.")
    shelf.put("badge.txt", "Badges are green.", replaces=document)
    assert [hit.passage.text for hit in shelf.search("badges")] == ["Badges are green."]


def test_the_number_of_a_passage_that_is_gone_is_never_another_ones(shelf: Any) -> None:
    document = shelf.put("badge.txt", "Badges are blue.")
    cited = [hit.passage.id for hit in shelf.search("badges")]
    shelf.put("badge.txt", "Badges are green.", replaces=document)
    with Session(shelf.engine) as session:
        assert shelf.index.passages(session, cited) == {}


def test_a_deleted_document_is_not_found(shelf: Any) -> None:
    document = shelf.put("badge.txt", "Badges are blue.")
    shelf.change(lambda session: shelf.index.library.delete(session, document))
    assert shelf.search("badges") == []


def test_ranks_count_from_one_and_scores_fall(shelf: Any) -> None:
    for number in range(8):
        shelf.put(f"{number}.txt", f"Rule {number}: " + "leave " * number)
    hits = shelf.search("leave rule", count=5)
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0.0 <= hit.score <= 1.0 for hit in hits)


@pytest.mark.parametrize("question", ["", "🎉", "the", "%_'\"; DROP TABLE passages", "あ" * 5000])
def test_any_question_is_answered_by_a_list(shelf: Any, question: str) -> None:
    shelf.put("leave.md", LEAVE_EN)
    assert isinstance(shelf.search(question), list)


def test_a_rare_word_says_more_than_a_frequent_one(shelf: Any) -> None:
    for number in range(6):
        shelf.put(f"{number}.txt", "Every rule is about leave." + (" Hamsters are welcome." if number == 0 else ""))
    with Session(shelf.engine) as session:
        rarity = shelf.index.rarity(session, "leave hamsters unicorn", Scope(frozenset({"people"}), "aki"))
    assert rarity["leave"] < rarity["hamster"] < rarity["unicorn"] == 1.0


def test_with_another_encoder_passages_are_found_by_words_until_they_are_encoded_anew(
    shelf: Any, tmp_path: Any
) -> None:
    shelf.put("leave.txt", "Staff receive 25 days of annual leave.")
    other = Index(tmp_path / "home", encode, count_tokens, "words-2", DIMENSION, max_megabytes=5)
    scope = Scope(frozenset({"people"}), "aki")
    with Session(shelf.engine) as session:
        assert other.stale_vectors(session) == 1
        assert [hit.dense for hit in other.search(session, "annual leave", scope)] == [None]
        assert other.reencode(session) == 1
        session.commit()
        assert other.stale_vectors(session) == 0
        assert other.search(session, "annual leave", scope)[0].dense is not None
