"""Fifty employees and five reviewers at once: `python -m benchmarks.many_people [--minutes 10] [--people 50]`.

A server process on the example company with real search and records and mock models (`--encoder real`: the embedded
encoder, whose work is then part of what is measured); every person has a page open, speaks to it as a browser does
(`page_client`), asks, asks for a person, flags, waits for the reply; reviewers take what waits, also two the same.
Prints how long each kind of page action took, what failed, and whether every ticket and reply is recorded exactly once.
"""

import argparse
import asyncio
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4
from zlib import crc32

import httpx
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from adapters import Marking
from adapters.questions import read_questions
from assistant.commands.server import run
from assistant.example import load_example
from assistant.pages.desk_page import LOOK_SECONDS as DESK_LOOKS
from assistant.services import Services
from assistant.settings import Settings
from assistant.tables import AnswerRecord, Message, Ticket
from assistant.web.session import COOKIE
from assistant.wording import Language, say
from benchmarks.company import EXAMPLES
from benchmarks.page_client import LIMITS, OpenPage, PageError
from index import terms

QUESTIONS = EXAMPLES / "questions.jsonl"
PASSWORD = "correct horse battery"  # noqa: S105  # of people who live for ten minutes
THINKING = (6.0, 20.0)  # seconds that a person reads and writes between two things
DOUBLES = 3  # reviewers take one of so many that wait longest: often the same
DIMENSION = 384  # of the mock encoder's vectors


@lru_cache(maxsize=50_000)
def of_word(word: str) -> NDArray[np.float32]:
    """A vector (D,) that the word's hash draws."""
    return np.random.default_rng(crc32(word.encode())).standard_normal(DIMENSION, np.float32)


class MockEncoder:
    """Vectors in no time: a text is the sum of its words'."""

    identity, dimension = "mock", DIMENSION

    def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """See `adapters.Encoder.encode`."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        sums = np.stack([sum((of_word(word) for word in terms(text)), of_word("")) for text in texts])
        return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), np.float32)

    def count_tokens(self, text: str) -> int:
        """About as many as the embedded encoder's."""
        return len(text) // 3 + 1


class MockReader:
    """Reads in no time: the sentence that shares most words with the question is the answer."""

    identity = "mock"

    def read(
        self, question: str, passages: Sequence[tuple[str, str]], _adapters: Sequence[Path | None] = ()
    ) -> list[list[Marking]]:
        """See `adapters.Reader.read`."""
        asked = set(terms(question))
        return [[self._marking(asked, text)] for _, text in passages]

    def _marking(self, asked: set[str], text: str) -> Marking:
        cut = [0, *(n + 1 for n, c in enumerate(text) if c in "。.\n"), len(text)]
        places = np.array([(a, b) for a, b in pairwise(cut) if b > a] or [(0, 0)], np.int64)
        shared = np.array([len(asked & set(terms(text[a:b]))) for a, b in places], np.float64)
        share = np.exp(4 * shared) / np.exp(4 * shared).sum()
        return Marking(float(2 * shared.max() - 3), places, share, share)


