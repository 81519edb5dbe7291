"""Two numbers under one rule: who names the one and who names the other are told the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.steps.bands import compared, one_band
from assistant.steps.facts import facts


@pytest.mark.parametrize(
    ("rule", "numbers"),
    [
        ("From over 300,000 up to 3,000,000 yen two quotations are needed.", "1,200,000 yen, 2,000,000 yen"),
        ("300,000円を超え3,000,000円まで（税抜）は、見積りが2件必要です。", "100万円 2,000,000 yen"),
        ("Expenses from 50,000 to under 300,000 yen are approved by the head.", "50,000 yen, 299,999 yen"),
        ("100〜999個のとき、単価は1,090円です", "200, 500"),
        ("8％を超え15％までの値引きは営業部長が決めます", "12 %、15%"),
        ("With three years of service or more, the gift is 50,000 yen.", "5年、three years"),
        ("年間の購入額が5,000万円（税抜）以上の顧客への割戻しは2.5％です", "6,000万円、5,000万円"),
        ("UK employees with more than five years of service give 6 weeks' notice.", "7年、60 years"),
    ],
)
def test_numbers_of_one_band_are_under_one_rule_in_either_language(rule: str, numbers: str) -> None:
    assert one_band(rule, facts(numbers))


@pytest.mark.parametrize(
    ("rule", "numbers"),
    [
        ("From over 300,000 up to 3,000,000 yen two quotations are needed.", "300,000 yen, 2,000,000 yen"),
        ("Expenses from 50,000 to under 300,000 yen are approved by the head.", "60,000 yen, 300,000 yen"),
        ("For lots of 281 to 1200, 32 parts are sampled.", "200, 800"),
        ("100〜999個のとき、単価は1,090円です", "500, 1000"),
        ("UK employees with more than five years of service give 6 weeks' notice.", "5年、7年"),
        ("勤続3年以上の人には寸志が出ます", "2年、4年"),
        ("勤続3年以上の人には寸志が出ます", "4か月、5 people"),  # of another kind
        ("Opened in 2019 to 2024 from 9:00 to 17:30 (QS-104-120)", "110, 115"),
        ("Side jobs are limited to 30 hours a month.", "10 hours, 20 hours"),  # a limit that may be far from both
        ("Report it within 7 days.", "2 days, 3 days"),
    ],
)
def test_a_number_at_or_beyond_the_border_is_under_another_rule(rule: str, numbers: str) -> None:
    assert not one_band(rule, facts(numbers))


COMMUTE = [
    "片道の距離: 2km未満; 月額: なし",
    "片道の距離: 2km以上5km未満; 月額: 3,200円",
    "片道の距離: 5km以上10km未満; 月額: 5,400円",
    "片道の距離: 10km以上; 月額: 9,600円",
]
LEAVE = [
    "Service: less than 2 years; Days: 12",
    "Service: 2 to 5 years; Days: 16",
    "Service: more than 5 years; Days: 20",
]
ABSENCE = ["* 勤続1年以上3年未満 ・・・ 3か月以内", "* 勤続3年以上 ・・・ 6か月以内", "* 勤続5年以上 ・・・ 10か月以内"]

VACATION = [
    "* Fewer than 3 years: 4 hours per pay period",
    "* Between 3 and 15 years: 6 hours per pay period",
    "* 15+ years: 8 hours per pay period",
]
GIFTS = ["- 勤続3年未満：なし", "- 勤続3年以上10年未満：1万円", "- 勤続10年以上：3万円"]

STEPS = [  # each is where a band begins
    "勤続年数: 6か月; 付与日数: 9日",
    "勤続年数: 1年6か月; 付与日数: 12日",
    "勤続年数: 5年6か月; 付与日数: 17日",
    "勤続年数: 6年6か月以上; 付与日数: 21日",
]


@pytest.mark.parametrize(
    ("question", "rules", "left"),
    [
        ("バイクで12キロ走って来ています。ひと月の手当は", COMMUTE, [3]),
        ("家は1kmのところです", COMMUTE, [0]),
        ("自転車で5キロちょうど", COMMUTE, [2]),
        ("入社4年目です。休みは？", ["勤続: 3年6か月以上4年6か月未満; 日数: 14", "勤続: 4年6か月以上; 日数: 16"], [0]),
        ("I have been here for seven years. How many days?", LEAVE, [2]),
        ("I have been here for 18 months. How many days?", LEAVE, [0]),
        ("Who signs for 12 grand?", ["(1) Over 900 up to 3,000 – you", "(2) Over 3,000 up to 20,000 – the head"], [1]),
        ("勤続4年です。休職は何か月？", ABSENCE, [1]),
        ("勤続6年です。休職は何か月？", ABSENCE, [2]),
        ("I've been here for five years. How much leave do I earn?", VACATION, [1]),
        ("I have 15 years of service. How much leave is it?", VACATION, [2]),
        ("How much leave after 2 years?", VACATION, [0]),
        ("勤続12年のお祝いは？", GIFTS, [2]),
        ("勤続12年のお祝いは？", [gift.replace("：", "……") for gift in GIFTS], [2]),
        ("How many for 20 people?", ["- Under 30 people: one guide", "- 30 people or more: two guides"], [0]),
        ("勤続6年の年休は何日？", STEPS, [2]),
        ("勤続18か月です。何日もらえますか", STEPS, [1]),
        ("10年働いています。年休は？", STEPS, [3]),
        ("How many gloves for 3 people?", ["People: 2 people; Gloves: 4", "People: 4 people or more; Gloves: 9"], [0]),
        ("Who signs for 2,000 yen?", ["Sum: up to 9,000 yen; By: you", "Sum: up to 90,000 yen; By: head"], [0]),
        # nothing is left out where it isn't plain
        ("2年います。旅は？", ["- 勤続1年以上の者は休みを取れる。", "- 勤続5年以上の者は旅に出られる。"], [0, 1]),
        ("How many days after more than 5 years?", LEAVE, [0, 1, 2]),
        ("駐車場は何台ですか", COMMUTE, [0, 1, 2, 3]),
        ("3日休みます", COMMUTE, [0, 1, 2, 3]),
        ("How much leave do I earn?", VACATION, [0, 1, 2]),
        ("週28時間です。休みは？", ["週30時間未満：7日", "1日6時間未満：なし", "1日6時間以上：45分"], [0, 2]),
        ("I am away for 4 days", ["- More than 1 day: tell your lead", "- More than 3 days: tell HR"], [0, 1]),
        ("2キロで車で通ってもいい？", ["車は片道2.5km以上で許す。", "2km以上は自転車で通える。"], [0, 1]),
        ("How many gloves for 3 people?", ["People: 2 people; Gloves: 4", "People: 4 people; Gloves: 9"], [0, 1]),
        ("A projector for 2 days?", ["Item: projector; For: up to 1 day", "Item: camera; For: up to 3 days"], [0, 1]),
    ],
)  # fmt: skip
def test_a_row_for_other_numbers_than_the_questions_is_left_out(
    question: str, rules: list[str], left: list[int]
) -> None:
    assert [at for at, rule in enumerate(compared(question, rules)) if not rule.another] == left


@given(st.lists(st.integers(1, 999), min_size=2, max_size=6, unique=True), st.integers(1, 1200))
def test_of_a_table_without_gaps_exactly_the_row_that_holds_the_number_is_left(ends: list[int], asked: int) -> None:
    ends.sort()
    rows = [f"Order: {low} to under {high} EUR; By: {high}" for low, high in zip([0, *ends], ends, strict=False)]
    rows.append(f"Order: {ends[-1]} EUR or more; By: board")
    left = [at for at, rule in enumerate(compared(f"Who orders for {asked} EUR?", rows)) if not rule.another]
    assert left == [sum(end <= asked for end in ends)]


@pytest.mark.parametrize(
    ("question", "rules", "worded"),
    [
        ("勤続6年の年休は何日？", STEPS, "勤続5年6か月の年休は何日?"),
        ("入社して4年半です。休みは？", STEPS, "入社して1年6か月です。休みは?"),
        ("入社3年目です。何日？", STEPS, "入社1年6か月です。何日?"),
        ("バイクで12キロ走って来ています", COMMUTE, "バイクで10km走って来ています"),
        ("I have been here for FOUR years. How many days?", LEAVE, "i have been here for 2 years. how many days?"),
        ("Who signs for 12 grand?", ["Up to 3,000: you", "Over 3,000 up to 20,000: it"], "who signs for 20,000?"),
        ("勤続5年6か月の年休は？", STEPS, None),  # it stands there as it is
        ("年休は何日？", STEPS, None),
    ],
)  # fmt: skip
def test_the_question_is_put_in_the_words_of_the_row_that_holds_its_number(
    question: str, rules: list[str], worded: str | None
) -> None:
    told = [rule.question for rule in compared(question, rules) if not rule.another]
    assert told == [worded] if worded else not any(told)


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("Who approves purchases up to £2,000 in London?", 1),
        ("3万円の備品を買うには誰の承認がいる？", 0),
        ("who approves a purchase of 150000 yen in tokyo", 1),
        ("500,000円の購入", 2),
        ("ロンドンの100ポンドは誰の承認？", 0),
    ],
)
def test_of_amounts_with_their_currencies_signs_also_two_in_a_cell_the_row_that_holds_the_number_is_left(
    question: str, row: int
) -> None:
    limits = ("¥50,000 / £300", "¥300,000 / £2,000", "¥2,000,000 / £12,000")
    rules = [f"Amount: Up to {limit}; Approver: Head {at}" for at, limit in enumerate(limits)]
    assert [at for at, rule in enumerate(compared(question, rules)) if not rule.another] == [row]
