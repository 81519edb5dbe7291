"""The matcher: which of the answers that people gave answers a new question, and whether any does.

A cross-encoder (Nogueira and Cho 2019): the reader's model on an encoder of its own, trained further on sentences and
answers without what stands around them. A small one: a question is compared with many answers, where the reranker
reads a few sentences. Several threads may ask; they take turns.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from adapters.marking import mark
from adapters.packed import pack
from adapters.processor import number_type
from adapters.skills import MATCHER, load_reader
from adapters.spans import SpanModel


def odds_of(model: SpanModel, question: str, sentences: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
    """Of each (heading, sentence) the gate's log-odds (N,); of a sentence in more than one window, the best."""
    marked = mark(model, [(question, heading, sentence) for heading, sentence in sentences])
    return np.array([max(window.gate for window in windows) for windows in marked], np.float64)


class Matcher:
    """A loaded matcher."""

    def __init__(self, model: SpanModel, identity: str) -> None:
        self._model = model
        self._lock = threading.Lock()
        self.identity = identity

    @classmethod
    def load(cls, models_folder: Path, folder: Path = MATCHER, words: torch.nn.Embedding | None = None) -> "Matcher":
        """The embedded encoder with the skill in `folder`. Raises ModelError.

        Args:
            words: see `load_reader`.
        """
        model, identity = load_reader(models_folder, folder, words=words)
        pack(model.encoder, number_type())
        return cls(model, identity)

    def odds(self, question: str, sentences: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Of each (heading, sentence) the log-odds against 'none of these' (N,): a soft-max over them and a 0 for none
        gives how likely each is the one that answers.
        """
        with self._lock, torch.inference_mode():
            return odds_of(self._model, question, sentences)
