"""The gate matrix: every route of the application, read from its own tables, for every kind of person.

A route, page or event that the tables here don't know fails: whoever adds one says here who may use it.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount

from assistant.clock import now
from assistant.tables import SignIn
from assistant.wording import LANGUAGES
from tests.assistant.conftest import PASSWORD, SITE, Site

EVERYBODY = {"colleague", "dismissed", "employee", "reviewer", "owner", "lead_elsewhere", "administrator"}
PAGES = {  # page -> who may open it
    "ask": EVERYBODY,
    "documents": EVERYBODY,
    "desk": {"reviewer", "owner", "lead_elsewhere", "administrator"},  # his are those where nobody works
    "glossary": {"reviewer", "owner", "lead_elsewhere"},
    "figures": {"owner", "lead_elsewhere"},
    "adapters": {"reviewer", "owner", "lead_elsewhere"},
    "release": {"owner", "lead_elsewhere"},
    "evaluation": {"owner", "lead_elsewhere"},
    "people": {"administrator"},
    "departments": {"administrator"},
    "records": {"administrator"},
}
FIRST = "first_password"
PEOPLE = {  # who: role in `people`, role in `it`, administrator (who is the auditor, too)
    "colleague": (None, None, False),
    "dismissed": (None, None, False),  # was the owner of `people` until a moment ago
    "employee": ("employee", None, False),
    FIRST: ("owner", None, False),  # has not chosen an own one yet
    "reviewer": ("reviewer", None, False),
    "owner": ("owner", None, False),
    "lead_elsewhere": (None, "owner", False),
    "administrator": (None, None, True),
}
NOBODY = ("anonymous", "expired", "disabled", "signed_out", "left_everywhere")

OWN = {  # our own routes: what a stranger gets, what one who is signed in gets; ids are made up
    ("GET", "/static"): (307, 307),
    ("GET", "/health"): (200, 200),
    ("GET", "/manifest.json"): (200, 200),
    ("GET", "/"): (303, 303),
    ("GET", "/sign-in"): (200, 200),
    ("POST", "/sign-in"): (422, 422),
    ("GET", "/sign-in/company"): (400, 400),
    ("GET", "/sign-in/company/return"): (400, 400),
    ("GET", "/sign-out"): (200, 200),
    ("POST", "/sign-out"): (303, 303),
    ("GET", "/welcome"): (200, 200),
    ("POST", "/welcome"): (422, 422),
    ("GET", "/password"): (303, 200),
    ("POST", "/password"): (422, 422),
    ("GET", "/language/{code}"): (303, 303),
    ("GET", "/documents/{document}/text"): (401, 404),
    ("GET", "/documents/{document}/{version}"): (401, 404),
    ("GET", "/documents/{document}/{version}/at/{passage}"): (401, 404),
    ("GET", "/documents/{document}/{version}/page/{passage}"): (401, 404),
    ("GET", "/answers/{answer}"): (401, 404),
    ("POST", "/answers/{answer}"): (401, 404),
    ("GET", "/conversations/state"): (401, 200),
    ("GET", "/conversations/{conversation}/state"): (401, 404),
    ("POST", "/pages/{session}/left"): (401, 204),
    ("GET", "/domain-check/{domain}/{spoken}"): (401, 404),
    ("GET", "/version-report/{version}/{spoken}"): (401, 404),
    ("GET", "/ja/straight"): (401, 200),
    ("POST", "/ja/straight"): (401, 422),
    ("GET", "/en/straight"): (401, 200),
    ("POST", "/en/straight"): (401, 422),
    ("GET", "/account"): (401, 200),
    ("POST", "/account/tokens"): (401, 422),
    ("POST", "/account/tokens/{token}/revoke"): (401, 400),
    ("POST", "/account/sign-out-everywhere"): (401, 303),
    ("GET", "/account/data"): (401, 200),
    ("POST", "/account/data/export"): (401, 200),
    ("POST", "/account/data/delete"): (401, 400),
    ("GET", "/records/export"): (401, 404),
    ("GET", "/api/v1/"): (200, 200),
    ("GET", "/api/v1/openapi.json"): (200, 200),
    ("HEAD", "/api/v1/openapi.json"): (200, 200),
    # a cookie opens none of these; test_gate_tokens tries the tokens
    ("POST", "/api/v1/ask"): (401, 401),
    ("POST", "/api/v1/route"): (401, 401),
    ("POST", "/api/v1/search"): (401, 401),
    ("GET", "/api/v1/documents"): (401, 401),
    ("POST", "/api/v1/documents"): (401, 401),
}
ADMINISTRATORS = {("GET", "/records/export"): 200}  # where they get something else
NEEDED = {  # Gradio's own routes that a page needs, open to whoever may open the page
    ("GET", "/"), ("HEAD", "/"), ("GET", "/config"), ("GET", "/config/"), ("GET", "/theme.css"),
    ("GET", "/favicon.ico"), ("GET", "/assets/{path:path}"), ("GET", "/static/{path:path}"),
    ("GET", "/svelte/{path:path}"), ("GET", "/gradio_api/app_id"), ("GET", "/gradio_api/app_id/"),
    ("GET", "/gradio_api/heartbeat/{session_hash}"), ("GET", "/gradio_api/queue/data"),
    ("POST", "/gradio_api/queue/join"), ("POST", "/gradio_api/upload"), ("GET", "/gradio_api/upload_progress"),
    ("POST", "/gradio_api/reset"), ("POST", "/gradio_api/reset/"),
    ("GET", "/gradio_api/theme.css"),
}  # fmt: skip
_STREAM = "/gradio_api/stream/{session_hash}/{run}/{component_id}"
CLOSED = {  # and those that nobody reaches
    *(("GET", path) for path in (
        "/openapi.json", "/logout", "/robots.txt", "/manifest.json", "/pwa_icon", "/pwa_icon/{size}", "/monitoring",
        "/monitoring/summary", "/monitoring/{key}", "/gradio_api/deep_link", "/gradio_api/startup-events",
        "/gradio_api/dev/reload", "/gradio_api/openapi.json", "/gradio_api/queue/status",
        "/gradio_api/file/{path:path}",
        "/gradio_api/custom_component/{id}/{environment}/{type}/{file_name}", "/gradio_api/call/{api_name}/{event_id}",
        "/gradio_api/call/v2/{api_name}/{event_id}", f"{_STREAM}/playlist.m3u8", f"{_STREAM}/playlist-file",
        f"{_STREAM}/{{segment_id}}.{{ext}}",
    )),
    *(("GET", f"/gradio_api/{name}{slash}") for slash in ("", "/") for name in (
        "user", "login_check", "token", "runs", "info", "vibe-code",
    )),
    *(("POST", f"/gradio_api/{name}{slash}") for slash in ("", "/") for name in (
        "api/{api_name}", "run/{api_name}", "call/{api_name}", "call/v2/{api_name}", "component_server", "vibe-edit",
        "undo-vibe-edit", "vibe-code", "vibe-starter-queries",
    )),
    *((method, f"/gradio_api/{name}") for method in ("GET", "HEAD") for name in (
        "proxy={url_path:path}", "file={path_or_url:path}",
    )),
    ("HEAD", "/openapi.json"), ("POST", "/login"), ("POST", "/login/"), ("POST", "/gradio_api/process_recording"),
    ("POST", "/gradio_api/cancel"),
    ("POST", "/gradio_api/stream/{event_id}"), ("POST", "/gradio_api/stream/{event_id}/close"),
}  # fmt: skip


def routes_of(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """(method, path as it is written) of every route; what is included from a router with the rest."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from routes_of(included.routes)
        elif isinstance(route, Mount) and type(route.app) is FastAPI:
            yield from ((method, route.path + path) for method, path in routes_of(route.app.routes))
        elif isinstance(route, Mount):
            yield "GET", route.path
        else:
            for method in sorted(getattr(route, "methods", None) or {"WEBSOCKET"}):
                yield method, str(getattr(route, "path", route))


