"""What the server lets go of is nothing that a browser still needs."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from assistant.pages.page_memory import SENT, SWEEP_SECONDS
from tests.e2e.asking import ask, fresh

pytestmark = pytest.mark.browser


# the browser's driver hears of no beacon
NOTED = """(() => {
  const send = navigator.sendBeacon.bind(navigator);
  navigator.sendBeacon = (address) => {
    localStorage.told = (localStorage.told || "") + " " + address + (send(address) ? "" : " refused");
  };
})()"""


def test_a_page_that_is_left_by_a_link_says_so(visit: Any, states: Any) -> None:
    visitor = visit(states["emi"])
    visitor.context.add_init_script(NOTED)
    page = visitor.open("/en/ask/")
    for name in ("Documents", "Ask"):
        page.wait_for_timeout(1000)  # a conversation that was there moves to its last question first
        page.locator("nav.head").get_by_role("link", name=re.compile(f"^{name}")).click()
        expect(page.locator("nav.head a.here")).to_have_text(re.compile(f"^{name}"))
    told = page.evaluate("localStorage.told").split()
    assert len(set(told)) == 2
    for address in told:
        assert re.fullmatch(r"/pages/\w+/left", address)
        assert page.request.post(visitor.address + address, headers={"origin": visitor.address}).status == 204


@pytest.mark.slow
def test_an_answer_can_still_be_flagged_long_after_it_was_drawn(visit: Any, states: Any) -> None:
    page = visit(states["emi"]).open("/en/ask/")
    fresh(page, "en")
    for question in ("How many characters must a password have?", "How long does the AsaGate VPN stay connected?"):
        ask(page, "en", question)
    page.wait_for_timeout(1000 * (SENT.total_seconds() + 2 * SWEEP_SECONDS))
    page.get_by_role("button", name="Wrong").first.click()
    page.get_by_label("It is out of date").first.check()
    page.get_by_role("button", name="Send to the department").first.click()
    expect(page.get_by_text("The department's desk looks at it")).to_be_visible()
    ask(page, "en", "May I use a USB stick?")
