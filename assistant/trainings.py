"""Training runs of the departments: checked, started in a process of their own, watched, paused, taken up again.

The process trains and knows no records; what it made becomes a candidate here. A run outlives a page and a restart:
its folder holds all that is needed to go on, its row what became of it.
"""

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import psutil
from sqlalchemy import select

from adapters import job as jobs
from adapters.example_checks import NEVER_LEARNT
from adapters.tables import TrainingRun
from adapters.training import Step
from adapters.version_folder import Part
from assistant.access import User
from assistant.database import Change, Database
from assistant.errors import BadInput, Conflict, NotFound, Refusal
from assistant.examples import ExampleInfo, Examples
from assistant.lessons import METHODS, PARTS, RANK, Lessons
from assistant.settings import Settings
from assistant.training_costs import Cost, cost, free_memory
from assistant.versions import SHIPPED, Versions
from assistant.yielding import Yielding
from index import Index, Keyring

MINUTES = 30.0
TUNING = 24  # questions of the calibration split by which a training is stopped
RECENT = 50  # finished runs by which a new one's cost is told
POLL_SECONDS = 0.5
ROOM_SECONDS = 2.0  # between two looks whether a full disk has room again
PID = "pid.json"
JOB = "job.json"  # what to do; sealed, for it holds the examples
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunInfo:
    """A training run. steps: how far it is, one entry a report; result: what it cost, once it is over."""

    id: str
    domain: str
    state: str
    settings: dict[str, Any]
    version: str | None
    error: str | None
    created_by: str
    created_at: datetime
    steps: list[Step]
    result: dict[str, Any] | None


