"""Terms, passages and fusion: properties that hold for any text."""

import math
import random
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.blocks import Block
from index.fusion import fuse, min_max
from index.passages import LONGEST, cut, searched_text
from index.tokenizer import terms
from tests.index.conftest import count_tokens

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=300)
JAPANESE = st.text("年次有給休暇は10日とする。ただしABC-12を除く\nメモ、", min_size=1, max_size=400)
SCORES = st.dictionaries(st.integers(0, 50), st.floats(-5, 5, allow_nan=False), max_size=20)
SHARES = st.dictionaries(st.integers(0, 50), st.floats(0, 1), max_size=20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("有給休暇", ["有給", "給休", "休暇"]),
        ("税", ["税"]),
        ("Annual leaves", ["annual", "leave"]),
        ("ＡＢＣ", ["abc"]),
        ("QS-104", ["qs-104", "qs", "104"]),
        ("就業規則第百二十三条の2", ["就業", "業規", "規則", "123条の2"]),
        ("3条件と2項目", ["3", "条件", "件と", "2", "項目"]),
        ("ﾊﾟｽﾜｰﾄﾞ", ["パス", "スワ", "ワー", "ード"]),
    ],
)
def test_terms_are_bigrams_words_identifiers_and_places_in_rules(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("サーバー", "サーバ"),
        ("ユーザーのパスワード", "ユーザのパスワード"),
        ("申し込み", "申込"),
        ("申込み", "申込"),
        ("受け付け", "受付"),
        ("引き継ぎ書", "引継書"),
        ("取り扱い要領", "取扱要領"),
        ("國際會議", "国際会議"),
        ("第六条", "第 6 条"),
        ("第十二条第三項", "12条3項"),
        ("髙橋", "高橋"),
        ("ﾒｰﾙ", "メール"),
    ],
)
def test_spelling_variants_are_found_as_one(one: str, other: str) -> None:
    assert terms(one) == terms(other)


@pytest.mark.parametrize(("one", "other"), [("食べる", "食べた"), ("カード", "カド"), ("ビル", "ビール")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert terms(one) != terms(other)


@given(WORDS)
def test_terms_do_not_depend_on_width_or_case(text: str) -> None:
    import unicodedata

    assert terms(unicodedata.normalize("NFKC", text)) == terms(text)


@given(WORDS)
def test_every_term_is_short_and_has_no_blank(text: str) -> None:
    assert all(0 < len(term) <= 80 and not any(c.isspace() for c in term) for term in terms(text))


@given(st.lists(st.tuples(st.sampled_from(["paragraph", "row", "item", "heading"]), JAPANESE), max_size=12))
def test_cutting_loses_no_text_and_keeps_its_order(parts: list[tuple[str, str]]) -> None:
    blocks = [Block(kind, text, level=1 if kind == "heading" else 0) for kind, text in parts]  # type: ignore[arg-type]
    passages = cut(blocks, count_tokens)
    kept = "".join("".join(p.heading.split()) + "".join(p.text.split()) for p in passages)
    for kind, text in parts:
        if kind != "heading":
            for line in text.split():
                assert line in kept
    assert all(passage.text.strip() for passage in passages)


@given(st.lists(JAPANESE, min_size=1, max_size=6), st.integers(1, 30))
def test_no_passage_is_longer_than_the_encoder_reads(texts: list[str], times: int) -> None:
    passages = cut([Block("paragraph", text * times) for text in texts], count_tokens)
    assert all(count_tokens(passage.text) <= LONGEST + 20 for passage in passages)


def test_a_passage_never_spans_two_pages_sheets_or_headings() -> None:
    blocks = [
        Block("heading", "A", level=1, page=1),
        Block("paragraph", "one", page=1),
        Block("paragraph", "two", page=2),
        Block("heading", "B", level=2, page=2),
        Block("paragraph", "three", page=2),
    ]
    assert [(p.text, p.page, p.heading) for p in cut(blocks, count_tokens)] == [
        ("one", 1, "A"),
        ("two", 2, "A"),
        ("three", 2, "A > B"),
    ]


def test_a_heading_without_text_stays_findable() -> None:
    passages = cut([Block("heading", "第1章 総則", level=1), Block("heading", "第2章", level=1)], count_tokens)
    assert [passage.text for passage in passages] == ["第1章 総則", "第2章"]


@given(SCORES, SHARES)
def test_fused_scores_lie_between_0_and_1_and_name_what_either_list_names(
    dense: dict[int, float], lexical: dict[int, float]
) -> None:
    fused = fuse(dense, lexical)
    assert set(fused) == set(dense) | set(lexical)
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in fused.values())


@given(SCORES)
def test_fusing_a_list_with_nothing_keeps_its_order(scores: dict[int, float]) -> None:
    fused = fuse(scores, {})
    assert fused == min_max(scores)
    assert sorted(fused, key=lambda k: (fused[k], scores[k])) == sorted(scores, key=lambda k: (fused[k], scores[k]))


def test_what_both_lists_rank_first_is_first() -> None:
    assert fuse({1: 0.9, 2: 0.1}, {1: 0.7, 3: 0.2})[1] == pytest.approx(1.0)


@given(SCORES, SHARES, st.sets(st.integers(0, 50)))
def test_what_is_in_another_language_is_never_put_back_for_words_it_lacks(
    dense: dict[int, float], lexical: dict[int, float], foreign: set[int]
) -> None:
    plain, scores = fuse(dense, lexical), fuse(dense, lexical, foreign)
    assert set(scores) == set(plain) == set(dense) | set(lexical)
    assert all(0.0 <= score <= 1.0 for score in scores.values())
    for key, score in scores.items():
        if key in foreign and lexical:
            assert score >= min_max(dense).get(key, 0.0)
        else:
            assert score == plain[key]


def test_known_words_tell_apart_what_the_lists_have_at_their_top() -> None:
    fused = fuse({1: 0.9, 2: 0.9, 3: 0.1}, {1: 0.5, 2: 0.5}, shares={1: 0.2, 2: 0.8})
    assert fused[2] > fused[1] > fused[3]


def test_the_more_of_the_questions_words_were_found_the_more_words_count() -> None:
    means, says = {1: 0.9, 2: 0.1}, {1: 0.0, 2: 1.0}  # passage 1 by meaning, 2 by words
    few, many = (fuse(means, {key: share * most for key, share in says.items()}) for most in (0.1, 1.0))
    assert few[1] > few[2]
    assert many[2] > many[1]


def test_fused_lists_find_at_least_as_much_as_the_better_half() -> None:
    lots = random.Random(5)
    within = {"dense": 0, "lexical": 0, "fused": 0}
    for _ in range(400):  # passage 0 answers; each half sees it through noise of its own
        dense = {key: lots.gauss(1.6 if key == 0 else 0.0, 1.0) for key in range(60)}
        heard = {key: lots.gauss(1.3 if key == 0 else 0.0, 1.0) for key in range(60)}
        lexical = {key: 0.4 / (1 + math.exp(-said)) for key, said in heard.items()}  # so much is found of most
        for name, scores in (("dense", dense), ("lexical", lexical), ("fused", fuse(dense, lexical))):
            within[name] += 0 in sorted(scores, key=lambda key: -scores[key])[:5]  # used at once
    assert within["fused"] >= max(within["dense"], within["lexical"])


def test_a_bullet_is_not_searched_and_a_dot_between_words_stays() -> None:
    passage = SimpleNamespace(heading="Bring", text="- key\n\n・部品の製造・販売\n\n2. badge - blue")
    assert searched_text("Rules", passage) == "Rules\nBring\nkey\n\n部品の製造・販売\n\n2. badge - blue"
