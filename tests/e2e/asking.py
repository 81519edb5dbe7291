"""How the tests ask in a browser, in both languages."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

WORDS = {
    "en": {"ask": "Ask", "question": "Your question", "right": "Right", "wrong": "Wrong", "person": "Ask a person",
           "why": "Why this answer", "stop": "Stop", "new": "New conversation"},
    "ja": {"ask": "質問する", "question": "質問", "right": "正しい", "wrong": "間違い", "person": "担当者に聞く",
           "why": "この回答になった理由", "stop": "中止", "new": "新しい会話"},
}  # fmt: skip


def ask(page: Page, language: str, question: str) -> Locator:
    """Ask in the open page; gives the new answer's card."""
    before = page.locator(".card").count()
    send(page, language, question)
    card = page.locator(".card").nth(before)
    expect(card).to_be_visible()
    expect(page.get_by_role("button", name=WORDS[language]["stop"], exact=True)).to_be_hidden()
    page.wait_for_timeout(300)
    return card


def send(page: Page, language: str, question: str) -> None:
    """Type a question and press the button; does not wait for anything."""
    page.get_by_label(WORDS[language]["question"], exact=True).fill(question)
    page.get_by_role("button", name=WORDS[language]["ask"], exact=True).click()


def fresh(page: Page, language: str) -> None:
    """Begin a new conversation."""
    page.get_by_role("button", name=WORDS[language]["new"]).click()
    page.wait_for_timeout(500)  # the earlier conversation may still be on its way
    expect(page.locator("p.empty")).to_be_visible()
    expect(page.locator(".card")).to_have_count(0)


def to_a_person(visitor: Any, language: str, question: str) -> Page:
    """Ask, and put the answer before a person; gives the page, which stays open."""
    page: Page = visitor.open(f"/{language}/ask/")
    fresh(page, language)
    ask(page, language, question)
    person = page.get_by_role("button", name=WORDS[language]["person"])
    if person.is_visible():  # what is held is at the desk already
        person.click()
        expect(person).to_be_hidden()
    return page


def for_department(page: Page, label: str, title: str) -> None:
    """Say whose a file is that is about to be uploaded."""
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=title).click()
