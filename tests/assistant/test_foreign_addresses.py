"""Whoever knows the id of a thing that is not his gets the answer to an id that nobody has: in every address, every
call of the interface, every event of a page.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from inspect import signature
from typing import Any

import gradio as gr
import pytest
from gradio.blocks import Block

from assistant.errors import NotAllowed, NotFound
from assistant.tokens import SCOPES
from tests.assistant.belongings import UNKNOWN, Belongings, make
from tests.assistant.conftest import PASSWORD, SITE, Site
from tests.assistant.test_gate_matrix import OWN, PAGES, pages_of
from tests.assistant.test_gate_tokens import needed_scopes

IN_ADDRESS = {  # a route's part -> the kind of thing
    "answer": "answer", "conversation": "conversation", "document": "document", "domain": "domain",
    "passage": "passage", "token": "token", "version": "version",
}  # fmt: skip
NO_IDS = {"code": "ja", "spoken": "en", "session": 32 * "0"}
FORMS = {  # what a route takes besides
    "/answers/{answer}": {"reason": "I would like to know", "again": "yes"},
}
FIELDS: dict[str, Any] = {"question": "How long is it?", "k": 3, "reviewed": True}  # of a call, beside ids


@pytest.fixture(scope="module")
def foreign(served: Site) -> Belongings:
    """What belongs to an owner of `people`."""
    return make(served.company, "people", "How long is parental leave?", "addressed")


@pytest.fixture(scope="module")
def strangers(served: Site) -> list[str]:
    """Whose none of it is: an owner elsewhere, who sees only `it`; an administrator; one without any role."""
    accounts = served.company.services.accounts
    for name in ("stranger-lead", "stranger-admin", "stranger"):
        account = accounts.create("test", name, PASSWORD, administrator="admin" in name, must_change=False)
        if "lead" in name:
            accounts.set_role("test", account, "it", "owner")
    return ["stranger-lead", "stranger-admin", "stranger"]


def address(path: str, things: Belongings) -> str:
    """A route with somebody's ids in its places."""
    kinds = IN_ADDRESS | ({"version": "adapter"} if path.startswith("/version-report") else {})
    for part, kind in kinds.items():
        path = path.replace(f"{{{part}}}", str(getattr(things, kind)))
    for part, value in NO_IDS.items():
        path = path.replace(f"{{{part}}}", value)
    assert "{" not in path, f"nothing is known to put into {path}"
    return path


def heard(site: Site, method: str, path: str, things: Belongings, **sent: Any) -> tuple[int, str]:
    """Status and body, without the ids that were sent."""
    answer = site.web.request(method, address(path, things), headers={"origin": SITE, "accept": "*/*"}, **sent)
    return answer.status_code, re.sub(rf"/{things.passage}\b", "/…", things.hidden(answer.text))


def differences(site: Site, foreign: Belongings, who: str) -> Iterator[str]:
    site.sign_in(who)
    for method, path in OWN:
        if "{" not in path or (who == "stranger-admin" and "{token}" in path):  # an administrator ends any token
            continue
        sent = {"data": FORMS.get(path, {})} if method == "POST" else {}
        known, unknown = (heard(site, method, path, things, **sent) for things in (foreign, UNKNOWN))
        if (known != unknown or known[0] in (200, 500)) and not path.startswith("/language"):
            yield f"{who} {method} {path}: {known}, not {unknown}"


def test_no_address_tells_a_foreign_id_from_an_unknown_one(
    site: Site, foreign: Belongings, strangers: list[str]
) -> None:
    assert [one for who in strangers for one in differences(site, foreign, who)] == []


def test_not_even_a_colleague_of_the_department_opens_what_is_a_persons_own(site: Site, foreign: Belongings) -> None:
    site.sign_in("colleague")
    for method, path in OWN:
        if any(part in path for part in ("{answer}", "{conversation}", "{token}")):
            known, unknown = (heard(site, method, path, things) for things in (foreign, UNKNOWN))
            assert known == unknown, f"{method} {path}"
            assert known[0] in (400, 404)


def test_an_own_document_does_not_open_another_departments_version_or_passage(site: Site, foreign: Belongings) -> None:
    own = next(one for one in site.company.services.documents.listing(site.company.outsider))
    site.sign_in("outsider")
    for path in (path for method, path in OWN if "{document}/{version}" in path):
        mixed = path.replace("{document}", own.id)
        known, unknown = (heard(site, "GET", mixed, things) for things in (foreign, UNKNOWN))
        assert known == unknown, path
        mixed = mixed.replace("{version}", own.latest.id)
        if "{passage}" in mixed:
            known, unknown = (heard(site, "GET", mixed, things) for things in (foreign, UNKNOWN))
            assert known == unknown, path


