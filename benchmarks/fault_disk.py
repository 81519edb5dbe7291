"""T10: a disk of six megabytes that is full to the last byte, while the assistant is open."""

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text

from assistant import audit
from assistant.access import User
from assistant.documents import Upload
from assistant.errors import Refusal
from assistant.services import Services
from assistant.wording import say_error
from benchmarks import small_disk
from benchmarks.fault_home import DOMAIN, Case, home_open, names_found, operator
from benchmarks.kill_points import Tell, forked
from benchmarks.many_people import PASSWORD
from index import DocumentError

MEGABYTES = 6
AGAIN = 10.0  # seconds after there is room
QUESTION = "How many days of annual leave does a full-time employee receive?"
LEAVE = "# Leave\n\nFull-time employees receive 24 days of annual leave each year.\n"
PAY = "# Pay\n\nSalaries are paid on the 25th of the month. The form is blue and called Heron.\n"
EXAMPLE = {
    "question": "How many days of annual leave are there?",
    "answer": "24 days.",
    "split": "train",
    "evidence": [{"file": "leave.md", "quote": "Full-time employees receive 24 days of annual leave each year."}],
}


def full_disk(case: Case, count: int) -> None:
    """T10: upload, index, records, audit and training on a full disk; questions meanwhile; room again."""
    disk = case.folder / "T10"
    disk.mkdir()
    told, code = forked(lambda tell: _live_through(tell, disk, case.folder, count), longest=None)
    case.must("the service's process ended by itself", float(code), 0, "")
    for line in told:
        kind, what, found, limit = line.split("\t")
        if kind == "say":
            case.say(what)
        else:
            case.must(what, float(found), float(limit), kind)


def _live_through(tell: Tell, disk: Path, folder: Path, asked: int) -> None:
    small_disk.enter(disk, MEGABYTES)
    home, ballast = disk / "home", disk / "ballast"

    def must(what: str, found: float, limit: float = 0.0, unit: str = "") -> None:
        tell(f"{unit}\t{what}\t{found}\t{limit}")

    with home_open(home) as services:
        services.reserve.hold()  # as a server does when it starts
        _begin(services, folder)
        owner = services.accounts.user_by_name("owner")
        _write(services, owner, folder / "pay.md", PAY)  # in force, and not yet in an index on disk
        small_disk.fill(ballast)
        tell(f"say\ta disk of {MEGABYTES} MB, {small_disk.free(disk)} bytes free\t\t")
        before = _state(services, home)
        attempts = _attempts(services, owner, folder)
        said = {name: _refused(act) for name, act in attempts.items()}
        tell(f"say\t{said['upload']}\t\t")
        must("attempts that were not refused in a plain sentence", sum(not sentence for sentence in said.values()))
        after = _state(services, home)
        must("parts of the state that are not as they were", sum(before[part] != after[part] for part in before))
        must("documents in force that are not found", float("pay.md" not in names_found(services, "What is Heron?")))
        answers = [services.assistant.ask(f"{QUESTION} ({n})", owner, DOMAIN) for n in range(asked)]
        must("questions not answered", sum(one.status != "answered" for one in answers))
        small_disk.fill(ballast)
        must("uploads taken in the room that is kept for questions", float(not _refused(attempts["upload"])))
        began = time.monotonic()
        ballast.unlink()
        again = {name: _works(act, began) for name, act in attempts.items()}
        must("after there is room, the slowest works again within", max(again.values()), AGAIN, "s")
        tell(f"say\t{', '.join(f'{name} {seconds:.1f} s' for name, seconds in again.items())}\t\t")
        run = _caught(services, owner, ballast)
        ballast.unlink()
        taken, ended = _settled(services, owner, run, time.monotonic())
        must(f"a training that the full disk caught is over ({ended}) and another begun within", taken, AGAIN, "s")
        with services.database.read() as session:
            must("the audit chain is broken", float(not audit.verify(session).intact))


