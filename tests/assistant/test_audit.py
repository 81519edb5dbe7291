"""The audit chain under attack: every way of tampering is named, with checkpoints also in a chain that is whole."""

import csv
import io
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from assistant import audit, audit_checkpoints, audit_guard
from assistant.access import User
from assistant.audit_log import AuditLog, Wanted
from assistant.database import Database
from assistant.errors import BadInput, Conflict, NotAllowed
from assistant.schema import upgrade
from assistant.settings import Settings
from assistant.settings_record import record_settings
from assistant.sheet_cell import harmless
from assistant.tables import Account, AuditEntry, AuditHead

ADMINISTRATOR = User(None, "root", {}, administrator=True)


@pytest.fixture
def anywhere(address: str) -> Iterator[Database]:
    """Empty records, on SQLite and on PostgreSQL."""
    made = Database(address)
    upgrade(made)
    yield made
    made.close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of empty records, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "records.db"
    made = Database(f"sqlite:///{path}")
    upgrade(made)
    made.close()
    return path


@pytest.fixture
def database(empty: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(empty, tmp_path / "records.db")
    made = Database(f"sqlite:///{tmp_path / 'records.db'}")
    yield made
    made.close()


@pytest.fixture
def log(database: Database, tmp_path: Path) -> AuditLog:
    return AuditLog(database, tmp_path)


def happen(database: Database, first: int, last: int, actor: str = "tester") -> None:
    for n in range(first, last + 1):
        with database.transaction(actor, f"step {n}") as change:
            change.record("something.done", "thing", f"t{n}", {"n": n}, {"n": n + 1})


def walked(database: Database) -> audit.Verification:
    with database.read() as session:
        return audit.verify(session)


def unguarded(database: Database, *statements: str, guard_again: bool = True) -> None:
    """What somebody who owns the database can do: drop the guard, change what he likes, put it up again."""
    with database.engine.begin() as connection:
        audit_guard.take_down(connection)
        for statement in statements:
            connection.execute(text(statement))
        if guard_again:
            audit_guard.put_up(connection)


def rebuild(database: Database, change: Callable[[list[AuditEntry]], list[AuditEntry]]) -> None:
    """Rewrite the chain from its first entry, with hashes that fit."""
    with database.read() as session:
        entries = change(list(session.query(AuditEntry).order_by(AuditEntry.number)))
        session.expunge_all()
    previous, rows = audit.GENESIS, []
    for number, entry in enumerate(entries, start=1):
        values = {c.key: getattr(entry, c.key) for c in audit.HASHED} | {"number": number, "previous_hash": previous}
        made = AuditEntry(**values)
        made.hash = previous = audit.entry_hash(made)
        rows.append(made)
    unguarded(database, "DELETE FROM audit_entries")
    with database.read() as session:
        session.add_all(rows)
        head = session.get_one(AuditHead, 1)
        head.entries, head.hash = len(rows), previous
        session.commit()


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET actor = 'x'", "DELETE FROM audit_entries"])
def test_the_database_itself_refuses_to_change_an_entry_and_a_dropped_guard_is_told(
    anywhere: Database, statement: str
) -> None:
    happen(anywhere, 1, 3)
    with pytest.raises(DatabaseError, match=audit_guard.REFUSAL), anywhere.engine.begin() as connection:
        connection.execute(text(statement))
    assert walked(anywhere) == audit.Verification(True, 3)
    unguarded(anywhere, guard_again=False)
    assert walked(anywhere) == audit.Verification(False, 3, 4, "unguarded")


def test_a_rewritten_entry_with_a_fitting_hash_still_breaks_the_chain(database: Database) -> None:
    happen(database, 1, 4)
    with database.read() as session:
        entry = session.get_one(AuditEntry, 2)
        entry.actor = "somebody else"
        fitting = audit.entry_hash(entry)
    forged = f"UPDATE audit_entries SET actor = 'somebody else', hash = '{fitting}' WHERE number = 2"  # noqa: S608
    unguarded(database, forged)
    assert walked(database) == audit.Verification.broken(3, "unchained")


@pytest.mark.parametrize(
    ("statements", "problem", "first"),
    [
        (["UPDATE audit_entries SET reason = 'no' WHERE number = 3"], "altered", 3),
        (["UPDATE audit_entries SET hash = previous_hash WHERE number = 6"], "altered", 6),
        (["DELETE FROM audit_entries WHERE number = 4"], "missing", 4),
        (["DELETE FROM audit_entries WHERE number = 1"], "missing", 1),
        (
            ["DELETE FROM audit_entries WHERE number = 4",
             "UPDATE audit_entries SET number = 4 WHERE number = 5",
             "UPDATE audit_entries SET number = 5 WHERE number = 6",
             "UPDATE audit_head SET entries = 5"],
            "missing", 4,
        ),
        (
            ["INSERT INTO audit_entries SELECT 0, time, actor, action, object_type, object_id, reason, before, after, "
             "previous_hash, hash FROM audit_entries WHERE number = 2"],
            "inserted", 0,
        ),
        (
            ["INSERT INTO audit_entries SELECT 7, time, actor, action, object_type, object_id, reason, before, after, "
             "hash, hash FROM audit_entries WHERE number = 6"],
            "altered", 7,
        ),
        (
            ["UPDATE audit_entries SET number = 99 WHERE number = 2",
             "UPDATE audit_entries SET number = 2 WHERE number = 3",
             "UPDATE audit_entries SET number = 3 WHERE number = 99"],
            "missing", 2,
        ),
        (["DELETE FROM audit_entries WHERE number > 4"], "cut", 5),
        (["DELETE FROM audit_head"], "cut", 7),
    ],
)  # fmt: skip
def test_whoever_owns_the_database_cannot_hide_what_he_changed(
    database: Database, statements: list[str], problem: str, first: int
) -> None:
    happen(database, 1, 6)
    unguarded(database, *statements)
    found = walked(database)
    assert (found.intact, found.problem, found.first_broken) == (False, problem, first)


def test_an_entry_put_before_others_is_named(database: Database) -> None:
    happen(database, 1, 5)
    unguarded(
        database,
        "UPDATE audit_entries SET number = 6 WHERE number = 5",
        "UPDATE audit_entries SET number = 5 WHERE number = 4",
        "INSERT INTO audit_entries SELECT 4, time, 'x', action, object_type, object_id, reason, before, after, hash, "
        "hash FROM audit_entries WHERE number = 3",
        "UPDATE audit_head SET entries = 6",
    )
    assert walked(database).first_broken == 4


def test_a_cut_tail_whose_head_was_cut_too_is_found_by_the_checkpoint(
    database: Database, log: AuditLog, tmp_path: Path
) -> None:
    happen(database, 1, 5)
    made = log.checkpoint(ADMINISTRATOR, tmp_path / "checkpoints.jsonl")
    with database.read() as session:
        hash_of_4 = session.get_one(AuditEntry, 4).hash
    unguarded(
        database,
        "DELETE FROM audit_entries WHERE number > 4",
        f"UPDATE audit_head SET entries = 4, hash = '{hash_of_4}'",  # noqa: S608
    )
    assert made.entries == 6
    assert walked(database).intact
    found = log.verify(ADMINISTRATOR, tmp_path / "checkpoints.jsonl")
    assert (found.problem, found.first_broken) == ("cut", 5)


def altered(entries: list[AuditEntry]) -> list[AuditEntry]:
    entries[2].actor = "somebody else"
    return entries


def test_a_rebuilt_chain_is_found_by_the_checkpoint_and_its_first_entry_named(
    anywhere: Database, tmp_path: Path
) -> None:
    database, log = anywhere, AuditLog(anywhere, tmp_path)
    file = tmp_path / "checkpoints.jsonl"
    happen(database, 1, 3)
    log.checkpoint(ADMINISTRATOR, file)
    happen(database, 1, 3)
    log.checkpoint(ADMINISTRATOR, file)
    assert log.verify(ADMINISTRATOR, file) == audit.Verification(True, 8)
    for change, first in ((lambda e: e[:5] + e[6:], 6), (altered, 3), (lambda e: [*e[:1], e[4], *e[1:]], 2)):
        rebuild(database, change)
        assert walked(database).intact
        found = log.verify(ADMINISTRATOR, file)
        assert (found.problem, found.first_broken) == ("rebuilt", first)


def test_an_older_database_put_back_is_found_at_once_and_after_it_went_on(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    elsewhere.mkdir()
    database = Database(f"sqlite:///{home / 'records.db'}")
    upgrade(database)
    happen(database, 1, 4)
    database.close()
    shutil.copy(home / "records.db", tmp_path / "older.db")
    happen(database, 5, 9)
    AuditLog(database, home).checkpoint(ADMINISTRATOR, elsewhere)
    database.close()
    for name in ("records.db-wal", "records.db-shm"):
        (home / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "older.db", home / "records.db")
    log, file = AuditLog(database, home), elsewhere / audit_checkpoints.FILE
    assert (log.verify(ADMINISTRATOR, file).problem, log.verify(ADMINISTRATOR, file).first_broken) == ("cut", 5)
    happen(database, 5, 30)
    assert walked(database).intact
    assert (log.verify(ADMINISTRATOR, file).problem, log.verify(ADMINISTRATOR, file).first_broken) == ("rebuilt", 5)
    with pytest.raises(Conflict, match="Nothing was signed"):
        log.checkpoint(ADMINISTRATOR, elsewhere)
    database.close()


def test_checkpoints_that_were_tampered_with_are_told_from_a_tampered_chain(
    database: Database, log: AuditLog, tmp_path: Path
) -> None:
    file = tmp_path / "checkpoints.jsonl"
    for first in (1, 4):
        happen(database, first, first + 2)
        log.checkpoint(ADMINISTRATOR, file)
    lines = file.read_text().splitlines()
    body = json.loads(lines[0])
    forged = json.dumps(body | {"hash": "0" * 64})
    other = Ed25519PrivateKey.generate()
    resigned = audit_checkpoints.Checkpoint(**(body | {"key": audit_checkpoints.public_part(other)})).signed_by(other)
    for text_, problem in (
        (forged + "\n" + lines[1], "forged"),
        (lines[1], "forged"),
        (json.dumps(vars(resigned)), "other-key"),
    ):
        file.write_text(text_ + "\n")
        assert log.verify(ADMINISTRATOR, file).problem == problem
    for text_ in ("", "no json\n", "[1]\n", '{"format": 1}\n'):
        file.write_text(text_)
        with pytest.raises(BadInput):
            log.verify(ADMINISTRATOR, file)


def test_the_signing_key_is_its_owners_alone_and_stays_the_same(
    database: Database, log: AuditLog, tmp_path: Path
) -> None:
    made = [log.checkpoint(ADMINISTRATOR, tmp_path / "c.jsonl").key for _ in range(2)]
    assert made[0] == made[1]
    assert stat.S_IMODE(os.stat(tmp_path / audit_checkpoints.KEY).st_mode) == 0o600


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_single_change_of_any_entry_is_found(
    empty: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("chain") / "records.db"
    shutil.copy(empty, path)
    database = Database(f"sqlite:///{path}")
    words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
    count = data.draw(st.integers(1, 6))
    for _ in range(count):
        with database.transaction(data.draw(words), data.draw(words)) as change:
            change.record("something.done", data.draw(words), data.draw(words), {"a": data.draw(words)}, {})
    assert walked(database) == audit.Verification(True, count)
    number, column = data.draw(st.integers(1, count)), data.draw(st.sampled_from([*audit.HASHED[1:], AuditEntry.hash]))
    value = data.draw(words)
    with database.engine.begin() as connection:
        audit_guard.take_down(connection)
        same = connection.scalar(select(column).where(AuditEntry.number == number))
        connection.execute(update(AuditEntry).where(AuditEntry.number == number).values({column.key: value}))
        audit_guard.put_up(connection)
    found = walked(database)
    database.close()
    assert found.intact == (same == value)
    assert found.intact or found.first_broken == number


def test_entries_are_found_by_who_what_which_and_when(anywhere: Database, tmp_path: Path) -> None:
    database, log = anywhere, AuditLog(anywhere, tmp_path)
    with database.transaction("setup", "people") as change:
        account = Account(name="aki", display_name="秋山 あき", password_hash=None, administrator=False,
                          must_change_password=False, locked_until=None, disabled_at=None)  # fmt: skip
        change.session.add(account)
        change.session.flush()
        change.record("account.created", "account", account.id)
    happen(database, 1, 3, actor=f"user:{account.id}")
    happen(database, 4, 5, actor="cli:root")

    def numbers(**wanted: str) -> list[int]:
        return [entry.number for entry in log.search(ADMINISTRATOR, Wanted(**wanted))[0]]

    assert numbers(who="aki") == numbers(who="AKI") == numbers(who="秋山") == [4, 3, 2]
    assert numbers(who="cli:") == [6, 5]
    assert numbers(what="account") == [1]
    assert numbers(thing="t5") == [6]
    assert numbers(thing="account") == [1]
    assert numbers(who="%") == numbers(what="_") == numbers(thing="'; DROP TABLE audit_entries") == []
    today = log.search(ADMINISTRATOR, Wanted())[0][0].time[:10]
    assert len(numbers(since=today, until=today)) == 6
    assert numbers(until="2001-01-01") == numbers(since="2999-12-31") == []
    assert log.search(ADMINISTRATOR, Wanted(), limit=2, skip=2)[1] == 6
    assert log.search(ADMINISTRATOR, Wanted(who="aki"))[0][0].person == "秋山 あき"
    with pytest.raises(BadInput, match="2026-04-01"):
        numbers(since="yesterday")


def test_only_administrators_read_export_verify_and_sign(log: AuditLog, tmp_path: Path) -> None:
    owner = User("x", "Owner", {"people": "owner"})
    for act in (
        lambda: log.search(owner, Wanted()),
        lambda: log.export(owner, Wanted(), "csv"),
        lambda: log.verify(owner),
        lambda: log.checkpoint(owner, tmp_path / "x"),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_export_is_on_record_and_holds_every_entry_as_it_is_hashed(database: Database, log: AuditLog) -> None:
    happen(database, 1, 3)
    lines = [json.loads(line) for line in log.export(ADMINISTRATOR, Wanted(), "jsonl")]
    assert [line["number"] for line in lines] == [1, 2, 3, 4]
    assert lines[-1]["action"] == "audit.exported"
    assert all(audit.entry_hash(AuditEntry(**line)) == line["hash"] for line in lines)
    with pytest.raises(BadInput, match="csv, jsonl"):
        log.export(ADMINISTRATOR, Wanted(), "exe")


@pytest.mark.parametrize("words", ["=1+1", "@SUM(A1)", "+1", "-1", " =1", "＝1", "\t=1", "\ufeff=1"])
def test_an_exported_cell_is_never_a_formula(database: Database, log: AuditLog, words: str) -> None:
    with database.transaction("tester", words) as change:
        change.record("something.done", "thing", "x")
    rows = list(csv.DictReader(io.StringIO("".join(log.export(ADMINISTRATOR, Wanted(), "csv")).lstrip("\ufeff"))))
    assert rows[0]["reason"] == "'" + words


@given(st.text())
def test_a_harmless_cell_stays_as_it_is_or_gets_one_apostrophe(words: str) -> None:
    assert harmless(words) in (words, "'" + words)


def test_changed_settings_go_on_record_once_and_no_secret_with_them(database: Database, log: AuditLog) -> None:
    plain = {"home": Path("/srv/home"), "database": "postgresql+psycopg://madoguchi:topsecret@db/records"}
    for one in (plain, plain, plain | {"passages": 5, "mail_password": "topsecret"}, plain):
        record_settings(database, Settings(**one), "cli:serve")  # type: ignore[arg-type]
    latest, second, first = log.search(ADMINISTRATOR, Wanted(what="settings"))[0]
    assert "topsecret" not in str((first, second, latest))
    assert first.after["database"] == "postgresql+psycopg://madoguchi:***@db/records"
    assert (second.before["passages"], second.after["passages"]) == (None, 5)
    assert (latest.before["passages"], latest.after["passages"]) == (5, None)
