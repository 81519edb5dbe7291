"""What a training will cost, told before it begins: from earlier trainings of the same kind on this machine.

A first training has none to go by: its time is told after its first steps, its memory is assumed on the safe side.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil

# bytes; the reader's with batch 1 held 1.6 GB, a department's trainings have batch 8; the writer's held 2.9 GB where
# all examples were as long as can be
FIRST_MEMORY = {"reader": 2_500_000_000, "writer": 3_000_000_000}
SPARE = 200_000_000  # bytes that the machine keeps for itself
CGROUP = Path("/sys/fs/cgroup")
LATEST = 5  # runs


@dataclass(frozen=True)
class Cost:
    """What a training takes. seconds None: no earlier training tells. runs: how many do. free: bytes there are now."""

    examples: int
    seconds: float | None
    memory: int
    free: int
    runs: int

    @property
    def fits(self) -> bool:
        """Whether there is memory for it."""
        return self.memory + SPARE <= self.free

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"fits": self.fits}


def cost(
    earlier: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    part: str,
    method: str,
    examples: int,
    minutes: float,
    free: int,
) -> Cost:
    """The cost of learning from so many examples.

    Args:
        earlier: settings and results of finished runs, newest first.
        minutes: the budget, which a training does not exceed.
    """
    same = [(done, result) for done, result in earlier if (done["part"], done["method"]) == (part, method)]
    alike = [(done, result) for done, result in same if done["examples"]][:LATEST]
    if not alike:
        return Cost(examples, None, FIRST_MEMORY[part], free, 0)
    each = median(result["seconds"] / done["examples"] for done, result in alike)
    memory = max(int(result["peak_memory_bytes"]) for _, result in alike)
    return Cost(examples, min(each * examples, 60 * minutes), memory, free, len(alike))


def free_memory(read: Callable[[Path], str] = Path.read_text) -> int:
    """Bytes that a new process may take: of the machine, or of the container where that is less."""
    free = int(psutil.virtual_memory().available)
    try:
        limit, used = (read(CGROUP / name).strip() for name in ("memory.max", "memory.current"))
        cached = next(line for line in read(CGROUP / "memory.stat").splitlines() if line.startswith("inactive_file "))
    except (OSError, StopIteration):
        return free
    if not limit.isdigit():
        return free
    return max(0, min(free, int(limit) - int(used) + int(cached.split()[1])))
