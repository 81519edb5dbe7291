"""T07: uploads, replacements and withdrawals killed while they are received, read, embedded and committed."""

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from assistant import audit
from assistant.documents import Upload
from assistant.services import Services
from benchmarks.fault_home import DOMAIN, REVIEWER, Case, home_open, names_found
from benchmarks.kill_points import KillPoint, Tell, forked, spread
from index.tables import DocumentVersion, PassageRow, PassageVector, Posting

RESTART = 30.0  # seconds
STAGES = ("receive", "parse", "embed", "commit")
KINDS = [(act, stage) for act in ("upload", "replace") for stage in STAGES] + [("withdraw", "commit")]
PARAGRAPHS = 60  # enough passages for several batches of vectors
READING = 0.4  # seconds that reading such a file takes


@dataclass
class Attempt:
    """One thing done to a document that is killed. number: of the document; old and new: words of its versions."""

    act: str
    stage: str
    number: int
    point: int

    @property
    def name(self) -> str:
        """The document's file name."""
        return f"hall{self.number}.txt"

    @property
    def asks(self) -> str:
        """A question that no other document is near to."""
        return f"Osprey{self.number}"

    def write(self, folder: Path, version: str) -> Path:
        """Its file in a version."""
        place = folder / version / self.name
        place.parent.mkdir(exist_ok=True)
        hall = f"Hall Osprey{self.number} has gate"
        gates = [f"{hall} {gate}, which closes at {gate} past nine, {version}. " * 8 for gate in range(PARAGRAPHS)]
        place.write_text("\n\n".join(gates), "utf-8")
        return place


def killed_documents(case: Case, count: int) -> None:
    """T07: uploads, replacements and withdrawals killed while received, read, embedded and committed."""
    home, draw = case.home("T07"), random.Random(7)
    (case.folder / "T07-files").mkdir()
    folder = case.folder / "T07-files"
    points: list[tuple[str, str, int]] = []
    for kind in range(len(KINDS)):
        act, stage = KINDS[kind]
        acts = _acts(home, folder, act, stage, 10_000 + kind)
        share = count // len(KINDS) + (kind < count % len(KINDS))
        points += [(act, stage, point) for point in spread(share, acts, draw)]
        case.say(f"{act}, {stage}: {acts} acts, {share} kills")
    draw.shuffle(points)
    ended, slowest, wrong = 0, 0.0, []
    for number, (act, stage, point) in enumerate(points):
        attempt = Attempt(act, stage, number, point)
        if act != "upload":
            _prepare(home, folder, attempt)
        said, code = _attempt(home, folder, attempt, draw.uniform(0.0, READING) if stage == "parse" else None)
        ended += code < 0
        began = time.perf_counter()
        with home_open(home) as services:
            _settle(services)
            slowest = max(slowest, time.perf_counter() - began)
            wrong += [f"{attempt}: {what}" for what in _wrong(services, home, attempt, said)]
    case.all_of("killed", ended, count)
    case.must("after the restart all is searchable or shown as failed, slowest", slowest, RESTART)
    case.must("lost, half there, disagreeing or left over", len(wrong), 0, "")
    for line in wrong[:20]:
        case.say(line)


def _acts(home: Path, folder: Path, act: str, stage: str, number: int) -> int:
    """How many acts a stage has where nobody kills it."""
    attempt = Attempt(act, stage, number, 0)
    if act != "upload":
        _prepare(home, folder, attempt)
    said, _ = _attempt(home, folder, attempt, None)
    return max(1, int(said[-1].split()[1]))


def _prepare(home: Path, folder: Path, attempt: Attempt) -> None:
    with home_open(home) as services:
        reviewer = services.accounts.user_by_name(REVIEWER)
        services.documents.ingest(reviewer, attempt.write(folder, "old"), DOMAIN)


def _attempt(home: Path, folder: Path, attempt: Attempt, after: float | None) -> tuple[list[str], int]:
    """Do it in a child and kill it. `after`: seconds from when reading begins; else at the attempt's act."""

    def act(tell: Tell) -> None:
        kill = KillPoint(home, attempt.point if after is None else 0)
        with home_open(home) as services:
            kill.hear(services.database.engine)
            _do(services, folder, attempt, kill, tell)
        if after is not None:
            time.sleep(READING)  # the kill is on its way
        tell(f"acts {kill.acts}")

    return forked(act, after)


