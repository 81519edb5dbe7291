"""The REST interface: a person's token opens what the person may see, in the contract's shapes, and nothing else."""

from typing import Any

import pytest

from assistant.tokens import SCOPES
from tests.assistant.conftest import Site

QUESTION = "How many days of annual leave do I get?"


@pytest.fixture
def call(site: Site) -> Any:
    """Calls with a new token of a person."""
    site.web.headers["accept"] = "application/json"

    def one(method: str, path: str, person: str = "employee", scopes: tuple[str, ...] = SCOPES, **options: Any) -> Any:
        tokens = site.company.services.tokens
        user = getattr(site.company, person)
        secret, made = tokens.add(user, "test", scopes, 1)
        headers = options.pop("headers", {}) | {"authorization": f"Bearer {secret}"}
        answer = site.web.request(method, f"/api/v1{path}", headers=headers, **options)
        tokens.revoke(user, made.id)
        return answer

    return one


def test_a_program_asks_and_gets_the_answer_object(call: Any) -> None:
    body = call("POST", "/ask", json={"question": QUESTION}).json()
    assert body["question"] == QUESTION
    assert body["status"] in ("answered", "held")
    assert body["citations"][0]["file"] == "leave.md"
    assert body["citations"][0]["quote"]
    if body["status"] == "held":
        assert (body["answer"], body["draft"]) == (None, None)  # a draft is for the desk
    again = call("POST", "/ask", json={"question": "And for sick leave?", "conversation": body["conversation"]})
    assert again.json()["conversation"] == body["conversation"]


def test_search_route_and_documents_have_the_shapes_of_the_command_line(call: Any) -> None:
    found = call("POST", "/search", json={"question": QUESTION, "k": 2}).json()["results"]
    assert [hit["rank"] for hit in found] == [1, 2]
    assert set(found[0]) >= {"score", "document", "file", "page", "sheet", "cells", "box", "heading", "text"}
    routed = call("POST", "/route", json={"question": QUESTION}).json()
    assert {one["domain"] for one in routed["ranked"]} == {"people", "it"}
    files = {one["file"] for one in call("GET", "/documents").json()["documents"]}
    assert {"leave.md", "remote_access.txt"} <= files


def test_who_has_no_right_in_a_department_learns_nothing_of_it(call: Any) -> None:
    heard = [
        call("POST", "/ask", "outsider", json={"question": QUESTION}),
        call("POST", "/search", "outsider", json={"question": QUESTION}),
        call("POST", "/route", "outsider", json={"question": QUESTION}),
        call("GET", "/documents", "outsider"),
    ]
    for answer in heard:
        assert answer.status_code == 200
        assert not any(word in answer.text for word in ("people", "leave.md", "人事課", "24 days"))
    for path in ("/ask", "/search", "/route"):
        hidden = call("POST", path, "outsider", json={"question": QUESTION, "domain": "people"})
        unknown = call("POST", path, "outsider", json={"question": QUESTION, "domain": "nowhere"})
        assert (hidden.status_code, unknown.status_code) == (404, 404)
        assert hidden.json() == unknown.json() | {"error": hidden.json()["error"]}
        assert hidden.text.replace("people", "nowhere") == unknown.text
    assert call("POST", "/documents", "outsider", data={"domain": "people"}, files={"file": ("a.txt", b"x")}).is_error


def test_nobody_goes_on_with_another_persons_conversation(call: Any) -> None:
    own = call("POST", "/ask", json={"question": QUESTION}).json()["conversation"]
    taken = call("POST", "/ask", "colleague", json={"question": QUESTION, "conversation": own})
    assert (taken.status_code, taken.json()["error"]["code"]) == (404, "unknown_conversation")


def test_a_scope_opens_its_own_calls_only(call: Any) -> None:
    calls = {"ask": ("POST", "/ask"), "search": ("POST", "/search"), "documents": ("GET", "/documents")}
    for scope in calls:
        for other, (method, path) in calls.items():
            answer = call(method, path, scopes=(scope,), json={"question": ""} if method == "POST" else None)
            refused = answer.status_code == 403 and answer.json()["error"]["code"] == "token_lacks_scope"
            assert refused == (scope != other)


def test_an_employee_hands_in_a_document_for_himself(call: Any) -> None:
    answer = call(
        "POST", "/documents", data={"domain": "it"}, files={"file": ("note.txt", b"The router is in room 7.")}
    )
    assert answer.json()["status"] == "queued"
    mine = call("GET", "/documents").json()["documents"]
    assert next(one for one in mine if one["file"] == "note.txt")["visibility"] == "private"
    assert "note.txt" not in call("GET", "/documents", "colleague").text


