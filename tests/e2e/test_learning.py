"""The second half of the loop: a correction teaches the next version, which then answers without the person's reply."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.asking import ask, fresh
from tests.e2e.keyboard import forgive_lists

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

QUESTION = "部門ドライブのファイル消しちゃった、何日前までなら復活できる？"
FILE, ROW = "Backup_and_file_storage.md", "every night at 1:30"
REPLY = "60日前まで戻せます。"
OTHER_WORDS = (
    "部門ドライブのファイルを消してしまいました。何日前まで戻せますか",
    "部門のドライブで消したファイルは何日間復活できる？",
    "Kドライブから削除した書類は何日以内なら戻せますか",
    "部署の共有ドライブのデータを消した。いつまでなら復元できる？",
    "部門ドライブの消えたファイル、何日前の分まで取り戻せる？",
    "部門ドライブで間違って削除、復活は何日まで？",
    "部門のフォルダーから消したファイルの復元期限は何日ですか",
    "部門ドライブの削除済みファイルは何日残りますか",
    "部門ドライブの書類を誤って消した。何日以内に言えば戻る？",
    "消した部門ドライブのファイルは何日前まで復元可能？",
    "How many days back can a deleted file on the department drive be restored?",
    "I deleted a file on our department drive. For how many days can it come back?",
)


@pytest.fixture
def shows_every_answer(visit: Any, states: Any) -> Iterator[None]:
    """IT shows what stands in a document without being sure, so that one sees what it makes of a question."""
    page = visit(states["admin"]).open("/en/release/")

    def save(way: str) -> None:
        page.get_by_label("Department", exact=True).click()
        page.get_by_role("option", name="IT", exact=True).click()
        expect(page.locator("#present")).to_contain_text("IT now")
        page.get_by_label(way).check()
        page.get_by_label("Remark: why (goes on record)", exact=True).fill("e2e")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#result")).to_contain_text("Saved")

    save("always, if they stand in a document")
    yield
    save("when sure enough")


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """The same in other words to learn from, and one other question to be judged by."""
    rows = [json.loads(line) for line in Path("examples/questions.jsonl").read_text("utf-8").splitlines()]
    other = next(row for row in rows if row["domain"] == "it" and row["answerable"] and row["split"] == "calibration")
    quote = f"K: (department) | {ROW} | 60 days"
    told = {"domain": "it", "gold": REPLY, "facts": [["60日", "60 days"]], "evidence": [{"file": FILE, "quote": quote}]}
    taught = [told | {"question": question, "split": "train"} for question in OTHER_WORDS]
    file = tmp_path / "faq.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in [*taught, other | {"split": "frozen"}]]
    file.write_text("\n".join(lines), "utf-8")
    return file


def asked(visitor: Any) -> Locator:
    """The answer to the question, in a conversation of its own."""
    page = visitor.open("/en/ask/")
    fresh(page, "en")
    return ask(page, "en", QUESTION)


def correct(asker: Any, expert: Any) -> None:
    """The asker says that it is wrong; at the desk the right reply is given, with the passage that it rests on."""
    page = asker.page
    page.get_by_role("button", name="Wrong").click()
    page.get_by_label("A fact is wrong").check()
    page.get_by_role("button", name="Send to the department").click()
    expect(page.get_by_text("has this question").first).to_be_visible()
    desk = expert.open("/en/desk/")
    desk.get_by_text(QUESTION).first.click()
    desk.get_by_text("Search the documents for evidence").click()
    desk.get_by_label("Search the documents", exact=True).fill(f"K: department deleted files {ROW}")
    shown = desk.locator("ol.sources").count()
    desk.get_by_role("button", name="Search", exact=True).click()
    found = desk.locator("ol.sources").nth(shown).locator("li", has_text=ROW).first
    passage = found.locator("strong").inner_text()
    boxes = desk.get_by_role("group").filter(has_text="The reply rests on")
    for box in boxes.get_by_role("checkbox").all():
        box.uncheck()
    boxes.get_by_label(passage, exact=True).first.check()
    desk.get_by_label("Your reply to the person who asked").fill(REPLY)
    desk.get_by_label("wrong", exact=True).check()
    desk.get_by_label("Also give this reply").check()
    desk.get_by_role("button", name="Send the reply").click()
    expect(desk.get_by_text("Sent. The reply stands")).to_be_visible()
    expect(page.get_by_text(REPLY).first).to_be_visible()


def teach(page: Page, sheet: Path) -> str:
    """Import, train, compare, put live; gives the start of the version's name."""
    page.get_by_label("Department", exact=True).click()
    page.get_by_role("option", name="IT", exact=True).click()
    expect(page.locator("#state")).to_contain_text("IT")
    page.locator("input[type=file]").set_input_files(sheet)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#said")).to_contain_text("imported")
    page.get_by_label("Budget, minutes").first.fill("8")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator("#progress")).to_contain_text("Candidate", timeout=600_000)
    page.get_by_role("button", name="Compare with what is live").click()
    expect(page.locator("#comparison")).to_contain_text("to judge by", timeout=60_000)
    page.get_by_label("Remark: why (goes on record)", exact=True).fill("e2e")
    page.get_by_role("button", name="Put live", exact=True).click()
    expect(page.locator("#result .error")).to_be_visible()  # the gate: one question is too few to judge by
    page.get_by_label("Put it live in spite").check()
    page.get_by_role("button", name="Put live", exact=True).click()
    expect(page.locator("#result")).to_contain_text("answers now")
    told = re.search(r"Version (\w+)", page.locator("#result").inner_text())
    assert told is not None
    return told[1]


def retire_all(page: Page) -> None:
    """Take every example out of use: none of them answers anybody any more."""
    page.get_by_role("button", name=re.compile("^Examples")).click()
    for _ in range(len(OTHER_WORDS) + 2):  # the correction, and what it is judged by
        before = page.locator("#state").inner_text()
        page.get_by_label("Example", exact=True).click()
        page.get_by_role("option").first.click()
        page.get_by_role("button", name="Take out of use").click()
        expect(page.locator("#state")).not_to_have_text(before, use_inner_text=True)


@pytest.mark.usefixtures("shows_every_answer")
def test_a_correction_teaches_the_version_that_answers_when_the_persons_reply_is_out_of_use(
    visit: Any, states: Any, sheet: Path
) -> None:
    asker, expert = visit(states["emi"]), visit(states["admin"])
    card = asked(asker)
    expect(card).not_to_contain_text("60 days")
    expect(card).not_to_contain_text("60日")
    correct(asker, expert)
    second = visit(states["sho"])
    expect(asked(second).locator(".facts .chip")).to_have_class(re.compile("reviewed"))

    page = expert.open("/en/adapters/")
    version = teach(page, sheet)
    retire_all(page)
    card = asked(second)
    expect(card.locator(".facts .chip")).not_to_have_class(re.compile("reviewed"))
    expect(card).to_contain_text("60 days")
    expect(card).to_contain_text(version)
    expect(card.locator(".sources a").first).to_have_text(FILE)
    second.shoot("learnt-en")
    page.get_by_role("button", name="Take back", exact=True).click()
    expect(page.locator("#result")).to_contain_text("the shipped skills again")
    forgive_lists(expert)
