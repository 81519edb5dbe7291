"""Children that end by SIGKILL in the middle of their work: at their n-th act of some kind, or after a while.

They are forked from the benchmark, which has all libraries loaded and runs no threads, so that hundreds take minutes.
An act is a statement to the records, a commit, a file opened, moved or removed below the home, a file made durable, and
whatever else the work itself calls one.
"""

import faulthandler
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

Tell = Callable[[str], None]
FILE_ACTS = frozenset(("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir"))
LONGEST = 120  # seconds; a child that hangs says where, and ends


def forked(
    act: Callable[[Tell], None], kill_after: float | None = None, longest: float | None = LONGEST
) -> tuple[list[str], int]:
    """Do something in a child. `kill_after`: seconds after its first word. `longest`: seconds; None: no thread counts.

    Returns what it told, whole lines, and its exit code, the negative signal where one ended it.
    """
    child, reading = _begun(act, longest)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = [pipe.readline()]
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(child, signal.SIGKILL)
        said += pipe
    return _ended(child, said)


def together(acts: Sequence[Callable[[Tell], None]]) -> list[tuple[list[str], int]]:
    """Do several things at once, each in a child. What each told must fit a pipe's room, some thousand lines."""
    children = [_begun(act, None) for act in acts]
    found = []
    for child, reading in children:
        with os.fdopen(reading, encoding="utf-8") as pipe:
            found.append(_ended(child, list(pipe)))
    return found


def _begun(act: Callable[[Tell], None], longest: float | None) -> tuple[int, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _run(act, writing, longest)
    os.close(writing)
    return child, reading


def _ended(child: int, said: list[str]) -> tuple[list[str], int]:
    _, status = os.waitpid(child, 0)
    return [line.rstrip("\n") for line in said if line.endswith("\n")], os.waitstatus_to_exitcode(status)


def _run(act: Callable[[Tell], None], writing: int, longest: float | None) -> None:
    """The child's whole life; it never comes back."""
    code = 1
    try:
        if longest is not None:
            faulthandler.dump_traceback_later(longest, exit=True)
        act(lambda line: _tell(writing, line))
        code = 0
    finally:
        if code:
            traceback.print_exc()
        os._exit(code)


def _tell(writing: int, line: str) -> None:
    os.write(writing, f"{line}\n".encode())


@dataclass
class KillPoint:
    """Ends this process at its n-th act while it is armed; made in the child alone, for it can't be taken back."""

    home: Path
    number: int  # from 1; 0: none, the acts are counted
    acts: int = 0
    armed: bool = False

    def __post_init__(self) -> None:
        sys.addaudithook(self._heard)
        fsync = os.fsync

        def durable(fd: Any) -> None:
            self.act()
            fsync(fd)

        os.fsync = durable

    def hear(self, engine: Engine) -> None:
        """Let the statements to the records and their commits be acts too."""
        for told in ("before_cursor_execute", "commit"):
            event.listen(engine, told, lambda *_: self.act())

    def act(self) -> None:
        """One act more."""
        if self.armed:
            self.acts += 1
            if self.acts == self.number:
                os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def during(self) -> Iterator[None]:
        """Armed until the block ends."""
        self.armed = True
        try:
            yield
        finally:
            self.armed = False

    def _heard(self, name: str, given: tuple[Any, ...]) -> None:
        if self.armed and name in FILE_ACTS:
            place = str(given[0])
            if place.startswith(str(self.home)) or not place.startswith("/"):  # relative: a folder being taken apart
                self.act()


def spread(count: int, over: int, draw: random.Random) -> list[int]:
    """So many acts of 1 to `over`: each once before any twice."""
    numbers: list[int] = []
    while len(numbers) < count:
        once = list(range(1, over + 1))
        numbers += draw.sample(once, min(len(once), count - len(numbers)))
    return numbers
