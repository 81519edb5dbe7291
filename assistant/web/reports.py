"""Reports that are kept or printed, served by our own routes: rights are checked on every request."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from assistant.clock import now
from assistant.domain_report import report
from assistant.errors import Refusal
from assistant.plain_report import as_html
from assistant.services import Services
from assistant.version_report import report as changes
from assistant.web.session import own_account
from assistant.wording import as_language


def routes(services: Services) -> APIRouter:
    """The routes of this module."""
    router = APIRouter()

    @router.get("/domain-check/{domain}/{spoken}")
    def domain_check(request: Request, domain: str, spoken: str) -> Response:
        """A domain check as a page of its own. 404 for what may not be seen, as for nothing."""
        user = own_account(request)
        measured = services.domain_checks.check(user, domain)
        language = as_language(spoken)
        html = as_html(report(language, measured, services.domains.get(domain), now()), language)
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    @router.get("/version-report/{version}/{spoken}")
    def version_report(request: Request, version: str, spoken: str) -> Response:
        """What a version changes, as far as it was compared. 404 for what may not be seen, as for nothing."""
        user = own_account(request)
        found = services.promotions.known(user, version)
        if found is None:
            raise Refusal("compare_first")
        language = as_language(spoken)
        info = services.domains.get(found.version.domain)
        html = as_html(changes(language, found, info, now()), language)
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    return router
