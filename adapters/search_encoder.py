"""The encoder as search uses it: a question's vector, made to lie near the passages that answer it.

Two small corrections of the question alone; passages stay as the frozen encoder gives them, so that no index is made
anew when they change.

What a question owes to its language is taken out: a multilingual encoder puts questions near passages of their own
language, whatever they ask. The mean vector of the same questions in one language is what the language adds. These
sentences are parallel and of no company, so that no department's documents have a part in it.

Then it is turned from how people ask towards how documents speak, by the retriever's skill: a matrix (D, D) learnt
from questions and the passages that answer them (`retriever_training`).
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Language = Literal["ja", "en"]
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
JAPANESE_FROM = 0.1  # share of characters; identifiers and names stand in Japanese questions in Latin letters


class Encode(Protocol):
    """Texts to vectors (N, D), float32, length 1."""

    def __call__(self, texts: Sequence[str], *, query: bool = False) -> Vectors: ...


def translations() -> list[tuple[str, str]]:
    """The parallel sentences that ship: (English, Japanese)."""
    lines = (files("adapters") / "parallel_questions.tsv").read_text(encoding="utf-8").splitlines()
    return [(english, japanese) for english, japanese in (line.split("\t") for line in lines)]


class SearchEncoder:
    """An encoder whose questions are centred by language and turned; passages are left as they are."""

    def __init__(self, encode: Encode, centres: Mapping[Language, Vectors], turn: Vectors | None = None) -> None:
        self._encode = encode
        self._centres = centres  # (D,) each
        self._turn = turn  # (D, D)
        self.identity = "none" if turn is None else hashlib.sha256(turn.tobytes()).hexdigest()[:16]  # of the skill

    @classmethod
    def fit(cls, encode: Encode, turn: Vectors | None = None) -> "SearchEncoder":
        """With the centres of this encoder, from the sentences that ship. `turn`: a skill made for it, if any."""
        english, japanese = zip(*translations(), strict=True)
        centres: dict[Language, Vectors] = {
            "en": encode(english, query=True).mean(0),
            "ja": encode(japanese, query=True).mean(0),
        }
        return cls(encode, centres, turn)

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """Vectors (N, D), float32, length 1. `query`: they are questions, not passages."""
        vectors = self._encode(texts, query=query)
        if not query:
            return vectors
        centred = _unit(vectors - np.stack([self._centres[language_of(text)] for text in texts]))
        return centred if self._turn is None else turned(centred, self._turn)


class Remembering:
    """An encoder that remembers the passages it was lately asked for, by hash: what answers is asked for again."""

    def __init__(self, encode: Encode, most: int = 4096) -> None:
        self._encode = encode
        self._most = most
        self._vectors: dict[bytes, Vectors] = {}  # (D,) each; the newest last

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """Vectors (N, D), float32, length 1. Questions are handed on."""
        if query or not texts:
            return self._encode(texts, query=query)
        keys = [hashlib.sha256(text.encode()).digest() for text in texts]
        found = {key: vector for key in keys if (vector := self._vectors.get(key)) is not None}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            found |= dict(zip(missing, self._encode(list(missing.values())), strict=True))
        for key in keys:  # another thread may be at the same
            self._vectors.pop(key, None)
            self._vectors[key] = found[key]
        for key in list(self._vectors)[: -self._most]:
            self._vectors.pop(key, None)
        return np.stack([found[key] for key in keys])


def turned(questions: Vectors, turn: Vectors) -> Vectors:
    """Centred questions (Q, D) turned: q + qT, brought to length 1."""
    return _unit(questions + questions @ turn)


def language_of(text: str) -> Language:
    """Which of the two languages' centre a text has."""
    return "ja" if len(_JAPANESE.findall(text)) > JAPANESE_FROM * len(text) else "en"


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)  # (N, 1)
    return np.asarray(vectors / np.maximum(lengths, 1e-6), np.float32)
