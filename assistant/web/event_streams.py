"""Middleware: no event of an open page is left without the stream that brings its result.

Gradio ends a page's stream (`queue/data`) as soon as none of the page's events is under way, and its script opens
another one with the next event. An event that joins while the end is on its way finds a script that still believes in
the old stream: nobody reads its result, and the page hangs until somebody does something else with it. So a stream is
ended only when nothing has joined for a moment, and what joins just after is answered when the end has been read: the
script hangs up as soon as it has, so the response is left open until then.
"""

import asyncio
import contextlib
import json
from dataclasses import dataclass, field

from starlette.datastructures import MutableHeaders, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LINGER = 0.2  # seconds; what one event sets off has joined by then
ARRIVAL = 5.0  # seconds at most in which whoever reads the end of a stream hangs up


@dataclass(eq=False)
class _Stream:
    joined: asyncio.Event = field(default_factory=asyncio.Event)  # since Gradio last wanted to end it
    ending: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)


class EventStreams:
    """The middleware. It holds what is open by Gradio's own name for an open page, the session hash."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open: dict[str, _Stream] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path.endswith("/gradio_api/queue/data"):
            await self._stream(scope, receive, send)
        elif path.endswith("/gradio_api/queue/join"):
            await self._join(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = QueryParams(scope["query_string"]).get("session_hash", "")
        stream = self._open[session] = _Stream()
        # two of Gradio's streams become one response, and two compressed ones could not be joined
        headers = MutableHeaders(raw=list(scope["headers"]))
        del headers["accept-encoding"]
        scope = dict(scope, headers=headers.raw)
        started, held = False, list[Message]()

        async def relay(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                if not started:
                    started = True
                    await send(message)
            elif held or _ends(message):
                if not held:
                    stream.joined.clear()
                held.append(message)
            else:
                await send(message)

        try:
            await self._app(dict(scope), receive, relay)  # a copy: what a router finds it writes there
            while held and await _joined(stream, receive):
                held.clear()
                await self._app(dict(scope), receive, relay)
            stream.ending = bool(held)
            for message in held:
                await send({**message, "more_body": True})
            if held:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(_disconnected(receive), ARRIVAL)
                await send({"type": "http.response.body", "body": b""})
        finally:
            stream.arrived.set()
            if self._open.get(session) is stream:
                del self._open[session]

    async def _join(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()

        async def note() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def relay(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                stream = self._open.get(json.loads(body)["session_hash"])
                if stream is not None:
                    stream.joined.set()
                    if stream.ending:
                        await stream.arrived.wait()
            await send(message)

        await self._app(scope, note, relay)


def _ends(message: Message) -> bool:
    """Whether Gradio says here that it ends the stream; in a text of ours the quotes would be escaped."""
    return b'"msg":"close_stream"' in message.get("body", b"")


async def _joined(stream: _Stream, receive: Receive) -> bool:
    """Whether an event joins while the stream lingers, and somebody is still there to hear of it."""
    joined, left = asyncio.create_task(stream.joined.wait()), asyncio.create_task(_disconnected(receive))
    done, pending = await asyncio.wait({joined, left}, timeout=LINGER, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    # the mark itself: what joins at the very end of the wait has set it, but its waiter has not run yet
    return stream.joined.is_set() and left not in done


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
