"""A thread that takes its turn again and again, from `start` to `close`."""

from collections.abc import Callable
from threading import Event, Thread


class Background:
    """Runs `turn`, which says how many seconds to pause before the next one. What fails is for `turn` to catch."""

    def __init__(self, name: str, turn: Callable[[], float]) -> None:
        self._turn = turn
        self._stop = Event()
        self._thread = Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        """Begin; the first turn is now."""
        self._thread.start()

    def close(self) -> None:
        """Stop after what is under way, if it was started."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._stop.is_set():
            self._stop.wait(self._turn())
