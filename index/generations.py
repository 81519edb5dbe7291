"""The dense index on disk: a derived generation, switched atomically, rebuilt when it doesn't match.

Each shelf has its own exact FAISS indexes, so that what someone may not see is never even opened for him. Its manifest
names the encoder, the dimension, the database's revision and every file's hash, the pointer the manifest's; anything
that differs is rebuilt from the vectors in the database, and told in the log where it was damaged. A process that has
the generation before takes over what has not changed, in memory and on disk.
"""

import json
import logging
import os
import shutil
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import numpy as np
from sqlalchemy import CursorResult, bindparam, select, update
from sqlalchemy.orm import Session

from index import tokenizer, validity
from index.fetching import Together
from index.file_lock import locked
from index.sealing import NO_KEYS, Keyring
from index.segments import Ids, Segment, Shelf, Vectors, sha256
from index.tables import IndexState, PassageRow, PassageVector

FORMAT = 3
CURRENT, MANIFEST, LOCK = "current", "manifest.json", "lock"
READ = 1_000  # vectors with one query
DAMAGED = (OSError, ValueError, KeyError, TypeError)  # what reading files raises that are not as they were written

_WANTED = Together(
    select(PassageRow.shelf, PassageRow.id)
    .join(PassageVector, PassageVector.passage_id == PassageRow.id)
    .where(PassageVector.encoder == bindparam("encoder"))
)

log = logging.getLogger(__name__)


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

    def closest(self, vectors: Vectors, shelves: Sequence[str]) -> Vectors:
        """The cosines (Q, S) of vectors (Q, D) with the nearest passage of each shelf; NaN where it has none."""
        return np.stack([self.shelves.get(name, Shelf()).closest(vectors) for name in shelves], axis=1)