def pages_of(application: FastAPI) -> dict[str, Mount]:
    """The mounted Gradio applications by their path."""
    return {r.path: r for r in application.routes if isinstance(r, Mount) and isinstance(r.app, gr.routes.App)}


def filled(path: str) -> str:
    """A route's path with made-up ids in its places; a version is found by the beginning of its id, too."""
    made_up = {"code": "ja", "version": "no-version"}
    return re.sub(r"\{(\w+)(:path)?\}", lambda found: made_up.get(found[1], "7"), path)


@pytest.fixture(scope="module")
def cookies(served: Site) -> dict[str, dict[str, str]]:
    """The session cookie of every kind of person, and of those who are nobody any more."""
    accounts = served.company.services.accounts
    given: dict[str, dict[str, str]] = {"anonymous": {}}
    for name, (people, it, administrator) in PEOPLE.items():
        must_change = name == FIRST
        account = accounts.create(
            "test", f"gate-{name}", PASSWORD, administrator=administrator, must_change=must_change
        )
        for domain, role in (("people", people), ("it", it)):
            if role:
                accounts.set_role("test", account, domain, role)
        if name == "dismissed":
            accounts.set_role("test", account, "people", "owner")
        given[name] = {"madoguchi_session": accounts.start_session(account)}
        if name == "dismissed":
            accounts.set_role("test", account, "people", None)
    for name in NOBODY[1:]:
        account = accounts.create("test", f"gate-{name}", PASSWORD, must_change=False)
        given[name] = {"madoguchi_session": accounts.start_session(account)}
        if name == "disabled":
            accounts.disable("test", account)
        elif name == "signed_out":
            accounts.end_session(given[name]["madoguchi_session"])
        elif name == "left_everywhere":
            accounts.end_all_sessions(account)
        else:
            with served.company.services.database.transaction("test", "time passes") as change:
                old = now() - timedelta(seconds=1)
                change.session.execute(update(SignIn).where(SignIn.account_id == account).values(expires_at=old))
                change.record("time", "sign-in", account)
    return given


