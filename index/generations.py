"""The dense index on disk: a derived generation, written whole, switched atomically, rebuilt when it doesn't match.

One exact FAISS index a shelf and language, so that what someone may not see is never even opened for him. Its
manifest names the encoder, the dimension, the database's revision and every file's hash; anything that differs is
rebuilt from the vectors in the database.
"""

import fcntl
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import faiss
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from index import tokenizer
from index.languages import Language
from index.tables import IndexState, PassageRow, PassageVector

FORMAT = 2
CURRENT, MANIFEST, LOCK = "current", "manifest.json", "lock"
Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """One shelf's vectors in one language: FAISS positions and the passage ids they stand for, rising."""

    shelf: str
    language: Language
    index: Any
    ids: Ids
    total: Vectors  # (D,) all vectors added up

    @classmethod
    def of(cls, shelf: str, language: Language, index: Any, ids: Ids) -> "Part":
        """With the total worked out."""
        return cls(shelf, language, index, ids, index.reconstruct_n(0, len(ids)).sum(axis=0))

    def search(self, vector: Vectors, count: int) -> Iterator[tuple[int, float]]:
        """(passage id, inner product) of the nearest, best first. `vector` is (D,)."""
        scores, positions = self.index.search(vector.reshape(1, -1), min(count, len(self.ids)))
        for score, position in zip(scores[0], positions[0], strict=True):
            yield int(self.ids[position]), float(score)

    def vectors(self, wanted: Ids) -> tuple[Ids, Vectors]:
        """Of the wanted passages those that are here: their ids and vectors (N, D)."""
        here = wanted[np.isin(wanted, self.ids)]
        return here, self.index.reconstruct_batch(np.searchsorted(self.ids, here))


@dataclass(frozen=True)
class Generation:
    """A loaded generation. `name` goes into every answer's record."""

    name: str
    revision: int
    parts: tuple[Part, ...]

    def visible(self, shelves: Collection[str]) -> list[Part]:
        """The parts that stand on these shelves."""
        return [part for part in self.parts if part.shelf in shelves]


def nearest(parts: Sequence[Part], vector: Vectors, count: int) -> dict[int, float]:
    """The nearest passages of the parts: id → cosine."""
    found = [hit for part in parts for hit in part.search(vector, count)]
    return dict(sorted(found, key=lambda hit: (-hit[1], hit[0]))[:count])


class Generations:
    """The generations of one home: the one in use, kept in step with the database."""

    def __init__(self, folder: Path, encoder: str, dimension: int) -> None:
        self._folder = folder
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
                self._loaded = self._load(wanted) or self._build(session, wanted)
            return self._loaded

    def _load(self, wanted: int) -> Generation | None:
        """The generation on disk if it is exactly what is wanted, whole and unaltered; else None."""
        try:
            name = (self._folder / CURRENT).read_text(encoding="ascii")
            folder = self._folder / name
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if self._described(wanted) != {key: manifest.get(key) for key in self._described(wanted)}:
                return None
            return Generation(name, wanted, tuple(self._open(folder, part) for part in manifest["parts"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None  # whatever is wrong with derived files, the database makes them anew

    def _open(self, folder: Path, entry: dict[str, Any]) -> Part:
        vectors, ids = (folder / entry["file"]).read_bytes(), (folder / entry["ids"]).read_bytes()
        if _sha256(vectors) != entry["file_sha256"] or _sha256(ids) != entry["ids_sha256"]:
            raise ValueError(f"{entry['file']} is not as it was written")
        positions = np.frombuffer(ids, "<i8")
        index = faiss.deserialize_index(np.frombuffer(vectors, np.uint8))
        if index.ntotal != len(positions) or index.d != self._dimension:
            raise ValueError(f"{entry['file']} does not fit its ids")
        return Part.of(entry["shelf"], entry["language"], index, positions)

    def _described(self, wanted: int) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "encoder": self._encoder,
            "dimension": self._dimension,
            "revision": wanted,
        }

    def _build(self, session: Session, wanted: int) -> Generation:
        with self._alone():
            loaded = self._load(wanted)  # another process may have been faster
            if loaded is not None:
                return loaded
            name = f"{wanted:08d}-{uuid4().hex[:8]}"
            half = self._folder / f".{name}"
            half.mkdir(parents=True)
            try:
                parts = self._write(half, self._vectors(session), wanted)
                half.rename(self._folder / name)
                self._switch(name)
            finally:
                shutil.rmtree(half, ignore_errors=True)
            self._sweep(name)
            return Generation(name, wanted, parts)

    def _vectors(self, session: Session) -> Iterator[tuple[str, Language, Vectors, Ids]]:
        """(shelf, language, vectors (N, D), passage ids (N,)) of every part."""
        rows = session.execute(
            select(PassageRow.shelf, PassageRow.language, PassageRow.id, PassageVector.vector)
            .join(PassageVector, PassageVector.passage_id == PassageRow.id)
            .where(PassageVector.encoder == self._encoder)
            .order_by(PassageRow.shelf, PassageRow.language, PassageRow.id)
        )
        for (shelf, language), group in groupby(rows, key=lambda row: (row.shelf, row.language)):
            found = [(row.id, row.vector) for row in group]
            blob = b"".join(vector for _, vector in found)
            matrix = np.frombuffer(blob, "<f4").reshape(len(found), self._dimension)
            yield (
                shelf,
                language,
                np.ascontiguousarray(matrix, np.float32),
                np.array([number for number, _ in found], "<i8"),
            )

    def _write(
        self, folder: Path, vectors: Iterable[tuple[str, Language, Vectors, Ids]], wanted: int
    ) -> tuple[Part, ...]:
        parts, entries = [], []
        for number, (shelf, language, matrix, ids) in enumerate(vectors):
            index = faiss.IndexFlatIP(self._dimension)
            index.add(matrix)
            blob, positions = faiss.serialize_index(index).tobytes(), ids.tobytes()
            entry = {
                "shelf": shelf,
                "language": language,
                "file": f"{number}.faiss",
                "file_sha256": _sha256(blob),
                "ids": f"{number}.ids",
                "ids_sha256": _sha256(positions),
                "passages": len(ids),
            }
            _write_through(folder / str(entry["file"]), blob)
            _write_through(folder / str(entry["ids"]), positions)
            entries.append(entry)
            parts.append(Part.of(shelf, language, index, ids))
        manifest = self._described(wanted) | {"parts": entries}
        _write_through(folder / MANIFEST, json.dumps(manifest, indent=1).encode())
        return tuple(parts)

    def _switch(self, name: str) -> None:
        beside = self._folder / f".{CURRENT}.{os.getpid()}"
        _write_through(beside, name.encode("ascii"))
        os.replace(beside, self._folder / CURRENT)

    def _sweep(self, name: str) -> None:
        """Remove what is neither in use nor being written: a generation in memory needs no file."""
        for path in self._folder.iterdir():
            if path.is_dir() and path.name != name:
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / LOCK).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def revision(session: Session) -> int:
    """How often what can be searched has changed."""
    return session.scalar(select(IndexState.revision)) or 0


def advance(session: Session) -> None:
    """Note, in the caller's transaction, that what can be searched changes."""
    counted = session.execute(update(IndexState).values(revision=IndexState.revision + 1))  # locks the row
    if not cast("CursorResult[Any]", counted).rowcount:
        session.add(IndexState(id=1, revision=1, tokenizer=tokenizer.VERSION))


def _write_through(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


ReadSession = Callable[[], AbstractContextManager[Session]]