class MockReranker:
    """Finds every sentence as good as any."""

    identity = "mock"

    def odds(self, _question: str, sentences: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """See `adapters.Reranker.odds`."""
        return np.zeros(len(sentences))


@dataclass
class Seen:
    """What the people of this run did and saw."""

    opened: int = 0  # questions that a page said are with a person
    sent: dict[str, float] = field(default_factory=dict)  # reply -> when its reviewer's page confirmed it
    arrived: dict[str, float] = field(default_factory=dict)  # reply -> when its asker's page showed it
    refused: int = 0  # replies to what another had answered
    errors: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def opened(home: Path, encoder: str, port: int = 0, key_file: Path | None = None, **others: Any) -> Services:
    """Services with mock models. `others`: settings that differ."""
    values: dict[str, Any] = {
        "home": home,
        "models": Settings().models_folder,
        "writer": "quote",
        "port": port,
        "key_file": key_file,
    }
    services = Services(Settings(**(values | others)))
    services.__dict__ |= {"span_reader": MockReader(), "reranker": MockReranker(), "matcher": MockReranker()}
    if encoder == "mock":
        services.__dict__["encoder"] = MockEncoder()
    return services


def serve(services: Services, port: int) -> None:
    """The server process."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        run(services, listener)


@dataclass
class Person:
    """Somebody at a page, with a look every so often as the page's script and timers have it."""

    name: str
    language: Language
    page: OpenPage
    seen: Seen
    draw: random.Random
    thinking: tuple[float, float] = THINKING

    def label(self, key: str) -> str:
        """The page's own word."""
        return say(self.language, key)

    async def think(self, until: float) -> bool:
        """Read and write for a while; the page goes on looking. False where the time is over: nobody does anything
        any more, or everybody would at the same moment.
        """
        ends = min(until, time.monotonic() + self.draw.uniform(*self.thinking))
        pause = DESK_LOOKS if self.page.find("timer") else 1.0
        while (left := ends - time.monotonic()) > 0:
            await asyncio.sleep(min(pause, left))
            pause = await self.page.look() or DESK_LOOKS
            for timer in self.page.find("timer"):
                await self.page.fire(timer, "tick", "list anew")
            for reply in [one for one in self.seen.sent if one not in self.seen.arrived and self.page.shown(one)]:
                self.seen.arrived[reply] = time.monotonic()
        return ends < until

    async def press(self, key: str, called: str) -> bool:
        """Press the last button of that name; False where there is none."""
        found = self.page.find("button", self.label(key))
        if found:
            await self.page.fire(found[-1], "click", called)
        return bool(found)

    async def ask(self, questions: Sequence[str], until: float) -> None:
        """An employee: ask, think, and have a person look at it more often than not."""
        await self.page.load()
        while time.monotonic() < until:
            box = self.page.find("textbox", self.label("ask.question"))[0]
            self.page.values[box] = self.draw.choice(questions)
            judged = len(self.page.find("button", self.label("ask.wrong")))
            await self.press("ask.send", "ask")
            if not await self.think(until):
                return
            # a held answer has no such button: the last one is an older answer's, which a person may have by now
            newest = len(self.page.find("button", self.label("ask.wrong"))) > judged
            await (self._flag() if newest and self.draw.random() < 0.4 else self._escalate())
            if await self.think(until) and self.draw.random() < 0.3:
                await self.press("ask.new", "new conversation")

    async def _flag(self) -> None:
        if await self.press("ask.wrong", "wrong"):
            words = self.page.find("textbox", self.label("ask.correction"))[-1]
            self.page.values[words] = "It is forty days. <b>&</b> 四十日"
            await self.press("ask.send_flag", "flag")
            self._opened("ask.flagged")

    async def _escalate(self) -> None:
        buttons = self.page.find("button", self.label("ask.person"))
        if buttons and self.page.components[buttons[-1]]["props"].get("visible", True):
            await self.press("ask.person", "ask a person")
            self._opened("ask.waiting")

    def _opened(self, key: str) -> None:
        if self.page.shown(self.label(key)):
            self.seen.opened += 1
        else:
            told = [value for value in self.page.values.values() if isinstance(value, str) and "notice" in value]
            self.seen.errors.append(f"{self.name}: no '{self.label(key)}' on the page, but {told[-3:]}")

    async def review(self, until: float) -> None:
        """A reviewer: open one of those that wait longest, reply; others do the same."""
        await self.page.load()
        while time.monotonic() < until:
            queue = self.page.find("radio", self.label("desk.queue"))[0]
            waiting = self.page.choices(queue)
            if not waiting:
                await self.think(until)
                continue
            self.page.values[queue] = self.draw.choice(waiting[:DOUBLES])
            await self.page.fire(queue, "change", "open a question")
            if await self.think(until):
                await self._reply()

    async def _reply(self) -> None:
        boxes = self.page.find("textbox", self.label("desk.reply"))
        if not boxes:  # somebody else has replied meanwhile
            return
        reply = f"Reply {uuid4().hex} by {self.name}"
        self.page.values[boxes[-1]] = reply
        await self.press("desk.send", "reply")
        if self.page.shown(self.label("desk.sent")):
            self.seen.sent[reply] = time.monotonic()
        else:
            self.seen.refused += 1


async def crowd(address: str, tokens: dict[str, str], reviewers: set[str], seconds: float, seen: Seen) -> None:
    """Everybody at once until the time is over."""
    asked = [one.question for split in ("router", "calibration") for one in read_questions(QUESTIONS, split)]
    until = time.monotonic() + seconds

    async def one(number: int, name: str) -> None:
        language: Language = "ja" if number % 2 else "en"
        cookies, headers = {COOKIE: tokens[name]}, {"origin": address}
        async with httpx.AsyncClient(
            base_url=address, cookies=cookies, headers=headers, timeout=60, limits=LIMITS
        ) as client:
            at_desk = name in reviewers
            page = OpenPage(client, f"/{language}/{'desk' if at_desk else 'ask'}/")
            person = Person(name, language, page, seen, random.Random(name))
            await asyncio.sleep(person.draw.uniform(0, THINKING[1]))  # people come one after another
            try:
                await (person.review(until) if at_desk else person.ask(asked, until))
            except (PageError, httpx.HTTPError) as error:
                seen.errors.append(f"{name}: {type(error).__name__} {error}")
            for called, taken in page.seconds.items():
                seen.seconds[f"{'desk' if at_desk else 'ask'}: {called}"] += taken

    async with asyncio.TaskGroup() as group:
        for number, name in enumerate(tokens):
            group.create_task(one(number, name))


def people(services: Services, employees: int, reviewers: int) -> tuple[dict[str, str], set[str]]:
    """Accounts with a session each; the reviewers may work at every desk."""
    tokens, desks = {}, set()
    for number in range(employees + reviewers):
        name = f"person{number:02}"
        account = services.accounts.create("benchmark", name, PASSWORD, must_change=False)
        if number >= employees:
            desks.add(name)
            for info in services.domains.everything():
                services.accounts.set_role("benchmark", account, info.name, "reviewer")
        tokens[name] = services.accounts.start_session(account)
    return tokens, desks


def recorded(services: Services, seen: Seen) -> list[str]:
    """What the records have otherwise than the pages said."""
    wrong = []
    with services.database.read() as session:
        tickets = session.scalars(select(Ticket)).all()
        doubled = [key for key, count in Counter(ticket.answer_id for ticket in tickets).items() if count > 1]
        wrong += [f"two tickets for answer {key}" for key in doubled]
        kinds = Counter(ticket.kind for ticket in tickets)
        held = session.scalar(select(func.count()).where(AnswerRecord.status == "held"))
        if kinds["held"] != held:
            wrong.append(f"{held} answers were held, {kinds['held']} tickets say so")
        if kinds.total() - kinds["held"] != seen.opened:
            wrong.append(f"{seen.opened} questions were put before a person, tickets: {dict(kinds)}")
        replies = Counter(ticket.reply for ticket in tickets if ticket.reply)
        messages = Counter(session.scalars(select(Message.text).where(Message.author == "person")))
    for reply in seen.sent:
        if (replies[reply], messages[reply]) != (1, 1):
            wrong.append(f"'{reply}' is in {replies[reply]} tickets and {messages[reply]} conversations")
    unknown = set(replies) - set(seen.sent)
    return wrong + [f"'{reply}' was sent by nobody" for reply in unknown]


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--reviewers", type=int, default=5)
    parser.add_argument("--encoder", choices=("mock", "real"), default="mock")
    parser.add_argument("--serve", nargs=2, metavar=("HOME", "PORT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        port = int(given.serve[1])
        serve(opened(Path(given.serve[0]), given.encoder, port), port)
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        services = opened(home, given.encoder)
        load_example(services, EXAMPLES, lambda _line: None)
        tokens, reviewers = people(services, given.people, given.reviewers)
        services.close()
        port = free_port()
        own = [sys.executable, "-m", "benchmarks.many_people", "--serve", str(home), str(port)]
        own += ["--encoder", given.encoder]
        with subprocess.Popen(own) as server:  # ourselves
            try:
                address = f"http://127.0.0.1:{port}"
                wait_for(address, server)
                seen = Seen()
                asyncio.run(crowd(address, tokens, reviewers, 60 * given.minutes, seen))
            finally:
                server.terminate()
        services = opened(home, given.encoder)
        wrong = recorded(services, seen)
        services.close()
    report(seen, wrong)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    """Until the server answers with its models loaded."""
    for _ in range(600):
        if server.poll() is not None:
            raise SystemExit("The server ended before it answered.")
        try:
            if httpx.get(f"{address}/health", timeout=2).json()["models"]:  # loaded; a start is measured elsewhere
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise SystemExit("The server does not answer.")


def report(seen: Seen, wrong: Sequence[str]) -> None:
    """Print it."""
    print(f"{'page action':<28}{'times':>7}{'median':>9}{'p95':>9}{'slowest':>9}  seconds")
    for called, taken in sorted(seen.seconds.items()):
        middle, most = np.quantile(taken, (0.5, 0.95))
        print(f"{called:<28}{len(taken):>7}{middle:>9.3f}{most:>9.3f}{max(taken):>9.3f}")
    waits = [seen.arrived[one] - seen.sent[one] for one in seen.arrived]
    print(
        f"{seen.opened} questions put before a person; {len(seen.sent)} replies, {seen.refused} to what had one already"
    )
    if waits:
        print(f"reply on the asker's open page: median {np.median(waits):.1f} s, p95 {np.quantile(waits, 0.95):.1f} s")
    print(f"{len(seen.errors)} errors; {len(wrong)} lost, doubled or unknown in the records")
    for line in [*seen.errors, *wrong][:20]:
        print(f"  {line}")


if __name__ == "__main__":
    main()
