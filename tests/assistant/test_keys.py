"""A home with a key file: who takes the disk reads nothing, keys change, and no step loses anything."""

import io
import json
import os
import re
import shutil
import sqlite3
import zipfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlcipher3 import dbapi2 as sqlcipher
from typer.testing import CliRunner

from assistant import keys
from assistant.access import User, local_operator
from assistant.audit_log import Wanted
from assistant.commands import application
from assistant.documents import Upload
from assistant.errors import BadInput, Conflict
from assistant.services import Services
from assistant.settings import Settings
from assistant.web import create_application
from index import NO_KEYS, DocumentError, Index, Key, Keyring
from tests.index.conftest import WordEncoder

WORDS = "The vault opens at seven minutes past nine."
SECRETS = (b"vault", b"seven minutes", "金庫".encode())


class Home:
    """A home on disk that is opened anew each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "home"
        self.key_file: Path | None = folder / "keys.txt"

    @property
    def settings(self) -> Settings:
        return Settings(home=self.folder, key_file=self.key_file, reader="none", writer="quote", threads=1)

    def open(self) -> Services:
        services = Services(self.settings)
        services.__dict__["encoder"] = one = WordEncoder()
        services.__dict__["index"] = Index(
            self.folder, one.encode, one.count_tokens, one.identity, one.dimension, 5, services.keys
        )
        return services

    def fill(self) -> None:
        services = self.open()
        services.domains.add("test", "people", description_en="people", questions=["金庫はいつ開きますか"])
        for number, name in enumerate(("vault.txt", "vault2.txt")):
            path = self.folder.parent / name
            path.write_text(f"{WORDS}\n\n金庫は九時七分に開く。\n\n{number}")
            assert services.documents.ingest(operator(services), path, "people").status == "indexed"
        services.close()

    def found(self) -> list[str]:
        services = self.open()
        try:
            return [hit.passage.text for hit in services.documents.search(operator(services), "vault", None, 5)]
        finally:
            services.close()

    def leaks(self) -> list[str]:
        """The files of the home in which a word stands in clear."""
        whole = [path for path in self.folder.rglob("*") if path.is_file()]
        return [path.name for path in whole if any(secret in path.read_bytes() for secret in SECRETS)]


def operator(services: Services) -> User:
    with services.database.read() as session:
        return local_operator(session, "test")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    keys.add(tmp_path / "keys.txt")
    return made


@pytest.fixture
def in_clear(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.key_file = None
    made.fill()
    made.key_file = tmp_path / "keys.txt"
    keys.add(made.key_file)
    return made


def test_who_takes_the_disk_reads_nothing_even_while_it_is_in_use(home: Home) -> None:
    home.fill()
    services = home.open()
    services.index.refresh(services.database.read)
    assert len(list(home.folder.rglob("*.faiss"))) == 1
    assert home.leaks() == []
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(home.folder / "records.db").execute("SELECT * FROM documents").fetchall()
    services.close()
    assert any(WORDS in text for text in home.found())


def test_a_home_in_clear_leaks_which_shows_that_the_test_would_see_it(in_clear: Home) -> None:
    assert "records.db" in in_clear.leaks()


def test_a_sealed_document_is_given_out_as_it_was_and_without_its_key_in_one_sentence_and_nothing_half_written(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.fill()
    services = home.open()
    account = services.accounts.create("test", "emi", "correct horse battery", must_change=False)
    emi = services.accounts.user_by_name("emi")
    taken = services.documents.upload(emi, io.BytesIO(WORDS.encode()), Upload("own.txt", "people"))
    packed = io.BytesIO()
    services.personal.export(emi, account, packed)
    with zipfile.ZipFile(packed) as whole:
        assert whole.read(next(name for name in whole.namelist() if name.endswith("own.txt"))) == WORDS.encode()
    monkeypatch.setattr("assistant.commands.account.home", lambda: nullcontext(services))
    with TestClient(create_application(services), base_url="http://testserver") as client:
        client.cookies.set("madoguchi_session", services.accounts.start_session(account))
        got = client.get(f"/documents/{taken.document}/{taken.version_id}")
        assert (got.status_code, got.content) == (200, WORDS.encode())
        for ring in (NO_KEYS, Keyring([Key(bytes(32))])):  # as with records on a server, which open all the same
            services.personal._keys = services.index.store._keys = ring
            with pytest.raises(DocumentError, match=r"own\.txt cannot be opened: its key"):
                run(home, "account", "export", "emi", str(tmp_path / "own.zip"))
            got = client.get(f"/documents/{taken.document}/{taken.version_id}")
            assert (got.status_code, "own.txt cannot be opened" in got.json()["error"]) == (400, True)
            page = client.post("/account/data/export", headers={"origin": "http://testserver"})
            assert (page.status_code, "own.txt cannot be opened" in page.text) == (400, True)
    assert not (tmp_path / "own.zip").exists()
    assert services.audit_log.search(operator(services), Wanted(what="person.exported"))[1] == 1


def test_a_home_in_clear_is_encrypted_by_one_command_and_says_the_same(in_clear: Home) -> None:
    before = set(json.loads(run(in_clear, "keys", "apply", "--json").stdout))
    assert before == {"key", "documents", "records"}
    assert in_clear.leaks() == []
    assert sum(WORDS in text for text in in_clear.found()) == 2
    again = json.loads(run(in_clear, "keys", "apply", "--json").stdout)
    assert (again["documents"], again["records"]) == (0, False)


def test_a_rotation_leaves_nothing_under_the_old_key_and_is_on_record(home: Home) -> None:
    home.fill()
    assert home.key_file is not None
    old = home.key_file.read_text()
    told = json.loads(run(home, "keys", "rotate", "--json").stdout)
    assert (told["documents"], told["records"]) == (2, True)
    newest = home.key_file.read_text().splitlines()[0]
    home.key_file.write_text(newest)
    assert sum(WORDS in text for text in home.found()) == 2
    services = home.open()
    [entry], _ = services.audit_log.search(operator(services), Wanted(what="keys.applied"))
    assert entry.object_id == told["key"]
    assert services.audit_log.verify(operator(services)).intact
    services.close()
    home.key_file.write_text(old)
    with pytest.raises(Conflict) as refused:
        home.open()
    assert refused.value.code == "records_other_key"


def run(home: Home, *command: str) -> Any:
    variables = {"MADOGUCHI_HOME": str(home.folder), "MADOGUCHI_LANGUAGE": "en"}
    variables |= {"MADOGUCHI_KEY_FILE": str(home.key_file)} if home.key_file else {}
    done = CliRunner().invoke(application(command), command, env=variables)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.mark.parametrize("step", range(4))
def test_whatever_step_a_change_of_keys_is_cut_off_at_the_next_call_finishes_it(
    home: Home, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.fill()
    assert home.key_file is not None
    keys.add(home.key_file)
    replace, left = os.replace, iter(range(step))

    def cut_off(old: Any, new: Any) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        replace(old, new)

    monkeypatch.setattr(os, "replace", cut_off)
    if step < 3:  # two documents, and the records
        with pytest.raises(KeyboardInterrupt):
            keys.apply(home.settings, "test")
    monkeypatch.undo()
    assert sum(WORDS in text for text in home.found()) == 2  # either key opens what is there
    keys.apply(home.settings, "test")
    home.key_file.write_text(home.key_file.read_text().splitlines()[0])
    assert sum(WORDS in text for text in home.found()) == 2
    assert home.leaks() == []
    assert list(home.folder.rglob(".half-*")) == []


def test_a_full_disk_leaves_the_records_as_they_were(in_clear: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(sqlcipher.Connection):  # type: ignore[misc]
        def execute(self, statement: str, *rest: Any) -> Any:
            if "export" in statement:
                raise sqlcipher.OperationalError("database or disk is full")
            return super().execute(statement, *rest)

    connect = sqlcipher.connect
    monkeypatch.setattr(sqlcipher, "connect", lambda *a, **k: connect(*a, factory=Full, **k))
    with pytest.raises(Exception, match="disk is full"):
        keys.apply(in_clear.settings, "test")
    monkeypatch.undo()
    assert list(in_clear.folder.glob(".half-*")) == []
    in_clear.key_file = None
    assert "records.db" in in_clear.leaks()


def test_nothing_is_changed_while_somebody_has_the_home_open(home: Home) -> None:
    home.fill()
    assert home.key_file is not None
    keys.add(home.key_file)
    services = home.open()
    with pytest.raises(Conflict) as refused:
        keys.apply(home.settings, "test")
    assert refused.value.code == "home_in_use"
    before = home.key_file.read_text()
    with pytest.raises(Conflict):
        run(home, "keys", "rotate")
    assert home.key_file.read_text() == before  # the server would not know a key that others seal with
    services.close()


def test_each_wrong_key_file_is_refused_with_what_to_do(home: Home, tmp_path: Path) -> None:
    home.fill()
    right, file = home.key_file, tmp_path / "other.txt"
    for words, mode, code in (
        ("", 0o600, "key_file_wrong"),
        ("not a key", 0o600, "key_file_wrong"),
        ("AAAA", 0o600, "key_file_wrong"),
        ("鍵", 0o600, "key_file_wrong"),
        (right.read_text() if right else "", 0o644, "key_file_open"),
    ):
        file.write_text(words, encoding="utf-8")
        file.chmod(mode)
        home.key_file = file
        with pytest.raises(BadInput) as wrong:
            home.open()
        assert wrong.value.code == code
    home.key_file = tmp_path / "nowhere.txt"
    with pytest.raises(BadInput) as missing:
        home.open()
    assert missing.value.code == "key_file_missing"
    home.key_file = None
    with pytest.raises(Conflict) as without:
        home.open()
    assert without.value.code == "records_sealed"


def test_a_home_in_clear_is_not_opened_with_a_key_before_it_is_encrypted(in_clear: Home) -> None:
    with pytest.raises(Conflict) as refused:
        in_clear.open()
    assert refused.value.code == "records_in_clear"


def test_a_new_key_file_is_its_owners_alone_outside_the_home_and_never_overwritten(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.folder.mkdir()
    home.key_file = None
    file = tmp_path / "made.txt"
    told = run(home, "keys", "new", str(file)).stdout
    assert file.stat().st_mode & 0o777 == 0o600
    assert re.search(r"[0-9a-f]{8}", told)
    assert file.read_text().split()[0] not in told  # the secret itself is never printed
    for place, code in ((file, "key_file_exists"), (home.folder / "keys.txt", "key_file_in_home")):
        with pytest.raises((BadInput, Conflict)) as refused:
            run(home, "keys", "new", str(place))
        assert refused.value.code == code


def test_doctor_tells_what_is_wrong_with_the_key(home: Home) -> None:
    home.fill()
    home.key_file = None
    told = run(home, "doctor", "--json").stdout
    [records] = [one for one in json.loads(told)["findings"] if one["name"] == "records"]
    assert not records["ok"]
    assert "MADOGUCHI_KEY_FILE" in records["detail"]


def test_a_backup_needs_the_key_of_its_day(home: Home, tmp_path: Path) -> None:
    home.fill()
    shutil.copytree(home.folder, tmp_path / "backup")
    keys.add(home.key_file or Path())
    keys.apply(home.settings, "test")
    restored = Home(tmp_path)
    restored.folder = tmp_path / "backup"
    assert sum(WORDS in text for text in restored.found()) == 2  # the older key is in the file still
