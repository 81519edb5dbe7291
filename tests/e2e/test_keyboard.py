"""A reviewer without a mouse: signs in, finds evidence, keeps a reply for others; a second person approves it."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.asking import ask, fresh, to_a_person
from tests.e2e.conftest import PASSWORD
from tests.e2e.keyboard import forgive_lists, press, write
from tests.e2e.test_accessibility import faults

pytestmark = pytest.mark.browser

QUESTION, REPLY = "What is the hotel limit in London?", "180 pounds a night since November."


@pytest.fixture
def two_people(visit: Any, states: Any) -> None:
    """Accounting asks for a second person."""
    page = visit(states["admin"]).open("/en/figures/")
    page.get_by_label("Department", exact=True).click()
    page.get_by_role("option", name="Accounting & Expenses").click()
    page.wait_for_timeout(1000)  # what is shown of a department names it nowhere else
    page.get_by_text("How the desk works").click()
    page.get_by_label("Two people").check()
    page.get_by_label("Remark: why (goes on record)").fill("keyboard")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()


@pytest.mark.usefixtures("two_people")
def test_a_correction_with_evidence_is_kept_and_approved_by_a_second_person_without_a_mouse(
    visit: Any, states: Any
) -> None:
    to_a_person(visit(states["emi"]), "en", QUESTION)
    reviewer = visit()
    page = reviewer.open("/")
    write(page, "^User name", "rui")
    write(page, "^Password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("What would you like to know?")).to_be_visible()

    press(page, "^Desk")
    expect(page.get_by_text(QUESTION).first).to_be_visible()
    press(page, re.escape(QUESTION), "Space")
    expect(page.get_by_label("Your reply to the person who asked")).to_be_visible()
    press(page, "^Search the documents for evidence")
    write(page, "^Search the documents(?! for)", "London hotel limit")
    press(page, "^Search$")
    expect(page.locator("ol.sources mark").last).to_be_visible()
    assert faults(page) == []
    write(page, "^Your reply to the person who asked", REPLY)
    press(page, r"UK_per_diem_rates_2026\.csv", "Space")
    press(page, "^Also give this reply", "Space")
    press(page, "^Send the reply")
    expect(page.get_by_text("Sent. The reply stands")).to_be_visible()

    second = visit(states["admin"])
    page = second.open("/en/desk/")
    expect(page.get_by_text("Corrections that wait for approval")).to_be_visible()
    press(page, "^Corrections that wait for approval")
    expect(page.locator("#proposed")).to_contain_text(REPLY)
    assert faults(page) == []
    press(page, "^Approve$")
    expect(page.get_by_text("Approved. It answers the next asker.")).to_be_visible()
    forgive_lists(reviewer, second)
    page = visit(states["sho"]).open("/en/ask/")
    fresh(page, "en")
    card = ask(page, "en", QUESTION)
    expect(card).to_contain_text(REPLY)
    expect(card.locator(".sources")).to_contain_text("UK_per_diem_rates_2026.csv")
