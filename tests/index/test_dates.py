"""Dates as people write them, and no others."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates import ERAS, count, dates, plain

DAYS = st.dates(date(1990, 1, 1), date(2150, 12, 31))
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
KANJI = "〇一二三四五六七八九"


def kanji(number: int) -> str:
    """12 → 十二."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else KANJI[tens] + "十") + (KANJI[ones] if ones else "")


def written(day: date) -> list[str]:
    """A day in all the ways that are read."""
    era_year = day.year - ERAS["令和"] + 1 if day.year >= 2019 else day.year - ERAS["平成"] + 1
    era = "令和" if day.year >= 2019 else "平成"
    western = f"{day.year}年{day.month}月{day.day}日"
    ways = [
        western,
        western.translate(FULL_WIDTH),
        f"西暦{day.year} 年 {day.month} 月 {day.day} 日",
        "".join(KANJI[int(sign)] for sign in str(day.year)) + f"年{kanji(day.month)}月{kanji(day.day)}日",
        f"{day:%Y-%m-%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month}.{day.day}.",
        f"{day.day} {day:%B} {day.year}",
        f"{day:%B} {day.day}, {day.year}",
        f"{day.day}-{day:%b}-{day.year}",
        f"the {day.day}th of {day:%b}. {day.year}",
    ]
    if era_year <= 99:
        ways += [
            f"{era}{era_year}年{day.month}月{day.day}日",
            f"{era}{kanji(era_year)}年{kanji(day.month)}月{kanji(day.day)}日",
        ]
        ways.append(f"{'R' if era == '令和' else 'H'}{era_year}.{day.month}.{day.day}")
    return ways


@given(DAYS)
def test_a_day_is_read_however_it_is_written(day: date) -> None:
    for text in written(day):
        for around in (text, f"({text})", f"施行日：{text}から"):
            assert [found.first for found in dates(plain(around))] == [day], around


@given(DAYS)
def test_a_month_is_read_from_its_first_to_its_last_day(day: date) -> None:
    for text in (f"{day.year}年{day.month}月", f"{day:%B} {day.year}"):
        (found,) = dates(text)
        assert (found.first.day, (found.last + timedelta(days=1)).day) == (1, 1)
        assert (found.first.month, found.last.month) == (day.month, day.month)


@given(st.text(max_size=80) | st.text("令和平成元年月日 一二十〇0123456789RH./-年AprilMay,", max_size=60))
def test_any_text_gives_days_of_the_calendar_in_order_and_never_fails(text: str) -> None:
    found = list(dates(plain(text)))
    assert all(1868 <= one.first.year <= 2199 and one.first <= one.last for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)


@given(st.integers(0, 99))
def test_numbers_in_kanji_are_read(number: int) -> None:
    assert count(kanji(number) or "〇") == number


@pytest.mark.parametrize(
    "text",
    [
        "2026年2月30日",
        "2026年13月1日",
        "20年4月1日",
        "04/05/2026",
        "2026.4.1.5",
        "AS-2026-4",
        "1,190 / 1,010",
        "第62期",
        "3.5",
    ],
)
def test_what_is_no_date_or_may_mean_two_is_not_read(text: str) -> None:
    assert list(dates(text)) == []


def test_the_first_year_of_an_era_and_years_after_its_end() -> None:
    assert [one.first for one in dates(plain("令和元年5月1日、㍻32年4月1日、昭和六十四年一月七日"))] == [
        date(2019, 5, 1),
        date(2020, 4, 1),
        date(1989, 1, 7),
    ]
