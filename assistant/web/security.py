"""What every response carries, and from where a change may be asked.

A page may load nothing from elsewhere, run nothing by `eval`, be framed nowhere. A form must come from our own pages.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

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
    """The middleware: refuse what comes from another site, then add the headers."""
    if request.method in READING or same_origin(request):
        response = await call_next(request)
    else:
        response = PlainTextResponse("This request came from another site and was refused.", status_code=403)
    for name, value in HEADERS.items():
        response.headers[name] = value
    if request.url.path.startswith(("/ja", "/en")) and "assets/" not in request.url.path:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def same_origin(request: Request) -> bool:
    """Whether a changing request comes from our own pages: by Origin, or Sec-Fetch-Site where it is missing.

    A client that is no browser sends neither, and has no cookie that another site could ride on.
    """
    origin = request.headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == request.headers.get("host")
    return request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")
