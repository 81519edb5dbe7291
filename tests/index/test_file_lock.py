"""A lock over processes: held by one at a time, and free once its block has ended."""

import fcntl
import os
from pathlib import Path

import pytest

from index.file_lock import locked

AT_ONCE = fcntl.LOCK_EX | fcntl.LOCK_NB


def test_a_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "home" / ".lock"),
        pytest.raises(BlockingIOError),
        locked(tmp_path / "home" / ".lock", AT_ONCE),
    ):
        pass


def test_a_lock_is_free_after_its_block_also_while_a_child_begun_meanwhile_has_the_file_open(tmp_path: Path) -> None:
    """As every child has it until it has become its program, whichever thread began it."""
    reading, writing = os.pipe()
    with locked(tmp_path / ".lock"):
        child = os.fork()
        if child == 0:
            os.read(reading, 1)
            os._exit(0)
    try:
        with locked(tmp_path / ".lock", AT_ONCE):
            pass
    finally:
        os.write(writing, b".")
        os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)
