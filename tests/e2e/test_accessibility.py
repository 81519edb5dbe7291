"""What a screen reader and a keyboard meet: axe-core on every page, and the whole loop without a mouse."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from assistant.web.application import BUILDERS
from tests.e2e.conftest import DESKTOP, FILLED, JAPANESE_FIRST, PHONE
from tests.e2e.keyboard import forgive_lists, tab_to

pytestmark = pytest.mark.browser

PLAIN = ("/account", "/account/data", "/password", "/sign-out", "/en/straight", "/ja/straight")
WORDS = {
    "en": {
        "question": "Your question", "ask": "Ask", "new": "New conversation", "wrong": "Wrong",
        "outdated": "It is out of date", "tell": "Send to the department", "told": "has this question",
        "reply": "Your reply to the person who asked", "send": "Send the reply", "sent": "Sent. The reply stands",
    },
    "ja": {
        "question": "質問", "ask": "質問する", "new": "新しい会話", "wrong": "間違い",
        "outdated": "内容が古い", "tell": "部署に知らせる", "told": "窓口の担当者が確認し",
        "reply": "質問者への返信", "send": "返信する", "sent": "送りました。",
    },
}  # fmt: skip
ASKED = {"en": "How many days of annual leave do I get in the UK?", "ja": "在宅勤務は週に何日まで？"}


def faults(page: Page) -> list[str]:
    """What axe-core finds serious or critical in the open page."""
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("critical", "serious")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("language", JAPANESE_FIRST)
def test_every_page_has_no_serious_fault_for_a_screen_reader_and_fits_a_phone(
    visit: Any, states: Any, language: str
) -> None:
    visitor = visit(states["admin"])
    found: list[str] = []
    wide = []
    for path in (*(f"/{language}/{name}/" for name in BUILDERS), *PLAIN):
        visitor.page.set_viewport_size(DESKTOP)
        page = visitor.open(path)
        page.wait_for_selector(FILLED)
        page.wait_for_timeout(800)  # what a page draws with its head
        found += faults(page)
        page.set_viewport_size(PHONE)
        page.wait_for_timeout(300)  # plots draw themselves anew
        visitor.shoot(f"phone{path.replace('/', '-').rstrip('-')}-{language}")
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            wide.append(path)
    assert found == []
    assert wide == []


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_documents_text_and_a_citation_in_its_place_have_no_serious_fault_and_fit_a_phone(
    visit: Any, states: Any, language: str
) -> None:
    visitor = visit(states["admin"], viewport=PHONE)
    page = visitor.open(f"/{language}/ask/")
    page.get_by_label(WORDS[language]["question"], exact=True).fill(ASKED[language])
    page.get_by_role("button", name=WORDS[language]["ask"], exact=True).click()
    place = page.locator(".sources a").first.get_attribute("href", timeout=60_000)
    whole = f"{str(place).partition('/at/')[0].rpartition('/')[0]}/text"
    for path in (str(place), whole):
        page = visitor.open(path)
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_the_sign_in_form_has_no_serious_fault(visit: Any) -> None:
    for locale in ("en-GB", "ja-JP"):
        assert faults(visit(locale=locale).open("/sign-in")) == []


@pytest.mark.parametrize("language", JAPANESE_FIRST)
def test_the_whole_loop_is_done_by_keyboard(visit: Any, states: Any, language: str) -> None:
    words = WORDS[language]
    asker, expert = visit(states["emi"]), visit(states["admin"])
    page = asker.open(f"/{language}/ask/")
    expect(page.get_by_role("button", name=words["ask"], exact=True)).to_be_enabled()
    expect(page.get_by_label(words["question"], exact=True)).to_be_focused()
    tab_to(page, f"^{words['new']}$")
    page.keyboard.press("Enter")
    expect(page.locator("p.empty")).to_be_visible()
    tab_to(page, f"^{words['question']}")
    page.keyboard.type(ASKED[language])
    tab_to(page, f"^{words['ask']}$")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_be_visible()
    expect(page.get_by_role("button", name=words["wrong"])).to_be_visible()
    expect(page.get_by_role("button", name=words["ask"], exact=True)).to_be_enabled()
    page.wait_for_timeout(1000)  # the conversation is drawn again when all is recorded
    assert faults(page) == []
    way_back = page.locator("a[href^='/answers/']").first.get_attribute("href")
    tab_to(page, f"^{words['wrong']}")
    page.keyboard.press("Enter")
    expect(page.get_by_label(words["outdated"])).to_be_visible()
    tab_to(page, words["outdated"])
    page.keyboard.press("Space")
    assert faults(page) == []
    tab_to(page, f"^{words['tell']}")
    page.keyboard.press("Enter")
    expect(page.get_by_text(words["told"]).first).to_be_visible()

    desk = expert.open(f"/{language}/desk/")
    expect(desk.get_by_text(ASKED[language]).first).to_be_visible()
    tab_to(desk, re.escape(ASKED[language]))
    desk.keyboard.press("Space")
    expect(desk.get_by_label(words["reply"])).to_be_visible()
    assert faults(desk) == []
    tab_to(desk, words["reply"])
    desk.keyboard.type("Changed in October. 10月に変わりました。")
    tab_to(desk, f"^{words['send']}")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text(words["sent"]).first).to_be_visible()
    expect(page.get_by_text("Changed in October.").first).to_be_visible()
    assert faults(asker.open(str(way_back))) == []
    forgive_lists(asker, expert)
