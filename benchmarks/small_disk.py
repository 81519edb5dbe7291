"""A disk of a few megabytes that belongs to this process alone, and what fills it."""

import ctypes
import os
import subprocess
from contextlib import suppress
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
PIECE = 4096


def enter(folder: Path, megabytes: int) -> None:
    """Mount an empty disk at `folder`, seen by this process and its children alone; done in a child that runs no
    threads. Raises OSError, CalledProcessError where that is refused.
    """
    library = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if library.unshare(CLONE_NEWNS):
        if library.unshare(CLONE_NEWUSER | CLONE_NEWNS):
            raise OSError(ctypes.get_errno(), "a disk of its own is refused here")
        for name, told in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            Path("/proc/self", name).write_text(told, "ascii")
    for command in ("mount --make-rprivate /", f"mount -t tmpfs -o size={megabytes}m small {folder}"):
        subprocess.run(command.split(), check=True)  # tools of the machine


def fill(file: Path) -> None:
    """Take all the room that is left, to the last byte."""
    with suppress(OSError), file.open("ab", buffering=0) as ballast:
        while True:
            ballast.write(bytes(PIECE))


def free(folder: Path) -> int:
    """Bytes that are left."""
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize
