"""The loop from a wrong answer to a better one: few clicks, and the next asker is served by what a person said."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

QUESTION = "How long is paternity leave?"
OTHER_WORDS = "Paternity leave: how long?"
REPLY = "Paternity leave is four weeks at full pay since November."
MOST_CLICKS = 6  # from the flag to the approved example


def ask(page: Page, question: str) -> Locator:
    """Ask in a conversation of its own; gives the answer's card."""
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("p.empty")).to_be_visible()
    expect(page.locator(".card")).to_have_count(0)
    page.get_by_label("Your question", exact=True).fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()
    card = page.locator(".card").first
    expect(card).to_be_visible()
    return card


def test_from_flag_to_approved_example_takes_at_most_six_clicks_and_serves_the_next_asker(
    visit: Any, states: Any
) -> None:
    clicks = 0

    def click(what: Locator) -> None:
        nonlocal clicks
        what.click()
        clicks += 1

    page = visit(states["emi"]).open("/en/ask/")
    expect(ask(page, QUESTION)).to_contain_text("two weeks")
    click(page.get_by_role("button", name="Wrong"))
    click(page.get_by_label("It is out of date"))
    click(page.get_by_role("button", name="Send to the department"))
    expect(page.get_by_text("has this question").first).to_be_visible()
    expert = visit(states["admin"])
    desk = expert.open("/en/desk/")
    click(desk.get_by_text(re.compile(QUESTION.replace("?", r"\?"))).first)
    desk.get_by_label("Your reply to the person who asked").fill(REPLY)
    click(desk.get_by_label("Also give this reply"))
    click(desk.get_by_role("button", name="Send the reply"))
    expect(desk.get_by_text("Sent. The reply stands")).to_be_visible()
    expect(page.get_by_text(REPLY).first).to_be_visible()
    assert clicks <= MOST_CLICKS
    card = ask(expert.open("/en/ask/"), QUESTION)
    expect(card).to_contain_text(REPLY)
    expect(card.locator(".facts .chip")).to_have_class(re.compile("reviewed"))
    expert.shoot("reviewed-en")
    other_words = ask(expert.open("/en/ask/"), OTHER_WORDS)
    expect(other_words).to_contain_text(REPLY)
    expect(other_words).to_contain_text(QUESTION)
    expert.shoot("reviewed-other-words-en")
    expert.page.get_by_role("button", name="Look in the documents instead").click()
    expect(expert.page.locator(".card").nth(1)).to_contain_text("two weeks")
    expect(expert.page.locator(".card").nth(1).locator(".facts .chip")).not_to_have_class(re.compile("reviewed"))


def test_a_shown_answer_is_judged_from_the_daily_sample(visit: Any, states: Any) -> None:
    card = ask(visit(states["emi"]).open("/en/ask/"), "How many characters must a password have?")
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
