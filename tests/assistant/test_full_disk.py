"""A full disk: questions are still answered, a training loses nothing, and what cannot be begun leaves nothing."""

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from adapters import job as jobs
from adapters import version_folder
from adapters.tables import TrainingRun
from assistant import trainings
from assistant.database import Change, Database
from assistant.documents import Upload
from assistant.errors import Refusal
from assistant.reserve import Reserve
from assistant.tables import AnswerRecord
from index import DocumentError
from tests.assistant.conftest import Company
from tests.assistant.test_versions import sheet

__all__ = ["sheet"]  # a fixture


@pytest.fixture
def full(company: Company, monkeypatch: pytest.MonkeyPatch) -> Company:
    """The small company on a disk with no room but what is kept for questions."""
    reserved, real = company.services.settings.home / ".reserve", Database.transaction

    @contextmanager
    def transaction(self: Database, actor: str, reason: str) -> Iterator[Change]:
        with real(self, actor, reason) as change:
            yield change
            if reserved.stat().st_size:
                raise OSError(errno.ENOSPC, "No space left on device")

    company.services.reserve.hold()
    company.services.domains.router()
    monkeypatch.setattr(Database, "transaction", transaction)
    monkeypatch.setattr("assistant.reserve.shutil.disk_usage", lambda _: SimpleNamespace(total=1 << 30, free=0))
    return company


def test_on_a_full_disk_questions_are_answered_and_recorded_in_the_room_kept_for_them(full: Company) -> None:
    answer = full.ask("How many days of annual leave do I get?", full.employee)
    assert answer.status == "answered"
    with full.services.database.read() as session:
        assert session.scalar(select(func.count()).where(AnswerRecord.id == answer.id)) == 1


def test_nothing_but_questions_may_use_that_room(full: Company, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        full.services.accounts.create("test", "new", "correct horse battery")
    assert refused.value.code == "no_disk"
    full.ask("How many days of annual leave do I get?", full.employee)
    (tmp_path / "gate.txt").write_text("The gate closes at nine.", encoding="utf-8")
    with pytest.raises(DocumentError) as not_taken:
        full.services.documents.upload(full.reviewer, tmp_path / "gate.txt", Upload("gate.txt", "people"))
    assert not_taken.value.code == "disk_full"


def test_the_room_is_kept_again_once_there_is_some(tmp_path: Path) -> None:
    reserve, file = Reserve(tmp_path), tmp_path / ".reserve"
    assert not reserve.release()
    assert reserve.hold() and file.stat().st_blocks * 512 >= 16_000_000
    assert reserve.release() and reserve.given_back and file.stat().st_blocks == 0
    assert reserve.hold() and not reserve.given_back


def test_a_training_that_finds_no_room_for_its_task_leaves_nothing(
    company: Company, sheet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_path: Path, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    services, owner = company.services, company.operator
    services.examples.import_sheet(owner, sheet, "people")
    with monkeypatch.context() as disk, pytest.raises(Refusal) as refused:
        disk.setattr(Path, "write_bytes", no_room)
        services.trainings.start(owner, "people")
    assert refused.value.code == "no_disk"
    assert services.trainings.listing(owner, "people") == []
    assert list((services.settings.home / "training").iterdir()) == []


def test_what_a_training_made_waits_until_there_is_room_for_it(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, owner, real = company.services, company.operator, Database.transaction
    refused: list[str] = []

    def transaction(self: Database, actor: str, reason: str) -> Any:
        if len(refused) < 2:
            refused.append(reason)
            raise Refusal("no_disk", detail="full")
        return real(self, actor, reason)

    with services.database.transaction("test", "a run") as change:
        run = TrainingRun(domain="people", state="running", settings={"method": "lora", "part": "reader"},
                          version=None, error=None, created_by="cli:test")  # fmt: skip
        change.session.add(run)
        change.session.flush()
        change.record("training.started", "training", run.id)
    folder = services.settings.home / "training" / run.id
    (folder / jobs.MADE).mkdir(parents=True)
    (folder / jobs.MADE / "adapter_model.safetensors").write_bytes(b"weights")
    version_folder.note(folder / jobs.MADE, {"method": "lora", "skill": "none"})
    (folder / jobs.RESULT).write_text(json.dumps({"seconds": 1.0}))
    monkeypatch.setattr(trainings, "ROOM_SECONDS", 0.01)
    monkeypatch.setattr(Database, "transaction", transaction)
    services.trainings.recover()
    services.trainings._watchers[run.id].join(20)
    done = services.trainings.get(owner, run.id)
    assert (done.state, refused) == ("done", ["training done", "training done"])
    assert [version.id for version in services.adapter_versions.listing(owner, "people")] == [done.version]
