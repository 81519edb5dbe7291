"""A page that is closed, or whose person is signed out elsewhere, while an answer is being made."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import WORDS, fresh, send
from tests.e2e.conftest import JAPANESE_FIRST, PASSWORD

pytestmark = pytest.mark.browser

TOLD = {"en": "You are signed out", "ja": "サインアウトされました"}
FIRST, NEXT = "How long does the AsaGate VPN stay connected?", "ノートパソコンは何年で交換してもらえますか"


def test_an_answer_is_there_once_when_its_page_was_closed_before_it_came(visit: Any, states: Any) -> None:
    question = "For how many hours does one VPN connection last?"
    asker = visit(states["sho"])
    page = asker.open("/en/ask/")
    fresh(page, "en")
    send(page, "en", question)
    expect(page.locator(".stages")).to_be_visible()
    page.close()

    again = asker.context.new_page()
    again.goto(asker.address + "/en/ask/")
    for _ in range(2):  # as it comes, and as it stays
        expect(again.locator(".card")).to_have_count(1)
        expect(again.locator(".turn.question")).to_have_count(1)
        expect(again.locator(".turn.question")).to_contain_text(question)
        again.reload()
    expect(again.get_by_role("radio", name=question)).to_have_count(1)


def sign_in(page: Page) -> None:
    """Fill in the form and send it."""
    page.fill("#name", "rui")
    page.fill("#password", PASSWORD)
    page.click("button")


@pytest.mark.parametrize("language", JAPANESE_FIRST)
def test_whoever_is_signed_out_elsewhere_while_asking_is_told_so_keeps_the_words_and_goes_on_after_signing_in(
    visit: Any, language: str
) -> None:
    asker = visit()
    page = asker.open("/sign-in")
    sign_in(page)
    page.goto(f"{asker.address}/{language}/ask/")
    fresh(page, language)
    send(page, language, FIRST)
    expect(page.locator(".stages")).to_be_visible()
    elsewhere = visit(asker.context.storage_state()).open("/sign-out")
    elsewhere.get_by_role("button").click()
    expect(elsewhere.locator("#password")).to_be_visible()

    notice = page.locator("#signed-out")
    expect(notice).to_contain_text(TOLD[language])
    box = page.get_by_label(WORDS[language]["question"], exact=True)
    box.fill(NEXT)
    page.get_by_role("button", name=WORDS[language]["ask"], exact=True).click()
    expect(page.get_by_role("status").filter(has_text=TOLD[language])).to_be_visible()  # the press is answered too
    expect(box).to_have_value(NEXT)
    with page.expect_popup() as opened:
        notice.get_by_role("link").click()
    sign_in(opened.value)
    expect(notice).to_be_hidden()
    expect(box).to_have_value(NEXT)
    page.get_by_role("button", name=WORDS[language]["ask"], exact=True).click()
    expect(page.locator(".card")).to_have_count(2)
    expect(page.locator(".turn.question")).to_have_text([re.compile(re.escape(FIRST)), re.compile(re.escape(NEXT))])
