"""Reading one file while the one before it is embedded: the one takes a child process, the other the encoder.

What was read ahead lies in memory alone. Where another file comes first, it is read as if nothing had been.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from index.passages import Cut
from index.watching import Watch, unwatched

Cuts = Callable[[str, str, Watch], list[Cut]]  # a stored file's place, its name and who looks; raises DocumentError


@dataclass
class _Reading:
    """A version that is being read ahead, and who looks at it now."""

    version: str
    watch: Watch = unwatched
    passages: Future[list[Cut]] = field(init=False)

    def told(self, stage: str, done: int, of: int) -> bool:
        return self.watch(stage, done, of)


class ReadAhead:
    """At most one version is read ahead. One thread at a time may ask, whichever it is."""

    def __init__(self, cuts: Cuts) -> None:
        self._cuts = cuts
        self._thread = ThreadPoolExecutor(1, "read-ahead")
        self._reading: _Reading | None = None

    def begin(self, version: str, path: str, filename: str) -> None:
        """Begin to read a version, in place of another that was begun and is not wanted yet."""
        if self._reading is not None:
            if self._reading.version == version:
                return
            self._reading.watch = _unwanted
        self._reading = _Reading(version)
        self._reading.passages = self._thread.submit(self._cuts, path, filename, self._reading.told)

    def passages(self, version: str, watch: Watch) -> list[Cut] | None:
        """What was read of a version, once it is read to its end; from now on `watch` looks. None: it was not begun.

        Raises DocumentError, GivenUp.
        """
        reading = self._reading
        if reading is None or reading.version != version:
            return None
        self._reading, reading.watch = None, watch
        return reading.passages.result()

    def close(self) -> None:
        """Give up, at the next page, what is being read."""
        if self._reading is not None:
            self._reading.watch = _unwanted
        self._thread.shutdown(cancel_futures=True)


def _unwanted(_stage: str, _done: int, _of: int) -> bool:
    return False
