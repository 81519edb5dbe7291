"""What every response carries and what is closed to every request, whoever asks.

A page may load nothing from elsewhere, run nothing by `eval`, be framed nowhere. Gradio's routes that make the
server fetch an address are closed. A form must come from our own pages.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import unquote, urlsplit

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

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


async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """The middleware: refuse what fetches or comes from another site, then add the headers."""
    refusal = _refusal(request)
    response = refusal or await call_next(request)
    for name, value in HEADERS.items():
        response.headers[name] = value
    if request.url.path.startswith(("/ja", "/en")) and "assets/" not in request.url.path:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _refusal(request: Request) -> Response | None:
    path = unquote(unquote(request.url.path))
    if "/proxy=" in path or ("/file=" in path and "://" in path.split("/file=", 1)[1].replace(":/", "://", 1)):
        return PlainTextResponse("Not found", status_code=404)
    if request.method not in READING and not same_origin(request):
        return PlainTextResponse("This request came from another site and was refused.", status_code=403)
    return None


def same_origin(request: Request) -> bool:
    """Whether a changing request comes from our own pages: by Origin, or Sec-Fetch-Site where it is missing.

    A client that is no browser sends neither, and has no cookie that another site could ride on.
    """
    origin = request.headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.headers.get("host")
    return request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")
