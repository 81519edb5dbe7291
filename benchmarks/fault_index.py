"""T08, the index killed while it is written; T11, the index damaged where it lies."""

import logging
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from assistant.services import Services
from benchmarks.fault_home import DOMAIN, Case, hits, home_open, names_found, operator, questions
from benchmarks.kill_points import KillPoint, Tell, forked, spread
from index.generations import DAMAGED, Generations, revision

AT_ONCE = 1.0  # seconds; nobody takes that for a wait
FLIPS, CUTS, SWAPS = 100, 20, 10


def killed_index(case: Case, count: int) -> None:
    """T08: killed while the index is saved and the records are compacted."""
    home, draw, kept = case.home("T08"), random.Random(8), []
    acts = int(_build(home, 0, 0)[0][-1].split()[1])
    with home_open(home) as services:
        hits(services, _question(0))  # what a process loads once is none of the index's time
    saving, compacting = count - count // 5, count // 5
    readable = answered = 0
    slowest, lost = 0.0, []
    points = [("save", number) for number in spread(saving, acts, draw)] + [("compact", 0)] * compacting
    ended = 0
    for number, (what, point) in enumerate(points, start=1):
        said, code = _build(home, number, point) if what == "save" else _compact(home, number, draw.uniform(0, 0.05))
        ended += code < 0
        kept += [line.split()[1] for line in said if line.startswith("confirmed")]
        readable += _readable(home)
        with home_open(home) as services:
            began = time.perf_counter()
            answered += f"rule{number}.txt" in names_found(services, _question(number))
            slowest = max(slowest, time.perf_counter() - began)
    with home_open(home) as services:
        lost = [name for name in kept if name not in names_found(services, _question(int(name[4:-4])))]
        swept = [path.name for path in (home / "index").iterdir() if path.is_dir()]
    case.say(f"{acts} acts in one save; {ended} kills, {compacting} of them while the records are compacted")
    case.all_of("killed", ended, count)
    case.all_of("the index on disk can be read after the kill", readable, count)
    case.all_of("what was confirmed last is found after the restart", answered, count)
    case.must("first search after the restart, slowest", slowest, AT_ONCE)
    case.must("confirmed documents lost", len(lost), 0, "")
    case.must("generations left beside the one in use", len(swept) - 1, 0, "")


def _question(number: int) -> str:
    return f"When does gate number {number} of hall Kestrel{number} close?"


def _confirm(services: Services, folder: Path, number: int, tell: Tell) -> None:
    path = folder / f"rule{number}.txt"
    path.write_text(f"Gate number {number} of hall Kestrel{number} closes at {number} minutes past nine.\n", "utf-8")
    services.documents.ingest(operator(services), path, DOMAIN)
    tell(f"confirmed {path.name}")


def _build(home: Path, number: int, point: int) -> tuple[list[str], int]:
    def act(tell: Tell) -> None:
        kill = KillPoint(home, point)
        with home_open(home) as services:
            _confirm(services, home.parent, number, tell)
            with kill.during():
                services.index.refresh(services.database.read)
            tell(f"acts {kill.acts}")

    return forked(act)


def _compact(home: Path, number: int, after: float) -> tuple[list[str], int]:
    def act(tell: Tell) -> None:
        with home_open(home) as services:
            _confirm(services, home.parent, number, tell)
            while True:
                services.index.refresh(services.database.read)
                services.database.scrub(thoroughly=True)

    return forked(act, after)


def _readable(home: Path) -> bool:
    """Whether the pointer leads to a whole generation, of the records as they are or as they were one change before."""
    with home_open(home) as services:
        with services.database.read() as session:
            now = revision(session)
        disk = Generations(home / "index", services.encoder.identity, services.encoder.dimension)
        try:
            return any(disk._load(wanted) is not None for wanted in (now, now - 1))
        except DAMAGED:
            return False


class Told(logging.Handler):
    """Counts what the index tells of damage."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler.emit`."""
        self.count += "is damaged" in record.getMessage()


def damaged_index(case: Case, count: int) -> None:
    """T11: bits turned, files cut off, departments' id maps swapped, the manifest taken away."""
    home, asked, told = case.home("T11"), questions(3), Told()
    whole = shutil.copytree(home / "index", case.folder / "T11-index")
    with home_open(home) as services:
        expected = [hits(services, question) for question in asked]
    log = logging.getLogger("index.generations")
    log.addHandler(told)
    log.propagate = False
    done = found = anew = right = 0
    slowest = 0.0
    for damage in _damages(count / FLIPS):
        shutil.rmtree(home / "index")
        shutil.copytree(whole, home / "index")
        name = _current(home)
        damage(home / "index" / name)
        before, done = told.count, done + 1
        with home_open(home) as services:
            began = time.perf_counter()
            first = hits(services, asked[0])
            slowest = max(slowest, time.perf_counter() - began)
            anew += services.index.generation != name and not (home / "index" / name).exists()
            right += [first, *(hits(services, question) for question in asked[1:])] == expected
        found += told.count == before + 1
    log.removeHandler(told)
    log.propagate = True
    case.all_of("damages found and told in the log before the first answer", found, done)
    case.all_of("made anew from the records; no answer from the damaged one, which is removed", anew, done)
    case.all_of("the same passages as before the damage", right, done)
    case.must("first search with the damaged index, slowest", slowest, 10.0)


def _current(home: Path) -> str:
    return (home / "index" / "current").read_text("ascii").split()[0]


def _damages(share: float) -> Iterator[Callable[[Path], None]]:
    """What is done to a generation's folder, one after another; the same every time."""
    draw = random.Random(11)
    for kind, times in ((_flip, FLIPS), (_cut, CUTS), (_swap, SWAPS)):
        for _ in range(max(1, round(times * share))):
            yield lambda folder, kind=kind: kind(folder, draw)  # type: ignore[misc]  # each with its own kind
    yield _swap_names
    yield lambda folder: (folder / "manifest.json").unlink()


def _any_file(folder: Path, draw: random.Random) -> Path:
    return draw.choice([folder.parent / "current", *sorted(folder.iterdir())])


def _flip(folder: Path, draw: random.Random) -> None:
    file = _any_file(folder, draw)
    content = bytearray(file.read_bytes())
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    file.write_bytes(content)


def _cut(folder: Path, draw: random.Random) -> None:
    file = _any_file(folder, draw)
    content = file.read_bytes()
    file.write_bytes(content[: draw.randrange(len(content))])


def _swap(folder: Path, draw: random.Random) -> None:
    one, other = draw.sample(sorted(folder.glob("*.ids")), 2)
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def _swap_names(folder: Path) -> None:
    """Two departments' names in the manifest: the one's vectors under the other's name, all hashes right."""
    manifest = folder / "manifest.json"
    text = manifest.read_text("utf-8")
    manifest.write_text(text.replace('"people"', '"?"').replace('"it"', '"people"').replace('"?"', '"it"'), "utf-8")
