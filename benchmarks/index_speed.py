"""How quick the search is when there is much to search: `python -m benchmarks.index_speed [--passages 10000,100000]`.

Random vectors and random words (Zipf's law) made by a seed: they stand for size only, not for finding anything. The
question's embedding is not in these figures; `benchmarks.latency` has it.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray
from sqlalchemy import Engine, create_engine, insert
from sqlalchemy.orm import Session

from index import Incoming, Index, Scope
from index.generations import Generations, advance
from index.library import Prepared
from index.passages import Cut
from index.queue import begin
from index.tables import Document, DocumentVersion, PassageRow, PassageVector, Posting, metadata

DIMENSION, VOCABULARY, WORDS, QUESTION_WORDS, FUNCTION_WORDS = 384, 50_000, 60, 8, 50
PER_DOCUMENT, BATCH, QUESTIONS, TOP = 100, 5_000, 100, 10
SHELF = "documents"
Vectors = NDArray[np.float32]


class Made:
    """Vectors and words by a seed."""

    def __init__(self, seed: int) -> None:
        self._lots = np.random.default_rng(seed)

    def vectors(self, count: int) -> Vectors:
        """(N, D) of length 1."""
        made = self._lots.standard_normal((count, DIMENSION), dtype=np.float32)
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)

    def words(self, count: int, above: int = 0) -> list[str]:
        """Words, frequent ones oftener; `above`: without the most frequent ones, which questions are not asked by."""
        ranks = np.minimum(above + self._lots.zipf(1.2, count), VOCABULARY)
        return [f"w{rank}" for rank in ranks]


def fill(engine: Engine, made: Made, passages: int) -> Vectors:
    """Write that many passages; their vectors, in the order of their ids from 1."""
    vectors = made.vectors(passages)
    with Session(engine) as session:
        for number in range(0, passages, PER_DOCUMENT):
            document = Document(
                id=f"{number:032d}", domain=SHELF, owner="", filename=f"{number}.txt", visibility="department"
            )
            session.add(document)
            session.add(
                DocumentVersion(
                    id=document.id, document_id=document.id, number=1, filename=document.filename, sha256="", bytes=0,
                    path="", state="indexed", error_params={}, uploaded_by="",
                )
            )  # fmt: skip
        session.flush()
        for start in range(0, passages, BATCH):
            rows, stored, postings = [], [], []
            for position in range(start, min(start + BATCH, passages)):
                words = made.words(WORDS)
                key = position + 1
                document_id = f"{position // PER_DOCUMENT * PER_DOCUMENT:032d}"
                rows.append(
                    {
                        "id": key, "version_id": document_id, "document_id": document_id, "shelf": SHELF,
                        "ordinal": position, "text": " ".join(words), "heading": "", "tokens": WORDS,
                        "length": WORDS,
                    }
                )  # fmt: skip
                stored.append({"passage_id": key, "encoder": "random", "vector": vectors[position].tobytes()})
                postings += [
                    {"shelf": SHELF, "term": term, "passage_id": key, "count": count, "length": WORDS}
                    for term, count in Counter(words).items()
                ]
            session.execute(insert(PassageRow), rows)
            session.execute(insert(PassageVector), stored)
            session.execute(insert(Posting), postings)
        advance(session)
        session.commit()
    return vectors


def timed(act: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def measure(passages: int) -> None:
    """Print the figures of one size."""
    made = Made(seed=passages)
    with tempfile.TemporaryDirectory() as home:
        engine = create_engine(f"sqlite:///{home}/records.db")
        metadata.create_all(engine)
        vectors = fill(engine, made, passages)
        asked = {
            f"{' '.join(made.words(QUESTION_WORDS, FUNCTION_WORDS))} {n}": vector
            for n, vector in enumerate(made.vectors(QUESTIONS))
        }

        def encode(texts: Sequence[str], *, query: bool = False) -> Vectors:
            return np.stack([asked[text] for text in texts])

        def opened() -> Index:
            return Index(Path(home), encode, len, "random", DIMENSION, 50)

        scope = Scope(frozenset({SHELF}), None)
        with Session(engine) as session:
            build = timed(lambda: opened().refresh(lambda: Session(engine)))
            index = opened()
            first = timed(lambda: index.search(session, next(iter(asked)), scope, TOP))
            seconds = [timed(partial(index.search, session, question, scope, TOP)) for question in asked]
            dense = [timed(partial(index.search, session, question, scope, TOP, "dense")) for question in asked]
            generation = Generations(Path(home) / "index", "random", DIMENSION).current(session)
            exact = [set((np.argsort(-(vectors @ vector))[:TOP] + 1).tolist()) for vector in asked.values()]
            found = [set(generation.search(vector, [SHELF], TOP)) for vector in asked.values()]
        recall = sum(len(a & b) for a, b in zip(exact, found, strict=True)) / (TOP * len(asked))
        adding = timed(lambda: _add(engine, index, made))
        with Session(engine) as session:
            after = timed(lambda: index.search(session, next(iter(asked)), scope, TOP))
        print(f"{passages} passages, built in {build:.1f} s, {psutil.Process().memory_info().rss / 2**20:.0f} MB")
        print(f"  search: {_percentiles(seconds)}; by meaning alone: {_percentiles(dense)}")
        print(f"  recall@{TOP} by meaning against exact search: {recall:.3f}; first search after start: {first:.2f} s")
        print(f"  a document of 20 passages added: {adding:.2f} s, the next search: {after:.2f} s", flush=True)
        engine.dispose()


def _percentiles(seconds: Sequence[float]) -> str:
    middle, high = np.percentile(seconds, [50, 95])
    return f"p50 {1000 * middle:.0f} ms, p95 {1000 * high:.0f} ms"


def _add(engine: Engine, index: Index, made: Made) -> None:
    words = [made.words(WORDS) for _ in range(20)]
    cuts = [Cut(" ".join(each), "", None, None, None, None, None, WORDS) for each in words]
    with Session(engine) as session:
        stored = index.store.receive(BytesIO(b"one more"), "more.txt")
        incoming = Incoming("more.txt", SHELF, "benchmark", "department")
        version = index.library.register(session, stored, incoming, None)
        begin(version)
        index.library.publish(session, version.id, Prepared(cuts, made.vectors(len(cuts)), words))
        session.commit()


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", default="10000,100000")
    for size in parser.parse_args().passages.split(","):
        measure(int(size))


if __name__ == "__main__":
    main()
