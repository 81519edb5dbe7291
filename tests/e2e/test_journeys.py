"""What people do in the browser, from the question to the reply, in both languages and at phone width."""

import re
import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.asking import WORDS, ask, for_department, fresh

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("language", "question", "fact", "file", "marked"),
    [
        ("en", "How many characters must a password have?", "14 characters", "IT_Security_Policy.pdf", "14 characters"),
        ("ja", "マイクロメータの校正は何か月ごと？", "6か月", "QS-301_測定機器管理規程.pdf", "6か月"),
    ],
)
def test_an_employee_asks_and_gets_a_cited_answer(
    visit: Any, states: Any, language: str, question: str, fact: str, file: str, marked: str
) -> None:
    visitor = visit(states["emi"])
    page = visitor.open(f"/{language}/ask/")
    fresh(page, language)
    card = ask(page, language, question)
    expect(card).to_contain_text(fact)
    expect(card.locator(".sources a").first).to_have_text(file)
    expect(card.locator("mark").first).to_contain_text(marked)
    expect(card.locator(".confidence")).to_contain_text(re.compile(r"\d+ ?%"))
    card.get_by_text(WORDS[language]["why"]).click()
    expect(card.locator("table.signals")).to_be_visible()
    visitor.shoot(f"ask-{language}")


def test_the_first_page_speaks_the_browsers_language(visit: Any) -> None:
    for locale, words in (("ja-JP", "サインイン"), ("en-GB", "Sign in"), ("fr-FR", "Sign in")):
        page = visit(locale=locale).open("/")
        expect(page.get_by_role("button")).to_have_text(words)


def test_the_language_can_be_switched(visit: Any, states: Any) -> None:
    page = visit(states["emi"]).open("/ja/ask/")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_text("What would you like to know?")).to_be_visible()


def test_a_conversation_survives_reload_and_restart(visit: Any, states: Any, server: Any) -> None:
    visitor = visit(states["emi"])
    page = visitor.open("/en/ask/")
    fresh(page, "en")
    ask(page, "en", "How long is paternity leave?")
    ask(page, "en", "Where do rejected parts go?")
    page.reload()
    expect(page.locator(".card")).to_have_count(2)
    expect(page.locator(".turn.question").last).to_be_in_viewport()
    expect(page.locator("h1")).not_to_be_in_viewport()  # it opens where it ended
    server.stop(signal.SIGKILL)
    server.start()
    visitor.errors.clear()
    page.goto(server.address + "/en/ask/")
    expect(page.locator(".card")).to_have_count(2)
    expect(page.locator(".card").first).to_contain_text("two weeks")


def test_a_new_conversation_begins_however_early_one_asks_for_it(visit: Any, states: Any) -> None:
    page = visit(states["emi"]).open("/en/ask/")
    for wait in range(0, 500, 100):  # milliseconds: while the page's own events are under way, ending, ended
        page.reload()
        expect(page.locator(".card").first).to_be_attached()
        page.wait_for_timeout(wait)
        fresh(page, "en")


def test_an_uploaded_file_is_answered_from_at_once(visit: Any, states: Any, tmp_path: Path) -> None:
    path = tmp_path / "食堂のご案内.txt"
    path.write_text(
        "食堂のご案内\n\n霞野工場の食堂の営業時間は11時45分から13時15分までです。\n日替わり定食は480円です。\n"
    )
    visitor = visit(states["emi"])
    page = visitor.open("/ja/documents/")
    expect(page.get_by_text("QS-104_受入検査基準.docx").first).to_be_visible()
    page.set_input_files("input[type=file] >> nth=0", [str(path)])
    expect(page.get_by_role("cell", name="食堂のご案内.txt", exact=True).first).to_be_visible()
    page.get_by_role("button", name="登録する").click()
    expect(page.get_by_text("先に部署を選んでください。")).to_be_visible()
    for_department(page, "部署", "人事課")  # the file is still chosen
    page.get_by_role("button", name="登録する").click()
    expect(page.locator(".uploads")).to_contain_text("検索できます（1か所）")
    visitor.shoot("documents-ja")
    page = visitor.open("/ja/ask/")
    fresh(page, "ja")
    card = ask(page, "ja", "霞野工場の食堂の営業時間は何時から何時まで？")
    expect(card).to_contain_text("11時45分")
    expect(card.locator(".sources a").first).to_have_text("食堂のご案内.txt")


