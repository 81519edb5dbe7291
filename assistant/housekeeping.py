"""What a running server does by itself every hour: old conversations go, the audit chain gets its daily checkpoint."""

import logging
import time
from pathlib import Path

from assistant import audit_checkpoints
from assistant.background import Background
from assistant.database import Database
from assistant.retention import Retention

EVERY = 3600.0  # seconds
DAY = 24 * EVERY
ACTOR = "job:checkpoint"

log = logging.getLogger(__name__)


class Housekeeping:
    """A thread of its own, from `start` to `close`."""

    def __init__(self, database: Database, retention: Retention, home: Path, checkpoints: Path | None) -> None:
        """`checkpoints`: the folder that gets a checkpoint a day; None: none is made."""
        self._database = database
        self._retention = retention
        self._home = home
        self._checkpoints = checkpoints
        self._signed = float("-inf")
        self._background = Background("housekeeping", self._turn)

    def start(self) -> None:
        """Begin; the first turn is now."""
        self._background.start()

    def close(self) -> None:
        """Stop after what is under way."""
        self._background.close()

    def _turn(self) -> float:
        self.turn()
        return EVERY

    def turn(self) -> None:
        """Do what is due. What fails is told in the log and tried again at the next turn."""
        try:
            if removed := self._retention.apply():
                log.info("%d conversations were older than their departments keep them", removed)
            if self._checkpoints is not None and time.monotonic() - self._signed >= DAY:
                audit_checkpoints.write(self._database, self._home, self._checkpoints / audit_checkpoints.FILE, ACTOR)
                self._signed = time.monotonic()
        except Exception:  # border: job runner; a full disk, a locked database or a folder not mounted passes
            log.exception("housekeeping failed and is tried again")
