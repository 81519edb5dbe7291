"""The vectors of answered questions, made once for each: a question never changes."""

import threading
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray


class QuestionVectors:
    """Vectors by the id of what they are of."""

    def __init__(self, encode: Callable[[Sequence[str]], NDArray[np.float32]]) -> None:
        """`encode`: questions to vectors (N, D), normalised."""
        self._encode = encode
        self._known: dict[str, NDArray[np.float32]] = {}
        self._lock = threading.Lock()

    def of(self, questions: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """The vectors (N, D) of questions, given as (id, question); there is at least one."""
        with self._lock:
            new = [(key, text) for key, text in questions if key not in self._known]
            if new:
                made = self._encode([text for _, text in new])
                self._known |= {key: vector for (key, _), vector in zip(new, made, strict=True)}
            return np.stack([self._known[key] for key, _ in questions])

    def cosines(self, question: str, others: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """How near a question is to each of some others, given as (id, question): (N,)."""
        if not others:
            return np.zeros(0, np.float32)
        near: NDArray[np.float32] = self.of(others) @ self._encode([question])[0]
        return near
