"""The dense index on disk: a derived generation, written whole, switched atomically, rebuilt when it doesn't match.

One exact FAISS index a shelf, so that what someone may not see is never even opened for him. Its manifest names the
encoder, the dimension, the database's revision and every file's hash, the pointer the manifest's; anything that
differs is rebuilt from the vectors in the database, and told in the log where it was damaged.
"""

import hashlib
import json
import logging
import os
import shutil
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import faiss
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from index import tokenizer, validity
from index.file_lock import locked
from index.sealing import NO_KEYS, Keyring
from index.tables import IndexState, PassageRow, PassageVector

FORMAT = 2
CURRENT, MANIFEST, LOCK = "current", "manifest.json", "lock"
DAMAGED = (OSError, ValueError, KeyError, TypeError)  # what reading files raises that are not as they were written
Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shelf:
    """One shelf's vectors: FAISS positions and the passage ids they stand for."""

    index: Any
    ids: Ids

    def search(self, vector: Vectors, count: int) -> Iterator[tuple[int, float]]:
        """(passage id, cosine) of the nearest, best first. `vector` is (D,), length 1."""
        scores, positions = self.index.search(vector.reshape(1, -1), min(count, len(self.ids)))
        for score, position in zip(scores[0], positions[0], strict=True):
            yield int(self.ids[position]), float(score)


@dataclass(frozen=True)
class Generation:
    """A loaded generation. `name` goes into every answer's record."""

    name: str
    revision: int
    shelves: dict[str, Shelf]

    def search(self, vector: Vectors, shelves: Collection[str], count: int) -> dict[int, float]:
        """The nearest passages of the shelves: id → cosine."""
        found = [hit for name in shelves if name in self.shelves for hit in self.shelves[name].search(vector, count)]
        return dict(sorted(found, key=lambda hit: (-hit[1], hit[0]))[:count])


