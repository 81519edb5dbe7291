"""T16: hostile files, whole and mutated. Each is read, or refused in a sentence that says why."""

import os
import resource
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from assistant.documents import Ingested
from assistant.services import Services
from assistant.wording import LANGUAGES, say_error
from benchmarks import hostile_files, no_network
from benchmarks.fault_home import DOMAIN, Case, home_open, operator
from benchmarks.kill_points import Tell, forked
from benchmarks.mutated_files import mutated, outcome
from index.parse_child import confine
from index.parsing import MEGABYTES, SECONDS

SETS = ("own-bombs", "pdfjs-malformed-pdf", "defusedxml-xmltestdata", "pypdf-resources", "pypdf-sample-files")
ABOUT = ("SOURCE", "LICENSE", "files.json")
WELL_FORMED = "pypdf-sample-files"
PASSWORD = "libreoffice-writer-password.pdf"  # noqa: S105  # the name of a file that has one
LOOK_SECONDS = 0.005
SERVICE_MEGABYTES = 100
ASKED = "When does gate number {} close?"
ALONE, PAUSE = 30.0, 0.1  # seconds that somebody else searches before the files come; between two searches
SLOWER = 1.2  # as long as alone


@dataclass
class Peak:
    """The most memory that a child process of this one has had."""

    bytes: int = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Looked at until the block ends; a child's last few milliseconds may be missed."""
        over = threading.Event()
        looking = threading.Thread(target=self._look, args=(over,))
        looking.start()
        try:
            yield
        finally:
            over.set()
            looking.join()

    def _look(self, over: threading.Event) -> None:
        while not over.wait(LOOK_SECONDS):
            for child in Path("/proc/self/task").glob("*/children"):
                for number in child.read_text("ascii").split():
                    self.bytes = max(self.bytes, _high_water(int(number)))


@contextmanager
def searching(services: Services) -> Iterator[list[float]]:
    """Somebody else searches again and again until the block ends: the seconds of each search."""
    taken: list[float] = []
    over = threading.Event()

    def search() -> None:
        while not over.wait(PAUSE):
            began = time.perf_counter()
            services.documents.search(operator(services), ASKED.format(len(taken)), None, 5)
            taken.append(time.perf_counter() - began)

    one = threading.Thread(target=search)
    one.start()
    try:
        yield taken
    finally:
        over.set()
        one.join()


def _high_water(process: int) -> int:
    """Of a reader's child; 0 for any other process, and for one that has ended."""
    place = Path(f"/proc/{process}")
    try:
        if b"child_starter" not in (place / "cmdline").read_bytes():
            return 0
        status = (place / "status").read_text("utf-8")
    except OSError:
        return 0
    told = [line.split() for line in status.splitlines() if line.startswith("VmHWM")]
    return int(told[0][1]) * 1024 if told else 0


def hostile(case: Case, count: int) -> None:
    """T16: hostile files whole, odd encodings, and mutated files of every format."""
    folder = case.folder
    outside = [
        path for name in SETS for path in sorted((case.data or folder).resolve().glob(f"{name}/**/*")) if _is_one(path)
    ]
    case.must("outside files missing (--data)", float(not outside), 0, "")
    home, inside = case.home("T16"), folder / "T16-files"
    inside.mkdir()
    own = hostile_files.bombs(inside) + hostile_files.odd_signs(inside)
    legacy = hostile_files.encodings(inside)
    told, code = forked(lambda tell: _read_all(tell, home, folder, outside + own + legacy, legacy), longest=None)
    case.must("the service's process ended by itself", float(code), 0, "")
    for line in told:
        kind, what, found, limit = line.split("\t")
        if kind == "of":
            case.all_of(what, int(found), int(limit))
        elif kind == "must":
            case.must(what, float(found), float(limit), "")
        else:
            case.say(what)
    _mutated(case, count)


def _is_one(path: Path) -> bool:
    return path.is_file() and path.name not in ABOUT


