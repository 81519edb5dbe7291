"""The departments' own glossaries: kept by reviewers, proposed by the documents, used only for those who see them.

Who may change what is decided here; how an entry is used in search is `index`'s business. The audit chain tells how
many entries changed and a digest of them, never the words.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, select

from assistant.access import User
from assistant.audit import digest
from assistant.database import Database
from assistant.errors import BadInput
from assistant.sheet_cell import as_written, sheet_line
from index import Entry, Proposal, decode, entries_of, glossary_of, proposals
from index.tables import GlossaryEntry, PassageRow

MOST_BYTES = 2 * 1024 * 1024
MOST_ENTRIES = 5_000  # of a department
LONGEST = 400  # characters of one side, with the bars between its forms
HEADINGS = {"english", "en", "英語"}


@dataclass(frozen=True)
class Imported:
    """What became of a file's lines: taken, already there, and the numbers of those that say nothing."""

    added: int
    known: int
    refused: tuple[int, ...]


class Glossaries:
    """The departments' own words."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listing(self, user: User, domain: str) -> list[tuple[str, Entry]]:
        """A department's own entries with their ids. Raises NotFound."""
        user.require("employee", domain)
        with self._database.read() as session:
            return entries_of(session, [domain])

    def add(self, user: User, domain: str, entries: Sequence[Entry]) -> int:
        """Take entries; those that are there already are left. Returns how many are new.

        Raises NotFound, NotAllowed below reviewer, BadInput (an entry of fewer than two forms, too long, too many).
        """
        user.require("reviewer", domain)
        for entry in entries:
            if len(entry.english) + len(entry.japanese) < 2:
                raise BadInput("glossary_needs_two")
            if max(len("|".join(side)) for side in (entry.english, entry.japanese)) > LONGEST:
                raise BadInput("glossary_too_long", limit=LONGEST)
        with self._database.transaction(user.actor, "glossary") as change:
            known = {entry for _, entry in entries_of(change.session, [domain])}
            fresh = [entry for entry in dict.fromkeys(entries) if entry not in known]
            if len(known) + len(fresh) > MOST_ENTRIES:
                raise BadInput("glossary_too_many", limit=MOST_ENTRIES)
            for entry in fresh:
                change.session.add(
                    GlossaryEntry(
                        domain=domain,
                        english="|".join(entry.english),
                        japanese="|".join(entry.japanese),
                        created_by=user.id,
                    )
                )
            if fresh:
                change.record("glossary.added", "glossary", domain, after=_told(fresh))
        return len(fresh)

    def remove(self, user: User, domain: str, ids: Sequence[str]) -> int:
        """Take entries out. Returns how many were there. Raises NotFound, NotAllowed below reviewer."""
        user.require("reviewer", domain)
        with self._database.transaction(user.actor, "glossary") as change:
            gone = [(key, entry) for key, entry in entries_of(change.session, [domain]) if key in set(ids)]
            change.session.execute(delete(GlossaryEntry).where(GlossaryEntry.id.in_([key for key, _ in gone])))
            if gone:
                change.record("glossary.removed", "glossary", domain, _told([entry for _, entry in gone]), {})
        return len(gone)

    def import_file(self, user: User, domain: str, file: Path) -> Imported:
        """Take a .tsv or .csv of two columns, English and Japanese, forms joined by '|'. Raises BadInput as `add`."""
        user.require("reviewer", domain)
        good, refused = [], []
        for number, cells in enumerate(_rows(file), start=1):
            first = cells[0].strip().casefold() if cells else ""
            if not "".join(cells).strip() or first.startswith("#") or (number == 1 and first in HEADINGS):
                continue
            entry = Entry.of(*(*cells, "", "")[:2])
            if len(entry.english) + len(entry.japanese) < 2:
                refused.append(number)
            else:
                good.append(entry)
        added = self.add(user, domain, good)
        return Imported(added, len(good) - added, tuple(refused))

    def propose(self, user: User, domain: str) -> list[Proposal]:
        """What the department's documents explain and no glossary knows yet. Raises NotFound, NotAllowed."""
        user.require("reviewer", domain)
        with self._database.read() as session:
            texts = session.scalars(select(PassageRow.text).where(PassageRow.shelf == domain).order_by(PassageRow.id))
            return proposals(texts, glossary_of(session, [domain]))


def as_table(entries: Sequence[Entry], delimiter: str) -> str:
    """Entries as `import_file` takes them; no cell begins as a spreadsheet's formula does."""
    sides = ((entry.english, entry.japanese) for entry in entries)
    return "".join(sheet_line(("|".join(english), "|".join(japanese)), delimiter, "\n") for english, japanese in sides)


def _rows(file: Path) -> list[list[str]]:
    delimiter = {".tsv": "\t", ".txt": "\t", ".csv": ","}.get(file.suffix.lower())
    if delimiter is None:
        raise BadInput("glossary_format", file=file.name)
    try:
        if file.stat().st_size > MOST_BYTES:
            raise BadInput("sheet_too_large", file=file.name, limit=MOST_BYTES >> 20)
        text = decode(file.read_bytes(), file.name)
    except OSError as error:
        raise BadInput("sheet_unreadable", file=str(file)) from error
    try:
        rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter)
        return [[as_written(cell) for cell in row] for row in rows]
    except csv.Error as error:
        raise BadInput("sheet_unreadable", file=str(file)) from error


def _told(entries: Sequence[Entry]) -> dict[str, object]:
    return {"entries": len(entries), "words": digest(as_table(entries, "\t"))}