class Generations:
    """The generations of one home: the one in use, kept in step with the database."""

    def __init__(self, folder: Path, encoder: str, dimension: int, keys: Keyring = NO_KEYS) -> None:
        self._folder = folder
        self._keys = keys
        self._encoder = encoder
        self._dimension = dimension
        self._loaded: Generation | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The generation in use, '' before the first."""
        return self._loaded.name if self._loaded else ""

    def current(self, session: Session) -> Generation:
        """The generation that matches what `session` sees; loaded or rebuilt if need be."""
        wanted = revision(session)
        loaded = self._loaded
        if loaded is not None and loaded.revision == wanted:
            return loaded
        with self._lock:
            if self._loaded is None or self._loaded.revision != wanted:
                self._loaded = self._ready(wanted) or self._build(session, wanted)
            return self._loaded

    def _ready(self, wanted: int) -> Generation | None:
        """The generation on disk; None where it is not to be had, for whatever reason: another process may be at it."""
        with suppress(*DAMAGED):
            return self._load(wanted)
        return None

    def _load(self, wanted: int) -> Generation | None:
        """The generation on disk; None where there is none or it is of another state of the database.

        Raises what DAMAGED names: it is not as it was written.
        """
        try:
            name, _, digest = (self._folder / CURRENT).read_text(encoding="ascii").partition(" ")
        except FileNotFoundError:
            return None
        folder = self._folder / name
        told = self._read(folder / MANIFEST)
        if _sha256(told) != digest:
            raise ValueError(f"{MANIFEST} is not as it was written")
        manifest = json.loads(told)
        if self._described(wanted) != {key: manifest.get(key) for key in self._described(wanted)}:
            return None
        return Generation(name, wanted, {s["shelf"]: self._open(folder, s) for s in manifest["shelves"]})

    def _open(self, folder: Path, entry: dict[str, Any]) -> Shelf:
        vectors, ids = self._read(folder / entry["file"]), self._read(folder / entry["ids"])
        if _sha256(vectors) != entry["file_sha256"] or _sha256(ids) != entry["ids_sha256"]:
            raise ValueError(f"{entry['file']} is not as it was written")
        positions = np.frombuffer(ids, "<i8")
        index = faiss.deserialize_index(np.frombuffer(vectors, np.uint8))
        if index.ntotal != len(positions) or index.d != self._dimension:
            raise ValueError(f"{entry['file']} does not fit its ids")
        return Shelf(index, positions)

    def _described(self, wanted: int) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "encoder": self._encoder,
            "dimension": self._dimension,
            "revision": wanted,
        }

    def _build(self, session: Session, wanted: int) -> Generation:
        with locked(self._folder / LOCK):
            try:
                loaded = self._load(wanted)  # another process may have been faster
            except DAMAGED as error:
                log.warning("the index is damaged and is made anew from the database: %r", error)
                loaded = None
            if loaded is not None:
                return loaded
            name = f"{wanted:08d}-{uuid4().hex[:8]}"
            made = Generation(name, wanted, dict(self._shelves(session)))
            try:
                self._save(made)
            except OSError as error:  # a full disk, most likely: who asks needs no file
                log.warning("generation %s is not on disk, in memory alone: %r", name, error)
            return made

    def _shelves(self, session: Session) -> Iterator[tuple[str, Shelf]]:
        for shelf, (matrix, ids) in self._vectors(session):
            index = faiss.IndexFlatIP(self._dimension)
            index.add(matrix)
            yield shelf, Shelf(index, ids)

    def _vectors(self, session: Session) -> Iterator[tuple[str, tuple[Vectors, Ids]]]:
        rows = session.execute(
            select(PassageRow.shelf, PassageRow.id, PassageVector.vector)
            .join(PassageVector, PassageVector.passage_id == PassageRow.id)
            .where(PassageVector.encoder == self._encoder)
            .order_by(PassageRow.shelf, PassageRow.id)
        )
        by_shelf: dict[str, tuple[list[bytes], list[int]]] = {}
        for shelf, passage, vector in rows:
            blobs, ids = by_shelf.setdefault(shelf, ([], []))
            blobs.append(vector)
            ids.append(passage)
        for shelf, (blobs, ids) in by_shelf.items():
            matrix = np.frombuffer(b"".join(blobs), "<f4").reshape(len(ids), self._dimension)
            yield shelf, (np.ascontiguousarray(matrix, np.float32), np.array(ids, "<i8"))

    def _save(self, made: Generation) -> None:
        """Write a generation, point to it, remove what came before. Raises OSError; what came before is as it was."""
        half = self._folder / f".{made.name}"
        half.mkdir(parents=True)
        try:
            digest = self._write(half, made)
            half.rename(self._folder / made.name)
            self._switch(f"{made.name} {digest}")
        finally:
            shutil.rmtree(half, ignore_errors=True)
        self._sweep(made.name)

    def _write(self, folder: Path, made: Generation) -> str:
        """The generation's files; gives the digest of its manifest."""
        entries = []
        for number, (name, shelf) in enumerate(made.shelves.items()):
            blob, positions = faiss.serialize_index(shelf.index).tobytes(), shelf.ids.tobytes()
            entry = {
                "shelf": name,
                "file": f"{number}.faiss",
                "file_sha256": _sha256(blob),
                "ids": f"{number}.ids",
                "ids_sha256": _sha256(positions),
                "passages": len(shelf.ids),
            }
            self._seal(folder / str(entry["file"]), blob)
            self._seal(folder / str(entry["ids"]), positions)
            entries.append(entry)
        manifest = json.dumps(self._described(made.revision) | {"shelves": entries}, indent=1).encode()
        self._seal(folder / MANIFEST, manifest)
        return _sha256(manifest)

    def _seal(self, path: Path, data: bytes) -> None:
        _write_through(path, self._keys.sealed(data))

    def _read(self, path: Path) -> bytes:
        """What was sealed. Raises ValueError: it cannot be opened, or the newest key did not seal it."""
        if not self._keys.is_current(path):
            raise ValueError(f"{path.name} is not sealed with the newest key")
        with path.open("rb") as file:
            return b"".join(self._keys.open(file))

    def _switch(self, pointer: str) -> None:
        beside = self._folder / f".{CURRENT}"  # whoever writes holds the lock
        _write_through(beside, pointer.encode("ascii"))
        os.replace(beside, self._folder / CURRENT)

    def _sweep(self, name: str) -> None:
        """Remove what is neither in use nor being written: a generation in memory needs no file."""
        for path in self._folder.iterdir():
            if path.is_dir() and path.name != name:
                shutil.rmtree(path, ignore_errors=True)


def revision(session: Session) -> int:
    """How often what can be searched has changed."""
    return session.scalar(select(IndexState.revision)) or 0


def advance(session: Session) -> None:
    """Note, in the caller's transaction, that what can be searched changes."""
    counted = session.execute(update(IndexState).values(revision=IndexState.revision + 1))  # locks the row
    if not cast("CursorResult[Any]", counted).rowcount:
        session.add(IndexState(id=1, revision=1, tokenizer=tokenizer.VERSION, validity=validity.VERSION))


def _write_through(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


ReadSession = Callable[[], AbstractContextManager[Session]]
