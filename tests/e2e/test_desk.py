"""What reviewers do at the desk in the browser, and what the asker sees of it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.asking import ask, fresh, to_a_person

pytestmark = pytest.mark.browser

REPLY = "Your reply to the person who asked"


def opened(visitor: Any, language: str, question: str) -> Page:
    """The desk with the question opened."""
    page: Page = visitor.open(f"/{language}/desk/")
    page.get_by_text(re.compile(re.escape(question))).first.click()
    expect(page.locator(".turn.question")).to_contain_text(question)
    return page


def choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    """Pick from a list."""
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option).click()


def test_a_question_is_claimed_given_to_a_colleague_and_handed_to_another_department(visit: Any, states: Any) -> None:
    question = "社員証をなくしました。再発行料はいくらですか"
    asker = to_a_person(visit(states["emi"]), "ja", question)
    expect(asker.get_by_text("人事課の窓口に届いています")).to_be_visible()
    desk = opened(visit(states["admin"]), "ja", question)
    desk.get_by_text("担当と期限").click()
    desk.get_by_role("button", name="自分が対応する").click()
    expect(desk.get_by_text("あなたの担当になりました。")).to_be_visible()
    expect(desk.get_by_text("対応中：Aki Admin")).to_be_visible()
    desk.get_by_text("担当と期限").click()
    choose(desk, "担当者", "Rui Reviewer")
    desk.get_by_role("button", name="この人に任せる").click()
    expect(desk.get_by_text("対応中：Rui Reviewer")).to_be_visible()
    desk.get_by_label("質問者への返信").fill("2,000円です。")
    desk.get_by_role("button", name="返信する").click()
    expect(desk.get_by_role("alert")).to_contain_text("Rui Reviewerさんが対応中です")

    colleague = opened(visit(states["rui"]), "ja", question)
    expect(colleague.get_by_role("radio", name=re.compile("Rui Reviewer.*社員証"))).to_be_checked()
    colleague.get_by_text("担当と期限").click()
    choose(colleague, "ほかの部署", "品質保証課")
    colleague.get_by_role("button", name="引き継ぐ").click()
    expect(colleague.get_by_text("引き継ぎました。")).to_be_visible()
    expect(colleague.get_by_text("質問を選んでください。")).to_be_visible()  # it is no longer at this person's desks
    expect(asker.get_by_text("質問は品質保証課に引き継がれました")).to_be_visible()


def test_a_reply_rests_on_the_evidence_that_its_reviewer_found_and_stands_beside_similar_questions(
    visit: Any, states: Any
) -> None:
    question, reply = "Who replaces the toner of the printer in the measuring room?", "Ask Sales on 5100."
    asker = to_a_person(visit(states["emi"]), "en", question)
    desk = opened(visit(states["admin"]), "en", question)
    shown = desk.locator("ol.sources").count()
    desk.get_by_text("Search the documents for evidence").click()
    desk.get_by_label("Search the documents", exact=True).fill("トナー交換 営業管理課")
    desk.get_by_role("button", name="Search", exact=True).click()
    found = desk.locator("ol.sources").nth(shown).locator("li").first
    expect(found).to_contain_text("トナー")
    file = found.locator("strong").inner_text()
    boxes = desk.get_by_role("group").filter(has_text="The reply rests on")
    for box in boxes.get_by_role("checkbox").all():
        box.uncheck()
    boxes.get_by_label(file, exact=True).first.check()
    desk.get_by_label(REPLY).fill(reply)
    desk.get_by_label("Also give this reply").check()
    desk.get_by_role("button", name="Send the reply").click()
    expect(desk.get_by_text("Sent. The reply stands")).to_be_visible()
    told = asker.locator(".from-person", has_text=reply)
    expect(told.locator(".sources a")).to_have_text(file.split(" ")[0])

    second = visit(states["sho"]).open("/en/ask/")
    fresh(second, "en")
    card = ask(second, "en", question)
    expect(card).to_contain_text(reply)
    expect(card.locator(".sources a").first).to_have_text(file.split(" ")[0])
    other = "Is the toner in the measuring room printer ours to change?"
    to_a_person(visit(states["emi"]), "en", other)
    desk = opened(visit(states["admin"]), "en", other)
    desk.get_by_text(re.compile("Answers to similar questions")).click()
    expect(desk.locator("details", has_text="Answers to similar questions")).to_contain_text(reply)


def test_what_no_document_says_becomes_a_request_and_its_owners_remark_reaches_the_asker(
    visit: Any, states: Any
) -> None:
    question = "May I give some of my annual leave to a relative?"
    asker = to_a_person(visit(states["emi"]), "en", question)
    desk = opened(visit(states["admin"]), "en", question)
    desk.get_by_label("No document says this yet").check()  # first: a click after the other was lost once
    desk.get_by_label(REPLY).fill("")
    desk.get_by_role("button", name="Send the reply").click()
    expect(desk.get_by_text("Sent. The reply stands")).to_be_visible()
    expect(asker.get_by_text("None of our documents says this yet.")).to_be_visible()

    owner = visit(states["admin"]).open("/en/figures/")
    choose(owner, "Department", "People & Labour")
    choose(owner, "Request from the desk", re.compile(re.escape(question)))
    owner.get_by_label("What became of it").fill("It stands in the leave rules from December.")
    owner.get_by_role("button", name="Close the request").click()
    expect(owner.get_by_text("Closed. Whoever asked reads")).to_be_visible()
    expect(asker.get_by_text("It stands in the leave rules from December.")).to_be_visible()


def test_a_half_written_reply_is_there_again_after_the_browser_was_closed(visit: Any, states: Any) -> None:
    question, half = "Which form asks for a second monitor?", "IT-01, but for a monitor"
    asker = to_a_person(visit(states["emi"]), "en", question)
    first = visit(states["rui"])
    desk = opened(first, "en", question)
    desk.get_by_label(REPLY).fill("")
    desk.get_by_label(REPLY).press_sequentially(half, delay=20)
    expect(desk.get_by_text("Kept, and here again")).to_be_visible()
    first.context.close()

    desk = opened(visit(states["rui"]), "en", question)
    expect(desk.get_by_label(REPLY)).to_have_value(half)
    expect(desk.get_by_text("You wrote this earlier")).to_be_visible()
    expect(opened(visit(states["admin"]), "en", question).get_by_label(REPLY)).not_to_have_value(half)
    desk.get_by_label(REPLY).press("End")
    desk.get_by_label(REPLY).press_sequentially(" two people sign.", delay=20)
    desk.get_by_role("button", name="Send the reply").click()  # at once, while the last words are still being kept
    expect(desk.get_by_text("Sent. The reply stands")).to_be_visible()
    expect(asker.get_by_text(half + " two people sign.")).to_be_visible()
    expect(desk.locator(".notice.error")).to_have_count(0)
