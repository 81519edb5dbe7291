"""A question for which there is no place: its page is told so at once, by the stream that brings it everything else."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass

import gradio as gr
import httpx
import pytest
from fastapi import FastAPI

from assistant.errors import Busy
from assistant.web.event_streams import EventStreams
from assistant.web.quick_refusal import QuickRefusal
from assistant.wording import Language
from tests.assistant.test_event_streams import PATIENCE, Script, serving

PATH = "/ja/ask/gradio_api/"


@dataclass
class Door:
    """A page where one asks, and whether there is a place."""

    address: str = ""
    busy: Busy | None = None
    asked: int = 0

    def ask(self, told: str) -> str:
        self.asked += 1
        return told.upper()


@pytest.fixture(scope="module")
def served() -> Iterator[Door]:
    door = Door()
    asking: dict[str, tuple[gr.Blocks, Language]] = {}
    with gr.Blocks() as page:
        box = gr.Textbox()
        box.submit(door.ask, box, box, concurrency_limit=None)
        box.change(lambda told: told.lower(), box, box, concurrency_limit=None)
    application = FastAPI()
    application.add_middleware(QuickRefusal, asking=asking, busy=lambda: door.busy)
    application.add_middleware(EventStreams)
    application = gr.mount_gradio_app(application, page, path="/ja/ask", ssr_mode=False)
    asking[f"{PATH}queue/join"] = page, "ja"
    with serving(application) as site:
        door.address = f"{site}{PATH}"
        yield door


@pytest.fixture
def door(served: Door) -> Door:
    served.busy, served.asked = None, 0
    return served


def test_a_page_is_refused_while_there_is_no_place_and_answered_when_there_is_one_again(door: Door) -> None:
    async def visit(number: int) -> None:
        async with httpx.AsyncClient(base_url=door.address, timeout=PATIENCE) as client:
            script = Script(client, f"page{number}", random.Random(number), slowest=0.02)
            for turn in range(6):
                await asyncio.sleep(script.chance.uniform(0, 0.4))  # a stream is open, lingers, or is over
                said = await script.heard(await script.fire(f"told {turn}"))
                assert ("混み合って" in said) == (door.busy is not None), said
            await asyncio.gather(*script.reading)

    async def all_at_once() -> None:
        for busy in (None, Busy("busy", seconds=7), None):
            door.busy = busy
            await asyncio.gather(*(visit(number) for number in range(5)))

    asyncio.run(all_at_once())
    assert door.asked == 2 * 5 * 6


def test_only_asking_is_refused_and_what_is_no_event_is_left_to_gradio(door: Door) -> None:
    async def other() -> str:
        async with httpx.AsyncClient(base_url=door.address, timeout=PATIENCE) as client:
            for nonsense in (b"", b"[]", b"{", b'{"fn_index": 0}', b'{"fn_index": "0", "session_hash": 3}'):
                answer = await client.post("queue/join", content=nonsense, headers={"content-type": "application/json"})
                assert answer.status_code == 422, nonsense
            script = Script(client, "other", random.Random(0), slowest=0.0)
            return await script.heard(await script.fire("Told", event=1))

    door.busy = Busy("busy", seconds=7)
    assert asyncio.run(other()) == "told"
