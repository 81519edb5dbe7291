"""Who may use a model next, where one at a time does: first those for whom a person waits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Like a lock, of which those who come first are let through before those who can wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken = False
        self._first = 0  # who wait for their turn and come first

    @contextmanager
    def first(self) -> Iterator[None]:
        """A turn, the next one, until the block ends."""
        with self._changed:
            self._first += 1
            self._changed.wait_for(lambda: not self._taken)
            self._first -= 1
            self._taken = True
        with self._held():
            yield

    @contextmanager
    def later(self) -> Iterator[None]:
        """A turn when nobody waits who comes first, until the block ends."""
        with self._changed:
            self._changed.wait_for(lambda: not self._taken and not self._first)
            self._taken = True
        with self._held():
            yield

    @contextmanager
    def _held(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                self._changed.notify_all()
