"""The vectors of questions by which they are compared, made once for each.

As the router sees them where a pair is looked for that is the same in other words; as search turns them, towards what
answers them, where the answer to one may be another's (`benchmarks.fit_similar` fits its weights to these).
"""

import threading
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray


class QuestionVectors:
    """Vectors by what they are of."""

    def __init__(self, encode: Callable[[Sequence[str]], NDArray[np.float32]]) -> None:
        """`encode`: questions to vectors (N, D), normalised."""
        self._encode = encode
        self._known: dict[str, NDArray[np.float32]] = {}
        self._lock = threading.Lock()

    def of(self, questions: Sequence[str]) -> NDArray[np.float32]:
        """The vectors (N, D) of questions; there is at least one."""
        with self._lock:
            new = [question for question in dict.fromkeys(questions) if question not in self._known]
            if new:
                self._known |= dict(zip(new, self._encode(new), strict=True))
            return np.stack([self._known[question] for question in questions])

    def cosines(self, question: str, others: Sequence[str]) -> NDArray[np.float32]:
        """How near a question is to each of some others: (N,)."""
        if not others:
            return np.zeros(0, np.float32)
        near: NDArray[np.float32] = self.of(others) @ self._encode([question])[0]
        return near
