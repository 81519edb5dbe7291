"""A document's life in the browser: uploaded, accepted, described, replaced, compared, withdrawn."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import for_department

pytestmark = pytest.mark.browser

NAME = "parking.txt"
PHONE = {"width": 390, "height": 844}


def opened(visitor: Any, language: str = "en") -> Page:
    page: Page = visitor.open(f"/{language}/documents/")
    expect(page.locator("table.documents")).to_be_visible()
    return page


def put(page: Page, place: int, path: Path, words: str) -> None:
    """Choose a file and wait until the page has it."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(words)
    page.set_input_files(f"input[type=file] >> nth={place}", [str(path)])
    expect(page.get_by_role("cell", name=path.name, exact=True).first).to_be_visible()
    page.wait_for_timeout(500)


def row_of(page: Page) -> Locator:
    return page.locator("table.documents tr", has_text=NAME)


def test_a_document_is_uploaded_accepted_described_replaced_and_withdrawn(
    visit: Any, states: Any, tmp_path: Path
) -> None:
    employee = visit(states["emi"])
    page = opened(employee)
    put(page, 0, tmp_path / NAME, "Visitors park on level 2.\n\nThe gate opens at six.")
    for_department(page, "Department", "People & Labour")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator(".uploads")).to_contain_text("Searchable")
    expect(row_of(page)).to_contain_text("only you")
    page.reload()
    expect(page.locator(".uploads li", has_text=NAME)).to_contain_text("Searchable")

    reviewer = visit(states["admin"])
    page = opened(reviewer)
    expect(row_of(page)).to_contain_text("not accepted yet")
    with page.expect_popup() as shown:
        row_of(page).get_by_role("link", name="Details").click()
    page = shown.value
    page.get_by_role("button", name="Accept for the department").click()
    expect(page.get_by_text("The whole department finds it now.")).to_be_visible()

    expect(page.get_by_label("Document", exact=True)).to_have_value(re.compile(NAME))  # it stays chosen
    page.get_by_text("Label, responsible, review date").click()
    page.get_by_label("Responsible", exact=True).fill("Facility team")
    page.get_by_label(re.compile("Review by")).fill("2026-01-31")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#facts")).to_contain_text("Facility team")
    expect(row_of(page)).to_contain_text("review overdue")

    page.get_by_text("New version", exact=True).click()
    put(page, 1, tmp_path / "new" / NAME, "Visitors park on level 3.\n\nThe gate opens at six.")
    page.get_by_role("button", name="Replace", exact=True).click()
    expect(row_of(page).get_by_role("cell").nth(3)).to_have_text("2")
    expect(page.locator("#facts table.versions tbody tr")).to_have_count(2)
    page.get_by_text("What changed", exact=True).click()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator("#changes del")).to_have_text("2")
    expect(page.locator("#changes ins")).to_have_text("3")
    reviewer.shoot("document-en")

    page.get_by_text("Withdraw", exact=True).first.click()
    expect(page.locator("#derived")).to_contain_text("0 reviewed answers rest on it")
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.get_by_text("Tick the box first")).to_be_visible()
    page.get_by_label("Yes, withdraw it for good").check()
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(row_of(page)).to_have_count(0)


def test_documents_are_found_and_read_on_a_phone(visit: Any, states: Any) -> None:
    visitor = visit(states["emi"], locale="ja-JP", viewport=PHONE)
    page = opened(visitor, "ja")
    page.get_by_label("名前で絞り込む").fill("QS-301")
    expect(page.locator("table.documents tbody tr")).to_have_count(1)
    visitor.shoot("documents-phone-ja")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    with page.expect_popup() as shown:
        page.locator("table.documents a").first.click()
    expect(shown.value.locator("main.place")).to_contain_text("校正")
