"""An owner teaches a department in the browser: a sheet comes in, is checked, learnt from, put live and taken back."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

WORDS = {
    "en": {"department": "Department", "import": "Import", "check": "Check the data", "minutes": "Budget, minutes",
           "train": "Train", "compare": "Compare with what is live", "put": "Put live",
           "remark": "Remark: why (goes on record)",
           "insist": "Put it live in spite", "back": "Take back", "imported": "imported", "made": "Candidate",
           "few": "1 question to judge by", "live": "answers now", "shipped": "the shipped skills",
           "it": "IT"},
    "ja": {"department": "部署", "import": "取り込む", "check": "データを点検", "minutes": "時間の上限",
           "train": "学習する", "compare": "公開中のものと比較", "put": "公開する",
           "remark": "理由（記録に残ります）",
           "insist": "妨げがあっても", "back": "元に戻す", "imported": "取り込みました", "made": "候補",
           "few": "評価用の質問", "live": "答えるようになりました", "shipped": "出荷時のスキル",
           "it": "情報システム課"},
}  # fmt: skip


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six of IT's train questions to learn from and one of its calibration questions to be judged by."""
    rows = [json.loads(line) for line in Path("examples/questions.jsonl").read_text("utf-8").splitlines()]
    its = [row for row in rows if row["domain"] == "it" and row["answerable"] and not row.get("history")]
    chosen = [row | {"split": "train"} for row in its if row["split"] == "train"][:6]
    chosen += [row | {"split": "frozen"} for row in its if row["split"] == "calibration"][:1]
    file = tmp_path_factory.mktemp("sheet") / "faq.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in chosen), "utf-8")
    return file


def opened(visitor: Any, words: dict[str, str], language: str) -> Page:
    """The page with the department chosen."""
    page: Page = visitor.open(f"/{language}/adapters/")
    page.get_by_label(words["department"]).click()
    page.get_by_role("option", name=words["it"], exact=True).click()
    expect(page.locator("#state")).to_contain_text(words["it"])  # a hand is no faster than the page
    return page


def test_owners_teach_a_department_and_take_it_back_each_in_a_language_of_their_own(
    visit: Any, states: Any, sheet: Path
) -> None:
    english, japanese = WORDS["en"], WORDS["ja"]
    owners = {language: visit(states["admin"]) for language in WORDS}
    pages = {language: opened(owners[language], words, language) for language, words in WORDS.items()}
    for language, words in WORDS.items():
        page = pages[language]
        page.locator("input[type=file]").set_input_files(sheet)
        page.get_by_role("button", name=words["import"], exact=True).click()
        expect(page.locator("#said")).to_contain_text(words["imported"])
        page.get_by_role("button", name=words["check"]).click()
        expect(page.locator("#said")).to_contain_text("6")
    en, ja = pages["en"], pages["ja"]
    ja.get_by_label(japanese["minutes"]).first.fill("1")
    ja.get_by_role("button", name=japanese["train"], exact=True).click()
    for page in pages.values():
        expect(page.locator("#progress .stage")).to_be_visible()
    for language, words in WORDS.items():
        page = pages[language]
        expect(page.locator("#progress")).to_contain_text(words["made"], timeout=180_000)
        expect(page.locator(".js-plotly-plot")).to_have_count(1)
        page.get_by_role("button", name=words["compare"]).click()
        expect(page.locator("#comparison")).to_contain_text(words["few"], timeout=60_000)
        owners[language].shoot(f"adapters-{language}")
    en.get_by_label(english["remark"], exact=True).fill("e2e")
    en.get_by_label(english["insist"]).check()
    en.get_by_role("button", name=english["put"], exact=True).click()
    expect(en.locator("#result")).to_contain_text(english["live"])
    expect(ja.locator("#state")).not_to_contain_text(japanese["shipped"])
    ja.get_by_label(japanese["remark"], exact=True).fill("e2e")
    ja.get_by_role("button", name=japanese["back"], exact=True).click()
    expect(ja.locator("#result")).to_contain_text(japanese["shipped"])
    expect(en.locator("#state")).to_contain_text(english["shipped"])
    expect(ja.locator("#history li")).not_to_have_count(0)
    for language in WORDS:
        owners[language].shoot(f"adapters-{language}-live")


def test_the_page_fits_a_phone_and_is_nobodys_who_works_at_no_desk(visit: Any, states: Any) -> None:
    owner = visit(states["admin"], viewport={"width": 390, "height": 844})
    page = owner.open("/ja/adapters/")
    expect(page.locator("#state")).to_contain_text("出荷時")
    owner.shoot("adapters-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    response = visit(states["emi"]).page.goto(owner.address + "/en/adapters/")
    assert response is not None
    assert response.status == 404
