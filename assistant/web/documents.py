"""Originals, served by our own route: rights are checked on every request, never by a cache's path."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from assistant.services import Services
from assistant.web.session import user_of


def routes(services: Services) -> APIRouter:
    """The routes of this module."""
    router = APIRouter()

    @router.get("/documents/{document}/{version}")
    def original(request: Request, document: str, version: str) -> Response:
        """A version's file as it was uploaded, as a download. 404 for what may not be seen, as for nothing."""
        user = user_of(request, services.accounts)
        if user is None:
            return RedirectResponse("/sign-in", status_code=303)
        path, filename = services.documents.original(user, document, version)
        disposition = f"attachment; filename*=UTF-8''{quote(filename)}"
        return FileResponse(
            path,
            media_type="application/octet-stream",
            headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
        )

    return router
