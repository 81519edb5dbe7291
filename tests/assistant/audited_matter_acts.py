"""What is done to documents, index, trainings, versions and keys that goes on record; each thing once."""

import getpass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from adapters import version_folder
from assistant import keys
from assistant.commands import application
from assistant.document_care import Care
from assistant.settings import Settings
from index.tables import IndexState
from tests.assistant.audited_acts import WHY, act, simple
from tests.assistant.audited_home import Act, Home, opened
from tests.assistant.test_confidences import judged

OPERATOR = f"cli:{getpass.getuser()}"


def on_document(home: Home, by: str, do: Any, **given: Any) -> Act:
    document, _ = home.document("rui")
    return Act(lambda: do(home.people[by], document), home.people[by], document, **given)


simple(
    "document.described",
    "change",
    lambda h: on_document(h, "mia", lambda u, d: h.services.document_care.describe(u, d, Care(None, "secret name"))),
)
simple(
    "document.labelled",
    "change",
    lambda h: on_document(h, "mia", lambda u, d: h.services.document_care.describe(u, d, Care("confidential"))),
)
simple(
    "document.withdrawn",
    "change",
    lambda h: on_document(h, "mia", lambda u, d: h.services.document_care.withdraw(u, d, WHY), reason=WHY),
)


@act("document.accepted", "change")
def _(home: Home) -> Act:
    document, _ = home.document("emi")
    return Act(lambda: home.services.documents.accept(home.rui, document), home.rui, document)


@act("document.stopped", "change")
def _(home: Home) -> Act:
    document, version = home.document("emi", read=False)
    return Act(lambda: home.services.documents.cancel(home.emi, version), home.emi, document)


@act("document.queued-again", "change")
def _(home: Home) -> Act:
    document, version = home.document("emi", read=False)
    home.services.documents.cancel(home.emi, version)
    return Act(lambda: home.services.documents.ask_again(home.emi, version), home.emi, document)


@act("document.reading", "change")
def _(home: Home) -> Act:
    document, _ = home.document("emi", read=False)
    return Act(home.services.ingestion._read_waiting, "job:ingest", document)


@act("document.published", "change")
def _(home: Home) -> Act:
    document, _ = home.document("emi", read=False)
    return Act(home.services.ingestion._read_waiting, "job:ingest", document)


@act("document.failed", "change")
def _(home: Home) -> Act:
    document, _ = home.document("emi", " ", read=False)  # nothing to read in it
    return Act(home.services.ingestion._read_waiting, "job:ingest", document)


def older(home: Home, **given: str) -> None:
    """What an older program left."""
    home.document("rui")
    with home.services.database.transaction("test", "an older program") as change:
        change.session.execute(update(IndexState).values(**given))
        change.record("test.filled", "index", "state")
    del home.services.__dict__["index"]


@act("index.retokenised", "new")
def _(home: Home) -> Act:
    older(home, tokenizer="0")
    return Act(lambda: home.services.index, "system")


@act("index.validity_read", "new")
def _(home: Home) -> Act:
    older(home, validity="0")
    return Act(lambda: home.services.index, "system")


@act("index.reencoded", "new")
def _(home: Home) -> Act:
    def command() -> None:
        with pytest.MonkeyPatch.context() as given:
            given.setattr("assistant.commands.doctor.Services", lambda _: opened(home.folder))
            CliRunner().invoke(application(["reencode"]), ["reencode"], catch_exceptions=False)

    home.document("rui")
    return Act(command, OPERATOR)


def taught(home: Home) -> None:
    """An example to learn from, and nothing that learns: the process itself is tested with versions."""
    home.document("rui")
    home.example(evidence=[vars(one) for one in home.citations()])
    home.services.trainings._launch = lambda user, run: None  # type: ignore[method-assign]


def begun(home: Home) -> str:
    taught(home)
    return home.services.trainings.start(home.aki, "people", override=WHY).id


@act("training.started", "new")
def _(home: Home) -> Act:
    taught(home)
    return Act(lambda: home.services.trainings.start(home.aki, "people", override=WHY), home.aki, reason=WHY)


@act("training.ended", "change")
def _(home: Home) -> Act:
    run = begun(home)
    return Act(lambda: home.services.trainings.cancel(home.aki, run), home.aki, run)


@act("training.resumed", "change")
def _(home: Home) -> Act:
    run = begun(home)
    home.services.trainings.pause(home.aki, run)
    return Act(lambda: home.services.trainings.resume(home.aki, run), home.aki, run)


def made(home: Home) -> Path:
    folder = home.folder / "made"
    folder.mkdir()
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    version_folder.note(folder, {"method": "lora", "skill": "none"})
    return folder


def kept(home: Home) -> str:
    return home.services.adapter_versions.keep(home.aki, "people", made(home), {"method": "lora"}).id


@act("version.made", "new")
def _(home: Home) -> Act:
    folder = made(home)
    return Act(lambda: home.services.adapter_versions.keep(home.aki, "people", folder, {"method": "lora"}), home.aki)


@act("version.promoted", "change")
def _(home: Home) -> Act:
    version, versions = kept(home), home.services.adapter_versions
    return Act(lambda: versions.put_live(home.aki, version, 0.5, WHY, {}), home.aki, "people", WHY)


@act("version.rolled-back", "change")
def _(home: Home) -> Act:
    versions = home.services.adapter_versions
    versions.put_live(home.aki, kept(home), 0.5, "first", {})
    return Act(lambda: versions.roll_back(home.aki, "people", None, WHY), home.aki, "people", WHY)


@act("evaluation.kept", "new")
def _(home: Home) -> Act:
    home.services.__dict__["span_reader"] = None
    return Act(lambda: home.services.evaluations.run(home.aki, [], "frozen", domain="people"), home.aki)


@act("confidence.refitted", "change")
def _(home: Home) -> Act:
    judged(home.services.database, 200)
    return Act(lambda: home.services.confidences.refit(home.aki, "people", WHY), home.aki, "people", WHY)


@act("confidence.taken-back", "change")
def _(home: Home) -> Act:
    judged(home.services.database, 200)
    home.services.confidences.refit(home.aki, "people", "first")
    return Act(lambda: home.services.confidences.take_back(home.aki, "people", WHY), home.aki, "people", WHY)


@act("keys.applied", "new")
def _(home: Home) -> Act:
    file = home.folder / "keys"
    keys.add(file)
    home.document("rui")

    def apply() -> None:
        home.services.close()
        keys.apply(Settings(home=home.folder / "home", key_file=file), OPERATOR)
        home.services = opened(home.folder, key_file=file)

    return Act(apply, OPERATOR)
