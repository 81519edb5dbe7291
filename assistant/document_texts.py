"""What stands in documents, for those who may see them: originals, pages, passages, versions and what changed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.access import User
from assistant.answer import Citation
from assistant.database import Database
from assistant.documents import seen
from assistant.errors import NotFound
from index import DocumentInfo, Index, Passage, VersionInfo, listing, page_image
from index.changes import Change, changes
from index.tables import DocumentVersion

AROUND = 12  # passages before and after a cited one that are shown with it
SHOWN = 40  # passages on one page of a document's text


@dataclass(frozen=True)
class Changes:
    """What differs between two versions, and how many passages each has."""

    old: VersionInfo
    new: VersionInfo
    before: int
    after: int
    changes: list[Change]

    def count(self, kind: str) -> int:
        """How many passages were added, removed or changed."""
        return sum(change.kind == kind for change in self.changes)


class DocumentTexts:
    """The texts of one home's documents."""

    def __init__(self, database: Database, index: Index) -> None:
        self._database = database
        self._index = index

    def passage_texts(self, user: User, citations: Iterable[Citation]) -> dict[int, str]:
        """The whole texts of cited passages by id, without those that are gone or not for this person."""
        cited = {citation.passage for citation in citations}
        with self._database.read() as session:
            found = self._index.visible(session, sorted(cited), user.scope)
        return {key: passage.text for key, passage in found.items()}

    @contextmanager
    def original(self, user: User, document: str, version: str) -> Iterator[tuple[Path, str]]:
        """Where a version's file can be read until the block ends, and its name.

        Raises NotFound for what this person may not see, as for nothing; DocumentError (not_opened).
        """
        with self._database.read() as session:
            info = seen(session, user, document)
            row = session.get(DocumentVersion, version)
            if row is None or row.document_id != info.id:
                raise NotFound("unknown_document")
            path, filename = row.path, row.filename
        with self._index.store.opened(path, filename) as clear:
            yield clear, filename

    def opened_at(self, user: User, document: str, version: str, passage: int) -> tuple[DocumentInfo, list[Passage]]:
        """A document and the passages around one of it, as many as a person reads in one go; none where the version
        was replaced. Raises NotFound for what this person may not see, as for nothing.
        """
        with self._database.read() as session:
            info = seen(session, user, document)
            found = self._index.of_document(session, document)
        at = next((n for n, one in enumerate(found) if one.id == passage and one.version == version), None)
        return info, found[max(0, at - AROUND) : at + AROUND + 1] if at is not None else []

    def page_picture(self, user: User, document: str, version: str, passage: int) -> bytes:
        """The page of a PDF with the passage framed, as PNG. Raises NotFound, DocumentError."""
        _, around = self.opened_at(user, document, version, passage)
        cited = next((one for one in around if one.id == passage), None)
        with self.original(user, document, version) as (path, filename):
            if cited is None or cited.page is None or not filename.lower().endswith(".pdf"):
                raise NotFound("unknown_document")
            return page_image(path, filename, cited.page, cited.box)

    def versions(self, user: User, document: str) -> tuple[DocumentInfo, list[VersionInfo]]:
        """A document with all its versions, newest first. Raises NotFound."""
        with self._database.read() as session:
            info = seen(session, user, document)
            standing = self._index.standings(session).get(document, info.standing)
            return replace(info, standing=standing), listing.versions(session, document)

    def text(self, user: User, document: str, start: int = 0) -> tuple[DocumentInfo, list[Passage], int]:
        """A document, the passages of its version in force from `start` on, and how many there are. Raises NotFound."""
        with self._database.read() as session:
            info = seen(session, user, document)
            found = self._index.of_document(session, document)
        return info, found[max(0, start) : max(0, start) + SHOWN], len(found)

    def whole(self, user: User, document: str) -> list[Passage]:
        """All passages of a document's version in force. Raises NotFound."""
        with self._database.read() as session:
            seen(session, user, document)
            return self._index.of_document(session, document)

    def changes(self, user: User, document: str, old: int, new: int) -> Changes:
        """What changed from one version to another. Both files are read anew, by the same parser.

        Raises NotFound (the document, or a version), DocumentError (one of them cannot be read).
        """
        _, known = self.versions(user, document)
        by_number = {version.number: version for version in known}
        if old not in by_number or new not in by_number:
            raise NotFound("unknown_document_version", versions=", ".join(map(str, sorted(by_number))))
        first, second = by_number[old], by_number[new]
        before = self._index.library.cuts(first.path, first.filename)
        after = self._index.library.cuts(second.path, second.filename)
        return Changes(first, second, len(before), len(after), changes(before, after))
