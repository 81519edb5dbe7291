"""An owner reads what a promise costs, lets a person see every answer first, and goes back, in both languages."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

WORDS = {
    "en": {"department": "Department", "people": "People & Labour", "review": "after a person has seen",
           "hold": "when sure enough",
           "remark": "Remark: why (goes on record)",
           "save": "Save", "saved": "Saved", "none": "nothing can be promised"},
    "ja": {"department": "部署", "people": "人事課", "review": "人がすべて確認したあと",
           "hold": "十分に確かなとき",
           "remark": "理由（記録に残ります）",
           "save": "保存する", "saved": "保存しました", "none": "まだ何も約束できません"},
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ja"])
def test_an_owner_sees_what_a_promise_takes_and_chooses_how_answers_are_released(
    visit: Any, states: Any, language: str
) -> None:
    words = WORDS[language]
    owner = visit(states["admin"])
    page = owner.open(f"/{language}/release/")
    page.get_by_label(words["department"]).click()
    page.get_by_role("option", name=words["people"], exact=True).click()
    expect(page.locator("#present")).to_contain_text(words["people"])
    expect(page.locator("#preview")).to_contain_text(words["none"])
    page.get_by_label(words["review"]).check()
    page.get_by_label(words["remark"], exact=True).fill("the first weeks")
    page.get_by_role("button", name=words["save"], exact=True).click()
    expect(page.locator("#result")).to_contain_text(words["saved"])
    expect(page.locator("#present")).to_contain_text(words["review"])
    owner.shoot(f"release-{language}")
    page.get_by_label(words["hold"]).check()
    page.get_by_role("button", name=words["save"], exact=True).click()
    expect(page.locator("#present")).to_contain_text(words["hold"])


def test_the_page_fits_a_phone_and_is_the_owners_alone(visit: Any, states: Any) -> None:
    owner = visit(states["admin"], viewport={"width": 390, "height": 844})
    page = owner.open("/ja/release/")
    expect(page.locator("#preview")).to_contain_text("約束")
    owner.shoot("release-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    response = visit(states["emi"]).page.goto(owner.address + "/en/release/")
    assert response is not None
    assert response.status == 404