def test_a_file_that_cannot_be_read_is_told_in_one_sentence(visit: Any, states: Any, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.pdf", tmp_path / "good.txt"
    bad.write_bytes(b"%PDF-1.7 nothing")
    good.write_text("The bicycle stand is behind hall 2.")
    visitor = visit(states["admin"])
    page = visitor.open("/en/documents/")
    expect(page.get_by_text("QS-104_受入検査基準.docx").first).to_be_visible()
    page.set_input_files("input[type=file] >> nth=0", [str(bad), str(good)])
    expect(page.get_by_role("cell", name="good.txt", exact=True).first).to_be_visible()
    for_department(page, "Department", "People & Labour")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator(".uploads")).to_contain_text("bad.pdf is damaged and cannot be opened.")
    expect(page.locator(".uploads")).to_contain_text("Searchable (1 passage")
    visitor.shoot("documents-en")


def test_a_flagged_answer_comes_back_from_the_desk(visit: Any, states: Any) -> None:
    asker = visit(states["emi"])
    page = asker.open("/ja/ask/")
    fresh(page, "ja")
    ask(page, "ja", "マイクロメータの校正は何か月ごと？")
    page.get_by_role("button", name="間違い").click()
    page.get_by_label("内容が古い").check()
    page.get_by_label("正しい内容（わかる場合）").fill("10月から3か月ごとに変わりました")
    page.get_by_role("button", name="部署に知らせる").click()
    expect(page.get_by_text("窓口の担当者が確認し")).to_be_visible()

    expert = visit(states["admin"])
    desk = expert.open("/ja/desk/")
    desk.get_by_text(re.compile("間違いの指摘.*マイクロメータの校正は何か月ごと")).click()
    expect(desk.get_by_text("10月から3か月ごとに変わりました")).to_be_visible()
    expert.shoot("desk-ja")
    desk.get_by_label("質問者への返信").fill("10月から3か月ごとです。")
    desk.get_by_role("button", name="返信する").click()
    expect(desk.get_by_text("送りました。質問者の会話に表示されます。")).to_be_visible()

    expect(page.get_by_text("10月から3か月ごとです。")).to_be_visible()
    asker.shoot("reply-ja")


def test_an_escalated_question_is_answered_and_serves_the_next_asker(visit: Any, states: Any) -> None:
    asker = visit(states["emi"])
    page = asker.open("/en/ask/")
    fresh(page, "en")
    question = "Who waters the plants in the lobby?"
    card = ask(page, "en", question)
    expect(card.locator(".chip")).to_have_text(re.compile("Not answered|Held"))
    if page.get_by_role("button", name="Ask a person").count():
        page.get_by_role("button", name="Ask a person").click()
    expect(page.get_by_text("has this question; the reply appears")).to_be_visible()  # whose desk, if held
    asker.shoot("escalated-en")

    expert = visit(states["admin"])
    desk = expert.open("/en/desk/")
    desk.get_by_text(re.compile("Who waters the plants")).first.click()
    desk.get_by_label("Your reply to the person who asked").fill("Facility management, every Monday.")
    desk.get_by_role("button", name="Send the reply").click()
    expect(desk.get_by_text("Sent. The reply stands")).to_be_visible()
    expert.shoot("desk-en")
    expect(page.get_by_text("Facility management, every Monday.")).to_be_visible()


def test_bad_questions_get_one_sentence_and_the_words_stay(visit: Any, states: Any) -> None:
    page = visit(states["emi"]).open("/en/ask/")
    fresh(page, "en")
    box = page.get_by_label("Your question", exact=True)
    for typed, told in (("", "empty"), ("🎉🎉", "no words"), ("x" * 2500, "at most 2000")):
        box.fill(typed)
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.locator(".notice.error")).to_contain_text(told)
        expect(box).to_have_value(typed)
    expect(page.locator(".card")).to_have_count(0)


