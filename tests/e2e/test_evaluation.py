"""What an owner sees of an evaluation: figures, plots and failures, in both languages and on a phone."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

WORDS = {
    "en": {"run": "Run", "again": "Ask again now", "now": "Now", "by": "Broken down by", "kind": "kind of question",
           "near": "topic there, detail not"},
    "ja": {"run": "評価", "again": "今もう一度聞く", "now": "今の結果", "by": "内訳", "kind": "質問の種類",
           "near": "話題はあるが詳細がない"},
}  # fmt: skip


@pytest.fixture(scope="module")
def evaluated(server: Any, states: Any) -> None:
    """A run of IT's regression questions, from the command line beside the running server."""
    server.command("evaluate", "--domain", "it", "--split", "regression")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_an_owner_reads_a_run_and_asks_a_failure_again(visit: Any, states: Any, evaluated: None, language: str) -> None:
    words = WORDS[language]
    owner = visit(states["admin"])
    page = owner.open(f"/{language}/evaluation/")
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    expect(page.locator("#figures").first).to_contain_text("%")
    page.get_by_label(words["by"]).click()
    page.get_by_role("option", name=words["kind"]).click()
    expect(page.locator("#parts").first).to_contain_text(words["near"])
    page.get_by_role("button", name=words["again"]).click()
    expect(page.get_by_role("rowheader", name=words["now"], exact=True)).to_be_visible()
    owner.shoot(f"evaluation-{language}")


def test_the_page_fits_a_phone(visit: Any, states: Any, evaluated: None) -> None:
    owner = visit(states["admin"], viewport={"width": 390, "height": 844})
    page = owner.open("/ja/evaluation/")
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    owner.shoot("evaluation-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
