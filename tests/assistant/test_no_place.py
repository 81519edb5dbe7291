"""The whole application where no question more is taken: an open page is told so, in its language, with a way out."""

import json
from typing import Any

import pytest

from assistant.errors import Busy
from assistant.services import Services
from assistant.wording import Language, say
from tests.assistant.conftest import SITE, Site


@pytest.mark.parametrize(("language", "words"), [("en", "Too many questions"), ("ja", "混み合って")])
def test_an_open_page_is_told_that_there_is_no_place_and_shows_the_way_to_a_person(
    site: Site, monkeypatch: pytest.MonkeyPatch, language: Language, words: str
) -> None:
    monkeypatch.setattr(Services, "busy", lambda _self, _crowded: Busy("busy", seconds=4))
    site.sign_in("employee")
    path = f"/{language}/ask/"
    config = site.web.get(f"{path}config").json()
    [button] = [one["id"] for one in config["components"] if one["props"].get("value") == say(language, "ask.send")]
    event: dict[str, Any]
    [event] = [one for one in config["dependencies"] if [button, "click"] in one["targets"]]
    session = {"session_hash": "nobodys"}
    told = session | {"fn_index": event["id"], "data": ["How long?", "", None], "event_data": None, "trigger_id": None}
    joined = site.web.post(f"{path}gradio_api/queue/join", json=told, headers={"origin": SITE})
    assert joined.status_code == 200
    with site.web.stream("GET", f"{path}gradio_api/queue/data", params=session) as stream:
        messages = [json.loads(line[5:]) for line in stream.iter_lines() if line.startswith("data:")]
    [done] = [one for one in messages if one.get("event_id") == joined.json()["event_id"]]
    assert done["msg"] == "process_completed"
    shown = done["output"]["data"]
    assert words in shown[0]
    assert len(shown) == len(event["outputs"])
    kinds = {one["id"]: one["type"] for one in config["components"]}
    changed = [kinds[key] for key, one in zip(event["outputs"], shown, strict=True) if one != {"__type__": "update"}]
    assert changed == ["markdown", "button"]
    assert {"__type__": "update", "visible": True} in shown
