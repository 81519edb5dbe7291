"""What every response carries, and from where a change may be asked.

A page may load nothing from elsewhere, run nothing by `eval`, be framed nowhere. A form must come from our own pages.
"""

from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import PlainTextResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
READING = ("GET", "HEAD", "OPTIONS")
REFUSED = PlainTextResponse("This request came from another site and was refused.", status_code=403)


class Guard:
    """The middleware: refuse what comes from another site, then add the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if request.url.path.startswith(("/ja", "/en")) and "assets/" not in request.url.path:
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        allowed = request.method in READING or same_origin(request)
        await (self._app if allowed else REFUSED)(scope, receive, send_guarded)


def same_origin(request: Request) -> bool:
    """Whether a changing request comes from our own pages: by Origin, or Sec-Fetch-Site where it is missing.

    A client that is no browser sends neither, and has no cookie that another site could ride on.
    """
    origin = request.headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.headers.get("host")
    return request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")
