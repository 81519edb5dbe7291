"""What the index is handed to turn texts into vectors."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Encode(Protocol):
    """Texts to vectors (N, D), float32, length 1. `query`: they are questions, not passages."""

    def __call__(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]: ...
