"""What a browser could forge: every event of every page is sent somebody else's ids, and nothing leaks or changes."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from adapters import Encoder
from assistant.conversations import turns
from assistant.services import Services
from assistant.settings import Settings
from assistant.web import create_application
from tests.assistant.conftest import PASSWORD, Company, company_of

SITE = "http://testserver"
SECRET = "How long is parental leave for my secret twins?"


@pytest.fixture(scope="module")
def company(
    filled: Path, tmp_path_factory: pytest.TempPathFactory, models_folder: Path, encoder: Encoder
) -> Iterator[Company]:
    home = tmp_path_factory.mktemp("forgery") / "home"
    shutil.copytree(filled, home)
    services = Services(Settings(home=home, models=models_folder, writer="quote", threads=1))
    services.__dict__["encoder"] = encoder
    yield company_of(services)
    services.close()


@pytest.fixture(scope="module")
def client(company: Company) -> Iterator[TestClient]:
    with TestClient(create_application(company.services), base_url=SITE, follow_redirects=False) as made:
        yield made


def sign_in(client: TestClient, name: str) -> None:
    client.cookies.clear()
    assert client.post("/sign-in", data={"name": name, "password": PASSWORD}, headers={"origin": SITE}).is_redirect


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


def test_no_event_of_a_page_gives_away_somebody_elses_conversation(client: TestClient, company: Company) -> None:
    victim = company.ask(SECRET, company.employee)
    ticket = company.services.desk.escalate(company.employee, victim.id)
    ids = [victim.conversation, victim.id, ticket, victim.citations[0].document, str(victim.citations[0].passage)]
    sign_in(client, "outsider")
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


def test_pages_that_are_not_ones_own_take_no_events(client: TestClient) -> None:
    sign_in(client, "outsider")
    for page in ("/en/desk/", "/ja/people/"):
        body = {"data": [], "fn_index": 0, "session_hash": "forged"}
        for path in ("gradio_api/queue/join", "gradio_api/run/predict", "gradio_api/upload", "config"):
            answer = client.post(f"{page}{path}", json=body, headers={"origin": SITE})
            assert answer.status_code in (404, 405), f"{page}{path}"


def test_an_upload_goes_to_the_person_who_is_signed_in_whatever_the_event_says(
    client: TestClient, company: Company, tmp_path: Path
) -> None:
    sign_in(client, "outsider")
    before = {row.id for row in company.services.documents.listing(company.reviewer)}
    stolen = str(company.services.settings.home / "records.db")
    for event, inputs in events(client, "/en/documents/"):
        forged = {"path": stolen, "orig_name": "records.txt", "meta": {"_type": "gradio.FileData"}}
        said = send(client, "/en/documents/", event, [[forged], "people", "", ""][:inputs] + [""] * max(0, inputs - 4))
        assert "SQLite" not in said
    assert {row.id for row in company.services.documents.listing(company.reviewer)} == before
    assert (company.services.settings.home / "records.db").exists()
