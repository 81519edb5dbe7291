"""The originals of one home, on disk, named by their content."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from index.errors import DocumentError
from index.file_lock import locked
from index.sealing import HALF, NO_KEYS, PIECE, Keyring, Unopened

NEW = ".new-"  # and a content's name: it is there, and perhaps no document has it yet


@dataclass(frozen=True)
class StoredFile:
    """A file that is safely on disk, named by its content."""

    sha256: str
    bytes: int
    path: str  # below the documents folder


class Store:
    """Takes files in; what a file that is there says is never changed."""

    def __init__(self, folder: Path, megabytes: int, keys: Keyring = NO_KEYS) -> None:
        self._folder = folder
        self._megabytes = megabytes
        self._keys = keys
        self._receiving = folder / ".receiving"  # shared by those who receive

    def receiving(self) -> AbstractContextManager[None]:
        """Held by whoever receives a file until it is on record, so that nobody tidies it away. Raises OSError."""
        return locked(self._receiving, fcntl.LOCK_SH)

    def receive(self, content: BinaryIO | Path, filename: str) -> StoredFile:
        """Copy a file into the store; `confirm` it once it is on record.

        Raises DocumentError: not_a_file, too_large, empty_file, disk_full.
        """
        if isinstance(content, Path):
            if not content.is_file():
                raise DocumentError("not_a_file", file=filename)
            with content.open("rb") as file:
                return self.receive(file, filename)
        try:
            with self.receiving():
                return self._store(content, filename)
        except OSError as error:
            raise DocumentError("disk_full", file=filename, detail=str(error)) from error

    def _store(self, content: BinaryIO, filename: str) -> StoredFile:
        digest, size = hashlib.sha256(), 0

        def pieces() -> Iterator[bytes]:
            nonlocal size
            while piece := content.read(PIECE):
                size += len(piece)
                if size > self._megabytes * 1024 * 1024:
                    raise DocumentError("too_large", file=filename, limit_mb=self._megabytes)
                digest.update(piece)
                yield piece

        descriptor, half = tempfile.mkstemp(prefix=HALF, dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(self._keys.seal(pieces()))
                file.flush()
                os.fsync(file.fileno())
            if not size:
                raise DocumentError("empty_file", file=filename)
            name = digest.hexdigest()
            place = self._folder / _place(name)
            place.parent.mkdir(exist_ok=True)
            (self._folder / f"{NEW}{name}").touch()
            os.replace(half, place)
        finally:
            Path(half).unlink(missing_ok=True)
        return StoredFile(name, size, _place(name))

    def confirm(self, stored: StoredFile) -> None:
        """A received file is on record. Raises OSError."""
        (self._folder / f"{NEW}{stored.sha256}").unlink(missing_ok=True)

    def doubt(self, places: Collection[str]) -> None:
        """Files may soon be on no record: `tidy` is to look. Raises OSError."""
        for place in places:
            (self._folder / f"{NEW}{Path(place).name}").touch()

    def tidy(self, recorded: Callable[[Collection[str]], Collection[str]]) -> None:
        """Remove what a crash or a full disk left half received, and what was received or doubted and is on no record,
        unless a file is being received right now.

        Args:
            recorded: of some files' places below the documents folder, those that a document has.

        Raises OSError.
        """
        try:
            with locked(self._receiving, fcntl.LOCK_EX | fcntl.LOCK_NB):
                for half in self._folder.glob(f"{HALF}*"):
                    half.unlink(missing_ok=True)
                self._remove_unrecorded(recorded)
        except BlockingIOError:
            return  # tidied the next time

    def _remove_unrecorded(self, recorded: Callable[[Collection[str]], Collection[str]]) -> None:
        marks = {_place(mark.name.removeprefix(NEW)): mark for mark in self._folder.glob(f"{NEW}*")}
        kept = recorded(marks.keys()) if marks else ()
        for place, mark in marks.items():
            if place not in kept:
                (self._folder / place).unlink(missing_ok=True)
            mark.unlink(missing_ok=True)

    @contextmanager
    def opened(self, relative: str, filename: str) -> Iterator[Path]:
        """Where a stored file can be read until the block ends. Raises DocumentError (not_opened), OSError."""
        try:
            with self._keys.opened(self._folder / relative) as clear:
                yield clear
        except Unopened as error:
            raise DocumentError("not_opened", file=filename) from error

    def reseal(self) -> int:
        """Write what is not sealed with the newest key anew, a file at a time; how many.

        Raises DocumentError (not_opened), OSError.
        """
        done = 0
        for path in sorted(self._folder.glob("??/[!.]*")):
            try:
                done += self._keys.reseal(path)
            except Unopened as error:
                raise DocumentError("not_opened", file=path.name) from error
        return done


def _place(sha256: str) -> str:
    """Where a content lies, below the documents folder."""
    return f"{sha256[:2]}/{sha256}"


def content_of(path: Path) -> str | None:
    """The SHA-256 of a file that is read and not kept; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