def test_markup_in_questions_and_documents_is_shown_and_never_runs(visit: Any, states: Any, tmp_path: Path) -> None:
    path = tmp_path / "evil.md"
    path.write_text(
        "# Lockers\n\nLocker keys cost 7 pounds <img src=x onerror=\"document.title='HACKED'\"> **bold**.\n"
    )
    visitor = visit(states["emi"])
    page = visitor.open("/en/documents/")
    expect(page.get_by_text("QS-104_受入検査基準.docx").first).to_be_visible()
    page.set_input_files("input[type=file] >> nth=0", [str(path)])
    expect(page.get_by_role("cell", name="evil.md", exact=True).first).to_be_visible()
    for_department(page, "Department", "People & Labour")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator(".uploads")).to_contain_text("Searchable (1 passage")
    page = visitor.open("/en/ask/")
    fresh(page, "en")
    card = ask(
        page, "en", "How much do locker keys cost? <img src=x onerror=\"document.title='HACKED'\"> [a](http://x)"
    )
    expect(card).to_contain_text("7 pounds")
    expect(page.locator(".turn.question").last).to_contain_text("<img src=x")
    assert page.title() != "HACKED"
    assert page.locator(".turn img").count() == 0


def test_an_employee_sees_no_link_to_what_is_not_his(visit: Any, states: Any) -> None:
    page = visit(states["emi"]).open("/en/ask/")
    expect(page.locator("nav.head")).to_contain_text("Documents")
    expect(page.locator("nav.head")).not_to_contain_text("People")
    expect(page.locator("nav.head")).not_to_contain_text("Desk")


def test_an_administrator_adds_a_person_who_then_chooses_a_password(visit: Any, states: Any) -> None:
    admin = visit(states["admin"])
    page = admin.open("/en/people/")
    page.get_by_label("User name").first.fill("ken")
    page.get_by_label("Name as others see it").first.fill("Ken New")
    page.get_by_label(re.compile("First password")).fill("temporary words")
    page.get_by_role("button", name="Add a person").click()
    expect(page.get_by_role("cell", name="Ken New")).to_be_visible()
    admin.shoot("people-en")
    ken = visit()
    page = ken.open("/")
    page.fill("#name", "ken")
    page.fill("#password", "temporary words")
    page.click("button")
    page.fill("#old", "temporary words")
    page.fill("#password", "my very own words")
    page.fill("#again", "my very own words")
    page.click("button")
    expect(page.get_by_text("What would you like to know?")).to_be_visible()


def test_an_administrator_adds_a_department_and_says_anew_what_it_is_called(visit: Any, states: Any) -> None:
    page = visit(states["admin"]).open("/en/departments/")
    page.get_by_label("Short name (small letters").fill("canteen")
    page.get_by_label("Name in English").fill("Kanteen")
    page.get_by_label("What it answers, in English").fill("Meals, opening hours of the canteen, allergies")
    page.get_by_role("button", name="Add a department").click()
    expect(page.get_by_role("cell", name="Kanteen")).to_be_visible()
    page.get_by_label("Which department").click()
    page.get_by_role("option", name="Kanteen").click()
    expect(page.get_by_label("Name in English")).to_have_value("Kanteen")
    page.get_by_label("Name in English").fill("Canteen")
    save = page.get_by_role("button", name="Save the changes")
    save.click()
    expect(page.get_by_role("alert")).to_be_visible()  # no reason was given
    expect(page.get_by_label("Name in English")).to_have_value("Canteen")  # and nothing typed is lost
    page.get_by_label("Why it is changed").fill("a typing error")
    save.click()
    expect(page.get_by_role("cell", name="Canteen", exact=True)).to_be_visible()
    expect(page.get_by_text("Canteen is changed.")).to_be_visible()
    page.get_by_label("Department", exact=True).click()
    page.get_by_role("option", name="Canteen").click()
    page.get_by_label("Reason (goes on record)").fill("the end of this test")
    page.get_by_role("button", name="Close a department").click()
    expect(page.get_by_text("Canteen is closed.")).to_be_visible()
