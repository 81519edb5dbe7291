"""Middleware: a question for which there is no place is refused before Gradio makes an event of it.

Such an event costs the server nearly what an answer does, and where there are too many people that is what it has
none of: the refusal came after seconds. Here the result is put straight where Gradio's stream takes results from.
"""

import json
import secrets
from asyncio import Queue
from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr
from fastapi.responses import JSONResponse
from gradio.server_messages import ProcessCompletedMessage
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.errors import Busy
from assistant.pages.ask_page import ASK, no_place
from assistant.wording import Language

Asking = Mapping[str, tuple[gr.Blocks, Language]]  # the pages at which one asks, by the path where their events join


class QuickRefusal:
    """The middleware; it stands right before Gradio, where a page's session is named as Gradio knows it."""

    def __init__(self, app: ASGIApp, asking: Asking, busy: Callable[[], Busy | None]) -> None:
        """`busy`: why there is no place, or None; asked on the event loop, so it must not wait."""
        self._app, self._asking, self._busy = app, asking, busy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        known = self._asking.get(scope["path"]) if scope["type"] == "http" else None
        error = self._busy() if known else None
        if known is None or error is None:
            await self._app(scope, receive, send)
            return
        page, spoken = known
        message = await receive()
        asked = _event(message)
        event, session = page.fns.get(asked.get("fn_index", -1)), asked.get("session_hash")
        if event is None or event.name != ASK or not isinstance(session, str):
            unread = [message]

            async def replayed() -> Message:
                return unread.pop() if unread else await receive()

            await self._app(scope, replayed, send)
            return
        name = _complete(page, session, list(no_place(spoken, error)))
        await JSONResponse({"event_id": name})(scope, receive, send)


def _event(message: Message) -> dict[str, Any]:
    """What joins; `PageSessions` has made one message of it. Nothing where it is none: Gradio refuses that."""
    try:
        told = json.loads(message.get("body", b""))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _complete(page: gr.Blocks, session: str, data: list[object]) -> str:
    """Give an open page the result of an event that never was one; gives its name."""
    queue, name = page._queue, secrets.token_hex(16)
    queue.pending_event_ids_session.setdefault(session, set()).add(name)
    messages = queue.pending_messages_per_session.setdefault(session, Queue())
    messages.put_nowait(ProcessCompletedMessage(event_id=name, output={"data": data}, success=True))
    return name