@pytest.mark.parametrize(
    ("body", "code"),
    [({}, "bad_request"), ({"question": ""}, "empty_question"), ({"question": "x" * 3000}, "question_too_long"),
     ({"question": "a", "k": 0}, "bad_request"), ({"question": "a", "colour": "x"}, "bad_request"),
     ([], "bad_request")],
)  # fmt: skip
def test_bad_input_is_told_in_one_shape(call: Any, body: Any, code: str) -> None:
    answer = call("POST", "/search", json=body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"]


def test_a_refusal_speaks_the_callers_language(call: Any) -> None:
    for language, words in (("ja", "質問が空です"), ("en", "question is empty")):
        answer = call("POST", "/search", json={"question": ""}, headers={"accept-language": language})
        assert words in answer.json()["error"]["message"]


@pytest.mark.parametrize("given", [None, "Bearer", "Bearer wrong", "Basic YTpi", "Bearer mdg_wrong"])
def test_without_a_valid_token_nothing_opens_not_even_with_a_cookie(site: Site, given: str | None) -> None:
    site.sign_in("employee")
    headers = {"authorization": given} if given else {}
    answer = site.web.get("/api/v1/documents", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["error"]["code"] == "needs_token"


def test_an_unknown_address_and_a_wrong_method_are_told_in_the_same_shape(site: Site) -> None:
    for method, path in (("GET", "/nothing"), ("GET", "/ask"), ("DELETE", "/documents")):
        assert set(site.web.request(method, f"/api/v1{path}").json()["error"]) == {"code", "message"}


def test_a_flood_is_told_when_to_come_again(site: Site) -> None:
    company = site.company
    secret, made = company.services.tokens.add(company.colleague, "flood", ["documents"], 1)
    headers = {"authorization": f"Bearer {secret}"}
    answers: list[Any] = []
    while len(answers) < 300 and not (answers and answers[-1].is_error):  # a slow machine earns calls meanwhile
        answers.append(site.web.get("/api/v1/documents", headers=headers))
    company.services.tokens.revoke(company.colleague, made.id)
    assert len(answers) > 60
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60


def test_the_description_names_every_call_and_loads_nothing_from_elsewhere(site: Site) -> None:
    for language in ("ja", "en"):
        page = site.web.get("/api/v1/", headers={"accept-language": language})
        for call in ("/ask", "/route", "/search", "/documents"):
            assert f"/api/v1{call}</code>" in page.text
        assert "src=" not in page.text.replace('src="/static/icon.svg"', "")
        assert "http" not in page.text.replace("http://testserver/api/v1/ask", "")


def test_a_token_is_made_shown_once_and_revoked_on_the_page_of_ones_account(site: Site) -> None:
    site.sign_in("colleague")
    origin = {"origin": "http://testserver"}
    form = {"name": "<b>report</b>", "scope": ["ask", "search"], "days": "30"}
    made = site.web.post("/account/tokens", data=form, headers=origin)
    secret = made.text.split("<code>mdg_")[1].split("</code>")[0]
    assert "&lt;b&gt;report" in made.text
    page = site.web.get("/account").text
    assert secret not in page
    assert "ask, search" in page
    path = page.split('action="/account/tokens/')[1].split('"')[0]
    assert site.web.post("/account/tokens", data={"name": "x", "days": "30"}, headers=origin).status_code == 400
    site.sign_in("employee")
    assert "report" not in site.web.get("/account").text
    assert site.web.post(f"/account/tokens/{path}", headers=origin).status_code == 400
    site.sign_in("colleague")
    assert site.web.post(f"/account/tokens/{path}", headers=origin).status_code == 303
    calls = site.web.get("/api/v1/documents", headers={"authorization": f"Bearer mdg_{secret}"})
    assert calls.status_code == 401


def test_leaving_everywhere_ends_every_browsers_sign_in(site: Site) -> None:
    site.sign_in("outsider")
    elsewhere = dict(site.web.cookies)
    site.sign_in("outsider")
    assert site.web.post("/account/sign-out-everywhere", headers={"origin": "http://testserver"}).status_code == 303
    site.web.cookies.update(elsewhere)
    assert site.web.get("/account", headers={"accept": "text/html"}).headers["location"] == "/sign-in"


def test_one_question_too_many_is_told_when_to_come_again(
    site: Site, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.company.services.running, "_places", 0)
    refused = call("POST", "/ask", json={"question": QUESTION})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "busy")
    assert int(refused.headers["retry-after"]) >= 1
