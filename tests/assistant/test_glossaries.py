"""A department's own words: kept by its reviewers, audited, read from and written to files."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from assistant.access import User
from assistant.database import Database
from assistant.errors import BadInput, NotAllowed, NotFound, Refusal
from assistant.glossaries import Glossaries, as_table
from assistant.schema import upgrade
from assistant.tables import AuditEntry
from index import Entry

REVIEWER = User("r", "Rei", {"people": "reviewer", "it": "employee"})
KASUMINO = Entry(("Kasumino",), ("霞野", "本社"))


@pytest.fixture
def glossaries(address: str) -> Any:
    database = Database(address)
    upgrade(database)
    yield Glossaries(database)
    database.close()


def words(glossaries: Glossaries, domain: str = "people") -> list[Entry]:
    return [entry for _, entry in glossaries.listing(REVIEWER, domain)]


def audited(glossaries: Glossaries) -> list[AuditEntry]:
    with glossaries._database.read() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.number)))


def test_reviewers_add_and_take_out_words_once_each_and_the_chain_tells_it_without_the_words(
    glossaries: Glossaries,
) -> None:
    assert glossaries.add(REVIEWER, "people", [KASUMINO, KASUMINO]) == 1
    assert glossaries.add(REVIEWER, "people", [KASUMINO]) == 0
    ((key, entry),) = glossaries.listing(REVIEWER, "people")
    assert entry == KASUMINO
    assert glossaries.remove(REVIEWER, "people", [key, "another"]) == 1
    assert words(glossaries) == []
    entries = audited(glossaries)
    assert [one.action for one in entries] == ["glossary.added", "glossary.removed"]
    assert all("Kasumino" not in one.after and "霞野" not in one.after for one in entries)


def test_nobody_below_reviewer_changes_words_and_nobody_learns_of_a_department_that_he_does_not_see(
    glossaries: Glossaries,
) -> None:
    glossaries.add(REVIEWER, "people", [KASUMINO])
    ((key, _),) = glossaries.listing(REVIEWER, "people")
    other = User("o", "Oto", {"it": "reviewer", "people": "employee"})
    outsider = User("x", "Xi", {"it": "reviewer"})
    for act in (
        lambda user: glossaries.add(user, "people", [KASUMINO]),
        lambda user: glossaries.remove(user, "people", [key]),
        lambda user: glossaries.propose(user, "people"),
        lambda user: glossaries.import_file(user, "people", Path("none.tsv")),
    ):
        with pytest.raises(NotAllowed):
            act(other)
        with pytest.raises(NotFound):
            act(outsider)
    with pytest.raises(NotFound):
        glossaries.listing(outsider, "people")
    assert glossaries.remove(other, "it", [key]) == 0  # another department's entry is not his to take out
    assert words(glossaries) == [KASUMINO]


@pytest.mark.parametrize("suffix", [".tsv", ".csv"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_what_is_exported_can_be_imported_and_what_says_nothing_is_told_of(
    glossaries: Glossaries, tmp_path: Path, suffix: str, encoding: str
) -> None:
    entries = [KASUMINO, Entry(("CMM", "coordinate measuring machine"), ("三次元測定機",)), Entry(("MSA", "study"), ())]
    delimiter = "\t" if suffix == ".tsv" else ","
    table = f"English{delimiter}日本語\n" + as_table(entries, delimiter)
    file = tmp_path / f"words{suffix}"
    file.write_bytes((table + "alone\n\n# remark\n").encode(encoding))
    done = glossaries.import_file(REVIEWER, "people", file)
    assert (done.added, done.known, done.refused) == (3, 0, (5,))
    assert glossaries.import_file(REVIEWER, "people", file).known == 3
    assert set(words(glossaries)) == set(entries)


@pytest.mark.parametrize(("name", "code"), [("words.xlsx", "glossary_format"), ("none.tsv", "sheet_unreadable")])
def test_a_file_that_is_no_list_is_refused_in_a_sentence(
    glossaries: Glossaries, tmp_path: Path, name: str, code: str
) -> None:
    with pytest.raises(Refusal) as told:
        glossaries.import_file(REVIEWER, "people", tmp_path / name)
    assert told.value.code == code


@pytest.mark.parametrize("entry", [Entry.of("Kasumino", ""), Entry.of("", "🎉"), Entry.of("a" * 500, "b")])
def test_an_entry_that_says_nothing_or_too_much_is_refused_and_nothing_of_its_list_is_taken(
    glossaries: Glossaries, entry: Entry
) -> None:
    with pytest.raises(BadInput):
        glossaries.add(REVIEWER, "people", [KASUMINO, entry])
    assert words(glossaries) == []


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_cell_that_is_written_begins_as_a_formula(english: str, japanese: str) -> None:
    for line in as_table([Entry.of(english, japanese)], "\t").splitlines():
        assert line[:1] not in ("=", "+", "-", "@")
