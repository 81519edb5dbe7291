"""The gate matrix for programs: every route of ours and every page, for every kind of token.

What a route needs is read from the interface's own description; a route without a scope fails.
"""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from starlette.routing import Mount

from assistant.clock import now
from assistant.tables import ApiToken
from assistant.tokens import SCOPES
from tests.assistant.conftest import PASSWORD, Site
from tests.assistant.test_gate_matrix import OWN, filled, pages_of

REFUSED = {"unknown": 401, "expired": 401, "revoked": 401, "disabled": 401, "first_password": 403}
HEADERS = {"accept": "*/*"}


@pytest.fixture(scope="module")
def secrets(served: Site) -> dict[str, str]:
    """A token of each scope, one of each kind that opens nothing any more, or not yet."""
    services = served.company.services
    made = {"unknown": "mdg_unknown"}
    for name in (*SCOPES, "expired", "revoked", "disabled", "first_password"):
        account = services.accounts.create("test", f"token-{name}", PASSWORD, must_change=name == "first_password")
        user = services.accounts.user_by_id(account)
        assert user is not None
        made[name], token = services.tokens.add(user, name, [name] if name in SCOPES else SCOPES, 1)
        if name == "revoked":
            services.tokens.revoke(user, token.id)
        elif name == "disabled":
            services.accounts.disable("test", account)
        elif name == "expired":
            with services.database.transaction("test", "time passes") as change:
                old = now() - timedelta(seconds=1)
                change.session.execute(update(ApiToken).where(ApiToken.id == token.id).values(expires_at=old))
                change.record("time", "token", token.id)
    return made


def needed_scopes(site: Site) -> dict[tuple[str, str], str]:
    """(method, path) of every call of the interface -> the scope that it needs."""
    [api] = [
        route.app
        for route in site.application.routes
        if isinstance(route, Mount) and route.path == "/api/v1" and isinstance(route.app, FastAPI)
    ]
    return {
        (method.upper(), f"/api/v1{path}"): call["x-scope"]
        for path, calls in api.openapi()["paths"].items()
        for method, call in calls.items()
    }


def send(site: Site, secret: str, method: str, path: str) -> Any:
    return site.web.request(method, filled(path), headers=HEADERS | {"authorization": f"Bearer {secret}"})


def test_every_call_opens_to_a_token_of_its_scope_and_to_no_other(site: Site, secrets: dict[str, str]) -> None:
    scopes = needed_scopes(site)
    assert set(scopes) == {route for route, (_, known) in OWN.items() if known == 401}
    assert set(scopes.values()) == set(SCOPES)
    wrong = []
    for (method, path), scope in scopes.items():
        for kind, secret in secrets.items():
            got = send(site, secret, method, path).status_code
            opened = 200 if method == "GET" else 400  # let in, and told that nothing was sent
            right = REFUSED.get(kind, opened if kind == scope else 403)
            if got != right:
                wrong.append(f"{kind} {method} {path}: {got}, not {right}")
    assert wrong == []


def test_a_token_opens_no_page_and_nothing_that_is_a_browsers(site: Site, secrets: dict[str, str]) -> None:
    wrong = []
    browsers = {route: stranger for route, (stranger, known) in OWN.items() if known != 401}
    browsers |= {("GET", f"{page}/config"): 401 for page in pages_of(site.application)}
    for (method, path), stranger in browsers.items():
        for kind, secret in secrets.items():
            if (got := send(site, secret, method, path).status_code) != stranger:
                wrong.append(f"{kind} {method} {path}: {got}, not {stranger}")
    assert wrong == []


def test_who_has_to_choose_a_password_first_is_told_so(site: Site, secrets: dict[str, str]) -> None:
    refused = send(site, secrets["first_password"], "GET", "/api/v1/documents").json()["error"]
    assert refused["code"] == "password_first"
    assert "password of your own" in refused["message"]


def test_what_is_taken_away_is_gone_at_the_next_request(site: Site) -> None:
    """A right, a token, every sign-in, the account: in browsers and programs that are at work."""
    services = site.company.services
    account = services.accounts.create("test", "at-work", PASSWORD, must_change=False)
    services.accounts.set_role("test", account, "people", "owner")
    user = services.accounts.user_by_id(account)
    assert user is not None
    secret, token = services.tokens.add(user, "at work", SCOPES, 1)
    later, _ = services.tokens.add(user, "later", SCOPES, 1)

    def seen(program: str = secret) -> tuple[int, int, bool]:
        """What the page of figures and the interface answer, and whether this one lists a document of `people`."""
        browser = site.web.get("/en/figures/config", headers=HEADERS).status_code
        listed = send(site, program, "GET", "/api/v1/documents")
        return browser, listed.status_code, "leave.md" in listed.text

    site.sign_in("at-work")
    assert seen() == (200, 200, True)
    services.accounts.set_role("test", account, "people", None)
    assert seen() == (404, 200, False)
    services.accounts.set_role("test", account, "people", "owner")
    services.tokens.revoke(user, token.id)
    assert seen() == (200, 401, False)
    services.accounts.end_all_sessions(account)
    assert seen(later) == (401, 200, True)
    site.sign_in("at-work")
    services.accounts.disable("test", account)
    assert seen(later) == (401, 401, False)
