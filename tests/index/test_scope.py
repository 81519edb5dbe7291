"""For whom a document holds, told in its own words where it says so of itself as a whole."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.scope import LONGEST, read_scope
from index.validity import Validity, read_validity


@dataclass
class Piece:
    text: str
    heading: str = ""


OTHER = Piece("Employees may work from home up to two days a week.", "Remote work > How many days")


@pytest.mark.parametrize(
    ("heading", "text", "told"),
    [
        ("Remote work > Who it applies to", "Employees after probation.", "Employees after probation."),
        ("1. Scope", "1.1 This policy governs leave of\nall staff.", "This policy governs leave of all staff."),
        ("Leave > Article 1. Eligibility", "(1) Whoever has been here a year.", "Whoever has been here a year."),
        ("在宅勤務規程 > １．対象", "６か月を経過した正社員を対象とする。", "６か月を経過した正社員を対象とする。"),
        ("就業規則 > 第1章 総則 > 第2条（適用範囲）", "この規則は正社員に適用する。", "この規則は正社員に適用する。"),
        ("品質連絡書", "発行：品質保証課\n対象：10月6日から受け入れる全ロット", "10月6日から受け入れる全ロット"),
    ],
)  # fmt: skip
def test_a_document_that_says_for_whom_it_holds_is_taken_at_its_word(heading: str, text: str, told: str) -> None:
    assert read_scope([Piece(text, heading), OTHER]) == told
    assert read_validity("a.md", [Piece(text, heading), OTHER]).scope == told


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("育児休業規程 > 第1章 育児休業 > 第2条（対象）", "1歳に満たない子を養育する従業員。"),  # of a chapter
        ("Handbook > Chapter 3 Travel > Scope", "Journeys of more than 15 kilometres."),
        ("健康診断 > 対象", "対象: 全従業員; 項目: 血液\n対象: 35歳以上; 項目: 胃カメラ"),  # a table
        ("手当 > 支給", "対象: 課長; 月の限度額: 200,000円"),
        ("Purchase orders > Who signs", "Section heads sign up to 500,000 yen."),
        ("QS-601 > Who is audited and how often", "Every supplier."),
        ("Leave > Applying", "Apply in writing."),
        ("1. Scope", "word " * LONGEST),  # one sentence that is too long to be told
        ("", ""),
    ],
)
def test_what_is_said_of_a_chapter_a_row_or_something_else_is_no_scope(heading: str, text: str) -> None:
    assert read_scope([Piece(text, heading), OTHER]) == ""


def test_of_a_long_section_the_first_whole_sentences_are_told() -> None:
    text = (
        "Permanent employees. " + "Warehouse staff only with the team leader's consent, which is asked for early. " * 4
    )
    told = read_scope([Piece(text, "1 Scope")])
    assert told.startswith("Permanent employees. Warehouse")
    assert told.endswith("early.")
    assert len(told) <= LONGEST


@given(st.lists(st.tuples(st.text(), st.sampled_from(["", "1. 対象", "Scope", "第1章 > 適用範囲"]) | st.text())))
def test_no_text_breaks_it_and_nothing_too_long_is_told(pieces: list[tuple[str, str]]) -> None:
    assert len(read_scope([Piece(text, heading) for text, heading in pieces])) <= LONGEST


def test_what_was_read_before_there_was_a_scope_is_still_understood() -> None:
    old = {"since": "2026-04-01", "until": None, "dated": None, "edition": "第3版", "replaced": False}
    assert Validity.from_dict(old).scope == ""
    new = read_validity("a.md", [Piece("All staff.", "Scope")])
    assert Validity.from_dict(new.as_dict()) == new
