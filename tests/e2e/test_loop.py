"""The loop from a wrong answer to a better one: few clicks, and the next asker is served by what a person said."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import ask, fresh

pytestmark = pytest.mark.browser

MOST_CLICKS = 6  # from the flag to the approved example
WORDS = {
    "en": {"wrong": "Wrong", "outdated": "It is out of date", "tell": "Send to the department",
           "told": "has this question", "reply": "Your reply to the person who asked", "keep": "Also give this reply",
           "send": "Send the reply", "sent": "Sent. The reply stands", "instead": "Look in the documents instead"},
    "ja": {"wrong": "間違い", "outdated": "内容が古い", "tell": "部署に知らせる",
           "told": "窓口の担当者が確認し", "reply": "質問者への返信", "keep": "同じ質問をした人にも",
           "send": "返信する", "sent": "送りました。", "instead": "代わりに文書で調べる"},
}  # fmt: skip


def ask_anew(page: Page, language: str, question: str) -> Locator:
    """Ask in a conversation of its own; gives the answer's card."""
    fresh(page, language)
    return ask(page, language, question)


@pytest.mark.parametrize(
    ("language", "question", "documents_say", "reply", "other_words"),
    [
        (
            "en",
            "How long is paternity leave?",
            "two weeks",
            "Paternity leave is four weeks at full pay since November.",
            "Paternity leave: how long?",
        ),
        (
            "ja",
            "ノートパソコンは何年で交換してもらえますか",
            "4年",
            "11月から5年です。",
            "ノートパソコンの交換は何年ごとですか",
        ),
    ],
    ids=["en", "ja"],
)
def test_from_flag_to_approved_example_takes_at_most_six_clicks_and_serves_the_next_asker(
    visit: Any, states: Any, language: str, question: str, documents_say: str, reply: str, other_words: str
) -> None:
    words, clicks = WORDS[language], 0

    def click(what: Locator) -> None:
        nonlocal clicks
        what.click()
        clicks += 1

    page = visit(states["emi"]).open(f"/{language}/ask/")
    expect(ask_anew(page, language, question)).to_contain_text(documents_say)
    click(page.get_by_role("button", name=words["wrong"]))
    click(page.get_by_label(words["outdated"]))
    click(page.get_by_role("button", name=words["tell"]))
    expect(page.get_by_text(words["told"]).first).to_be_visible()
    desk = visit(states["admin"]).open(f"/{language}/desk/")
    click(desk.get_by_text(re.compile(re.escape(question))).first)
    desk.get_by_label(words["reply"]).fill(reply)
    click(desk.get_by_label(words["keep"]))
    expect(desk.get_by_label(words["keep"])).to_be_checked()
    click(desk.get_by_role("button", name=words["send"]))
    expect(desk.get_by_text(words["sent"])).to_be_visible()
    expect(page.get_by_text(reply).first).to_be_visible()  # on the page that stood open all the time
    assert clicks <= MOST_CLICKS

    second = visit(states["sho"])
    card = ask_anew(second.open(f"/{language}/ask/"), language, question)
    expect(card).to_contain_text(reply)
    expect(card.locator(".facts .chip")).to_have_class(re.compile("reviewed"))
    second.shoot(f"reviewed-{language}")
    card = ask_anew(second.page, language, other_words)
    for told in (reply, question, "Aki Admin"):
        expect(card).to_contain_text(told)
    second.shoot(f"reviewed-other-words-{language}")
    second.page.get_by_role("button", name=words["instead"]).click()
    from_documents = second.page.locator(".card").nth(1)
    expect(from_documents).to_contain_text(documents_say)
    expect(from_documents.locator(".facts .chip")).not_to_have_class(re.compile("reviewed"))


def test_a_shown_answer_is_judged_from_the_daily_sample(visit: Any, states: Any) -> None:
    card = ask_anew(visit(states["emi"]).open("/en/ask/"), "en", "How many characters must a password have?")
    expect(card.locator(".facts .chip")).to_have_text("Answered")
    expert = visit(states["admin"])
    desk = expert.open("/en/desk/")
    desk.get_by_role("button", name=re.compile("Daily sample")).click()
    expect(desk.locator("#sampled .card").first).to_be_visible()
    part = desk.get_by_role("group").filter(has_text="The answer is")
    part.get_by_label("right", exact=True).check()
    desk.get_by_role("button", name="Give the verdict").click()
    expect(desk.get_by_text("Thank you. The verdict counts.")).to_be_visible()
    expert.shoot("sample-en")
