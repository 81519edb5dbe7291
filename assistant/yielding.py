"""A training stands still while many questions are being answered: low priority alone still takes memory's bandwidth
and the processor's caches from them.
"""

import time
from collections.abc import Callable
from contextlib import suppress

import psutil

CALM_SECONDS = 5.0  # it goes on when so long nobody needed its place


class Yielding:
    """One training's process, told to stand still and to go on."""

    def __init__(self, process: Callable[[], psutil.Process | None], crowded: Callable[[], bool]) -> None:
        """`process`: the training's, while it lives; `crowded`: whether its place is needed."""
        self._process = process
        self._crowded = crowded
        self._until = 0.0  # the moment until which it stands still; 0: it does not
        self.go_on()  # whoever watched before may have been killed while it stood still

    def turn(self) -> None:
        """Stop it, or let it go on."""
        if self._crowded():
            if not self._until:
                self._tell(psutil.Process.suspend)
            self._until = time.monotonic() + CALM_SECONDS
        elif self._until and time.monotonic() >= self._until:
            self.go_on()

    def go_on(self) -> None:
        """Let it go on: nobody needs its place, or nobody watches it any more."""
        self._until = 0.0
        self._tell(psutil.Process.resume)

    def _tell(self, act: Callable[[psutil.Process], None]) -> None:
        process = self._process()
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                act(process)
