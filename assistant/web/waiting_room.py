"""Where too many are here, whoever is not waits outside, and may put a question before a person.

To open a page costs as much as some five events of an open one. A hundred people who come within a minute would make
everybody wait, those too whose answer is that there is no place; a page that says so costs next to nothing, and asks
again by itself.
"""

import secrets
from functools import partial

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.web.crowd import Crowd
from assistant.web.session import language, templates
from assistant.wording import LANGUAGES, say

AGAIN_SECONDS, SPREAD = 10, 10  # a waiting page asks again after so many, and up to so many more


class WaitingRoom:
    """The middleware; it stands behind the gate, which has found out whose request it is."""

    def __init__(self, app: ASGIApp, crowd: Crowd) -> None:
        self._app, self._crowd = app, crowd

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        user = scope.get("state", {}).get("user") if scope["type"] == "http" else None
        page = _page(scope) if user is not None else None
        # a desk is the way out, and never one too many; the form for those who wait makes nobody one who is here
        if user is not None and not user.works_at_desk and page != "straight":
            if page is not None and scope["method"] == "GET" and not self._crowd.has_room_for(user.id):
                await _wait(Request(scope))(scope, receive, send)
                return
            self._crowd.hear(user.id)
        await self._app(scope, receive, send)


def _page(scope: Scope) -> str | None:
    """The page that is opened, or None: it is something else, or a part of an open one."""
    parts = scope["path"].strip("/").split("/")
    return parts[1] if len(parts) == 2 and parts[0] in LANGUAGES else None


def _wait(request: Request) -> Response:
    """The page of whoever waits; it asks again by itself."""
    spoken, seconds = language(request), AGAIN_SECONDS + secrets.randbelow(SPREAD + 1)
    html = templates.get_template("waiting.html").render(
        language=spoken, say=partial(say, spoken), straight=f"/{spoken}/straight"
    )
    headers = {"Retry-After": str(seconds), "Refresh": str(seconds)}  # for programs; for browsers
    return HTMLResponse(html, status_code=503, headers=headers)
