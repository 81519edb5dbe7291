"""Each privileged action leaves exactly one event: who did what, before and after, and nobody's words (T24).

What can go on record is known from the texts, which have to name it all (tests/test_house.py): an action that is added
there and to nothing here fails.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import audit
from assistant.wording import catalogue
from tests.assistant import audited_desk_acts, audited_matter_acts
from tests.assistant.audited_acts import ACTS
from tests.assistant.audited_home import Home, copy_of, found

PARTS = (audited_desk_acts, audited_matter_acts)  # whose acts are in ACTS once they are imported
TOLD = {"change": (True, True), "new": (False, True), "gone": (True, False)}


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    found(folder)
    return folder


@pytest.fixture
def home(founded: Path, tmp_path: Path, models_folder: Path) -> Iterator[Home]:
    made = copy_of(founded, tmp_path, webhooks="http://127.0.0.1:9/hook", models=models_folder)
    yield made
    made.services.close()


def test_everything_that_can_go_on_record_is_done_here() -> None:
    named = {key.removeprefix("action.") for key in catalogue("en") if key.startswith("action.")}
    assert set(ACTS) == named


@pytest.mark.parametrize("action", sorted(ACTS))
def test_an_action_leaves_one_event_with_actor_before_and_after_and_nobodys_words(home: Home, action: str) -> None:
    kind, prepare = ACTS[action]
    act = prepare(home)
    before = home.last_entry()
    act.do()
    entries = home.entries(after=before)
    [entry] = [one for one in entries if one.action == action]
    assert entry.actor == act.actor
    assert entry.object_type and entry.object_id
    assert act.thing in (None, entry.object_id)
    assert entry.reason and act.reason in (None, entry.reason)
    told = json.loads(entry.before), json.loads(entry.after)
    if kind in TOLD:
        assert (bool(told[0]), bool(told[1])) == TOLD[kind]
        assert told[0] != told[1]
    if action != "settings.changed":  # told by the settings' own names
        assert [name for name in {**told[0], **told[1]} if f"recorded.{name}" not in catalogue("ja")] == []
    whole = json.dumps([[one.reason, one.before, one.after, one.object_id] for one in entries], ensure_ascii=False)
    assert [words for words in home.private if words in whole] == []
    with home.services.database.read() as session:
        assert audit.verify(session).intact