class Generations:
    """The generations of one home: the one in use, kept in step with the database."""

    def __init__(self, folder: Path, encoder: str, dimension: int, keys: Keyring = NO_KEYS) -> None:
        self._folder = folder
        self._keys = keys
        self._encoder = encoder
        self._dimension = dimension
        self._loaded: Generation | None = None
        self._used = False  # since the last one was made ahead
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The generation in use, '' before the first."""
        return self._loaded.name if self._loaded else ""

    def current(self, session: Session) -> Generation:
        """The generation that matches what `session` sees; loaded, brought up to date in memory, or rebuilt."""
        wanted = revision(session)
        self._used, loaded = True, self._loaded
        if loaded is not None and loaded.revision == wanted:
            return loaded
        with self._lock:
            if self._loaded is None or self._loaded.revision != wanted:
                self._loaded = self._grown(session, wanted) or self._ready(wanted) or self._build(session, wanted)
            return self._loaded

    def ahead(self, session: Session) -> Generation | None:
        """The generation with what `session` is about to commit, made before anybody waits for it; None where nobody
        has searched since the last one. See `adopt`.
        """
        if not self._used:
            return None
        self._used = False
        return self._grown(session, revision(session))

    def adopt(self, made: Generation | None) -> None:
        """What was made ahead is committed: it is in use from now on."""
        with self._lock:
            if made is not None and self._loaded is not None and self._loaded.revision < made.revision:
                self._loaded = made

    def keep(self, session: Session) -> None:
        """Have the generation that matches what `session` sees on disk, so that who only searches never writes."""
        generation = self.current(session)
        with locked(self._folder / LOCK):
            if self._on_disk() != generation.name and self._ready(generation.revision) is None:
                self._save(generation)

    def _ready(self, wanted: int) -> Generation | None:
        """The generation on disk; None where it is not to be had, for whatever reason: another process may be at it."""
        with suppress(*DAMAGED):
            return self._load(wanted)
        return None

    def _load(self, wanted: int) -> Generation | None:
        """The generation on disk; None where there is none or it is of another state of the database.

        Raises what DAMAGED names: it is not as it was written.
        """
        name, digest = self._pointed()
        if not name:
            return None
        folder = self._folder / name
        told = self._read(folder / MANIFEST)
        if sha256(told) != digest:
            raise ValueError(f"{MANIFEST} is not as it was written")
        manifest = json.loads(told)
        if self._described(wanted) != {key: manifest.get(key) for key in self._described(wanted)}:
            return None
        shelves = {
            shelf["shelf"]: Shelf(tuple(self._open(folder, one) for one in shelf["segments"]))
            for shelf in manifest["shelves"]
        }
        return Generation(name, wanted, shelves)

    def _pointed(self) -> tuple[str, str]:
        """The generation on disk and the digest of its manifest; '' where there is none. Raises what DAMAGED names."""
        try:
            name, _, digest = (self._folder / CURRENT).read_text(encoding="ascii").partition(" ")
        except FileNotFoundError:
            return "", ""
        return name, digest

    def _on_disk(self) -> str:
        """The name of the generation on disk; '' where none is to be had."""
        with suppress(*DAMAGED):
            return self._pointed()[0]
        return ""

    def _open(self, folder: Path, entry: dict[str, Any]) -> Segment:
        vectors, ids = self._read(folder / _vectors_file(entry["name"])), self._read(folder / _ids_file(entry["name"]))
        if sha256(vectors) != entry["vectors_sha256"] or sha256(ids) != entry["ids_sha256"]:
            raise ValueError(f"{entry['name']} is not as it was written")
        return Segment.read(entry["name"], vectors, ids, entry["vectors_sha256"])

    def _described(self, wanted: int) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "encoder": self._encoder,
            "dimension": self._dimension,
            "revision": wanted,
        }

    def _grown(self, session: Session, wanted: int) -> Generation | None:
        """What is loaded, brought up to date in memory; None where nothing is."""
        if self._loaded is None:
            return None
        return Generation(_new_name(wanted), wanted, self._shelves(session, self._loaded.shelves))

    def _build(self, session: Session, wanted: int) -> Generation:
        with locked(self._folder / LOCK):
            try:
                loaded = self._load(wanted)  # another process may have been faster
            except DAMAGED as error:
                log.warning("the index is damaged and is made anew from the database: %r", error)
                loaded = None
            if loaded is not None:
                return loaded
            made = Generation(_new_name(wanted), wanted, self._shelves(session, {}))
            self._save(made)
            return made

    def _shelves(self, session: Session, before: Mapping[str, Shelf]) -> dict[str, Shelf]:
        """Every shelf as the database has it, with what there was of it taken over."""
        vectors_of = partial(self._vectors_of, session)
        return {
            shelf: before.get(shelf, Shelf()).holding(ids, vectors_of) for shelf, ids in self._wanted(session).items()
        }

    def _wanted(self, session: Session) -> Mapping[str, Ids]:
        """The passages that have a vector of the present encoder, by shelf."""
        rows = _WANTED.all(session, encoder=self._encoder)
        by_shelf: dict[str, list[int]] = {}
        for shelf, passage in rows:
            by_shelf.setdefault(shelf, []).append(passage)
        return {shelf: np.array(sorted(ids), "<i8") for shelf, ids in by_shelf.items()}

    def _vectors_of(self, session: Session, passages: Ids) -> tuple[Ids, Vectors]:
        """Of these passages those that are still there, and their vectors (N, D)."""
        found: list[tuple[int, bytes]] = []
        for at in range(0, len(passages), READ):
            rows = session.execute(
                select(PassageVector.passage_id, PassageVector.vector)
                .where(PassageVector.passage_id.in_(passages[at : at + READ].tolist()))
                .order_by(PassageVector.passage_id)
            )
            found += [(passage, vector) for passage, vector in rows]
        matrix = np.frombuffer(b"".join(vector for _, vector in found), "<f4").reshape(len(found), self._dimension)
        return np.array([passage for passage, _ in found], "<i8"), np.asarray(matrix, np.float32)

    def _save(self, made: Generation) -> None:
        """Write a generation, point to it, remove what came before. On a full disk, most likely, what came before stays
        as it was, and the generation in memory alone: who asks needs no file.
        """
        half = self._folder / f".{made.name}"
        try:
            half.mkdir(parents=True)
            digest = self._write(half, made)
            half.rename(self._folder / made.name)
            self._switch(f"{made.name} {digest}")
            self._sweep(made.name)
        except OSError as error:
            log.warning("generation %s is not on disk, in memory alone: %r", made.name, error)
        finally:
            shutil.rmtree(half, ignore_errors=True)

    def _write(self, folder: Path, made: Generation) -> str:
        """The generation's files; gives the digest of its manifest."""
        shelves = [
            {"shelf": name, "segments": [self._write_segment(folder, one) for one in shelf.segments]}
            for name, shelf in made.shelves.items()
        ]
        manifest = json.dumps(self._described(made.revision) | {"shelves": shelves}, indent=1).encode()
        self._seal(folder / MANIFEST, manifest)
        return sha256(manifest)

    def _write_segment(self, folder: Path, segment: Segment) -> dict[str, Any]:
        """A segment's files; gives its entry in the manifest."""
        ids, vectors = segment.ids.tobytes(), folder / _vectors_file(segment.name)
        self._seal(folder / _ids_file(segment.name), ids)
        before = self._folder / self._on_disk() / vectors.name
        try:
            if not self._keys.is_current(before):
                raise FileNotFoundError(before)
            os.link(before, vectors)
        except OSError:  # it is new, or sealed with an older key, or the disk knows no links
            self._seal(vectors, segment.as_bytes())
        return {"name": segment.name, "vectors_sha256": segment.digest, "ids_sha256": sha256(ids)}

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


def _new_name(wanted: int) -> str:
    return f"{wanted:08d}-{uuid4().hex[:8]}"


def _vectors_file(segment: str) -> str:
    return f"{segment}.faiss"


def _ids_file(segment: str) -> str:
    return f"{segment}.ids"


def _write_through(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


ReadSession = Callable[[], AbstractContextManager[Session]]
