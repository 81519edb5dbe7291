"""A person's open page without a browser: Gradio's own protocol, spoken as its JavaScript does.

It keeps the page's values, fires events with them, follows what an event changes (states that others hang on, parts
that are drawn anew) and notes how long each took.
"""

import html
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

STREAM_SECONDS = 120.0
# the server closes what was idle for five seconds; a browser that meets this asks again, this client doesn't
LIMITS = httpx.Limits(keepalive_expiry=2.0)
_CONFIG = "window.gradio_config = "  # in the page, which a browser takes it from
_LEAVE = re.compile(r'data-leave="(.*?)"')
_DOOR = re.compile(r'href="(/\w+/straight)"')
_MARK = re.compile(r'data-watch="(.*?)" data-state="(.*?)" data-press="(.*?)" data-every="(.*?)"')


class PageError(RuntimeError):
    """An event failed, or the page has no such thing."""


class NoRoom(Exception):
    """The server lets nobody else in just now. `seconds`: until its page asks again; `door`: the way to a person."""

    def __init__(self, seconds: float, door: str) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds, self.door = seconds, door


@dataclass
class OpenPage:
    """One page of one person. `seconds`: of every event, by what it was called; `hear` is told each message of one."""

    client: httpx.AsyncClient
    path: str
    session: str = field(default_factory=lambda: uuid4().hex[:11])
    components: dict[int, dict[str, Any]] = field(default_factory=dict)
    events: dict[int, dict[str, Any]] = field(default_factory=dict)
    values: dict[int, Any] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    hear: Callable[[dict[str, Any]], None] = lambda _message: None
    _drawn: dict[int, tuple[set[int], set[int]]] = field(default_factory=dict)  # by part: components, events

    async def load(self) -> None:
        """Fetch the page and fire what it fires when opened. Raises NoRoom where one has to wait outside."""
        began = time.monotonic()
        answer = await self.client.get(self.path, headers={"accept": "text/html"})
        if answer.status_code == 503:
            door = _DOOR.search(answer.text)
            raise NoRoom(float(answer.headers["refresh"]), door[1] if door else "")
        answer.raise_for_status()
        _, _, config = answer.text.partition(_CONFIG)
        self._add(json.JSONDecoder().raw_decode(config)[0])
        for event in list(self.events.values()):
            if any(name == "load" for _, name in event["targets"]):
                await self._send(event["id"])
        self._note("open", began)

    async def leave(self) -> None:
        """Close the page, as `watch.js` says it."""
        marks = [found for key in self.find("markdown") if (found := _LEAVE.search(self.values[key] or ""))]
        for mark in marks:
            (await self.client.post(html.unescape(mark[1]))).raise_for_status()

    async def fire(self, component: int, name: str, called: str) -> None:
        """Do something to a component, as a person or its timer does; what hangs on it is part of it."""
        began = time.monotonic()
        await self._fire(component, name)
        self._note(called, began)

    async def look(self) -> float | None:
        """Hold what is shown against the records, as `watch.js` does; draw it anew where it differs.

        Returns after how many seconds to look again; None: the page has nothing of that kind.
        """
        every = None
        marks = [found for key in self.find("markdown") if (found := _MARK.search(self.values[key] or ""))]
        for mark in marks:
            began = time.monotonic()
            address, state, button, often = map(html.unescape, mark.groups())
            every = float(often)
            answer = await self.client.get(address)
            answer.raise_for_status()
            if answer.text != state:
                [pressed] = [key for key, one in self.components.items() if one["props"].get("elem_id") == button]
                await self._fire(pressed, "click")
            self._note("look", began)
        return every

    def find(self, kind: str, label: str | None = None) -> list[int]:
        """Components of a kind by label or text; in the order in which they were drawn."""
        return [
            key
            for key, one in self.components.items()
            if one["type"] == kind
            and (label is None or label in (one["props"].get("label"), one["props"].get("value")))
        ]

    def shown(self, text: str) -> bool:
        """Whether a text stands anywhere on the page."""
        return any(text in html.unescape(value) for value in self.values.values() if isinstance(value, str))

    def choices(self, component: int) -> list[Any]:
        """The values that one may choose from."""
        return [value for _, value in self.components[component]["props"].get("choices") or []]

    async def _fire(self, component: int, name: str) -> None:
        for event in list(self.events.values()):
            if [component, name] in [list(target) for target in event["targets"]]:
                await self._send(event["id"])

    async def _send(self, event_id: int) -> None:
        event = self.events.get(event_id)
        if event is None:  # drawn away meanwhile
            return
        changed: dict[int, None] = {}
        async for message in self._heard(await self._joined(event)):
            self.hear(message)
            output = message.get("output") or {}
            if not message.get("success", True):
                raise PageError(f"event {event_id} of {self.path}: {output.get('error') or message}")
            if message["msg"] == "process_completed":
                self._apply(event_id, output)
            changed |= dict.fromkeys(output.get("changed_state_ids") or [])
        for state in changed:
            await self._fire(state, "change")
        for later in list(self.events.values()):
            if later.get("trigger_after") == event_id:
                await self._send(later["id"])

    async def push(self, component: int, name: str) -> None:
        """Do something to a component while an event is under way, whose stream brings what comes of both."""
        for event in [one for one in self.events.values() if [component, name] in map(list, one["targets"])]:
            await self._joined(event)

    async def _joined(self, event: dict[str, Any]) -> str:
        """Send an event; gives its name."""
        body = {
            "data": [None if self._is_state(key) else self.values.get(key) for key in event["inputs"]],
            "fn_index": event["id"],
            "session_hash": self.session,
            "event_data": None,
            "trigger_id": event["targets"][0][0] if event["targets"] else None,
        }
        if event.get("backend_fn") is False:
            raise PageError(f"event {event['id']} of {self.path} runs in the browser")
        joined = await self.client.post(f"{self.path}gradio_api/queue/join", json=body)
        if joined.status_code != 200:
            raise PageError(f"{joined.status_code} {joined.text[:200]}")
        name: str = joined.json()["event_id"]
        return name

    async def _heard(self, event: str) -> AsyncIterator[dict[str, Any]]:
        address, asked = f"{self.path}gradio_api/queue/data", {"session_hash": self.session}
        async with self.client.stream("GET", address, params=asked, timeout=STREAM_SECONDS) as stream:
            async for line in stream.aiter_lines():
                message = json.loads(line[5:]) if line.startswith("data:") else {}
                if message.get("event_id") == event and message["msg"].startswith("process_"):
                    yield message
                if message.get("msg") == "process_completed" and message.get("event_id") == event:
                    return
                if message.get("msg") in ("unexpected_error", "close_stream"):
                    raise PageError(str(message))

    def _apply(self, event_id: int, output: dict[str, Any]) -> None:
        for key, value in zip(self.events[event_id]["outputs"], output.get("data") or [], strict=False):
            if isinstance(value, dict) and value.get("__type__") == "update":
                props = self.components[key]["props"]
                props |= {name: one for name, one in value.items() if name != "__type__"}
                if "value" in value:
                    self.values[key] = value["value"]
            elif not self._is_state(key):
                self.values[key] = value
        if drawn := output.get("render_config"):
            part = drawn["render_id"]  # several events draw the same part
            components, events = self._drawn.pop(part, (set(), set()))
            for key in components:
                self.components.pop(key, None)
                self.values.pop(key, None)
            for key in events:
                self.events.pop(key, None)
            self._drawn[part] = self._add(drawn)

    def _add(self, config: dict[str, Any]) -> tuple[set[int], set[int]]:
        for one in config["components"]:
            self.components[one["id"]] = one
            self.values[one["id"]] = one["props"].get("value")
        for event in config["dependencies"]:
            self.events[event["id"]] = event
        return {one["id"] for one in config["components"]}, {event["id"] for event in config["dependencies"]}

    def _is_state(self, component: int) -> bool:
        return component in self.components and self.components[component]["type"] == "state"

    def _note(self, called: str, began: float) -> None:
        self.seconds.setdefault(called, []).append(time.monotonic() - began)
