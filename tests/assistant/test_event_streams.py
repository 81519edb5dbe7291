"""Whatever an open page asks, and whenever: the answer reaches it. Gradio's own protocol, spoken as its script does."""

import asyncio
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import gradio as gr
import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from assistant.web.event_streams import EventStreams

EVENTS, PAGES = 25, 8
PATIENCE = 5.0  # seconds


@contextmanager
def serving(application: FastAPI) -> Iterator[str]:
    """A server of its own; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A page with one event, served with the middleware."""
    with gr.Blocks() as page:
        box = gr.Textbox()
        box.submit(lambda told: told.upper(), box, box, concurrency_limit=None)
    application = FastAPI()
    application.add_middleware(EventStreams)
    application = gr.mount_gradio_app(application, page, path="/en/page", ssr_mode=False)
    with serving(application) as site:
        yield f"{site}/en/page/gradio_api/"


@dataclass
class Script:
    """What Gradio's script does: one stream, opened by an event that finds none, believed in until its end is read."""

    client: httpx.AsyncClient
    session: str
    chance: random.Random
    slowest: float  # seconds until a message is read: a slow network or a busy browser
    open: bool = False
    streams: int = 0
    results: dict[str, str] = field(default_factory=dict)
    reading: set[asyncio.Task[None]] = field(default_factory=set)

    async def fire(self, told: str, event: int = 0) -> str:
        """Send the event; gives its name."""
        body = {"data": [told], "fn_index": event, "session_hash": self.session, "event_data": None, "trigger_id": None}
        joined = await self.client.post("queue/join", json=body)
        joined.raise_for_status()
        if not self.open:
            self.open = True
            self.reading.add(asyncio.create_task(self._read()))
        name: str = joined.json()["event_id"]
        return name

    async def _read(self) -> None:
        self.streams += 1
        async with self.client.stream("GET", "queue/data", params={"session_hash": self.session}) as stream:
            async for line in stream.aiter_lines():
                if not line.startswith("data:"):
                    continue
                await asyncio.sleep(self.chance.uniform(0, self.slowest))
                message = json.loads(line[5:])
                if message["msg"] == "close_stream":
                    self.open = False
                    return
                if message["msg"] == "process_completed":
                    self.results[message["event_id"]] = message["output"]["data"][0]

    async def heard(self, event: str) -> str:
        """The event's result. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            while event not in self.results:
                await asyncio.sleep(0.01)
        return self.results[event]


def test_an_event_gets_its_result_at_whatever_moment_of_the_streams_end_it_joins(address: str) -> None:
    async def visit(client: httpx.AsyncClient, number: int) -> None:
        chance = random.Random(number)
        script = Script(client, f"page{number}", chance, slowest=0.05)
        for event in range(EVENTS):
            assert await script.heard(await script.fire(f"told {event}")) == f"TOLD {event}"
            await asyncio.sleep(chance.uniform(0, 0.5))
        await asyncio.gather(*script.reading)

    async def all_at_once() -> None:
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client:
            await asyncio.gather(*(visit(client, number) for number in range(PAGES)))

    asyncio.run(all_at_once())


def test_what_an_event_sets_off_comes_by_the_same_stream(address: str) -> None:
    async def chain() -> int:
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client:
            script = Script(client, "chain", random.Random(0), slowest=0.0)
            for event in range(5):
                await script.heard(await script.fire(f"told {event}"))
            await asyncio.gather(*script.reading)  # it ends by itself when nothing follows
            return script.streams

    assert asyncio.run(chain()) == 1


def test_who_leaves_without_waiting_for_the_end_takes_nothing_of_the_next_event_along(address: str) -> None:
    async def leave_and_come_back() -> str:
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client:
            script = Script(client, "leaves", random.Random(0), slowest=0.0)
            await script.heard(await script.fire("told"))
            for reading in script.reading:
                reading.cancel()
            await asyncio.sleep(0.05)
            script.open = False
            return await script.heard(await script.fire("told again"))

    assert asyncio.run(leave_and_come_back()) == "TOLD AGAIN"
