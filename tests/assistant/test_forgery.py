"""What a browser could forge: every event of every page is sent somebody else's ids, and nothing leaks or changes."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from assistant.conversations import turns
from assistant.tables import AuditEntry, Ticket
from tests.assistant.conftest import PASSWORD, SITE, Company, Site

SECRET = "How long is parental leave for my secret twins?"


@pytest.fixture
def client(site: Site) -> TestClient:
    return site.web


@pytest.fixture
def company(site: Site) -> Company:
    return site.company


def events(client: TestClient, page: str) -> list[tuple[int, int]]:
    """(event, number of its inputs) of a page."""
    config = client.get(f"{page}config").json()
    return [(event["id"], len(event["inputs"])) for event in config["dependencies"]]


def send(client: TestClient, page: str, event: int, data: list[Any]) -> str:
    """Send an event with forged values; gives all that the server says to it."""
    body = {"data": data, "fn_index": event, "session_hash": "forged", "event_data": None, "trigger_id": None}
    joined = client.post(f"{page}gradio_api/queue/join", json=body, headers={"origin": SITE})
    if joined.status_code != 200:
        return joined.text
    said = []
    with client.stream("GET", f"{page}gradio_api/queue/data", params={"session_hash": "forged"}) as stream:
        for line in stream.iter_lines():
            said.append(line)
            message = json.loads(line[5:]) if line.startswith("data:") else {}
            if message.get("msg") in ("process_completed", "close_stream"):
                break
    return "\n".join(said)


def test_no_event_of_a_page_gives_away_somebody_elses_conversation(
    site: Site, client: TestClient, company: Company
) -> None:
    victim = company.ask(SECRET, company.employee)
    ticket = company.services.desk.escalate(company.employee, victim.id)
    ids = [victim.conversation, victim.id, ticket, victim.citations[0].document, str(victim.citations[0].passage)]
    site.sign_in("outsider")
    tried = 0
    for page in ("/en/ask/", "/en/documents/"):
        for event, inputs in events(client, page):
            for forged in ids:
                said = send(client, page, event, [forged] * inputs)
                tried += 1
                assert "twins" not in said, f"event {event} of {page}"
                assert "leave.md" not in said, f"event {event} of {page}"
    assert tried > 50
    with company.services.database.read() as session:
        assert [turn.author for turn in turns(session, victim.conversation)] == ["employee", "assistant"]
    files = {row.filename for row in company.services.documents.listing(company.employee)}
    assert "leave.md" in files


def test_pages_that_are_not_ones_own_take_no_events(site: Site, client: TestClient) -> None:
    site.sign_in("outsider")
    for page in ("/en/desk/", "/ja/people/"):
        body = {"data": [], "fn_index": 0, "session_hash": "forged"}
        for path in ("gradio_api/queue/join", "gradio_api/run/predict", "gradio_api/upload", "config"):
            answer = client.post(f"{page}{path}", json=body, headers={"origin": SITE})
            assert answer.status_code in (404, 405), f"{page}{path}"


def test_an_upload_goes_to_the_person_who_is_signed_in_whatever_the_event_says(
    site: Site, client: TestClient, company: Company, tmp_path: Path
) -> None:
    site.sign_in("outsider")
    before = {row.id for row in company.services.documents.listing(company.reviewer)}
    stolen = str(company.services.settings.home / "records.db")
    for event, inputs in events(client, "/en/documents/"):
        forged = {"path": stolen, "orig_name": "records.txt", "meta": {"_type": "gradio.FileData"}}
        said = send(client, "/en/documents/", event, [[forged], "people", "", ""][:inputs] + [""] * max(0, inputs - 4))
        assert "SQLite" not in said
    assert {row.id for row in company.services.documents.listing(company.reviewer)} == before
    assert (company.services.settings.home / "records.db").exists()


def test_who_knows_the_name_of_anothers_open_page_reads_and_stops_nothing_there(
    site: Site, client: TestClient, company: Company
) -> None:
    site.sign_in("employee")
    [opening, *_] = [event for event, inputs in events(client, "/en/ask/") if not inputs]
    body = {"data": [], "fn_index": opening, "session_hash": "known", "event_data": None, "trigger_id": None}
    event = client.post("/en/ask/gradio_api/queue/join", json=body, headers={"origin": SITE}).json()["event_id"]
    employees = client.cookies.get("madoguchi_session")
    site.sign_in("outsider")
    cancel = {"session_hash": "known", "fn_index": opening, "event_id": event}
    assert client.post("/en/ask/gradio_api/cancel", json=cancel, headers={"origin": SITE}).status_code == 404
    with pytest.raises(RuntimeError, match="response already started"):  # Gradio's way: there is no such page
        client.get("/en/ask/gradio_api/queue/data", params={"session_hash": "known"})
    client.cookies.clear()
    client.cookies.set("madoguchi_session", employees or "")
    own = client.get("/en/ask/gradio_api/queue/data", params={"session_hash": "known"}).text
    assert event in own and "process_completed" in own


def opened_case(client: TestClient, ticket: str) -> dict[str, Any]:
    """What the desk draws for whoever opens a ticket: Gradio's own description of its components and events."""
    dependencies = client.get("/en/desk/config").json()["dependencies"]
    named = {one["api_name"]: one["id"] for one in dependencies}
    send(client, "/en/desk/", named["open_page"], [])  # what may be chosen is kept for the open page
    for line in send(client, "/en/desk/", named["apply"], [ticket, 1]).splitlines():
        message = json.loads(line[5:]) if line.startswith("data:") else {}
        if message.get("msg") == "process_completed":
            return dict(message["output"].get("render_config") or {})
    return {}


