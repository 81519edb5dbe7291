"""Too many at once: who is here stays, who comes waits outside, and has the way to a person."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.access import User
from assistant.web.crowd import BEHIND, FEW, Crowd
from assistant.web.waiting_room import WaitingRoom
from tests.assistant.conftest import SITE, Site

Late = Callable[[float], None]


class Named:
    """Stands for the gate: a request is whose its header says."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = Request(scope).headers["person"]
        scope.setdefault("state", {})["user"] = User(name, name, {"it": "reviewer" if "desk" in name else "employee"})
        await self._app(scope, receive, send)


async def opened(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("opened")


@pytest.fixture
def crowd() -> Crowd:
    return Crowd()


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Late:
    """Sets by how many seconds the server is late."""
    monkeypatch.setattr(Crowd, "lateness", 0.0)
    return lambda seconds: monkeypatch.setattr(Crowd, "lateness", seconds)


@pytest.fixture
def door(crowd: Crowd) -> Any:
    """Opens an address as somebody; gives the response."""
    application = Starlette()
    application.add_route("/{path:path}", opened, methods=["GET", "POST"])
    application.add_middleware(WaitingRoom, crowd=crowd)
    application.add_middleware(Named)
    client = TestClient(application)

    def open_as(person: str, path: str = "/en/ask/", method: str = "GET") -> Any:
        return client.request(method, path, headers={"person": person})

    return open_as


def test_who_comes_when_the_server_is_behind_waits_outside_with_the_way_to_a_person(door: Any, late: Late) -> None:
    for number in range(FEW + 1):
        assert door(f"person{number}").text == "opened"
    late(BEHIND)
    for language, words in (("en", "Ask a person instead"), ("ja", "代わりに担当者に聞く")):
        outside = door("late", f"/{language}/ask/")
        assert outside.status_code == 503
        assert words in outside.text
        assert f'href="/{language}/straight"' in outside.text
        assert 10 <= int(outside.headers["refresh"]) <= 20  # by itself
        assert outside.headers["retry-after"] == outside.headers["refresh"]
    late(0.0)
    assert door("late").text == "opened"


def test_who_is_here_and_who_works_at_a_desk_is_let_in_however_far_behind_the_server_is(door: Any, late: Late) -> None:
    for number in range(FEW + 1):
        door(f"person{number}")
    late(10.0)
    assert door("person3", "/ja/documents/").text == "opened"
    assert door("desk").text == "opened"


def test_a_slow_machine_with_few_people_lets_everybody_in(door: Any, late: Late) -> None:
    late(10.0)
    assert {door(f"person{number}").text for number in range(FEW + 1)} == {"opened"}
    assert door("one more").status_code == 503


def test_who_works_at_a_desk_takes_nobodys_place(door: Any, late: Late) -> None:
    for number in range(2 * FEW):
        door(f"desk{number}")
    late(10.0)
    assert door("employee").text == "opened"


def test_where_many_are_here_others_come_in_one_at_a_time(door: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.web.crowd.ONE_IN", 60.0)
    for number in range(FEW + 1):
        door(f"person{number}")
    assert door("first").text == "opened"
    assert door("second").status_code == 503
    assert door("first", "/ja/documents/").text == "opened"  # who is in goes about freely
    monkeypatch.setattr("assistant.web.crowd.ONE_IN", 0.0)
    assert door("second").text == "opened"


def test_who_was_here_long_ago_is_here_no_more(door: Any, late: Late, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(FEW + 1):
        door(f"person{number}")
    monkeypatch.setattr("assistant.web.crowd.HERE_SECONDS", 0.0)
    late(BEHIND)
    assert door("late").text == "opened"


def test_only_pages_wait_and_not_what_an_open_page_asks(door: Any, late: Late) -> None:
    for number in range(FEW + 1):
        door(f"person{number}")
    late(10.0)
    for method, path in (
        ("GET", "/en/ask/gradio_api/queue/data"), ("POST", "/en/ask/gradio_api/queue/join"),
        ("GET", "/conversations/state"), ("GET", "/account"),
    ):  # fmt: skip
        assert door(f"other {path}", path, method).text == "opened", path


def test_who_asks_a_person_from_outside_goes_on_waiting(door: Any, late: Late) -> None:
    for number in range(FEW + 1):
        door(f"person{number}")
    late(BEHIND)
    assert door("other", "/en/straight").text == "opened"
    assert door("other", "/en/straight", "POST").text == "opened"
    assert door("other").status_code == 503


Watched = Callable[[Sequence[float], Sequence[float]], list[float]]


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A server's lateness after each look, where its loop is held up and its threads are busy for so many seconds;
    no other time passes.
    """

    def watch(held_up: Sequence[float], busy: Sequence[float]) -> list[float]:
        crowd, clock, seen = Crowd(), [0.0], []
        delays, looks = iter(held_up), iter(busy)

        async def sleep(seconds: float) -> None:
            seen.append(crowd.lateness)
            delay = next(delays, None)
            if delay is None:
                raise asyncio.CancelledError
            clock[0] += seconds + delay

        def look() -> None:
            clock[0] += next(looks)

        monkeypatch.setattr("assistant.web.crowd.asyncio", SimpleNamespace(sleep=sleep))
        monkeypatch.setattr("assistant.web.crowd.time", SimpleNamespace(monotonic=lambda: clock[0]))
        with suppress(asyncio.CancelledError):
            asyncio.run(crowd.watch(look))
        return seen[1:]

    return watch


def test_the_server_is_late_while_its_loop_is_held_up_and_then_no_more(watched: Watched) -> None:
    late = watched([0.0] * 3 + [0.5] * 4 + [0.0] * 20, [0.0] * 27)
    assert max(late[:3]) < BEHIND < min(late[3:7])
    assert late[-1] < BEHIND


def test_the_server_is_late_while_all_its_threads_are_busy_and_then_no_more(watched: Watched) -> None:
    late = watched([0.0] * 24, [0.0] * 3 + [2.0] + [0.0] * 20)
    assert max(late[:3]) < BEHIND < late[3]
    assert late[-1] < BEHIND


def test_records_that_are_away_for_a_while_close_nothing_for_good() -> None:
    calls: list[None] = []

    def look() -> None:
        calls.append(None)
        if len(calls) < 3:
            raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    async def watched() -> float:
        crowd = Crowd()
        watching = asyncio.create_task(crowd.watch(look))
        for _ in range(300):  # a machine that does other things takes its time
            await asyncio.sleep(0.1)
            if len(calls) > 3 and crowd.lateness < 1.0:
                break
        watching.cancel()
        return crowd.lateness

    assert asyncio.run(watched()) < 1.0
    assert len(calls) > 3


def test_a_question_from_outside_is_before_a_person_and_its_answer_comes_in_the_conversation(site: Site) -> None:
    site.sign_in("employee")
    form = site.web.get("/ja/straight")
    assert form.status_code == 200
    assert "人事課" in form.text
    asked = {"question": "育児休業は何か月ですか？", "domain": "people"}
    sent = site.web.post("/ja/straight", data=asked, headers={"origin": SITE})
    assert sent.status_code == 303
    assert "担当者に質問を送りました" in site.web.get(sent.headers["location"]).text
    services, reviewer = site.company.services, site.company.reviewer
    [ticket] = [one for one in services.desk.queue(reviewer) if one.question == asked["question"]]
    assert (ticket.domain, ticket.kind) == ("people", "escalated")


def test_what_cannot_be_sent_to_a_person_stays_in_the_form_with_one_sentence(site: Site) -> None:
    site.sign_in("outsider")
    said = set()
    for domain in ("people", "nowhere"):  # not for them, and not there: the two look alike
        refused = site.web.post(
            "/en/straight", data={"question": "Why <b>so</b>?", "domain": domain}, headers={"origin": SITE}
        )
        assert refused.status_code == 400
        assert "Why &lt;b&gt;so&lt;/b&gt;?" in refused.text
        said.add(refused.text.replace(domain, "…"))
    assert len(said) == 1
    assert site.web.post("/en/straight", data={"question": " "}, headers={"origin": SITE}).status_code == 400