def _do(services: Services, folder: Path, attempt: Attempt, kill: KillPoint, tell: Tell) -> None:
    reviewer = services.accounts.user_by_name(REVIEWER)
    if attempt.act == "withdraw":
        document = services.documents.find(reviewer, attempt.name).id
        with kill.during():
            services.document_care.withdraw(reviewer, document)
            tell("done")
        return
    path = attempt.write(folder, "new")
    kill.armed = attempt.stage == "receive"
    if attempt.act == "upload":
        taken = services.documents.upload(reviewer, path, Upload(path.name, DOMAIN))
    else:
        taken = services.documents.replace(reviewer, services.documents.find(reviewer, attempt.name).id, path)
    kill.armed = False
    if attempt.stage != "parse":
        tell("taken")  # a kill in the parse stage waits for the first word
    _arm(services, attempt.stage, kill, tell)
    services.ingestion.settle(str(taken.version_id))
    services.index.refresh(services.database.read)
    kill.armed = False


def _arm(services: Services, stage: str, kill: KillPoint, tell: Tell) -> None:
    """Let the kill point hear a stage of reading."""
    library: Any = services.index.library
    if stage == "parse":
        reading: Any = sys.modules["index.library"]
        parse = reading.parse_file

        def parsed(*given: Any) -> Any:
            tell("taken")
            return parse(*given)

        reading.parse_file = parsed
    if stage == "embed":
        library._encode = _armed(library._encode, kill)
    if stage == "commit":
        publish = library.publish

        def published(*given: Any) -> Any:
            kill.armed = True
            return publish(*given)

        library.publish = published


def _armed(encode: Callable[..., Any], kill: KillPoint) -> Callable[..., Any]:
    def encoded(*given: Any) -> Any:
        with kill.during():
            kill.act()
            found = encode(*given)
            kill.act()
        return found

    return encoded


def _settle(services: Services) -> None:
    """Wait until nothing waits, as after a restart."""
    services.ingestion.start()
    until = time.monotonic() + 2 * RESTART
    while time.monotonic() < until:
        with services.database.read() as session:
            waiting = session.scalar(select(func.count()).where(DocumentVersion.state.in_(("queued", "indexing"))))
        if not waiting:
            services.ingestion.close()  # after its sweep
            return
        time.sleep(0.05)


def _wrong(services: Services, home: Path, attempt: Attempt, said: list[str]) -> list[str]:
    """What is not as it must be after the restart."""
    wrong = []
    reviewer = services.accounts.user_by_name(REVIEWER)
    rows = {row.filename: row for row in services.documents.listing(reviewer)}
    row, told = rows.get(attempt.name), bool({"taken", "done"} & set(said))
    found = attempt.name in names_found(services, attempt.asks)
    if attempt.act == "withdraw":
        if (told and (row or found)) or bool(row) != found:
            wrong.append("withdrawn and still there, or there and not found")
    elif row is None or (attempt.act == "replace" and told and row.latest.number == 1):
        if told or (found and row is None):
            wrong.append("acknowledged and gone")
    elif row.latest.state == "failed":
        services.documents.ask_again(reviewer, row.latest.id)  # shown as failed, with retry
        if services.ingestion.settle(row.latest.id).state != "indexed":
            wrong.append("failed, and again when asked")
    elif row.latest.state != "indexed" or not found:
        wrong.append(f"{row.latest.state}, found: {found}")
    elif _versions_of(services, row.id) != {"old" if (attempt.act, row.latest.number) == ("replace", 1) else "new"}:
        wrong.append("not one whole version")
    return wrong + disagreements(services, home)


def _versions_of(services: Services, document: str) -> set[str]:
    with services.database.read() as session:
        texts = [passage.text for passage in services.index.of_document(session, document)]
    return {version for version in ("old", "new") for text in texts if f", {version}." in text}


def disagreements(services: Services, home: Path) -> list[str]:
    """Where files, rows and vectors do not agree."""
    wrong = []
    with services.database.read() as session:
        held = dict(session.execute(select(PassageRow.version_id, func.count()).group_by(PassageRow.version_id)).all())
        versions = session.scalars(select(DocumentVersion)).all()
        wrong += [
            f"version {one.id} is {one.state} and has {held.get(one.id, 0)} of {one.passages} passages"
            for one in versions
            if held.get(one.id, 0) != (one.passages if one.state == "indexed" else 0)
        ]
        passages = set(session.scalars(select(PassageRow.id)))
        if set(session.scalars(select(PassageVector.passage_id))) != passages:
            wrong.append("vectors and passages differ")
        if not set(session.scalars(select(Posting.passage_id).distinct())) <= passages:
            wrong.append("postings of no passage")
        known = {one.path for one in versions}
        if not audit.verify(session).intact:
            wrong.append("the audit chain is broken")
    documents = home / "documents"
    there = {path.relative_to(documents).as_posix() for path in documents.glob("??/*")}
    wrong += [f"an original is gone: {path}" for path in known - there]
    wrong += [f"an orphan: {path}" for path in there - known]
    wrong += [f"left over: {path.name}" for kind in (".half-*", ".new-*") for path in documents.glob(kind)]
    return wrong
