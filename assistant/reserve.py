"""Room on the disk that is kept for questions: given back when nothing else is left, taken again when there is some.

Whatever fills the disk, what the documents say can be asked for a while longer, on record as ever; no file is taken in
meanwhile, which would eat that room at once. A home has it from the first start of its server on.
"""

import os
import shutil
from pathlib import Path

MOST = 16 << 20  # bytes: a write-ahead log at its longest, and some hundred answers
SHARE = 8  # at most that part of a small disk


class Reserve:
    """A file in the home that takes up room and says nothing; while it is given back it is empty."""

    def __init__(self, home: Path) -> None:
        self._file = home / ".reserve"

    @property
    def given_back(self) -> bool:
        """Whether there was room kept, and is none now."""
        return self._file.exists() and not self._file.stat().st_size

    def hold(self) -> bool:
        """Take the room, where it is not held and twice as much is free; whether it is held."""
        if self._file.exists() and not self.given_back:
            return True
        disk = shutil.disk_usage(self._file.parent)
        size = min(MOST, disk.total // SHARE)
        if disk.free < 2 * size:
            return False
        with self._file.open("wb") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, size)
            except OSError:  # somebody else has taken it meanwhile
                file.truncate(0)
                return False
        return True

    def release(self) -> bool:
        """Give the room back; whether there was any."""
        if not self._file.exists() or self.given_back:
            return False
        os.truncate(self._file, 0)
        return True
