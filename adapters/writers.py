"""Departments' writers in the language model's memory: checked and loaded when first asked for; of too many the longest
unused goes.
"""

import threading
from collections import OrderedDict
from pathlib import Path

from adapters import version_folder
from adapters.serving import LanguageModelWorker

MOST_LOADED = 8  # of 10 MB each, beside the shipped one


class Writers:
    """The writers of departments' versions over one worker. Several threads may ask."""

    def __init__(self, worker: LanguageModelWorker, base: str) -> None:
        """`base`: the language model's identity; what was trained on another is refused."""
        self._worker = worker
        self._base = base
        self._lock = threading.Lock()
        self._loaded: OrderedDict[str, None] = OrderedDict()  # the longest unused first

    def use(self, version: Path) -> str:
        """The name under which the worker holds a version's writer. Raises AdapterError: it is not as it must be."""
        with self._lock:
            if version.name not in self._loaded:
                version_folder.check(version, "writer", self._base, self._worker.hidden_size)
                self._worker.load_adapter(version.name, version_folder.place(version, "writer"))
            self._loaded[version.name] = None
            self._loaded.move_to_end(version.name)
            if len(self._loaded) > MOST_LOADED:
                self._worker.unload_adapter(self._loaded.popitem(last=False)[0])
        return version.name
