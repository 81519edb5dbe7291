"""Questions with known answers being asked in this process for a comparison or a promise: a closed page loses none."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from adapters.errors import AdaptersError
from adapters.evaluation import Progress
from assistant.access import User
from assistant.errors import Refusal
from assistant.promotion import Promotions
from assistant.release import Releases


@dataclass
class UnderWay:
    """How far a comparison is: questions asked of `total` in the present part."""

    done: int = 0
    total: int = 0
    over: bool = False
    error: Exception | None = None


class Comparisons:
    """One thread each; a second request for the same one joins the first."""

    def __init__(self, promotions: Promotions, releases: Releases) -> None:
        self._promotions = promotions
        self._releases = releases
        self._lock = threading.Lock()
        self._under_way: dict[str, UnderWay] = {}

    def compare(self, user: User, version: str) -> None:
        """Compare a version with what is live; `progress(version)` tells how far it is."""
        self._start(version, lambda note: self._promotions.compare(user, version, note))

    def measure(self, user: User, domain: str) -> None:
        """Ask a department's calibration examples; `progress('release/…')` tells how far it is."""
        user.require("owner", domain)
        self._start(f"release/{domain}", lambda note: self._releases.measure(user, domain, note))

    def progress(self, name: str) -> UnderWay | None:
        """How far one is; None where none was begun here."""
        return self._under_way.get(name)

    def _start(self, name: str, act: Callable[[Progress], object]) -> None:
        with self._lock:
            present = self._under_way.get(name)
            if present is not None and not present.over:
                return
            begun = self._under_way[name] = UnderWay()
        threading.Thread(target=self._run, args=(act, begun), name=name, daemon=True).start()

    @staticmethod
    def _run(act: Callable[[Progress], object], begun: UnderWay) -> None:
        def note(done: int, total: int) -> None:
            begun.done, begun.total = done, total

        try:
            act(note)
        except (Refusal, AdaptersError) as error:
            begun.error = error
        finally:
            begun.over = True