def send(site: Site, cookies: dict[str, str], method: str, path: str) -> Any:
    site.web.cookies.clear()
    site.web.cookies.update(cookies)
    return site.web.request(method, path, headers={"origin": SITE, "accept": "*/*"})


@pytest.fixture
def reached(site: Site) -> Iterator[None]:
    """Every page answers 299 to whatever reaches it: what is looked at here is the gate before it."""
    pages = pages_of(site.application)
    kept = {path: mount.app for path, mount in pages.items()}
    for mount in pages.values():
        mount.app = PlainTextResponse("reached", status_code=299)
    yield
    for path, mount in pages.items():
        mount.app = kept[path]


def check_pages(site: Site, cookies: dict[str, dict[str, str]], pages: list[str], routes: set[tuple[str, str]]) -> None:
    wrong = []
    for page in pages:
        allowed = PAGES[page.split("/")[2]]
        for who, cookie in cookies.items():
            for method, route in routes:
                got = send(site, cookie, method, page + filled(route)).status_code
                opened = ("owner" if who == FIRST else who) in allowed and (method, route) in NEEDED
                right = 401 if who in NOBODY else 404 if not opened else 303 if who == FIRST else 299
                if got != right:
                    wrong.append(f"{who} {method} {page}{route}: {got}, not {right}")
    assert wrong == []


def test_the_tables_know_every_route_and_every_page(site: Site) -> None:
    pages = pages_of(site.application)
    assert set(pages) == {f"/{language}/{page}" for language in LANGUAGES for page in PAGES}
    for path, mount in pages.items():
        assert set(routes_of(mount.app.routes)) == NEEDED | CLOSED, path  # type: ignore[attr-defined]
    own = {route for route in routes_of(site.application.routes) if route[1] not in pages}
    assert own == set(OWN)


def test_every_route_of_a_page_is_open_to_whom_the_table_says(
    site: Site, cookies: dict[str, dict[str, str]], reached: None
) -> None:
    check_pages(site, cookies, ["/en/desk"], NEEDED | CLOSED)
    some = {("GET", "/config"), ("POST", "/gradio_api/queue/join"), ("GET", "/gradio_api/file={path_or_url:path}")}
    check_pages(site, cookies, list(pages_of(site.application)), some)


@pytest.mark.slow
def test_every_route_of_every_page_is_open_to_whom_the_table_says(
    site: Site, cookies: dict[str, dict[str, str]], reached: None
) -> None:
    check_pages(site, cookies, list(pages_of(site.application)), NEEDED | CLOSED)


def test_our_own_routes_answer_as_the_table_says(site: Site, cookies: dict[str, dict[str, str]]) -> None:
    wrong = []
    for (method, route), (stranger, known) in OWN.items():
        for who, cookie in cookies.items():
            if method == "POST" and "/sign-out" in route and who not in NOBODY:
                continue  # it would end the sign-in that the others need; test_web signs out
            got = send(site, cookie, method, filled(route)).status_code
            theirs = ADMINISTRATORS.get((method, route), known) if who == "administrator" else known
            if who == FIRST and stranger == 401 != known:
                theirs = 303  # to the form for an own password
            if got != (stranger if who in NOBODY else theirs):
                wrong.append(f"{who} {method} {route}: {got}")
    assert wrong == []


def test_no_changing_route_takes_a_request_that_another_site_made_a_browser_send(site: Site) -> None:
    site.sign_in("reviewer")
    paths = [path for method, path in OWN if method == "POST" and not path.startswith("/api/")]
    paths += [f"/en/{page}{path}" for page in PAGES for method, path in NEEDED | CLOSED if method == "POST"]
    taken = []
    for path in paths:
        for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
            if site.web.post(path, headers=headers, json={}).status_code != 403:
                taken.append((path, headers))
    assert taken == []
    assert len(paths) > 100


def test_every_route_answers_with_the_headers_that_keep_a_browser_here(site: Site) -> None:
    site.sign_in("reviewer")
    paths = [path for method, path in OWN if method == "GET"] + [f"/en/{page}/" for page in PAGES]
    for path in paths:
        headers = site.web.get(path, follow_redirects=False).headers
        assert "default-src 'self'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"], path
        assert "frame-ancestors" in headers["content-security-policy"] or headers["x-frame-options"], path
