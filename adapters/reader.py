"""The reader at work: which words of a passage answer a question, and whether any do.

An encoder of its own with the shipped skill folded into its weights; retrieval's encoder is never touched. Several
threads may ask; they take turns.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

import torch

from adapters.pins import EMBEDDED
from adapters.skills import READER, load_reader
from adapters.spans import Marking, SpanModel
from adapters.training import precision

BATCH = 16  # windows a pass


def mark(model: SpanModel, asked: Sequence[tuple[str, str, str]]) -> list[list[Marking]]:
    """For each (question, heading, passage) what is marked in its windows, in their order."""
    where = next(model.parameters()).device
    cut = [
        (n, window)
        for n, (question, heading, passage) in enumerate(asked)
        for window in model.windows(question, passage, heading=heading)
    ]
    made: dict[int, Marking] = {}
    order = sorted(range(len(cut)), key=lambda i: len(cut[i][1].ids))  # like lengths together: little padding
    for at in range(0, len(order), BATCH):
        part = order[at : at + BATCH]
        with precision(where):
            made |= dict(zip(part, model.mark([cut[i][1] for i in part], where), strict=True))
    found: list[list[Marking]] = [[] for _ in asked]
    for i, (n, _) in enumerate(cut):
        found[n].append(made[i])
    return found


class Reader:
    """A loaded reader with one skill."""

    def __init__(self, model: SpanModel, identity: str) -> None:
        self._model = model
        self._lock = threading.Lock()
        self.identity = identity

    @classmethod
    def load(cls, models_folder: Path, spec: str = EMBEDDED, words: torch.nn.Embedding | None = None) -> "Reader":
        """The embedded encoder with the skill of a setting: the shipped one, or a folder's. Raises ModelError.

        Args:
            words: another encoder's word embeddings; used instead of an own copy where they are the same.
        """
        model, identity = load_reader(models_folder, READER if spec == EMBEDDED else Path(spec).expanduser())
        own = model.encoder.get_input_embeddings()
        if words is not None and words.weight.dtype == own.weight.dtype and torch.equal(words.weight, own.weight):
            model.encoder.set_input_embeddings(words)
        return cls(model, identity)

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[list[Marking]]:
        """What is marked in each (heading, text): a marking a window, characters counted in the text."""
        with self._lock, torch.inference_mode():
            return mark(self._model, [(question, heading, text) for heading, text in passages])
