"""A question's vector for search, without what it owes to its language alone.

A multilingual encoder puts questions near passages of their own language, whatever they ask: a third of the example
company's English questions have their answer in a Japanese document, and it was hardly ever found. The mean vector of
the same questions in one language is what the language adds; taken out of a question, both languages' passages compete
by what they say. The sentences are parallel and of no company, so that no department's documents have a part in it.
"""

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


class Centred:
    """An encoder whose questions are centred by language; passages are left as they are."""

    def __init__(self, encode: Encode, centres: Mapping[Language, Vectors]) -> None:
        self._encode = encode
        self._centres = centres  # (D,) each

    @classmethod
    def fit(cls, encode: Encode) -> "Centred":
        """With the centres of this encoder, from the sentences that ship."""
        lines = (files("adapters") / "parallel_questions.tsv").read_text(encoding="utf-8").splitlines()
        english, japanese = zip(*(line.split("\t") for line in lines), strict=True)
        return cls(encode, {"en": encode(english, query=True).mean(0), "ja": encode(japanese, query=True).mean(0)})

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """Vectors (N, D), float32, length 1. `query`: they are questions, not passages."""
        vectors = self._encode(texts, query=query)
        if not query:
            return vectors
        centred = vectors - np.stack([self._centres[language_of(text)] for text in texts])
        lengths = np.linalg.norm(centred, axis=1, keepdims=True)  # (N, 1)
        return np.asarray(centred / np.maximum(lengths, 1e-6), np.float32)


def language_of(text: str) -> Language:
    """Which of the two languages' centre a text has."""
    return "ja" if len(_JAPANESE.findall(text)) > JAPANESE_FROM * len(text) else "en"
