"""When many ask at once: one too many is told so at once, nobody waits for ever, and whoever hangs up is let go."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from sqlalchemy import select

from assistant.access import User
from assistant.answer import Answer
from assistant.errors import BadInput, Busy, Conflict
from assistant.running import Running
from assistant.steps.write import Cancelled
from assistant.tables import Message, Ticket
from assistant.yielding import Yielding
from tests.assistant.conftest import Company

ASKER = User("someone", "Someone", {"people": "employee"})


class Slow:
    """An assistant whose answer takes until it is stopped."""

    def __init__(self) -> None:
        self.stopped = threading.Event()

    def ask(self, *_asked: Any, cancel: threading.Event, **_options: Any) -> Answer:
        """See `Assistant.ask`."""
        cancel.wait(30)
        self.stopped.set()
        raise Cancelled


def slow(places: int, seconds: float = 60.0) -> tuple[Running, Slow]:
    assistant = Slow()
    return Running(assistant, places, seconds), assistant  # type: ignore[arg-type]


def test_one_question_too_many_is_refused_at_once_and_taken_when_there_is_a_place_again() -> None:
    running, _ = slow(places=2)
    first, _second = (running.start("?", ASKER, None, None, "en") for _ in range(2))
    began = time.monotonic()
    with pytest.raises(Busy, match="ask a person"):
        running.start("?", ASKER, None, None, "en")
    assert time.monotonic() - began < 0.5
    first.cancel.set()
    with pytest.raises(Cancelled):
        first.result.result(5)
    time.sleep(0.1)  # the place is given back just after the result
    running.start("?", ASKER, None, None, "en")
    running.close()


def test_nobody_waits_beyond_the_time_limit_and_the_work_is_stopped() -> None:
    running, assistant = slow(places=1, seconds=0.5)

    async def wait() -> None:
        async for _ in running.start("?", ASKER, None, None, "en").stages():
            pass

    began = time.monotonic()
    with pytest.raises(Busy):
        asyncio.run(wait())
    assert time.monotonic() - began < 2
    assert assistant.stopped.wait(2)
    running.close()


def workers() -> int:
    """The threads that events, sign-in and everything else of a server share."""
    return sum(thread.name.startswith("AnyIO") for thread in threading.enumerate())


def test_whoever_waits_for_an_answer_holds_no_thread() -> None:
    running, _ = slow(places=100)

    async def wait() -> int:
        held = workers()
        runs = [running.start("?", ASKER, None, None, "en") for _ in range(100)]

        async def watch(run: Any) -> None:
            async for _ in run.stages():
                pass

        watching = [asyncio.create_task(watch(run)) for run in runs]
        await asyncio.sleep(0.3)
        more = workers() - held
        for task in watching:
            task.cancel()
        return more

    assert asyncio.run(wait()) == 0
    running.close()


def test_what_was_refused_can_go_straight_to_a_person_and_is_put_down_once(company: Company) -> None:
    services, asker = company.services, company.employee
    conversation, ticket = services.straight.ask("How long is parental leave?", asker, "people", None, "en")
    [waiting] = [one for one in services.desk.queue(company.reviewer) if one.id == ticket]
    assert (waiting.question, waiting.domain, waiting.kind) == ("How long is parental leave?", "people", "escalated")
    services.desk.answer(company.reviewer, ticket, "Fourteen months.")
    with services.database.read() as session:
        told = select(Message.author, Message.text).where(Message.conversation_id == conversation)
        said = [tuple(row) for row in session.execute(told.order_by(Message.ordinal))]
    assert said == [("employee", "How long is parental leave?"), ("assistant", ""), ("person", "Fourteen months.")]


def test_a_question_that_was_stopped_is_not_put_down_twice_when_a_person_gets_it(company: Company) -> None:
    services, asker = company.services, company.employee
    run = services.running.start("How long is parental leave?", asker, None, None, "en")
    run.cancel.set()
    with pytest.raises(Cancelled):
        run.result.result(30)
    assert run.progress is not None
    conversation, _ = services.straight.ask(
        "How long is parental leave? ", asker, None, run.progress.conversation, "en"
    )
    with services.database.read() as session:
        asked = select(Message.text).where(Message.conversation_id == conversation, Message.author == "employee")
        assert len(session.scalars(asked).all()) == 1


def test_a_question_without_words_goes_to_nobody(company: Company) -> None:
    with pytest.raises(BadInput):
        company.services.straight.ask("…", company.employee, None, None, "en")
    with company.services.database.read() as session:
        assert session.scalars(select(Ticket)).all() == []


def test_who_has_too_many_questions_waiting_is_told_so_and_nothing_is_put_down(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.desk.WAITING_OF_ONE", 1)
    straight, asker = company.services.straight, company.employee
    first = straight.ask("How long is parental leave?", asker, "people", None, "en")
    with pytest.raises(Conflict):
        straight.ask("And for fathers?", asker, "people", None, "en")
    with company.services.database.read() as session:
        said = session.execute(select(Message.conversation_id, Message.text).where(Message.author == "employee"))
        assert [tuple(row) for row in said] == [(first[0], "How long is parental leave?")]


@pytest.fixture
def training() -> Iterator[psutil.Process]:
    """A process that works."""
    process = subprocess.Popen([sys.executable, "-c", "import time\nwhile True: time.sleep(0.05)"])
    yield psutil.Process(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_training_stands_still_while_many_ask_and_goes_on_after(
    training: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.yielding.CALM_SECONDS", 0.2)
    crowded = [True]
    yielding = Yielding(lambda: training, lambda: crowded[0])
    yielding.turn()
    assert _settled(training, psutil.STATUS_STOPPED)
    crowded[0] = False
    yielding.turn()
    assert training.status() == psutil.STATUS_STOPPED  # for a while after: the next burst may be near
    time.sleep(0.25)
    yielding.turn()
    assert not _settled(training, psutil.STATUS_STOPPED, seconds=0.3)


def test_a_training_that_was_left_standing_still_goes_on_when_it_is_watched_again(training: psutil.Process) -> None:
    training.suspend()
    assert _settled(training, psutil.STATUS_STOPPED)
    Yielding(lambda: training, lambda: False)
    assert not _settled(training, psutil.STATUS_STOPPED, seconds=0.3)


def _settled(process: psutil.Process, status: str, seconds: float = 2.0) -> bool:
    """Whether a process comes to a state."""
    until = time.monotonic() + seconds
    while process.status() != status and time.monotonic() < until:
        time.sleep(0.02)
    return bool(process.status() == status)
