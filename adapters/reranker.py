"""The reranker: which of a few sentences answers a question, each read by itself, and whether any does.

Several threads may ask; they take turns.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from adapters.packed import pack
from adapters.rank_model import RankModel
from adapters.skills import RERANKER, load_reranker

BATCH = 4  # pairs a pass, like lengths together: little padding


def odds_of(model: RankModel, pairs: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """The log-odds (N,) of pairs as `RankModel.pairs` makes them."""
    odds = np.zeros(len(pairs))
    order = sorted(range(len(pairs)), key=lambda n: len(pairs[n]))
    with torch.inference_mode():
        for at in range(0, len(order), BATCH):
            part = order[at : at + BATCH]
            odds[part] = model.pair_odds([pairs[n] for n in part]).double().numpy()
    return odds


class Reranker:
    """A loaded reranker."""

    def __init__(self, model: RankModel, identity: str) -> None:
        self._model = model
        self._lock = threading.Lock()
        self.identity = identity

    @classmethod
    def load(cls, models_folder: Path, folder: Path = RERANKER) -> "Reranker":
        """The embedded decoder with the skill in `folder`. Raises ModelError."""
        model, identity = load_reranker(models_folder, folder)
        pack(model.decoder)
        return cls(model, identity)

    def odds(self, question: str, sentences: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Of each (heading, sentence) the log-odds against 'none of these' (N,): a soft-max over them and a 0 for none
        gives how likely each is the one that answers.
        """
        with self._lock:
            return odds_of(self._model, self._model.pairs(question, sentences))