def filled(drawn: dict[str, Any], event: dict[str, Any]) -> list[Any]:
    """Something for each input of a drawn event: a choice where there are some, words elsewhere."""
    parts = {one["id"]: one for one in drawn["components"]}
    given: list[Any] = []
    for part in (parts[number] for number in event["inputs"]):
        choices = part["props"].get("choices") or []
        single = choices[0][1] if choices else None
        kinds = {"textbox": "words", "checkbox": False, "checkboxgroup": [], "state": None}
        given.append(kinds.get(part["type"], single))
    return given


def desk_of(company: Company, ticket: str) -> tuple[Any, ...]:
    """What a ticket is, and how many entries of the audit log are about it."""
    with company.services.database.read() as session:
        row = session.get_one(Ticket, ticket)
        told = session.scalars(select(AuditEntry).where(AuditEntry.object_id == ticket)).all()
        return row.state, row.domain, row.claimed_by, row.due_at, row.reply, len(told)


def asked_of_people(company: Company) -> str:
    """A ticket at the desk of `people`."""
    answer = company.ask("How long is parental leave?", company.employee, "people")
    ticket = company.services.desk.escalate(company.employee, answer.id, "I am having quintuplets")
    assert company.services.desk.ticket(company.reviewer, ticket).domain == "people"
    return ticket


def learnt(said: str) -> bool:
    """Whether anything of that ticket stands in it that stands in no other test's."""
    return any(words in said for words in ("quintuplets", "leave.md"))


def test_a_reviewer_elsewhere_who_knows_a_ticket_neither_reads_nor_changes_it(
    site: Site, client: TestClient, company: Company
) -> None:
    ticket = asked_of_people(company)
    site.sign_in("reviewer")
    drawn = opened_case(client, ticket)
    assert learnt(str(drawn))
    assert len(drawn["dependencies"]) >= 6  # reply, search, conversation, claim, assign, due time, hand over
    elsewhere = company.services.accounts.create("test", "elsewhere", PASSWORD, must_change=False)
    company.services.accounts.set_role("test", elsewhere, "it", "owner")
    before = desk_of(company, ticket)
    site.sign_in("elsewhere")
    assert not learnt(str(opened_case(client, ticket)))
    for event, inputs in events(client, "/en/desk/"):
        assert not learnt(send(client, "/en/desk/", event, [ticket] * inputs))
    for event in (one["id"] for one in drawn["dependencies"]):  # drawn in another's page, it is in none of his
        with pytest.raises(KeyError):
            send(client, "/en/desk/", event, [])
    assert desk_of(company, ticket) == before


def test_a_question_open_at_the_desk_closes_to_whoever_loses_the_desk(
    site: Site, client: TestClient, company: Company
) -> None:
    ticket = asked_of_people(company)
    leaving = company.services.accounts.create("test", "leaving", PASSWORD, must_change=False)
    for domain in ("people", "it"):  # the page itself stays open to him
        company.services.accounts.set_role("test", leaving, domain, "reviewer")
    site.sign_in("leaving")
    drawn = opened_case(client, ticket)
    assert learnt(str(drawn))
    company.services.accounts.set_role("test", leaving, "people", None)
    before, refused = desk_of(company, ticket), 0
    for event in drawn["dependencies"]:
        said = send(client, "/en/desk/", event["id"], filled(drawn, event))
        assert not learnt(said), said
        refused += "There is no question" in said
    assert refused >= 5
    assert desk_of(company, ticket) == before