def _read_all(tell: Tell, home: Path, folder: Path, files: list[Path], legacy: list[Path]) -> None:
    """In a child on a network that leads nowhere: take every file in, and tell what came of it."""
    no_network.enter()
    empty = [folder / "T16-tmp", folder / "T16-here"]
    for place in empty:
        place.mkdir()
    os.environ["TMPDIR"], tempfile.tempdir = str(empty[0]), None
    os.chdir(empty[1])
    attempts, peak = no_network.attempts(), Peak()
    with home_open(home) as services:
        process = psutil.Process()
        _take(services, files[0])
        before, most = process.memory_info().rss, 0
        taken: dict[Path, tuple[Ingested, float]] = {}
        with peak.watched(), searching(services) as alone:
            time.sleep(ALONE)
        with peak.watched(), searching(services) as meanwhile:
            for path in files:
                began = time.perf_counter()
                done = _take(services, path)
                taken[path] = (done, time.perf_counter() - began)
                most = max(most, process.memory_info().rss)
        wrong = [path.name for path, (done, _) in taken.items() if not _ended_well(done)]
        read = {path for path, (done, _) in taken.items() if done.error is None}
        right = [path for path in legacy if _words(services, taken[path][0]) == _plain(hostile_files.RULE)]
    reasons = Counter(done.error.code for done, _ in taken.values() if done.error is not None)
    slowest, latest = max((seconds, path.name) for path, (_, seconds) in taken.items())
    good = [path for path in files if path.name.startswith("ok-") or _well_formed(path)]
    empty_ones = [path for path in good if (error := taken[path][0].error) and error.code == "no_text"]
    left = [path.name for place in empty for path in place.rglob("*")]
    slipped = [str(place) for place in (Path("/tmp"), folder, home) if (place / hostile_files.SLIPPED).exists()]  # noqa: S108
    for line in (
        f"say\t{len(read)} of {len(files)} files read; refused: {dict(reasons.most_common())}\t\t",
        f"of\tfiles read, or refused in a sentence in both languages\t{len(files) - len(wrong)}\t{len(files)}",
        f"must\tslowest file, s ({latest})\t{slowest:.2f}\t{SECONDS}",
        f"must\tmost memory of a child, MB\t{peak.bytes / 2**20:.0f}\t{MEGABYTES}",
        f"must\tservice's memory grew by, MB\t{max(0, most - before) / 2**20:.0f}\t{SERVICE_MEGABYTES}",
        f"must\tconnections begun and datagrams sent\t{no_network.attempts() - attempts}\t0",
        f"must\tfiles written outside the store {left + slipped or ''}\t{len(left) + len(slipped)}\t0",
        f"of\twell-formed files read (of these {len(empty_ones)} hold no words)"
        f"\t{sum(path in read for path in good) + len(empty_ones)}\t{len(good)}",
        f"must\tsomebody else's searches meanwhile, p95 against alone ({_told(alone)}; {_told(meanwhile)})"
        f"\t{_p95(meanwhile) / _p95(alone):.2f}\t{SLOWER}",
        f"of\tJapanese encodings read right\t{len(right)}\t{len(legacy)}",
    ):
        tell(line)


def _p95(seconds: list[float]) -> float:
    return float(np.percentile(seconds, 95))


def _told(seconds: list[float]) -> str:
    return f"{len(seconds)}: median {1000 * np.median(seconds):.0f}, p95 {1000 * _p95(seconds):.0f} ms"


def _well_formed(path: Path) -> bool:
    return WELL_FORMED in path.parts and path.name != PASSWORD


def _take(services: Services, path: Path) -> Ingested:
    return services.documents.ingest(operator(services), path, DOMAIN)


def _ended_well(done: Ingested) -> bool:
    if done.error is None:
        return done.status in ("indexed", "unchanged")
    sentences = [say_error(language, done.error) for language in LANGUAGES]
    return done.status == "failed" and all(sentence.rstrip().endswith((".", "。")) for sentence in sentences)


def _words(services: Services, done: Ingested) -> str:
    with services.database.read() as session:
        found = services.index.of_document(session, done.document or "")
    return _plain("".join(f"{passage.heading}{passage.text}" for passage in found))


def _plain(text: str) -> str:
    return "".join(text.split())


def _mutated(case: Case, count: int) -> None:
    """Each mutated file in a child of its own, within the reader's limits."""
    outcome("rule.txt", b"The gate closes at ten.")  # what the reader loads once
    outcomes: Counter[str] = Counter()
    ended: list[str] = []
    slowest, largest = 0.0, 0
    for number, (name, data) in enumerate(mutated(count)):
        began = time.perf_counter()

        def act(tell: Tell, name: str = name, data: bytes = data) -> None:
            before = psutil.Process().memory_info().rss
            confine(SECONDS, MEGABYTES + before // 2**20)  # what it was forked with is not the reader's
            found = outcome(name, data)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            tell(f"{found} {max(0, peak - before)}")

        told, code = forked(act, longest=None)
        slowest = max(slowest, time.perf_counter() - began)
        if code or not told:
            ended.append(f"{number} {name}: {signal.Signals(-code).name if code < 0 else code}")
            continue
        found, grown = told[0].split()
        outcomes[found] += 1
        largest = max(largest, int(grown))
    case.say(f"mutated files: {dict(outcomes.most_common())}")
    case.all_of("mutated files read or refused, no child crashed or ended by a limit", count - len(ended), count)
    for line in ended[:10]:
        case.say(line)
    case.must("slowest mutated file", slowest, SECONDS)
    case.must("most memory that one took", largest / 2**20, MEGABYTES, "MB")
