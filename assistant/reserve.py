"""Room on the disk that is kept for questions: given back when nothing else is left, taken again when there is some.

Whatever fills the disk, what the documents say can be asked for a while longer, on record as ever; no file is taken in
meanwhile, which would eat that room at once.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

MOST = 16 << 20  # bytes: a write-ahead log at its longest, and some hundred answers
SHARE = 8  # at most that part of a small disk


class Reserve:
    """A file in the home that takes up room and says nothing."""

    def __init__(self, home: Path) -> None:
        self._file = home / ".reserve"

    def hold(self) -> bool:
        """Take the room, where it is not held and twice as much is free; whether it is held."""
        if self._file.exists():
            return True
        disk = shutil.disk_usage(self._file.parent)
        size = min(MOST, disk.total // SHARE)
        if disk.free < 2 * size:
            return False
        half = self._file.with_name(".reserve.half")
        try:
            with half.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, size)
            half.replace(self._file)
        except OSError:  # somebody else has taken it meanwhile
            with suppress(OSError):
                half.unlink(missing_ok=True)
            return False
        return True

    def release(self) -> bool:
        """Give the room back; whether there was any."""
        try:
            self._file.unlink()
        except OSError:
            return False
        return True
