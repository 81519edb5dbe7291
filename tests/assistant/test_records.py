"""The records: a change and its audit entry together or not at all, a chain that shows tampering, migrations."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import delete, event, select, text

from assistant import audit, schema
from assistant.database import Change, Database, UnrecordedChange
from assistant.errors import Refusal
from assistant.schema import METADATA, is_newest, upgrade
from assistant.tables import Account
from index.lexical import Lexical
from index.tables import PassageRow, Posting


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    made = Database(address)
    upgrade(made)
    yield made
    made.close()


def add(change: Change, name: str) -> None:
    change.session.add(
        Account(
            name=name,
            display_name=name,
            password_hash=None,
            administrator=False,
            must_change_password=False,
            locked_until=None,
            disabled_at=None,
        )
    )


def names(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.execute(text("SELECT name FROM accounts")).scalars())


def verdict(database: Database) -> audit.Verification:
    with database.read() as session:
        return audit.verify(session)


def test_a_change_and_its_audit_entry_are_written_together(database: Database) -> None:
    with database.transaction("tester", "because") as change:
        add(change, "aki")
        change.record("account.created", "account", "aki")
    assert names(database) == ["aki"]
    assert verdict(database) == audit.Verification(True, 1)


def test_a_change_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError, match="power cut"), database.transaction("tester", "because") as change:
        add(change, "aki")
        change.record("account.created", "account", "aki")
        change.session.flush()
        raise RuntimeError("power cut")
    assert names(database) == []
    assert verdict(database).entries == 0


def test_a_change_that_nobody_is_told_of_does_not_happen(database: Database) -> None:
    with pytest.raises(UnrecordedChange), database.transaction("tester", "secretly") as change:
        add(change, "aki")
    assert names(database) == []


def test_a_full_disk_is_told_in_a_sentence_and_leaves_everything_as_it_was(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'records.db'}")
    upgrade(database)
    with database.transaction("tester", "before") as change:
        add(change, "aki")
        change.record("account.created", "account", "aki")
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    event.listen(database.engine, "connect", lambda c, _: c.execute(f"PRAGMA max_page_count={pages}"))
    database.engine.dispose()
    with pytest.raises(Refusal) as refused, database.transaction("tester", "too much") as change:
        for n in range(2000):
            add(change, f"person {n}" + "x" * 50)
        change.record("account.created", "account", "many")
    assert refused.value.code == "no_disk"
    assert names(database) == ["aki"]
    assert verdict(database) == audit.Verification(True, 1)
    database.close()


def test_what_is_changed_while_reading_is_thrown_away(database: Database) -> None:
    with database.read() as session:
        add(Change(session), "aki")
        session.flush()
    assert names(database) == []


def test_concurrent_writers_lose_nothing_and_keep_one_chain(database: Database) -> None:
    def write(n: int) -> None:
        with database.transaction(f"writer {n % 4}", "together") as change:
            add(change, f"person{n}")
            change.record("account.created", "account", f"person{n}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(120)))
    assert len(names(database)) == 120
    assert verdict(database) == audit.Verification(True, 120)


def test_migrations_give_the_tables_that_the_code_declares(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, list(METADATA)) == []  # type: ignore[arg-type]  # it takes several


def to_revision(database: Database, wanted: str) -> None:
    """The tables of an earlier release."""
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    with database.engine.execution_options(immediate=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, wanted)


def test_a_home_of_an_earlier_release_keeps_its_people_and_their_roles(address: str) -> None:
    database = Database(address)
    to_revision(database, "0005")
    with database.engine.execution_options(immediate=True).begin() as connection:
        for row in (
            "INSERT INTO domains (name, title_ja, title_en, description_ja, description_en, open_to_all, hold_below,"
            " release, created_at) VALUES ('people', '', '', '', '', :yes, 0.7, 'hold', CURRENT_TIMESTAMP)",
            "INSERT INTO accounts (id, name, display_name, administrator, must_change_password, failures, created_at)"
            " VALUES ('a1', 'aki', 'Aki', :yes, :yes, 0, CURRENT_TIMESTAMP)",
            "INSERT INTO role_grants (account_id, domain, role) VALUES ('a1', 'people', 'owner')",
        ):
            connection.execute(text(row), {"yes": True} if ":yes" in row else {})
    upgrade(database)
    assert is_newest(database)
    with database.engine.connect() as connection:
        granted = connection.execute(text("SELECT account_id, domain, role FROM role_grants")).all()
        assert [tuple(row) for row in granted] == [("a1", "people", "owner")]
    database.close()


def test_what_an_earlier_release_indexed_is_still_found_and_no_passages_number_is_given_again(address: str) -> None:
    database = Database(address)
    to_revision(database, "0019")
    with database.engine.execution_options(immediate=True).begin() as connection:
        for row in (
            "INSERT INTO documents (id, domain, owner, filename, visibility, created_at, sensitivity, responsible,"
            " source) VALUES ('d1', 'people', 'aki', 'a.txt', 'department', CURRENT_TIMESTAMP, 'internal', '', '')",
            "INSERT INTO document_versions (id, document_id, number, filename, sha256, bytes, path, state, attempts,"
            " error_params, passages, validity, uploaded_by, uploaded_at) VALUES"
            " ('v1', 'd1', 1, 'a.txt', '', 9, '', 'indexed', 0, '{}', 1, '{}', 'aki', CURRENT_TIMESTAMP)",
            "INSERT INTO passages (version_id, document_id, shelf, ordinal, text, heading, tokens, length)"
            " VALUES ('v1', 'd1', 'people', 0, 'Badges are blue.', '', 3, 2)",
            "INSERT INTO postings (shelf, term, passage_id, count) VALUES ('people', 'badge', 1, 1)",
        ):
            connection.execute(text(row))
    upgrade(database)
    with database.read() as session:
        assert Lexical().search(session, "badges", ["people"], 10).keys() == {1}
        assert session.scalars(select(Posting.length)).all() == [2]
    with database.transaction("test", "replaced") as change:
        for table in (Posting, PassageRow):
            change.session.execute(delete(table))
        later = PassageRow(
            version_id="v1", document_id="d1", shelf="people", ordinal=0, text="", heading="", tokens=0, length=0
        )
        change.session.add(later)
        change.record("document.replaced", "document", "d1")
    assert later.id == 2
    database.close()


def test_migrating_twice_changes_nothing(database: Database) -> None:
    upgrade(database)
    assert is_newest(database)


def test_every_value_has_one_canonical_text() -> None:
    build: Callable[[object], str] = audit.canonical
    assert build({"b": 1, "a": "窓口"}) == '{"a":"窓口","b":1}'


def test_threads_that_write_at_once_take_turns_and_none_finds_the_records_locked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.database.BUSY_MILLISECONDS", 1)  # SQLite itself gives up at once
    database.engine.dispose()

    def write(number: int) -> None:
        with database.transaction("test", "added") as change:
            add(change, f"person {number:02}")
            change.record("account.created", "account", str(number))
            time.sleep(0.01)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(64)))
    assert names(database) == [f"person {number:02}" for number in range(64)]
    assert verdict(database) == audit.Verification(True, 64)