def test_no_field_of_a_call_tells_a_foreign_id_from_an_unknown_one(
    site: Site, foreign: Belongings, strangers: list[str]
) -> None:
    services, tried = site.company.services, 0
    for who in strangers:
        user = services.accounts.user_by_name(who)
        secret, _ = services.tokens.add(user, "test", SCOPES, 1)
        for method, path in needed_scopes(site):
            for field in ("domain", "conversation") if path.endswith("/ask") else ("domain",):
                said = []
                for things in (foreign, UNKNOWN):
                    named = {field: getattr(things, field)}
                    sent: Mapping[str, Any]
                    if path.endswith("/documents"):
                        file = {"files": {"file": ("a.txt", b"words")}, "data": named}
                        sent = {"params": named} if method == "GET" else file
                    else:
                        sent = {"json": {"question": FIELDS["question"]} | named}
                    answer = site.web.request(method, path, headers={"authorization": f"Bearer {secret}"}, **sent)
                    said.append((answer.status_code, things.hidden(answer.text)))
                tried += 1
                assert said[0] == said[1], f"{who} {method} {path} {field}"
                assert said[0][0] == 404, f"{who} {method} {path} {field}: {said[0]}"
    assert tried == 18


MARKS = ("leave.md", "休暇規程", "人事課", "carried over", "parental")  # of the department that is not theirs


def told(said: Any) -> str:
    """What a handler gives, in words: of a component what it was made from."""
    if isinstance(said, list | tuple):
        return f"[{', '.join(map(told, said))}]"
    return str(said.constructor_args) if isinstance(said, Block) else str(said)


def value_for(component: Any, given: Any) -> Any:
    """What an event may get for one that it takes: `given`, unless it lies on the server or Gradio takes no other."""
    kinds: dict[type, Any] = {gr.Number: 1, gr.Slider: 1, gr.Checkbox: False, gr.File: None}
    choices = getattr(component, "choices", None) or []
    if len(choices) > 1:  # one alone is 'all', to which a person's departments are added
        return component.value
    if isinstance(component, gr.State) and component.value is not None:
        return component.value
    return kinds.get(type(component), given)


def answer_of(event: Any, who: str | None, given: Any) -> str | None:
    """What the handler gives to `who`, who sends the same for all that it takes; None where it refuses."""
    sent = [value_for(component, given) for component in event.inputs]
    try:
        said = event.fn(*sent, request=gr.Request(username=who, session_hash="forged"))
        if isinstance(said, AsyncIterator):
            return told(asyncio.run(drained(said)))
        return told(list(said) if isinstance(said, Iterator) else said)
    except (NotAllowed, NotFound):
        return None


async def drained(said: AsyncIterator[Any]) -> list[Any]:
    return [one async for one in said]


def events(site: Site) -> Iterator[tuple[str, Any]]:
    """(page, event) of every event of every page, but those of gr.render, which test_forgery sends."""
    for path, mount in pages_of(site.application).items():
        for event in mount.app.blocks.fns.values():  # type: ignore[attr-defined]
            if event.fn is not None and event.fn.__name__ != "apply":
                yield path, event


def test_every_event_finds_out_who_asks_and_whether_he_may(site: Site) -> None:
    """Called past the gate: by nobody, and by one who may not open the page and has no right in `people`."""
    colleague = site.company.services.accounts.create("test", "gate-past", PASSWORD, must_change=False)
    asked = 0
    for path, event in events(site):
        if "request" not in signature(event.fn).parameters:
            assert not event.inputs, f"{path} {event.fn.__qualname__} takes words and asks nobody who he is"
            continue
        for who in [None] if "colleague" in PAGES[path.split("/")[2]] else [None, colleague]:
            said = answer_of(event, who, "people")
            asked += 1
            assert who is not None or said is None, f"{path} {event.fn.__qualname__} answered nobody"
            assert not any(mark in str(said) for mark in MARKS), f"{path} {event.fn.__qualname__}"
    assert asked > 150


def test_no_event_tells_a_foreign_id_from_an_unknown_one(
    site: Site, foreign: Belongings, strangers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("ask_page", "desk_case"):
        monkeypatch.setattr(f"assistant.pages.{module}._next", lambda: 0)  # a number never seen before
    lead, administrator, _ = (site.company.services.accounts.id_of(name) for name in strangers)
    wrong, asked = [], 0
    for path, event in events(site):
        language, page = path.split("/")[1:]
        if language != "en" or page in ("people", "records") or not event.inputs:
            continue
        for who in (lead, administrator) if page == "desk" else (lead,):
            for kind in ("domain", "conversation", "answer", "ticket", "document", "example", "adapter", "evaluation"):
                known, unknown = (
                    things.hidden(answer_of(event, who, getattr(things, kind))) for things in (foreign, UNKNOWN)
                )
                asked += 1
                if known != unknown or any(mark in known for mark in MARKS):
                    wrong.append(f"{path} {event.fn.__qualname__} {kind}: {known} | {unknown}")
    assert not wrong, "\n".join(wrong)
    assert asked > 500
