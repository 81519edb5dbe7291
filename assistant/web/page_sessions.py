"""Middleware: what Gradio keeps for an open page belongs to the person who opened it.

Gradio names an open page by a random text that the browser chose, its session hash, and asks nobody who sends it:
whoever knew another person's could read that page's results and stop its events. Here it is replaced, on its way in, by
one that hangs on the person as well, so that somebody else's names a page that is not there.

And a page whose connection is there again is open: Gradio marks one as closed when its heartbeat ends, for ever.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode

import gradio as gr
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.pages.page_memory import reopen

NAMED_IN_BODY = ("/gradio_api/queue/join", "/gradio_api/reset")
HEARTBEAT = "/gradio_api/heartbeat/"
HASH = "session_hash"


class PageSessions:
    """The middleware; it stands behind the gate, which has found out whose request it is."""

    def __init__(self, app: ASGIApp, pages: Sequence[gr.Blocks]) -> None:
        self._app, self._pages = app, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        user = scope.get("state", {}).get("user") if scope["type"] == "http" else None
        if user is not None and "/gradio_api/" in scope["path"]:
            owner = user.id
            scope = _renamed(scope, owner)
            _, beats, session = scope["path"].partition(HEARTBEAT)
            if beats:
                reopen(self._pages, session)
            if scope["path"].rstrip("/").endswith(NAMED_IN_BODY):
                scope, receive = await _renamed_in_body(scope, receive, owner)
        await self._app(scope, receive, send)


def own(owner: str, session: str) -> str:
    """The name of a person's open page."""
    return sha256(f"{owner} {session}".encode()).hexdigest()[:32]


def _renamed(scope: Scope, owner: str) -> Scope:
    """The request with its query and path naming the person's own page."""
    asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query = urlencode([(name, own(owner, value) if name == HASH else value) for name, value in asked])
    before, found, session = scope["path"].partition(HEARTBEAT)
    path = before + found + own(owner, session) if found else scope["path"]
    return dict(scope, query_string=query.encode("latin-1"), path=path, raw_path=path.encode())


async def _renamed_in_body(scope: Scope, receive: Receive, owner: str) -> tuple[Scope, Receive]:
    """The same for what is sent as JSON; what is none is left to Gradio to refuse."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    sent = bytes(body)
    try:
        told = json.loads(sent)
    except ValueError:
        told = None
    if isinstance(told, dict) and isinstance(told.get(HASH), str):
        sent = json.dumps(told | {HASH: own(owner, told[HASH])}).encode()
    headers = MutableHeaders(raw=list(scope["headers"]))
    headers["content-length"] = str(len(sent))
    waiting: list[Message] = [{"type": "http.request", "body": sent}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return dict(scope, headers=headers.raw), replayed