class Trainings:
    """The training runs of one home."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        keys: Keyring,
        index: Index,
        examples: Examples,
        versions: Versions,
        crowded: Callable[[], bool] = lambda: False,
    ) -> None:
        """`crowded`: whether so many questions are being answered that a training should stand still."""
        self._database = database
        self._settings = settings
        self._keys = keys
        self._folder = settings.home / "training"
        self._examples = examples
        self._lessons = Lessons(database, settings, index, examples, versions)
        self._versions = versions
        self._crowded = crowded
        self._watchers: dict[str, threading.Thread] = {}
        self._stop = threading.Event()

    def start(
        self,
        user: User,
        domain: str,
        *,
        method: str = "lora",
        part: Part = "reader",
        examples: int | None = None,
        minutes: float = MINUTES,
        start: str = SHIPPED,
        override: str | None = None,
    ) -> RunInfo:
        """Check the examples and start to learn from them.

        Args:
            part: the reader, which finds what answers, or the writer, which words it.
            examples: only so many of the approved ones, drawn by a seed; for learning curves.
            minutes: the budget; the best weights so far are kept when it is spent.
            start: 'shipped', or a version that is trained further. The new version takes over the other part of that
                version, or of the live one.
            override: an owner's reason to train in spite of severe findings; goes on record. Examples with personal
                data or secrets are left out all the same, and, where there are too many of one person's, one's own:
                for these somebody else has to stand.

        Raises: NotFound, NotAllowed (below owner), BadInput, Conflict (a training runs), Refusal (severe findings; all
            that there is to learn is the owner's own).
        """
        user.require("owner", domain)
        if method not in METHODS or part not in PARTS or (method != "lora" and (start != SHIPPED or part == "writer")):
            raise BadInput("unknown_method", methods=", ".join(METHODS), parts=", ".join(PARTS))
        if (examples is not None and examples < 1) or minutes <= 0:
            raise BadInput("bad_budget")
        if part == "reader" and self._settings.reader == "none":
            raise BadInput("no_reader_to_train")
        severe = [finding for finding in self._examples.check(user, domain) if finding.severity == "severe"]
        private = {row for finding in severe if finding.kind in NEVER_LEARNT for row in finding.rows}
        too_many = {row for finding in severe if finding.kind == "one_person" for row in finding.rows}
        approved = self._lessons.learnt(domain, part)
        own = {one.id for one in approved if one.id in too_many and one.approver == user.id}
        learnt = [one for one in approved if one.id not in private | own]
        if approved and severe and not (override or "").strip():
            raise Refusal("findings_stop", count=len(severe), domain=domain)
        if own and not any(one.evidence for one in learnt):
            raise Refusal("all_ones_own", domain=domain)
        if not any(one.evidence for one in learnt):
            raise BadInput("nothing_to_learn", domain=domain)
        if examples is not None:
            learnt = Random(0).sample(  # noqa: S311  # a draw, not a secret
                sorted(learnt, key=lambda one: one.id), min(examples, len(learnt))
            )
        expected = self._cost(user, domain, part, method, len(learnt), minutes)
        if not expected.fits:
            needed, free = expected.memory / 1e9, expected.free / 1e9
            raise Refusal("training_no_room", needed=f"{needed:.1f}", free=f"{free:.1f}")
        begun = None if start == SHIPPED else self._versions.get(user, start).id
        tuning = [one for one in _in_order(self._examples.calibration(domain)) if one.id not in private][:TUNING]
        job = self._lessons.job(domain, part, method, learnt, tuning, minutes, begun)
        settings = {
            "method": method,
            "part": part,
            "rank": RANK if method == "lora" else None,
            "start": start,
            "examples": len(learnt),
            "examples_hash": _digest(learnt),
            "example_ids": [one.id for one in learnt],
            "minutes": minutes,
            "override": override,
        }
        run = self._register(user, domain, settings, self._keys.sealed(jobs.written(job)))
        self._launch(user, run)
        return self.get(user, run)

    def cost(
        self, user: User, domain: str, *, part: Part = "reader", method: str = "lora", minutes: float = MINUTES
    ) -> Cost:
        """What a training on the approved examples would take. Raises NotFound, NotAllowed (below owner)."""
        return self._cost(user, domain, part, method, len(self._lessons.learnt(domain, part)), minutes)

    def _cost(self, user: User, domain: str, part: Part, method: str, examples: int, minutes: float) -> Cost:
        """By the finished runs of all departments: what a machine needs is nobody's secret."""
        user.require("owner", domain)
        finished = select(TrainingRun).where(TrainingRun.state == "done").order_by(TrainingRun.created_at.desc())
        with self._database.read() as session:
            done = [(row.settings, self._result(row.id)) for row in session.scalars(finished.limit(RECENT))]
        known = [(one, result) for one, result in done if result]
        return cost(known, part, method, examples, minutes, free_memory())

    def follow(self, user: User, run: str, report: Callable[[Step], None] = lambda _step: None) -> RunInfo:
        """Wait until a run is over or paused, reporting each of its steps."""
        told = 0
        while True:
            info = self.get(user, run)
            for step in info.steps[told:]:
                report(step)
            told = len(info.steps)
            if info.state != "running":
                return info
            time.sleep(POLL_SECONDS)

    def get(self, user: User, run: str) -> RunInfo:
        """One run. Raises NotFound."""
        with self._database.read() as session:
            row = session.get(TrainingRun, run)
        if row is None or not user.may("owner", row.domain):
            raise NotFound("unknown_run", run=run)
        return self._info(row)

    def listing(self, user: User, domain: str) -> list[RunInfo]:
        """A department's runs, newest first. Raises NotFound, NotAllowed (below owner)."""
        user.require("owner", domain)
        with self._database.read() as session:
            rows = select(TrainingRun).where(TrainingRun.domain == domain).order_by(TrainingRun.created_at.desc())
            return [self._info(row) for row in session.scalars(rows)]

    def pause(self, user: User, run: str) -> None:
        """Stop a run so that it can be taken up again; at most the steps since its last checkpoint are done again."""
        self._end(user, run, "paused", before=("running",))

    def cancel(self, user: User, run: str) -> None:
        """Stop a run for good; nothing of it is left but its row."""
        self._end(user, run, "cancelled", before=("running", "paused"))
        shutil.rmtree(self._folder / run, ignore_errors=True)

    def resume(self, user: User, run: str) -> RunInfo:
        """Take up a paused run. Raises NotFound, Conflict (it is not paused, or another one runs)."""
        info = self.get(user, run)
        with self._database.transaction(user.actor, "training resumed") as change:
            row = change.session.get_one(TrainingRun, info.id)
            if row.state != "paused":
                raise Conflict("run_not_paused", state=row.state)
            _refuse_second(change.session, info.id)
            row.state = "running"
            change.record("training.resumed", "training", row.id, {"state": "paused"}, {"state": "running"})
        self._launch(user, run)
        return self.get(user, run)

    def recover(self) -> None:
        """After a restart: watch the runs whose process lives, finish those that are done, pause the others."""
        with self._database.read() as session:
            rows = list(session.scalars(select(TrainingRun).where(TrainingRun.state == "running")))
        for row in rows:
            if _process(self._folder / row.id) or (self._folder / row.id / jobs.RESULT).exists():
                self._watch(_system(row.domain, row.created_by), row.id)
            else:
                self._close(_system(row.domain, row.created_by), row.id, "paused")

    def close(self) -> None:
        """Leave the runs to themselves; the next start takes them up."""
        self._stop.set()
        for watcher in self._watchers.values():
            watcher.join()

    def _register(self, user: User, domain: str, settings: dict[str, Any], job: bytes) -> str:
        """A new run with its folder: both or neither."""
        with ExitStack() as undone:
            with self._database.transaction(user.actor, settings["override"] or "training started") as change:
                _refuse_second(change.session, None)
                row = TrainingRun(
                    domain=domain, state="running", settings=settings, version=None, error=None, created_by=user.actor
                )
                change.session.add(row)
                change.session.flush()
                after = {name: settings[name] for name in ("method", "examples", "examples_hash", "start")}
                change.record("training.started", "training", row.id, after=after | {"domain": domain})
                folder = self._folder / row.id
                undone.callback(shutil.rmtree, folder, ignore_errors=True)
                folder.mkdir(parents=True, exist_ok=True)
                (folder / JOB).write_bytes(job)
            undone.pop_all()  # on record: the folder stays
        return row.id

    def _launch(self, user: User, run: str) -> None:
        folder = self._folder / run
        part = self.get(user, run).settings["part"]
        with self._keys.opened(folder / JOB) as clear, clear.open("rb") as job, (folder / "log.txt").open("ab") as out:
            process = subprocess.Popen(  # our own module, our own folder
                [sys.executable, "-m", f"adapters.{part}_job", str(folder)],
                stdin=job,
                stdout=out,
                stderr=out,
                cwd=Path(__file__).parent.parent,
                env=os.environ | {"OMP_WAIT_POLICY": "passive"},
                start_new_session=True,  # Ctrl-C reaches this process alone, which pauses the run
            )
        started = psutil.Process(process.pid).create_time()
        try:
            (folder / PID).write_text(json.dumps({"pid": process.pid, "started": started}), "utf-8")
        except OSError as error:  # a full disk: after a restart nobody would find the process again
            log.warning("training %s is ended: %s", run, error)
            process.kill()
        self._watch(user, run, process)

    def _watch(self, user: User, run: str, process: "subprocess.Popen[bytes] | None" = None) -> None:
        watcher = threading.Thread(target=self._await, args=(user, run, process), name=f"training-{run}", daemon=True)
        self._watchers[run] = watcher
        watcher.start()

    def _await(self, user: User, run: str, process: "subprocess.Popen[bytes] | None") -> None:
        folder = self._folder / run
        yielding = Yielding(partial(_process, folder), self._crowded)
        while process.poll() is None if process else _process(folder) is not None:
            yielding.turn()
            if self._stop.wait(POLL_SECONDS):
                yielding.go_on()
                return
        while not self._finished(user, run) and not self._stop.wait(ROOM_SECONDS):
            pass

    def _finished(self, user: User, run: str) -> bool:
        """Put on record what a run made; False where there is no room for that now."""
        try:
            self._finish(user, run)
        except Refusal as error:
            log.warning("what training %s made waits for room: %s", run, error)
            return False
        except Exception:  # border: a watcher's thread
            log.exception("training %s", run)
            self._close(user, run, "failed", "unexpected")
        return True

    def _finish(self, user: User, run: str) -> None:
        folder = self._folder / run
        info = self.get(user, run)
        if info.state != "running":  # paused or cancelled: its process was ended
            return
        if info.result is None:
            failure = folder / jobs.FAILURE
            code = json.loads(failure.read_text("utf-8"))["code"] if failure.exists() else "killed"
            self._close(user, run, "paused" if code == "killed" else "failed", code)
            return
        lineage = {name: value for name, value in info.settings.items() if name != "minutes"} | info.result
        with self._database.transaction(user.actor, "training done") as change:
            row = change.session.get_one(TrainingRun, run, with_for_update=True)
            if row.state != "running":  # paused or cancelled since: no version comes of that
                return
            made = self._versions.keep_within(change, user, info.domain, folder / jobs.MADE, lineage | {"run": run})
            _ended(change, row, "done", version=made.id)
        for over in ("training", jobs.MADE):
            shutil.rmtree(folder / over, ignore_errors=True)

    def _end(self, user: User, run: str, state: str, before: Sequence[str]) -> None:
        self.get(user, run)  # theirs to end
        if not self._close(user, run, state, before=before):
            raise Conflict("run_is_over", state=self.get(user, run).state)
        process = _process(self._folder / run)
        if process is not None:
            process.terminate()
            process.resume()  # one that stands still would not hear of it
            psutil.wait_procs([process], timeout=10)
        if run in self._watchers:  # of the ended process: it must not take the end for that of one started since
            self._watchers.pop(run).join()

    def _close(
        self,
        user: User,
        run: str,
        state: str,
        error: str | None = None,
        before: Sequence[str] = ("running",),
    ) -> bool:
        """Put on record that a run ended; False where it is in none of the states `before`, so ended otherwise."""
        with self._database.transaction(user.actor, f"training {state}") as change:
            row = change.session.get_one(TrainingRun, run, with_for_update=True)
            if row.state not in before:
                return False
            _ended(change, row, state, error)
            return True

    def _info(self, row: TrainingRun) -> RunInfo:
        return RunInfo(
            id=row.id,
            domain=row.domain,
            state=row.state,
            settings=row.settings,
            version=row.version,
            error=row.error,
            created_by=row.created_by,
            created_at=row.created_at,
            steps=_steps(self._folder / row.id / jobs.PROGRESS),
            result=self._result(row.id),
        )

    def _result(self, run: str) -> dict[str, Any] | None:
        """What a finished training cost; it is written in one piece."""
        path = self._folder / run / jobs.RESULT
        return json.loads(path.read_text("utf-8")) if path.exists() else None


def _ended(change: Change, row: TrainingRun, state: str, error: str | None = None, version: str | None = None) -> None:
    change.record("training.ended", "training", row.id, {"state": row.state}, {"state": state, "version": version})
    row.state, row.error, row.version = state, error, version


def _in_order(examples: Sequence[ExampleInfo]) -> list[ExampleInfo]:
    """In an order that says nothing, the same every time."""
    return sorted(examples, key=lambda one: hashlib.sha256(one.question.encode()).digest())


def _digest(examples: Sequence[ExampleInfo]) -> str:
    told = sorted(
        f"{one.question}\n{one.answer}\n{one.facts}\n{[p['quote'] for p in one.evidence]}" for one in examples
    )
    return hashlib.sha256("\n\n".join(told).encode()).hexdigest()


def _refuse_second(session: Any, own: str | None) -> None:
    running = session.scalar(
        select(TrainingRun.id).where(TrainingRun.state == "running", TrainingRun.id != (own or ""))
    )
    if running is not None:
        raise Conflict("training_runs")


def _system(domain: str, actor: str) -> User:
    """Whoever started a run, as far as finishing it needs."""
    kind, _, name = actor.partition(":")
    return User(name if kind == "user" else None, name, {domain: "owner"})


def _process(folder: Path) -> psutil.Process | None:
    """The process of a run, while it lives: its number may meanwhile be another's."""
    try:
        told = json.loads((folder / PID).read_text("utf-8"))
        process = psutil.Process(told["pid"])
        alive = abs(process.create_time() - told["started"]) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, KeyError, psutil.Error):
        return None
    return process if alive else None


def _steps(path: Path) -> list[Step]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return []
    return [Step(**json.loads(line)) for line in lines if line.endswith("}")]
