"""The audit log as a download, for administrators; for anybody else there is nothing here."""

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from assistant.audit_log import Wanted
from assistant.clock import now
from assistant.errors import NotFound
from assistant.services import Services
from assistant.web.session import own_account


def routes(services: Services) -> APIRouter:
    """The routes of this module."""
    router = APIRouter()

    @router.get("/records/export", response_model=None)
    def export(
        request: Request,
        form: str = "csv",
        who: str = "",
        what: str = "",
        thing: str = "",
        since: str = "",
        until: str = "",
    ) -> Response:
        """The entries that are wanted, oldest first, as CSV or JSON lines."""
        user = own_account(request)
        if not user.administrator:
            raise NotFound("unknown_page")
        lines = services.audit_log.export(user, Wanted(who, what, thing, since, until), form)
        disposition = f'attachment; filename="audit-{now():%Y-%m-%d}.{form}"'
        return StreamingResponse(
            lines,
            media_type="text/csv" if form == "csv" else "application/jsonl",
            headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
        )

    return router
