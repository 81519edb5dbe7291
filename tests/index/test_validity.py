"""From when a document is in force: by its own words, and by what took its place."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from index.tables import DocumentVersion, IndexState
from index.validity import Validity, matter, read_validity, same_matter

TODAY = date(2026, 11, 25)
APRIL = date(2026, 4, 1)


@dataclass
class Piece:
    text: str
    heading: str = ""


def told(text: str, name: str = "規程.docx", heading: str = "") -> Validity:
    return read_validity(name, [Piece(text, heading)])


@pytest.mark.parametrize(
    "text",
    [
        "人事課　2026年4月1日施行",
        "施行日：２０２６年４月１日",
        "制定 2010年4月1日　最終改定 2026年4月1日",
        "令和8年4月1日改正",
        "令和八年四月一日から適用",
        "改訂日: 2026/4/1",
        "Effective from 1 April 2026",
        "Effective date: April 1, 2026. Owner: HR.",
        "In force since 1 April 2026. Replaces the policy of 1 May 2026.",
        "Valid from 2026-04-01",
        "Version 3, last updated on 1 April 2026",
        "第1条（目的）この規程は旅費を定める。\n附則\nこの規程は、2020年4月1日から施行する。\n令和8年4月1日改正",
        "This policy takes effect on 1 April 2026.",
        "Text.\n\nThis revised policy is effective from April 1, 2026.",
    ],
)
def test_a_document_says_from_when_it_is_in_force(text: str) -> None:
    assert told(text).since == APRIL


def test_a_price_list_says_between_which_days_its_prices_hold_below_the_titles_of_its_sheet() -> None:
    titles = [Piece("標準価格"), Piece("2025年度 価格表", "標準価格")]
    period = "標準価格 > 2025年度 価格表 > 適用期間：2025年4月1日〜2026年3月31日"
    found = read_validity("価格表_2025.xlsx", [*titles, Piece("型式: MX-200; 単価: 39900", period)])
    assert (found.since, found.until) == (date(2025, 4, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    "text",
    [
        "1. 申請\n2026年4月1日から施行された法律による。",
        "Invoices dated 1 April 2026 are paid in May.",
        "附則\nこの規程の施行に伴い、2026年4月1日施行の旧規程は廃止する。",
        "附則\nただし、第3条は2027年4月1日から施行する。",
        "現行は2026年4月1日改定",
        "品名: 蛍光灯; Valid from: 2026-04-01",
    ],
)
def test_a_date_that_is_about_something_else_is_not_taken_for_it(text: str) -> None:
    assert told(text).since is None


@pytest.mark.parametrize(
    ("text", "until", "replaced"),
    [
        (
            "In force from 1 April 2023 to 30 June 2026. SUPERSEDED by version 4.1 on 1 July 2026.",
            date(2026, 6, 30),
            False,
        ),
        ("2023年4月1日施行　【2025年9月30日廃止。現行は2025年10月1日改定】", date(2025, 9, 30), False),
        ("有効期限：2026年3月", date(2026, 3, 31), False),
        ("2024年4月1日施行　【第63期末で廃止。現行は2026年4月1日改定】", None, True),
        ("IT Security Policy (superseded)", None, True),
        ("This guide is no longer valid.", None, True),
        ("廃止日：2026年3月31日", date(2026, 3, 31), False),  # the last of a month is its last day
        ("廃止日：2026年4月1日", date(2026, 3, 31), False),
        ("QS-104 改訂E\n改訂Dは廃止する。", None, False),
        ("Version 4.1 supersedes version 3.0.", None, False),
        ("設備の廃止手続き", None, False),
    ],
)
def test_a_document_says_until_when_it_was_in_force_or_that_it_was_replaced(
    text: str, until: date | None, replaced: bool
) -> None:
    found = told(text)
    assert (found.until, found.replaced) == (until, replaced)


@pytest.mark.parametrize(
    ("name", "replaced"),
    [
        ("IT_Security_Policy_v3_superseded.pdf", True),
        ("旧価格表_PL-25-1.pdf", True),
        ("経費精算規程_第62期（旧）.pdf", True),
        ("QS-104 改訂D(廃止).docx", True),
        ("復旧手順.md", False),
        ("設備の廃止手続き.md", False),
        ("Archive_rules.md", False),
    ],
)
def test_a_document_that_was_replaced_is_told_by_its_name(name: str, replaced: bool) -> None:
    assert told("Text.", name).replaced is replaced


@pytest.mark.parametrize(
    ("text", "edition", "dated"),
    [
        ("情報システム課　第３．２版　2026年6月15日", "第3.2版", date(2026, 6, 15)),
        ("QS-210 revision C, 1 June 2026. Owner: Quality", "revision C", date(2026, 6, 1)),
        ("Rev. C", "Rev. C", None),
        ("改訂E　2026年4月1日", "改訂E", date(2026, 4, 1)),
        ("様式QF-12（改訂4）", "改訂4", None),
        ("QS-104改訂Eにかかわらず、次のとおりとする。", "", None),
    ],
)
def test_the_edition_is_told_as_it_is_written(text: str, edition: str, dated: date | None) -> None:
    assert (told(text).edition, told(text).dated) == (edition, dated)


@given(st.text(max_size=200), st.text(max_size=40), st.text(min_size=1, max_size=30))
def test_any_document_can_be_asked_and_what_it_says_can_be_kept(text: str, heading: str, name: str) -> None:
    found = told(text, name, heading)
    assert Validity.from_dict(found.as_dict()) == found
    assert same_matter(matter(name), matter(name))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("在宅勤務規程_2023年版（廃止）.pdf", "在宅勤務規程.docx", True),
        ("IT_Security_Policy_v3_superseded.pdf", "IT Security Policy.pdf", True),
        ("QS-104_改訂D（廃止）.pdf", "ＱＳ-104_受入検査基準.docx", True),
        ("旧価格表_PL-25-1.pdf", "価格表_PL-26-2.xlsx", True),
        ("就業規則_令和6年度.docx", "就業規則_令和8年度.docx", True),
        ("QS-104_受入検査基準.docx", "QS-105_材料受入基準.xlsx", False),
        ("就業規則.docx", "パートタイマー就業規則.docx", False),
        ("Final_Inspection.pdf", "Inspection.pdf", False),
        ("月次締め日程_上期.csv", "月次締め日程_下期.csv", False),
    ],
)
def test_names_tell_what_documents_are_about_whatever_their_edition(one: str, other: str, same: bool) -> None:
    assert same_matter(matter(one), matter(other)) is same


def forces(shelf: Any, question: str = "在宅勤務", **who: Any) -> dict[str, str]:
    return {hit.passage.file: hit.passage.standing.on(TODAY) for hit in shelf.search(question, **who)}


def test_of_two_documents_of_one_matter_the_older_one_stands_until_the_newer_begins(shelf: Any) -> None:
    shelf.put("在宅勤務規程_2023年版.md", "2023年4月1日施行　人事課\n\n在宅勤務は週2日までとする。")
    shelf.put("在宅勤務規程.md", "2025年10月1日改定　人事課\n\n在宅勤務は週3日までとする。")
    shelf.put("在宅勤務規程_2027年版.md", "2027年4月1日施行　人事課\n\n在宅勤務は週4日までとする。")
    assert forces(shelf) == {
        "在宅勤務規程_2023年版.md": "replaced",
        "在宅勤務規程.md": "in_force",
        "在宅勤務規程_2027年版.md": "not_yet",
    }
    (old,) = [hit.passage.standing for hit in shelf.search("在宅勤務") if "2023" in hit.passage.file]
    assert (old.successor, old.succeeded) == ("在宅勤務規程.md", date(2025, 10, 1))
    (now,) = [hit.passage.standing for hit in shelf.search("在宅勤務") if hit.passage.file == "在宅勤務規程.md"]
    assert now.on(date(2027, 4, 1)) == "replaced"


def test_editions_of_standards_take_each_others_place_and_minutes_of_two_months_do_not(shelf: Any) -> None:
    shelf.put("QS-9_gauges_C.txt", "QS-9 revision C, 1 June 2026\n\nGauges are checked weekly.")
    shelf.put("QS-9.txt", "QS-9 revision B, 1 June 2024\n\nGauges are checked monthly.")
    shelf.put("minutes_2026-09.txt", "Minutes, 16 September 2026\n\nGauges were discussed.")
    shelf.put("minutes_2026-10.txt", "Minutes, 21 October 2026\n\nGauges were discussed.")
    assert forces(shelf, "gauges") == {
        "QS-9_gauges_C.txt": "in_force",
        "QS-9.txt": "replaced",
        "minutes_2026-09.txt": "in_force",
        "minutes_2026-10.txt": "in_force",
    }


def test_a_document_that_one_may_not_see_takes_nothings_place(shelf: Any) -> None:
    shelf.put("旅費規程.md", "2023年4月1日施行\n\n旅費は実費とする。")
    shelf.put("旅費規程.md", "2026年4月1日施行\n\n旅費は定額とする。", domain="board")
    shelf.put("旅費規程.md", "2026年10月1日施行\n\n旅費は半額とする。", visibility="private", owner="ben")
    assert forces(shelf, "旅費") == {"旅費規程.md": "in_force"}
    assert forces(shelf, "旅費", user="ben") == {"旅費規程.md": "in_force"}


def test_documents_of_an_older_home_are_read_once_when_it_is_opened(shelf: Any) -> None:
    shelf.put("旅費規程.md", "2027年4月1日施行\n\n旅費は実費とする。")
    shelf.change(lambda session: session.execute(update(DocumentVersion).values(validity={})))
    shelf.change(lambda session: session.execute(update(IndexState).values(validity="", revision=99)))
    assert forces(shelf, "旅費") == {"旅費規程.md": "in_force"}
    with Session(shelf.engine) as session:
        assert shelf.index.stale_validity(session)
        assert shelf.index.reread_validity(session) == 1
        session.commit()
        assert not shelf.index.stale_validity(session)
    assert forces(shelf, "旅費") == {"旅費規程.md": "not_yet"}
