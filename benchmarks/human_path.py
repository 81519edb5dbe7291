"""Questions on their way to a person, whatever happens to the machine: `python -m benchmarks.human_path`.

RELIABILITY T15. On the example company with mock models, a process asks, asks for a person and answers at the desk,
telling each thing that it has been promised; it is killed (SIGKILL) at random moments, stopped for a while (SIGSTOP)
once, and from half-way on its clock is an hour back. Then the only reviewer is deleted. Prints how many questions were
lost, answered twice or released without a person, whether order and waiting times are right, who sees them, and
whether the alarm goes off. Exit code 1 where anything is not as it must be.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

from sqlalchemy import func, select, update

from assistant import clock
from assistant.errors import Conflict
from assistant.example import load_example
from assistant.outbox import tell_overdue
from assistant.services import Services
from assistant.settings import Settings
from assistant.tables import AnswerRecord, Message, Notice, Ticket
from benchmarks.company import EXAMPLES
from benchmarks.many_people import PASSWORD, opened

QUESTION = "What is the moon made of, and who may eat it on Tuesdays?"  # no document says; number {n} makes it another
DOMAIN = "people"
ASKERS = 10


def work(home: Path, seed: int, *, hour_back: bool) -> None:
    """The process that is killed: ask, have a person asked, answer what waits; tell what is promised."""
    if hour_back:
        read = clock._read
        clock._read = lambda: read() - timedelta(hours=1)
    services = opened(home, "mock")
    draw = random.Random(seed)
    # one person may have fifty questions wait
    asker, reviewer = (services.accounts.user_by_name(name) for name in (f"asker{seed % ASKERS}", "reviewer"))
    print("ready", flush=True)
    for number in range(1_000):
        answer = services.assistant.ask(f"{QUESTION} ({seed}-{number})", asker, DOMAIN, language="en")
        ticket = answer.ticket or services.desk.escalate(asker, answer.id)
        print("opened", ticket, flush=True)
        if draw.random() < 0.4:
            waiting = services.desk.queue(reviewer)
            chosen, reply = draw.choice(waiting[:5]).id, f"Reply {uuid4().hex}"
            services.desk.claim(reviewer, chosen)
            services.desk.answer(reviewer, chosen, reply)
            print("answered", chosen, reply, flush=True)
            try:
                services.desk.answer(reviewer, chosen, "once more")
                print("twice", chosen, flush=True)
            except Conflict:
                pass


def told_by(process: "subprocess.Popen[str]") -> list[list[str]]:
    """What a killed process had said, line by line; the last may be cut off."""
    said, _ = process.communicate()
    return [line.split(maxsplit=2) for line in said.splitlines(keepends=True) if line.endswith("\n")]


def run_through(home: Path, wanted: int, stopped_seconds: float) -> list[list[str]]:
    """Kill one process after another until so many questions have been put before a person."""
    told: list[list[str]] = []
    draw, seed = random.Random(15), 0
    while (count := sum(line[0] == "opened" for line in told)) < wanted:
        late = count >= wanted / 2
        own = [sys.executable, "-m", "benchmarks.human_path", "--work", str(home), str(seed)] + ["--back"] * late
        process = subprocess.Popen(own, stdout=subprocess.PIPE, text=True)  # ourselves
        assert process.stdout is not None
        process.stdout.readline()  # it is ready
        time.sleep(draw.uniform(0.05, 0.8))
        if seed == 1:
            process.send_signal(signal.SIGSTOP)
            time.sleep(stopped_seconds)
            process.send_signal(signal.SIGCONT)
            time.sleep(0.5)
        process.kill()
        told += told_by(process)
        seed += 1
    print(f"{seed} processes killed, one stopped for {stopped_seconds:.0f} s before; clock an hour back from half-way")
    return told


def failures(services: Services, told: list[list[str]]) -> list[str]:
    """What the records have otherwise than was promised."""
    wrong = [f"answered twice: {line[1]}" for line in told if line[0] == "twice"]
    with services.database.read() as session:
        tickets = {one.id: one for one in session.scalars(select(Ticket))}
        replies = Counter(session.scalars(select(Message.text).where(Message.author == "person")))
        held = session.scalar(select(func.count()).where(AnswerRecord.status == "held"))
        of_held = sum(one.kind == "held" for one in tickets.values())
        doubled = Counter(one.answer_id for one in tickets.values())
    opened_in_order = [line[1].strip() for line in told if line[0] == "opened"]
    wrong += [f"lost: ticket {key}" for key in opened_in_order if key not in tickets]
    wrong += [f"two tickets for answer {key}" for key, count in doubled.items() if count > 1]
    if held != of_held:
        wrong.append(f"{held} answers are held, {of_held} tickets wait for them")
    for _, key, reply in (line for line in told if line[0] == "answered"):
        if tickets[key].reply != reply.strip() or replies[reply.strip()] != 1:
            wrong.append(f"lost or doubled: the reply to {key}")
    answered = sum(one.state == "answered" for one in tickets.values())
    if answered != replies.total():
        wrong.append(f"{answered} tickets are answered, {replies.total()} replies stand in conversations")
    known = [tickets[key] for key in opened_in_order if key in tickets]
    if not all(a.created_at < b.created_at and a.due_at <= b.due_at for a, b in pairwise(known)):
        wrong.append("the order of waiting is not that of asking")
    return wrong


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--stopped", type=float, default=60.0, help="seconds for which one process is stopped")
    parser.add_argument("--work", nargs=2, metavar=("HOME", "SEED"), help=argparse.SUPPRESS)
    parser.add_argument("--back", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work(Path(given.work[0]), int(given.work[1]), hour_back=given.back)
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        services = opened(home, "mock")
        load_example(services, EXAMPLES, lambda _line: None)
        for name in ("reviewer", "root", *(f"asker{number}" for number in range(ASKERS))):
            account = services.accounts.create(
                "benchmark", name, PASSWORD, administrator=name == "root", must_change=False
            )
            if name != "root":
                role = "reviewer" if name == "reviewer" else "employee"
                services.accounts.set_role("benchmark", account, DOMAIN, role)
        services.close()
        told = run_through(home, given.questions, given.stopped)
        services = opened(home, "mock")
        wrong = failures(services, told)
        reviewer, root = (services.accounts.user_by_name(name) for name in ("reviewer", "root"))
        waiting = services.desk.open_count(reviewer)
        before = services.desk.open_count(root)
        services.accounts.disable("benchmark", str(reviewer.account))
        began = time.monotonic()
        after = services.desk.open_count(root)
        seen = time.monotonic() - began
        if (before, after) != (0, waiting):
            wrong.append(f"of {waiting} waiting questions the administrator sees {before} before and {after} after")
        with services.database.transaction("benchmark", "time passes") as change:
            change.session.execute(update(Ticket).values(due_at=clock.now() - timedelta(minutes=1)))
            change.record("time.passed", "ticket", "all")
        settings = Settings(home=home, webhooks="http://127.0.0.1:9/hook")
        while tell_overdue(services.database, settings):
            pass
        with services.database.read() as session:
            alarms = session.scalar(select(func.count()).where(Notice.event == "overdue")) or 0
        if alarms != waiting:
            wrong.append(f"{alarms} alarms for {waiting} questions past their time")
        intact = services.audit_log.verify(root).intact
        services.close()
    counted = Counter(line[0] for line in told)
    print(f"{counted['opened']} questions put before a person, {counted['answered']} answered")
    print(f"reviewer deleted: {waiting} waiting questions seen by an administrator after {seen:.2f} s; {alarms} alarms")
    print(f"audit chain intact: {intact}; lost, doubled, released or out of order: {len(wrong)}")
    for line in wrong[:20]:
        print(f"  {line}")
    sys.exit(bool(wrong) or not intact)


if __name__ == "__main__":
    main()
