"""Who is here, and whether they are more than the server can do with: how late it comes to what is due."""

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

PAUSE_SECONDS = 0.2  # between two looks
WINDOW_SECONDS = 1.0  # what is longer ago than this counts for little
BEHIND = 0.05  # seconds of lateness from which on there are too many; with fifty people it is 0.02
FEW = 50  # what one server is made for: so many are never too many, however slow the machine is
ONE_IN = 1.0  # seconds between two who come where so many are here: each costs much until the page is there
HERE_SECONDS = 30.0  # since the last request of whoever counts as here; an open page asks every few seconds


class Crowd:
    """The people of one server."""

    def __init__(self) -> None:
        self._late = 0.0
        self._due = math.inf  # when the look that is under way should have been done
        self._came = -math.inf  # when somebody was last let in
        self._last: dict[str, float] = {}  # when each person was last heard of

    async def watch(self, look: Callable[[], object]) -> None:
        """Measure the lateness, until it is cancelled: by a small thing that every request does, on a thread."""
        while True:
            began = time.monotonic()
            self._due = began + PAUSE_SECONDS
            await asyncio.sleep(PAUSE_SECONDS)
            with suppress(SQLAlchemyError):  # each request tells of it; here only the time counts
                await run_in_threadpool(look)
            now = time.monotonic()
            self._late += (1 - math.exp((began - now) / WINDOW_SECONDS)) * (now - self._due - self._late)

    @property
    def lateness(self) -> float:
        """Seconds by which the server comes too late to what is due, over about a second."""
        return max(self._late, time.monotonic() - self._due)

    def hear(self, person: str) -> None:
        """Somebody is here."""
        self._last[person] = time.monotonic()

    def has_room_for(self, person: str) -> bool:
        """Whether somebody may open a page: who is here may; where many are, others come one at a time."""
        now = time.monotonic()
        if self._last.get(person, -math.inf) > now - HERE_SECONDS or not self._large:
            return True
        if self.lateness >= BEHIND or now < self._came + ONE_IN:
            return False
        self._came = now
        return True

    @property
    def too_large(self) -> bool:
        """Whether the server is behind, and it is people that are too many."""
        return self.lateness >= BEHIND and self._large

    @property
    def _large(self) -> bool:
        since = time.monotonic() - HERE_SECONDS
        self._last = {one: last for one, last in self._last.items() if last > since}
        return len(self._last) > FEW
