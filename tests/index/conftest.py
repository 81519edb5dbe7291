"""A home of documents on either database, with an encoder that needs no model: words that two texts share."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from index import Hit, Incoming, Index, Scope, Visibility, terms
from index.queue import begin
from index.tables import metadata

DIMENSION = 64


def encode(texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
    """Vectors (N, 64) of length 1: each term adds to a place that its checksum names."""
    vectors = np.full((len(texts), DIMENSION), 1e-3, np.float32)
    for row, text in enumerate(texts):
        for term in terms(text):
            vectors[row, zlib.crc32(term.encode()) % DIMENSION] += 1.0
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def count_tokens(text: str) -> int:
    """One token a word, or two Japanese characters."""
    return len(terms(text))


class WordEncoder:
    """The same as an object with what the services ask of an encoder."""

    identity = "words-1"
    dimension = DIMENSION
    encode = staticmethod(encode)
    count_tokens = staticmethod(count_tokens)


@dataclass
class Shelf:
    """An index with short verbs for tests; `me` is who asks."""

    index: Index
    engine: Engine
    folder: Path

    def put(
        self, name: str, content: str | bytes, domain: str = "people", owner: str = "aki",
        visibility: Visibility = "department", replaces: str | None = None
    ) -> str:  # fmt: skip
        """Read and publish a file; gives the document's id."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        library = self.index.library
        stored = self.index.store.receive(path, name)
        prepared = library.prepare(name, library.cuts(stored.path, name))
        with Session(self.engine) as session:
            version = library.register(session, stored, Incoming(name, domain, owner, visibility), replaces)
            begin(version)
            info = library.publish(session, version.id, prepared)
            session.commit()
            return info.id

    def search(self, question: str, *domains: str, user: str = "aki", count: int = 10) -> list[Hit]:
        """What `user`, who sees `domains`, finds."""
        with Session(self.engine) as session:
            return self.index.search(session, question, Scope(frozenset(domains or ("people",)), user), count)

    def change(self, act: Callable[[Session], object]) -> None:
        """Do something to the database."""
        with Session(self.engine) as session:
            act(session)
            session.commit()


@pytest.fixture
def shelf(address: str, tmp_path: Path) -> Iterator[Shelf]:
    """An empty home of documents."""
    engine = create_engine(address)
    metadata.create_all(engine)
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    index = Index(tmp_path / "home", encode, count_tokens, "words-1", DIMENSION, max_megabytes=5)
    yield Shelf(index, engine, uploads)
    engine.dispose()
