"""A lock that holds over all processes of a home, and ends with its process, so that a crash leaves none behind."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(file: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Held until the block ends; the file's folder is made. `how`: as `fcntl.flock` has it.

    Raises BlockingIOError (LOCK_NB, and somebody else holds it), OSError.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as held:
        fcntl.flock(held, how)
        try:
            yield
        finally:  # closing is not enough: a child that another thread begins holds the file until it has its program
            fcntl.flock(held, fcntl.LOCK_UN)
