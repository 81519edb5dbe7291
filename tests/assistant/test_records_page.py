"""The administrators' page of records, the download of the audit log, and a person's own data in the browser."""

import io
import json
import zipfile
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.errors import NotAllowed, Refusal
from assistant.pages.records_page import ON_PAGE, Handlers
from assistant.pages.records_view import entries_table
from assistant.web import personal, records
from assistant.web.application import _Gate, _refused
from assistant.web.session import COOKIE
from assistant.wording import LANGUAGES, Language, say
from tests.assistant.test_personal import PASSWORD, SECRET, Office, founded, office

__all__ = ["founded", "office"]  # fixtures

NOTHING = ("", "", "", "", "")


def asking(office: Office, name: str) -> Any:
    return SimpleNamespace(username=office.account(name))


@pytest.fixture
def web(office: Office) -> Iterator[TestClient]:
    application = FastAPI()
    application.add_middleware(_Gate, services=office.services)
    application.exception_handler(Refusal)(_refused)
    application.include_router(personal.routes(office.services))
    application.include_router(records.routes(office.services))
    with TestClient(application, follow_redirects=False) as client:
        yield client


def sign_in(web: TestClient, office: Office, name: str) -> None:
    web.cookies.set(COOKIE, office.services.accounts.sign_in(name, PASSWORD))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_administrator_searches_and_turns_the_pages_of_the_log(office: Office, language: Language) -> None:
    handle, aki = Handlers(office.services, language), asking(office, "aki")
    for n in range(ON_PAGE // 3):  # each leaves four entries
        office.ask("emi", f"question {n} <script>")
    shown, at = handle.find("emi", "", "", "", "", aki)
    assert say(language, "action.question.asked") in shown
    assert (at, "Emi Employee" in shown, "<script>" in shown, "question 1" in shown) == (0, True, False, False)
    _, at = handle.older(at, "emi", "", "", "", "", aki)
    assert at == ON_PAGE
    _, at = handle.newer(at, "emi", "", "", "", "", aki)
    assert at == 0
    _, at = handle.older(100_000, *NOTHING, aki)
    assert 0 < at < 10 * ON_PAGE
    assert "notice error" in handle.find("", "", "", "yesterday", "", aki)[0]
    assert 'class="empty"' in handle.find("nobody at all", "", "", "", "", aki)[0]
    assert "notice good" in handle.check(aki)


def test_the_log_tells_the_programs_reasons_in_the_readers_language_and_a_persons_own_as_they_are() -> None:
    told = {"number": 1, "time": "2026-11-30T10:00:00", "person": "佐藤", "actor": "", "action": "glossary.added"}
    entries = [
        SimpleNamespace(**told, object_type="entry", object_id="1", before={}, after={}, reason=reason)
        for reason in ("first administrator", "we tried {it}")
    ]
    shown = entries_table("ja", entries)  # type: ignore[arg-type]
    assert "最初の管理者" in shown
    assert "first administrator" not in shown
    assert "we tried" in shown


def test_only_an_administrator_is_answered_by_the_page(office: Office) -> None:
    handle = Handlers(office.services, "en")
    for name in ("emi", "rui"):
        request = asking(office, name)
        for act in (
            lambda r: handle.open(r),
            lambda r: handle.find(*NOTHING, r),
            lambda r: handle.newer(0, *NOTHING, r),
            lambda r: handle.older(0, *NOTHING, r),
            lambda r: handle.check(r),
            lambda r: handle.keep("people", 30, r),
            lambda r: handle.look(office.account("emi"), r),
            lambda r: handle.erase(office.account("emi"), "emi", r),
        ):
            with pytest.raises(NotAllowed):
                act(request)


def test_a_person_is_erased_on_the_page_only_under_the_right_name(office: Office) -> None:
    handle, aki, emi = Handlers(office.services, "ja"), asking(office, "aki"), office.account("emi")
    office.ask("emi", SECRET)
    told = handle.look(emi, aki)[0]
    assert "会話 1件" in told
    assert SECRET not in told
    for person, name in ((None, "emi"), (emi, "rui"), (emi, ""), (office.account("aki"), "aki")):
        assert "notice error" in handle.erase(person, name, aki)[0]
    assert office.holds(SECRET)
    assert "notice good" in handle.erase(emi, "EMI", aki)[0]
    assert not office.holds(SECRET)


def test_retention_is_set_on_the_page(office: Office) -> None:
    handle, aki = Handlers(office.services, "en"), asking(office, "aki")
    said, shown = handle.keep("people", 30, aki)
    assert ("notice good" in said, "30 days" in shown) == (True, True)
    assert "for good" in handle.keep("people", 0, aki)[1]
    assert "notice error" in handle.keep("people", 100_000, aki)[0]
    assert "notice error" in handle.keep(None, 30, aki)[0]


def test_the_log_is_downloaded_by_administrators_and_is_nothing_to_others(web: TestClient, office: Office) -> None:
    assert web.get("/records/export").status_code == 401
    sign_in(web, office, "rui")
    assert web.get("/records/export").status_code == 404
    sign_in(web, office, "aki")
    got = web.get("/records/export", params={"form": "jsonl", "what": "domain"})
    assert {json.loads(line)["action"] for line in got.text.splitlines()} == {"domain.added"}
    assert "attachment" in got.headers["content-disposition"]
    assert web.get("/records/export").text.startswith("\ufeffnumber,time,actor")
    for bad in ({"form": "exe"}, {"since": "yesterday"}):
        assert web.get("/records/export", params=bad).status_code == 400


def test_a_person_sees_downloads_and_deletes_his_own_data(web: TestClient, office: Office) -> None:
    office.ask("emi", SECRET)
    office.ask("aki", "somebody else's")
    assert web.get("/account/data").status_code == 401
    sign_in(web, office, "emi")
    page = web.get("/account/data", headers={"accept-language": "ja"})
    assert ("自分のデータ" in page.text, SECRET in page.text) == (True, False)
    with zipfile.ZipFile(io.BytesIO(web.post("/account/data/export").content)) as packed:
        body = packed.read("conversations.json").decode()
    assert (SECRET in body, "somebody else" in body) == (True, False)
    assert web.post("/account/data/delete").status_code == 400
    assert office.holds(SECRET)
    assert "1 conversation deleted" in web.post("/account/data/delete", data={"sure": "yes"}).text
    assert not office.holds(SECRET)
    assert office.holds("somebody else")
