"""A shelf's vectors in segments, so that a change costs what has changed and not what is there.

A new segment takes up those before it that are not at least twice as large as it is: a shelf of n passages has log n of
them at most, and a vector is copied log n times (a log-structured merge tree, O'Neil et al. 1996).
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

import faiss
import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]
GONE = -1  # instead of the id of a passage that has left
SPARSE = 0.5  # a segment of which more than so much has left is made anew


@dataclass(frozen=True, eq=False)
class Segment:
    """Vectors that stay as they were written, and the passage of each; `digest` is that of the vectors as bytes."""

    name: str
    index: Any  # exact, by FAISS
    ids: Ids  # (N,)
    digest: str

    @classmethod
    def made(cls, vectors: Vectors, ids: Ids) -> "Segment":
        """A new segment. `vectors` are (N, D), `ids` (N,)."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(uuid4().hex, index, ids, sha256(_serialised(index)))

    @classmethod
    def read(cls, name: str, vectors: bytes, ids: bytes, digest: str) -> "Segment":
        """What was written. Raises ValueError: the two do not fit."""
        index = faiss.deserialize_index(np.frombuffer(vectors, np.uint8))
        positions = np.frombuffer(ids, "<i8")
        if index.ntotal != len(positions):
            raise ValueError(f"{name} does not fit its ids")
        return cls(name, index, positions, digest)

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """Which have not left."""
        return np.not_equal(self.ids, GONE)

    @cached_property
    def count(self) -> int:
        """How many have not left."""
        return int(self.kept.sum())

    @property
    def vectors(self) -> Vectors:
        """Of those that have not left, (N, D)."""
        return np.asarray(self.index.reconstruct_n(0, len(self.ids))[self.kept], np.float32)

    def as_bytes(self) -> bytes:
        """The vectors as they are written."""
        return _serialised(self.index)

    def without(self, left: NDArray[np.bool_]) -> "Segment":
        """The same with some of its passages gone."""
        return Segment(self.name, self.index, np.where(left, GONE, self.ids), self.digest) if left.any() else self

    def search(self, vector: Vectors, count: int) -> Iterator[tuple[int, float]]:
        """(passage id, cosine) of the nearest, best first. `vector` is (D,), length 1."""
        scores, positions = self.index.search(vector.reshape(1, -1), min(count, self.count), params=self._only)
        for score, position in zip(scores[0], positions[0], strict=True):
            yield int(self.ids[position]), float(score)

    def closest(self, vectors: Vectors) -> Vectors:
        """The cosine (Q,) of each vector (Q, D) with its nearest passage; -inf where none is left."""
        scores, positions = self.index.search(vectors, 1, params=self._only)
        return np.asarray(np.where(positions[:, 0] < 0, -np.inf, scores[:, 0]), np.float32)

    @property
    def _only(self) -> Any:
        """FAISS's filter of those that have not left; None where none has."""
        if self.count == len(self.ids):
            return None
        bits = np.packbits(self.kept, bitorder="little")
        return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]


@dataclass(frozen=True, eq=False)
class Shelf:
    """All segments of one shelf, older and larger ones first."""

    segments: tuple[Segment, ...] = ()

    @property
    def ids(self) -> Ids:
        """Of all its passages, (N,)."""
        return np.concatenate([one.ids[one.kept] for one in self.segments] or [np.empty(0, np.int64)])

    @property
    def count(self) -> int:
        """How many passages it has."""
        return sum(one.count for one in self.segments)

    def search(self, vector: Vectors, count: int) -> Iterator[tuple[int, float]]:
        """(passage id, cosine) of the nearest of each segment. `vector` is (D,), length 1."""
        for segment in self.segments:
            yield from segment.search(vector, count)

    def closest(self, vectors: Vectors) -> Vectors:
        """The cosine (Q,) of each vector (Q, D) with its nearest passage; NaN where there is none."""
        best = np.full(len(vectors), -np.inf, np.float32)
        for segment in self.segments:
            best = np.maximum(best, segment.closest(vectors))
        return np.where(np.isfinite(best), best, np.float32(np.nan))

    def holding(self, wanted: Ids, vectors_of: Callable[[Ids], tuple[Ids, Vectors]]) -> "Shelf":
        """The shelf with the passages `wanted` (N,) and no other. `vectors_of` gives those of (M,) that there are, and
        their vectors (M, D); a passage's vector never changes.
        """
        now = [one.without(one.kept & ~np.isin(one.ids, wanted)) for one in self.segments]
        merged = [one for one in now if one.count < SPARSE * len(one.ids)]
        stay = [one for one in now if one.count >= SPARSE * len(one.ids)]
        parts = [(one.ids[one.kept], one.vectors) for one in merged]
        if len(added := np.setdiff1d(wanted, self.ids)):
            parts.append(vectors_of(added))
        size = sum(len(ids) for ids, _ in parts)
        while size and stay and stay[-1].count < 2 * size:
            taken = stay.pop()
            parts.append((taken.ids[taken.kept], taken.vectors))
            size += taken.count
        if size:
            stay.append(Segment.made(np.concatenate([v for _, v in parts]), np.concatenate([ids for ids, _ in parts])))
        return Shelf(tuple(stay))


def _serialised(index: Any) -> bytes:
    written: bytes = faiss.serialize_index(index).tobytes()
    return written


def sha256(data: bytes) -> str:
    """In hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
