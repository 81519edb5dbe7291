"""The web's borders: nobody gets anywhere unsigned, forms only from our pages, originals only with the right."""

import io
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from assistant.pages.frame import PAGES as NAMES
from tests.assistant.conftest import PASSWORD, SITE, Company, Site

PAGES = [f"/{language}/{page}/" for language in ("ja", "en") for page in NAMES]


@pytest.fixture
def web(site: Site) -> TestClient:
    """The browser, signed out."""
    return site.web


@pytest.fixture
def company(site: Site) -> Company:
    """The people whose pages these are."""
    return site.company


def sign_in(web: TestClient, name: str) -> None:
    done = web.post("/sign-in", data={"name": name, "password": PASSWORD}, headers={"origin": SITE})
    assert done.status_code == 303, done.text


@pytest.mark.parametrize("page", PAGES)
def test_without_signing_in_every_page_leads_to_the_form(web: TestClient, page: str) -> None:
    answer = web.get(page)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize(
    "path", ["config", "info", "gradio_api/info", "gradio_api/queue/join", "theme.css", "file=/etc/passwd"]
)
def test_without_signing_in_nothing_under_a_page_answers(web: TestClient, path: str) -> None:
    assert web.get(f"/en/ask/{path}", headers={"accept": "*/*"}).status_code == 401
    assert web.post(f"/en/ask/{path}", headers={"origin": SITE, "accept": "*/*"}, json={}).status_code in (401, 405)


def test_an_employee_opens_his_pages_and_no_others(web: TestClient) -> None:
    sign_in(web, "employee")
    assert [web.get(page).status_code for page in PAGES] == [200, 200, *[404] * (len(NAMES) - 2)] * 2


def test_a_reviewer_opens_the_desk_too(web: TestClient) -> None:
    sign_in(web, "reviewer")
    opened = [name for name, page in zip(NAMES, PAGES, strict=False) if web.get(page).status_code == 200]
    assert opened == ["ask", "documents", "desk", "glossary", "adapters"]


def test_a_wrong_password_is_told_in_the_browsers_language(web: TestClient) -> None:
    form = {"name": "employee", "password": "wrong password"}
    for language, word in (("ja", "パスワード"), ("en", "password")):
        answer = web.post("/sign-in", data=form, headers={"origin": SITE, "accept-language": language})
        assert answer.status_code == 400
        assert word in answer.text


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
def test_a_form_from_another_site_is_refused(web: TestClient, headers: dict[str, str]) -> None:
    form = {"name": "employee", "password": PASSWORD}
    assert web.post("/sign-in", data=form, headers=headers).status_code == 403


@pytest.mark.parametrize("path", ["/", "/sign-in", "/health", "/static/form.css"])
def test_every_answer_forbids_what_comes_from_elsewhere(web: TestClient, path: str) -> None:
    policy = web.get(path).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy


