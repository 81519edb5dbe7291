"""What a case must show, printed beside what was found."""

from dataclasses import dataclass, field


@dataclass
class Musts:
    """The musts of a case; what was missed is remembered."""

    missed: list[str] = field(default_factory=list, kw_only=True)

    def must(self, what: str, found: float, at_most: float, unit: str = "s") -> None:
        """Print a figure beside what it must not exceed, and remember it where it does."""
        holds = bool(found <= at_most)  # not a number: nothing was measured, which is no success
        self._tell(what, f"{found:.3g} {unit} (must: ≤ {at_most:g})", holds)

    def all_of(self, what: str, found: int, of: int) -> None:
        """Print how many of all are as they must be, and remember it where some are not; none at all is no success."""
        self._tell(what, f"{found} of {of}", 0 < of == found)

    def _tell(self, what: str, found: str, holds: bool) -> None:
        print(f"  {'ok  ' if holds else 'MISS'} {what}: {found}", flush=True)
        if not holds:
            self.missed.append(what)

    @staticmethod
    def say(what: str) -> None:
        """Print something that nothing hangs on."""
        print(f"       {what}", flush=True)
