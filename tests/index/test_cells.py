"""Values as Excel shows them, and rules by their numbers: what is read is what people see."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.blocks import Block
from index.parsers.cells import shown
from index.parsers.text import decode
from index.rules import split_opening, with_clauses

DAY = datetime.datetime(2026, 9, 1, 8, 5)


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (1280, "#,##0", "1,280"),
        (0.125, "0.0%", "12.5%"),
        (9800, '"¥"#,##0', "¥9,800"),
        (9800, '#,##0"円"', "9,800円"),
        (-3, "0;[Red]△0", "△3"),
        (7, "000", "007"),
        (0.3, "General", "0.3"),
        (20.0, "General", "20"),
        (DAY, "yyyy/m/d", "2026/9/1"),
        (DAY, 'yyyy"年"m"月"d"日"', "2026年9月1日"),
        (DAY, 'ggge"年"m"月"d"日"', "令和8年9月1日"),
        (DAY, "yyyy-mm-dd h:mm", "2026-09-01 8:05"),
        (DAY, "m/d(aaa)", "9/1(火)"),
        (DAY, "General", "2026-09-01 08:05"),
        (True, "General", "TRUE"),
    ],
)
def test_numbers_and_dates_look_as_in_excel(value: Any, form: str, expected: str) -> None:
    assert shown(value, form) == expected


@given(
    st.one_of(st.integers(-(10**12), 10**12), st.floats(-1e9, 1e9), st.datetimes()),
    st.text('0#?,.;%"¥yYmdhegas/:-[] _*\\E+円', max_size=20),
)
def test_no_format_is_too_odd_to_show_a_value(value: Any, form: str) -> None:
    assert isinstance(shown(value, form), str)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("第12条（年次有給休暇） 会社は、", ("第12条（年次有給休暇）", "会社は、")),
        ("第３章　休暇", ("第３章　休暇", "")),
        ("第12条の規定により、届け出る。", None),
        ("第3条に定める者", None),
        ("会社は第3条を守る", None),
    ],
)
def test_an_article_is_opened_by_its_number_and_not_by_a_reference(line: str, expected: tuple[str, str] | None) -> None:
    assert split_opening(line) == expected


def article(length: int) -> list[Block]:
    words = "あ" * length
    return [
        Block("heading", "第5条（休暇）", level=5),
        Block("paragraph", f"会社は次の休暇を与える。{words}"),
        Block("paragraph", f"２　前項の休暇は次による。{words}\n（1）結婚{words}\n（2）出産{words}"),
    ]


def test_a_short_article_stays_whole_and_a_long_one_opens_its_paragraphs_and_items() -> None:
    assert list(with_clauses(article(10))) == article(10)
    found = [(b.level, b.text) for b in with_clauses(article(200)) if b.kind == "heading"]
    assert found == [(5, "第5条（休暇）"), (6, "第1項"), (6, "第2項"), (7, "第1号"), (7, "第2号")]


@given(st.lists(st.text("第条12３（）①二 　あ。\n", min_size=1, max_size=300), max_size=8))
def test_opening_paragraphs_and_items_loses_no_text(texts: list[str]) -> None:
    blocks = [Block("heading", "第1条", level=5), *(Block("paragraph", text) for text in texts)]
    kept = "".join("".join(b.text.split()) for b in with_clauses(blocks) if b.kind != "heading")
    assert kept == "".join("".join(text.split()) for text in texts)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp932", "euc-jp", "iso2022_jp", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize(
    "words", ["品番\t数量\r\n休暇規程、第3条を改める。\r\n", "会社名,部署名\n浅葱精工,品質保証課\n"]
)
def test_japanese_is_decoded_whatever_program_saved_it(encoding: str, words: str) -> None:
    assert decode(words.encode(encoding)) == words


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    from index import DocumentError

    try:
        assert isinstance(decode(data), str)
    except DocumentError as refused:
        assert refused.code == "corrupt"
