"""Comparisons of versions that are being made in this process, so that a closed page loses none."""

import threading
from dataclasses import dataclass

from adapters.errors import AdaptersError
from assistant.access import User
from assistant.errors import Refusal
from assistant.promotion import Promotions


@dataclass
class UnderWay:
    """How far a comparison is: questions asked of `total` in the present part."""

    done: int = 0
    total: int = 0
    over: bool = False
    error: Exception | None = None


class Comparisons:
    """One thread a comparison; a second request for the same version joins the first."""

    def __init__(self, promotions: Promotions) -> None:
        self._promotions = promotions
        self._lock = threading.Lock()
        self._under_way: dict[str, UnderWay] = {}

    def start(self, user: User, version: str) -> None:
        """Begin, unless it is under way."""
        with self._lock:
            present = self._under_way.get(version)
            if present is not None and not present.over:
                return
            begun = self._under_way[version] = UnderWay()
        threading.Thread(target=self._compare, args=(user, version, begun), name="comparison", daemon=True).start()

    def progress(self, version: str) -> UnderWay | None:
        """How far it is; None where none was begun here."""
        return self._under_way.get(version)

    def _compare(self, user: User, version: str, begun: UnderWay) -> None:
        def note(done: int, total: int) -> None:
            begun.done, begun.total = done, total

        try:
            self._promotions.compare(user, version, note)
        except (Refusal, AdaptersError) as error:
            begun.error = error
        finally:
            begun.over = True