def test_no_page_names_an_address_elsewhere_that_a_browser_would_load(web: TestClient) -> None:
    import re

    sign_in(web, "reviewer")
    for page in (*PAGES[:3], "/sign-in", "/sign-out", "/password"):
        body = web.get(page).text
        loaded = re.findall(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["'](https?:)?//[^"']+""", body)
        assert loaded == [], page


@pytest.mark.parametrize("path", ["proxy=http://example.org", "file=http://example.org", "gradio_api/proxy=http://x"])
def test_the_server_fetches_nothing_for_a_browser(web: TestClient, path: str) -> None:
    sign_in(web, "employee")
    assert web.get(f"/en/ask/{path}").status_code == 404


@pytest.mark.parametrize("path", ["/etc/passwd", "records.db", "../records.db"])
def test_files_of_the_machine_are_not_served(web: TestClient, company: Any, path: str) -> None:
    sign_in(web, "employee")
    place = str(company.services.settings.home / path) if "passwd" not in path else path
    for prefix in ("file=", "gradio_api/file="):
        assert web.get(f"/en/documents/{prefix}{place}").status_code in (403, 404)


def test_originals_are_served_to_whom_they_are_visible(web: TestClient, company: Any) -> None:
    row = next(d for d in company.services.documents.listing(company.employee) if d.filename == "休暇規程.md")
    path = f"/documents/{row.id}/{row.latest.id}"
    assert web.get(path).status_code == 303
    sign_in(web, "employee")
    answer = web.get(path)
    assert answer.status_code == 200
    assert "年次有給休暇" in answer.text
    assert answer.headers["content-disposition"].startswith("attachment")
    web.cookies.clear()
    sign_in(web, "outsider")
    assert web.get(path).status_code == web.get("/documents/none/none").status_code == 404


def test_the_one_time_link_works_once(web: TestClient, company: Any) -> None:
    token = company.services.accounts.one_time_link("test")
    form = {"name": "founder", "password": PASSWORD, "again": PASSWORD, "token": token}
    link = f"/welcome?token={token}"
    assert "<form" in web.get(link).text
    refused = web.post(link, data=form | {"again": "something else"}, headers={"origin": SITE})
    assert refused.status_code == 400
    assert 'value="founder"' in refused.text  # what was typed is still there
    done = web.post(link, data=form, headers={"origin": SITE})
    assert done.status_code == 303, done.text
    assert web.get("/en/people/").status_code == 200
    assert web.post(link, data=form | {"name": "founder2"}, headers={"origin": SITE}).status_code == 400


def test_a_password_given_by_somebody_else_must_be_changed_first(web: TestClient, company: Any) -> None:
    company.services.accounts.create("test", "fresh", PASSWORD)
    sign_in(web, "fresh")
    assert web.get("/en/ask/").headers["location"] == "/password"
    form = {"old": PASSWORD, "password": "my own long secret", "again": "my own long secret"}
    assert web.post("/password", data=form, headers={"origin": SITE}).status_code == 303
    assert web.get("/en/ask/").status_code == 200


def test_signing_out_ends_the_session_on_the_server(web: TestClient) -> None:
    sign_in(web, "employee")
    kept = dict(web.cookies)
    assert web.get("/sign-out").status_code == 200
    assert web.post("/sign-out", headers={"origin": SITE}).status_code == 303
    web.cookies.update(kept)
    assert web.get("/en/ask/").status_code == 303


@pytest.mark.parametrize("to", ["//evil.example", "/\\evil.example", "http://evil.example"])
def test_switching_the_language_leads_nowhere_else(web: TestClient, to: str) -> None:
    assert web.get("/language/ja", params={"to": to}).headers["location"] == "/"


def test_the_session_cookie_is_unreadable_to_scripts(web: TestClient) -> None:
    done = web.post("/sign-in", data={"name": "employee", "password": PASSWORD}, headers={"origin": SITE})
    cookie = done.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_a_citation_opens_in_its_place_with_the_words_marked_and_only_with_the_right(
    web: TestClient, company: Company
) -> None:
    citation = company.ask("How many days of annual leave do I get?", company.employee).citations[0]
    path = f"/documents/{citation.document}/{citation.version}/at/{citation.passage}"
    assert web.get(path).headers["location"] == "/sign-in"
    sign_in(web, "employee")
    shown = web.get(path, params={"quote": citation.quote})
    assert shown.status_code == 200
    assert f"<mark>{citation.quote}</mark>" in shown.text
    forged = web.get(path, params={"quote": "<script>alert(1)</script>"})
    assert "<script>alert" not in forged.text
    assert "replaced" in web.get(path.replace(citation.version, "0" * 32)).text
    web.cookies.clear()
    sign_in(web, "outsider")
    assert web.get(path).status_code == 404


def test_a_sheets_citation_opens_as_a_table_with_its_row_marked(web: TestClient, company: Company) -> None:
    file = Path("examples/documents/sales/価格表_PL-26-2.xlsx")
    done = company.services.documents.ingest(company.operator, file, "it")
    with company.services.database.read() as session:
        found = company.services.index.of_document(session, str(done.document))
    passage = next(one for one in found if one.cells and "\n\n" in one.text)
    rows = passage.text.split("\n\n")
    sign_in(web, "outsider")
    path = f"/documents/{passage.document}/{passage.version}/at/{passage.id}"
    shown = web.get(path, params={"quote": rows[1]}).text
    assert '<th scope="col">数量別単価 / 1〜99個</th>' in shown
    assert shown.count('<tr class="cited">') == 1
    assert f"<mark>{rows[1].split('; ')[0].removeprefix('品番: ')}</mark>" in shown


def test_a_pdfs_citation_shows_its_page_with_the_passage_framed(web: TestClient, company: Company) -> None:
    file = Path("examples/documents/accounting/交際費・贈答基準.pdf")
    done = company.services.documents.ingest(company.operator, file, "it")
    with company.services.database.read() as session:
        passage = company.services.index.of_document(session, str(done.document))[0]
    sign_in(web, "outsider")
    path = f"/documents/{passage.document}/{passage.version}"
    assert f'src="{path}/page/{passage.id}"' in web.get(f"{path}/at/{passage.id}").text
    picture = web.get(f"{path}/page/{passage.id}")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    image = Image.open(io.BytesIO(picture.content)).convert("RGB")
    assert image.width > 600
    assert (183, 121, 31) in {color for _, color in image.getcolors(image.width * image.height) or []}
    assert web.get(f"{path}/page/999999").status_code == 404
    company.services.document_care.withdraw(company.operator, passage.document)
    assert web.get(f"{path}/page/{passage.id}").status_code == 404


def test_an_open_conversation_tells_that_it_has_changed_and_nobody_elses(web: TestClient, company: Company) -> None:
    answer = company.ask("When do I need a doctor's note?", company.employee, "people")
    address = f"/conversations/{answer.conversation}/state"
    sign_in(web, "employee")
    before = web.get(address).text
    assert web.get(address).text == before
    company.services.desk.escalate(company.employee, answer.id)
    waiting = web.get(address).text
    [ticket, *_] = [one for one in company.services.desk.queue(company.reviewer) if one.question == answer.question]
    company.services.desk.answer(company.reviewer, ticket.id, "After five days.")
    assert len({before, waiting, web.get(address).text}) == 3
    sign_in(web, "colleague")
    assert web.get(address).status_code == 404


@pytest.mark.parametrize("path", ["/nowhere", "/documents/none/text", "/answers/none", "/en/people/", "/ja/people/"])
def test_where_nothing_is_a_browser_gets_a_page_with_a_way_back(web: TestClient, path: str) -> None:
    sign_in(web, "employee")
    page = web.get(path)
    assert page.status_code == 404
    back = "質問のページに戻る" if path.startswith("/ja") else "Back to the assistant"
    assert f'<a class="button" href="/">{back}</a>' in page.text
    assert web.get(path, headers={"accept": "application/json"}).json()["error"] in page.text
