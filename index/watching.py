"""Looking at a document while it is read: how far it is, and whether to go on."""

from collections.abc import Callable

Watch = Callable[[str, int, int], bool]  # (stage, done, of): told at every step; False: give up


class GivenUp(Exception):
    """Reading a document was given up because its watcher said so; nothing has changed."""


def unwatched(_stage: str, _done: int, _of: int) -> bool:
    """Nobody looks; read on."""
    return True
