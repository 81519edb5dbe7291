"""Where a language's texts lie on the whole: taken off, vectors can be compared across languages.

A multilingual encoder puts all Japanese texts a little in one direction and all English ones in another, so that any
Japanese passage seems nearer to a Japanese question than the English one that answers it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.encoding import Encode
from index.languages import Language, language_of

PRIOR = 20  # passages that the samples stand for where only few can be seen
Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Centres:
    """Means of vectors by language: of the sample sentences as questions, and as passages."""

    questions: Mapping[Language, Vector]
    passages: Mapping[Language, Vector]

    @classmethod
    @lru_cache(maxsize=2)  # some hundred sentences take seconds; every home opened in a process shares them
    def of(cls, samples: tuple[str, ...], encode: Encode) -> "Centres":
        """Of sample sentences in both languages, some fifty in each."""
        languages = np.array([language_of(text) for text in samples])
        asked, told = encode(samples, query=True), encode(samples)  # (N, D)
        each: tuple[Language, ...] = ("ja", "en")
        return cls(
            {language: asked[languages == language].mean(axis=0) for language in each if language in languages},
            {language: told[languages == language].mean(axis=0) for language in each if language in languages},
        )

    def question(self, vector: Vector, language: Language) -> Vector:
        """A question's vector (D,) without its language, length 1."""
        return unit(vector - self.questions.get(language, np.float32(0)))

    def passage(self, language: Language, total: Vector, count: int) -> Vector:
        """The centre of `count` passages whose vectors add up to `total`, leaning on the samples where they are few."""
        if language not in self.passages:
            return np.asarray(total / max(count, 1), np.float32)
        return np.asarray((total + PRIOR * self.passages[language]) / (count + PRIOR), np.float32)


def unit(vectors: Vector) -> Vector:
    """Vectors (…, D) at length 1."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)
