"""Who reads files lets whoever searches go first: both need the interpreter, and a search asks for it many times."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST = 0.1  # seconds given way to searches before it is the reader's turn, for as long


class Precedence:
    """Of searches over the reading of files, in one process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._searches = 0
        self._turn_ends = 0.0  # of who reads files, after he has waited in vain

    @contextmanager
    def taken(self) -> Iterator[None]:
        """A search is going on until the block ends."""
        with self._changed:
            self._searches += 1
        try:
            yield
        finally:
            with self._changed:
                self._searches -= 1
                if not self._searches:
                    self._changed.notify_all()

    def give(self) -> None:
        """Wait until nobody searches, where somebody does; called between steps of a few milliseconds."""
        if not self._searches or time.monotonic() < self._turn_ends:
            return
        with self._changed:
            if not self._changed.wait_for(lambda: not self._searches, LONGEST):
                self._turn_ends = time.monotonic() + LONGEST
