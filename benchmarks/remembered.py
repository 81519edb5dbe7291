"""The embedded encoder with its vectors kept in a file between runs, so that a benchmark need not embed twice."""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters import Encoder
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
