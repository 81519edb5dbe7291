"""T14: two of everything on one home: servers, jobs that add and index, promotions; a lock whose owner was killed."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import func, select

from adapters.tables import AdapterVersion
from assistant import audit
from assistant.errors import Conflict
from assistant.services import Services
from assistant.settings import Settings
from benchmarks.fault_home import DOMAIN, REVIEWER, Case, home_open, kept_version, operator
from benchmarks.fault_kills import disagreements
from benchmarks.kill_points import Tell, together
from index.blocks import Block
from index.generations import Generations, revision
from index.tables import DocumentVersion, PassageRow

SECOND, TAKEN_OVER = 5.0, 60.0  # seconds
START = 120.0  # seconds that a server may take until it says where it is
SERVE = "from assistant.commands import main; main()"
IDLE = 20.0  # per cent of a core
JOBS, ROUNDS = 2, 20


def rivals(case: Case, count: int) -> None:
    """T14: two servers, two jobs that add documents and index them, two promotions; a killed owner's lock."""
    _servers(case, case.home("T14-served"))
    _additions(case, case.home("T14-added"), count)
    _promotions(case, case.home("T14-promoted"), max(1, ROUNDS * count // 600))


def _servers(case: Case, home: Path) -> None:
    first = _serve(home)
    told = _address(first)
    while psutil.Process(first.pid).cpu_percent(1.0) > IDLE:  # its models are being loaded
        pass
    began = time.perf_counter()
    second = _serve(home)
    _, errors = second.communicate(timeout=START)
    taken = time.perf_counter() - began
    case.say(errors.strip().splitlines()[-1] if errors.strip() else "the second server said nothing")
    case.all_of("the second server refuses in a sentence", int(second.returncode == 1 and "already" in errors), 1)
    case.must("the second server has ended, from its start", taken, SECOND)
    first.send_signal(signal.SIGKILL)
    first.wait()
    began = time.perf_counter()
    third = _serve(home)
    again = _address(third)
    case.must("a server after one that was killed", time.perf_counter() - began, TAKEN_OVER)
    case.all_of("servers that said their address", sum(map(bool, (told, again))), 2)
    third.kill()
    third.communicate()


def _serve(home: Path) -> "subprocess.Popen[str]":
    env = os.environ | {"MADOGUCHI_HOME": str(home), "MADOGUCHI_MODELS": str(Settings().models_folder)}
    own = [sys.executable, "-c", SERVE, "serve", "--port", "0"]
    return subprocess.Popen(own, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # ourselves


def _address(server: "subprocess.Popen[str]") -> str:
    """Where it listens, once it says so."""
    assert server.stdout is not None
    return next((line for line in server.stdout if "http://" in line), "")


def _additions(case: Case, home: Path, count: int) -> None:
    """Two jobs that each add half of the documents, and after each bring the index up to date."""
    folder = case.folder / "T14-files"
    folder.mkdir()
    with home_open(home) as services:
        before = _indexed(services)

    def job(number: int) -> Any:
        def act(tell: Tell) -> None:
            sys.modules["index.library"].__dict__["parse_file"] = _in_process
            with home_open(home) as services:
                reviewer = services.accounts.user_by_name(REVIEWER)
                for each in range(count // JOBS):
                    path = folder / f"added{number}-{each}.txt"
                    path.write_text(f"Crate Heron{number}x{each} stands in row {each} of the store.", "utf-8")
                    done = services.documents.ingest(reviewer, path, DOMAIN)
                    services.index.refresh(services.database.read)
                    tell(f"{done.status} {path.name}")

        return act

    told = [line for said, _ in together([job(number) for number in range(JOBS)]) for line in said]
    added = JOBS * (count // JOBS)
    case.say(f"{dict(Counter(line.split()[0] for line in told))}")
    with home_open(home) as services:
        case.all_of("additions kept", _indexed(services) - before, added)
        looked = [(number, each) for number in range(JOBS) for each in range(0, count // JOBS, 10)]
        found = sum(_found_by_words(services, f"Heron{n}x{e}", f"added{n}-{e}.txt") for n, e in looked)
        case.all_of("of these found, every tenth looked for", found, len(looked))
        case.all_of("passages in the index on disk", *_on_disk(services, home))
        wrong = disagreements(services, home)
    case.must("files, rows and vectors that do not agree", len(wrong), 0, "")


def _found_by_words(services: Services, words: str, file: str) -> bool:
    """By words alone: to the mock encoder's vectors six hundred such sentences are much alike."""
    with services.database.read() as session:
        hits = services.index.search(session, words, operator(services).scope, mode="lexical")
    return file in {hit.passage.file for hit in hits}


def _in_process(path: Path, _name: str, *_watch: Any) -> list[Block]:
    """A text file's words without a child: what is tried here is who writes when."""
    return [Block("paragraph", path.read_text("utf-8"))]


def _indexed(services: Services) -> int:
    with services.database.read() as session:
        return session.scalar(select(func.count()).where(DocumentVersion.state == "indexed")) or 0


def _on_disk(services: Services, home: Path) -> tuple[int, int]:
    """Passages in the generation that the pointer leads to, and in the records."""
    disk = Generations(home / "index", services.encoder.identity, services.encoder.dimension)
    with services.database.read() as session:
        loaded = disk._load(revision(session))
        passages = session.scalar(select(func.count()).select_from(PassageRow)) or 0
    return (sum(len(shelf.ids) for shelf in loaded.shelves.values()) if loaded else 0), passages


def _promotions(case: Case, home: Path, rounds: int) -> None:
    """Two owners, each with a candidate that was compared with the same live version, in the same moment."""
    won, live, versions = [], 0, []
    with home_open(home) as services:
        owner = services.accounts.user_by_name(REVIEWER)
        for number in range(JOBS * rounds):
            versions.append(kept_version(services, owner, case.folder / f"T14-made{number}"))
    against = None
    for number in range(rounds):
        pair = versions[JOBS * number : JOBS * (number + 1)]
        at = time.time() + 1.0
        said = together([_promoting(home, version, against, at) for version in pair])
        winners = [line for lines, _ in said for line in lines if line in pair]
        won.append(len(winners))
        with home_open(home) as services, services.database.read() as session:
            rows = session.scalars(select(AdapterVersion.id).where(AdapterVersion.state == "live")).all()
            live += rows == winners
            intact = audit.verify(session).intact
        against = rows[0] if rows else None
    case.all_of("of two promotions exactly one won", won.count(1), rounds)
    case.all_of("the winner alone is live", live, rounds)
    case.all_of("the audit chain is whole", int(intact), 1)


def _promoting(home: Path, version: str, against: str | None, at: float) -> Any:
    def act(tell: Tell) -> None:
        with home_open(home) as services:
            owner = services.accounts.user_by_name(REVIEWER)
            time.sleep(max(0.0, at - time.time()))
            with suppress(Conflict):
                tell(services.adapter_versions.put_live(owner, version, 0.8, "a try", {"against": against}).id)

    return act
