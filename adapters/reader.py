"""The reader at work: which words of a passage answer a question, and whether any do.

An encoder of its own with the shipped skill folded into its weights; retrieval's encoder is never touched. Departments'
adapters lie beside these weights, and each passage is read with its own department's, all in one batch (PEFT's mixed
adapter batches). Several threads may ask; they take turns.
"""

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from pathlib import Path

import torch

from adapters import reader_version, version_folder
from adapters.marking import mark
from adapters.pins import EMBEDDED
from adapters.skills import READER, load_reader
from adapters.spans import Marking, SpanModel

MOST_LOADED = 32  # adapters in memory; of more the longest unused goes
NO_ADAPTER = "__base__"  # PEFT's word


class Reader:
    """A loaded reader with one skill, and departments' adapters beside it."""

    def __init__(self, model: SpanModel, identity: str) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._loaded: OrderedDict[str, None] = OrderedDict()  # the longest unused first
        self.identity = identity

    @classmethod
    def load(cls, models_folder: Path, spec: str = EMBEDDED, words: torch.nn.Embedding | None = None) -> "Reader":
        """The embedded encoder with the skill of a setting: the shipped one, or a folder's. Raises ModelError.

        Args:
            words: see `load_reader`.
        """
        folder = READER if spec == EMBEDDED else Path(spec).expanduser()
        return cls(*load_reader(models_folder, folder, words=words))

    def read(
        self, question: str, passages: Sequence[tuple[str, str]], adapters: Sequence[Path | None] = ()
    ) -> list[list[Marking]]:
        """What is marked in each (heading, text): a marking a window, characters counted in the text.

        Args:
            adapters: each passage's, by the folder of its version; none at all, or None: the skill alone.

        Raises AdapterError: a version is altered or was made for another reader; then nothing was read.
        """
        asked = [(question, heading, text) for heading, text in passages]
        with self._lock:
            wanted = {folder.name: folder for folder in adapters if folder is not None}
            for name, folder in wanted.items():
                self._load(name, folder)
            self._forget(wanted.keys())
            names = [folder.name if folder is not None else NO_ADAPTER for folder in adapters or [None] * len(asked)]
            with torch.inference_mode():
                return mark(self._model, asked, names if self._loaded else None)

    def _load(self, name: str, folder: Path) -> None:
        if name not in self._loaded:
            version_folder.check(folder, "reader", self.identity, self._model.encoder.config.hidden_size)
            reader_version.wear(self._model, folder, name)
        self._loaded[name] = None
        self._loaded.move_to_end(name)

    def _forget(self, needed: Collection[str]) -> None:
        for name in list(self._loaded):
            if len(self._loaded) <= MOST_LOADED:
                return
            if name not in needed:
                self._model.encoder.delete_adapter(name)
                del self._loaded[name]