def _begin(services: Services, folder: Path) -> None:
    services.domains.add("benchmark", DOMAIN, description_en="Leave and pay", questions=[QUESTION])
    _write(services, operator(services), folder / "leave.md", LEAVE)
    account = services.accounts.create("benchmark", "owner", PASSWORD, must_change=False)
    services.accounts.set_role("benchmark", account, DOMAIN, "owner")
    services.accounts.create("benchmark", "other", PASSWORD, must_change=False)
    services.index.refresh(services.database.read)
    sheet = folder / "examples.jsonl"
    sheet.write_text(json.dumps(EXAMPLE), "utf-8")
    services.examples.import_sheet(operator(services), sheet, DOMAIN)


def _write(services: Services, user: User, file: Path, words: str) -> None:
    file.write_text(words, "utf-8")
    services.documents.ingest(user, file, DOMAIN)


def _attempts(services: Services, owner: User, folder: Path) -> dict[str, Callable[[], Any]]:
    """What is tried, of every kind that writes."""
    new = folder / "new.md"
    new.write_text("# Gates\n\nThe gate closes at ten.\n" + "It does so every day. " * 500, "utf-8")
    other = services.accounts.user_by_name("other")
    return {
        "upload": lambda: services.documents.upload(owner, new, Upload(new.name, DOMAIN)),
        "records": lambda: services.domains.set_desk(owner, DOMAIN, "a try", second_approval=True),
        "audited act": lambda: services.accounts.set_role("benchmark", str(other.account), DOMAIN, "owner"),
        "training": lambda: services.trainings.cancel(owner, services.trainings.start(owner, DOMAIN).id),
    }


def _refused(act: Callable[[], Any]) -> str:
    """The sentence with which it was refused; '' where it was not, or not in one."""
    try:
        act()
    except (Refusal, DocumentError) as error:
        return say_error("en", error) if error.code in ("no_disk", "disk_full") else ""
    return ""


def _works(act: Callable[[], Any], began: float) -> float:
    """Seconds until it was done."""
    while True:
        try:
            act()
            return time.monotonic() - began
        except (Refusal, DocumentError):
            if time.monotonic() - began > 3 * AGAIN:
                return float("nan")
            time.sleep(0.2)


def _caught(services: Services, owner: User, ballast: Path) -> str:
    """A training whose disk fills up while it learns, and whose process has ended of it."""
    run = services.trainings.start(owner, DOMAIN, minutes=0.1).id
    folder = services.settings.home / "training" / run
    process = psutil.Process(json.loads((folder / "pid.json").read_text("utf-8"))["pid"])
    while not (folder / "progress.jsonl").exists() and process.is_running():
        time.sleep(0.1)
    small_disk.fill(ballast)
    psutil.wait_procs([process], timeout=120)
    time.sleep(2 * AGAIN / 5)  # what watches it has seen it, and found no room to say so
    return run


def _settled(services: Services, owner: User, run: str, began: float) -> tuple[float, str]:
    """Seconds until a run is over and another can be started, and how it ended."""
    while (info := services.trainings.get(owner, run)).state == "running" and time.monotonic() - began < 3 * AGAIN:
        time.sleep(0.2)
    _works(lambda: services.trainings.cancel(owner, services.trainings.start(owner, DOMAIN).id), began)
    return time.monotonic() - began, f"{info.state}, {info.error}"


def _state(services: Services, home: Path) -> dict[str, str]:
    """What everything is, by part: each table's rows; documents and index byte by byte."""
    found = {}
    with services.database.read() as session:
        tables = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")).all()
        for table in tables:
            rows = session.execute(text(f'SELECT * FROM "{table}"')).all()  # noqa: S608  # its own tables
            found[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
    for part in ("documents", "index"):
        files = [path for path in sorted((home / part).rglob("*")) if path.is_file()]
        found[part] = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()
    return found
