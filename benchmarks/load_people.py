"""The people of `benchmarks.load`: at a page, or programs with a token; and what they saw."""

import asyncio
import html
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

import httpx

from assistant.wording import say
from benchmarks.many_people import Person
from benchmarks.page_client import NoRoom, OpenPage, PageError

THINKING = (10.0, 20.0)  # seconds; 15 on average
CHAT, SEARCH = 0.75, 0.20  # of what people do; the rest are uploads
AFRESH = 0.3  # of questions begin a new conversation
LAG_LOOKS = 0.05  # seconds
PROBE_SECONDS = 0.5
Outcome = Literal["answered", "refused", "late", "error"]


@dataclass(frozen=True)
class Asked:
    """A question: when, seconds until the first sign of an answer or the refusal, until all of it was there, and how it
    ended. The first sign are the passages that are being read: the product shows no word before the whole is checked.
    """

    at: float
    sign: float
    whole: float
    outcome: Outcome
    door: bool = False  # where it was refused: the page had the button to a person
    outside: bool = False  # the page itself did not open


@dataclass
class Log:
    """What all people of a run saw."""

    asked: list[Asked] = field(default_factory=list)
    others: dict[str, list[float]] = field(default_factory=dict)  # seconds of everything else, by name
    errors: list[str] = field(default_factory=list)
    straight: int = 0  # refused questions that went to a person instead

    def note(self, name: str, began: float) -> None:
        """Something else was done."""
        self.others.setdefault(name, []).append(time.monotonic() - began)


@dataclass
class Visitor(Person):
    """An employee with an open page and a token."""

    thinking: tuple[float, float] = THINKING
    token: str = ""
    log: Log = field(default_factory=Log)
    domains: Sequence[str] = ()

    async def visit(self, questions: Sequence[str], until: float) -> None:
        """Ask, search and upload, with a pause to think, until the time is over."""
        await self.come_in(until)
        while await self.think(until):
            kind = self.draw.random()
            try:
                if kind < CHAT:
                    await self.chat(self.draw.choice(questions))
                else:
                    await (self.search(self.draw.choice(questions)) if kind < CHAT + SEARCH else self.upload())
            except (PageError, httpx.HTTPError) as error:
                self.log.errors.append(f"{self.name}: {type(error).__name__} {error}")

    async def come_in(self, until: float) -> None:
        """Open the page; where there is no room, wait outside for it, and now and then ask a person from there."""
        while (began := time.monotonic()) < until:
            try:
                await self.page.load()
                self.log.note("open", began)
                return
            except NoRoom as none:
                took = time.monotonic() - began
                self.log.asked.append(Asked(began, took, took, "refused", bool(none.door), outside=True))
                if none.door and self.draw.random() < AFRESH:
                    await self.ask_outside(none.door)
                await asyncio.sleep(none.seconds)

    async def ask_outside(self, door: str) -> None:
        """Put a question before a person by the form that needs no open page."""
        began = time.monotonic()
        sent = {"question": f"{self.name}, {time.monotonic()}", "domain": self.draw.choice(self.domains)}
        answer = await self.page.client.post(door, data=sent)
        if answer.status_code != 303:
            self.log.errors.append(f"{self.name}: {door} {answer.status_code} {answer.text[-400:]}")
        self.log.straight += answer.status_code == 303
        self.log.note("a person asked outside", began)

    async def chat(self, question: str) -> Asked:
        """Ask at the page; what was refused goes to a person now and then."""
        if self.draw.random() < AFRESH:
            await self.press("ask.new", "new conversation")
        began = time.monotonic()
        signs: list[float] = []
        with self.hearing(lambda: signs.append(time.monotonic())):
            await self.send(question)
        ended = time.monotonic()
        outcome: Outcome = "answered"
        if refused := self._told("error.busy"):
            outcome = "refused"
        elif self._told("error.too_slow"):
            outcome = "late"
        elif self._told("error.unexpected"):
            outcome = "error"
        button = self.page.find("button", self.label("ask.person_instead"))
        door = any(self.page.components[key]["props"].get("visible") is True for key in button)
        asked = Asked(began, (signs or [ended])[0] - began, ended - began, outcome, door)
        self.log.asked.append(asked)
        if refused and door and self.draw.random() < AFRESH:
            await self.page.fire(button[-1], "click", "ask a person instead")
            self.log.straight += self.page.shown(self.label("ask.straight_words"))
        return asked

    async def send(self, question: str) -> None:
        """Press *Ask* with a question in the box; returns when it is over."""
        box = self.page.find("textbox", self.label("ask.question"))[0]
        self.page.values[box] = question
        await self.press("ask.send", "ask")

    @contextmanager
    def hearing(self, sign: Callable[[], None]) -> Iterator[None]:
        """Call `sign` with each message that shows the passages."""
        words = self.label("ask.looking_at")

        def hear(message: dict[str, Any]) -> None:
            if words in html.unescape(str((message.get("output") or {}).get("data"))):
                sign()

        before, self.page.hear = self.page.hear, hear
        try:
            yield
        finally:
            self.page.hear = before

    async def search(self, question: str) -> None:
        """By the REST interface."""
        began = time.monotonic()
        await self._rest("search", json={"question": question})
        self.log.note("search", began)

    async def upload(self) -> None:
        """A small file of one's own, by the REST interface."""
        began, name = time.monotonic(), uuid4().hex
        files = {"file": (f"{name}.md", f"# Note {name}\n\nThe number of this note is {name}.\n", "text/markdown")}
        await self._rest("documents", files=files, data={"domain": self.draw.choice(self.domains)})
        self.log.note("upload", began)

    async def _rest(self, path: str, **sent: Any) -> None:
        headers = {"authorization": f"Bearer {self.token}"}
        (await self.page.client.post(f"/api/v1/{path}", headers=headers, **sent)).raise_for_status()

    def _told(self, key: str) -> bool:
        """Whether the page says this now, whatever figure it gives."""
        around = say(self.language, key, seconds="§", reference="§").split("§")
        return self.page.shown(max(around, key=len).strip())


class Probe:
    """Asks /health every so often on a thread of its own; `seconds` are what it took, `failed` how often it did not."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._stop = threading.Event()
        self.seconds: list[float] = []
        self.failed = 0
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        with httpx.Client(base_url=self._address, timeout=30) as client:
            while not self._stop.wait(PROBE_SECONDS):
                began = time.monotonic()
                try:
                    client.get("/health").raise_for_status()
                except httpx.HTTPError:
                    self.failed += 1
                self.seconds.append(time.monotonic() - began)

    def close(self) -> list[float]:
        """Stop asking; gives the seconds."""
        self._stop.set()
        self._thread.join()
        return self.seconds


async def lag(seconds: list[float]) -> None:
    """Note how late the people's own process comes to everything: what it measures of the server is late too."""
    while True:
        due = time.monotonic() + LAG_LOOKS
        await asyncio.sleep(LAG_LOOKS)
        seconds.append(time.monotonic() - due)


async def heartbeat(page: OpenPage) -> None:
    """What an open page holds open, and closes by leaving."""
    async with page.client.stream("GET", f"{page.path}gradio_api/heartbeat/{page.session}", timeout=None) as beat:
        async for _ in beat.aiter_lines():
            await asyncio.sleep(0)
