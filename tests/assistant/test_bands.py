"""Two numbers under one rule: who names the one and who names the other are told the same."""

import pytest

from assistant.steps.bands import one_band
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
