"""The embedded encoder and the reader with what they gave kept in a file between runs, so that a benchmark need not
embed or read twice."""

import hashlib
import pickle
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters import Encoder, Marking, Reader
from assistant.settings import Settings

BATCH = 64


class RememberedEncoder:
    """Encodes like the embedded encoder; `file` None: in memory only. The model is loaded when first needed."""

    def __init__(self, file: Path | None) -> None:
        self._settings = Settings()
        self._encoder: Encoder | None = None
        self._rows = sqlite3.connect(file or ":memory:", timeout=300)
        self._rows.execute("CREATE TABLE IF NOT EXISTS e (k TEXT PRIMARY KEY, v BLOB)")

    @property
    def encoder(self) -> Encoder:
        """The model itself."""
        if self._encoder is None:
            self._encoder = Encoder.load(self._settings.encoder, self._settings.models_folder, self._settings.threads)
        return self._encoder

    def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """Vectors (N, D), float32, length 1."""
        keys = [
            hashlib.sha1((("q" if query else "p") + text).encode(), usedforsecurity=False).hexdigest() for text in texts
        ]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if self._find(key) is None}
        by_length = sorted(missing.items(), key=lambda entry: len(entry[1]))
        for start in range(0, len(by_length), BATCH):
            part = by_length[start : start + BATCH]
            vectors = self.encoder.encode([text for _, text in part], query=query)
            self._rows.executemany(
                "INSERT OR IGNORE INTO e VALUES (?, ?)",
                [(key, vector.astype("<f4").tobytes()) for (key, _), vector in zip(part, vectors, strict=True)],
            )
            self._rows.commit()
        return np.stack([np.frombuffer(self._find(key) or b"", "<f4") for key in keys])

    def _find(self, key: str) -> bytes | None:
        found = self._rows.execute("SELECT v FROM e WHERE k = ?", (key,)).fetchone()
        return bytes(found[0]) if found else None


class RememberedReader:
    """Reads like the given reader; what it marked is kept in `file` when closed. Of one skill: another forgets all."""

    def __init__(self, reader: Reader, file: Path) -> None:
        self._reader, self._file = reader, file
        self.identity = reader.identity
        kept = pickle.loads(file.read_bytes()) if file.exists() else {}  # noqa: S301  # our own file
        self._marked: dict[tuple[str, str, str], list[Marking]] = kept.get(self.identity, {})

    def read(
        self, question: str, passages: Sequence[tuple[str, str]], adapters: Sequence[Path | None] = ()
    ) -> list[list[Marking]]:
        """What is marked in each (heading, text). Raises ValueError where one has an adapter: it knows the skill."""
        if any(adapters):
            raise ValueError("departments' adapters are not remembered")
        missing = [passage for passage in passages if (question, *passage) not in self._marked]
        for passage, marked in zip(missing, self._reader.read(question, missing), strict=True):
            self._marked[(question, *passage)] = marked
        return [self._marked[(question, *passage)] for passage in passages]

    def close(self) -> None:
        """Keep what was marked."""
        self._file.write_bytes(pickle.dumps({self.identity: self._marked}))
