"""A form that puts a question before a person and does nothing else: it works where no page opens (`waiting_room`)."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from assistant.errors import Refusal
from assistant.services import Services
from assistant.web.session import language, own_account, templates
from assistant.wording import LANGUAGES, say, say_error


class StraightForm:
    """The handlers of this module. The gate has let in nobody but the signed-in."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def show(self, request: Request, sent: bool = False) -> Response:
        """The form, or where the answer will be."""
        return self._page(request, sent=sent)

    def send(self, request: Request, question: Annotated[str, Form()], domain: Annotated[str, Form()] = "") -> Response:
        """Put a question before a person."""
        user = own_account(request)
        try:
            self._services.straight.ask(question, user, domain or None, None, language(request))
        except Refusal as error:
            return self._page(request, error=error, question=question, domain=domain)
        return RedirectResponse(f"{request.url.path}?sent=true", status_code=303)

    def _page(
        self,
        request: Request,
        *,
        sent: bool = False,
        error: Refusal | None = None,
        question: str = "",
        domain: str = "",
    ) -> HTMLResponse:
        spoken = language(request)
        html = templates.get_template("straight.html").render(
            language=spoken,
            say=partial(say, spoken),
            sent=sent,
            error=say_error(spoken, error) if error else None,
            question=question,
            domain=domain,
            domains=self._services.domains.listing(own_account(request)),
            longest=self._services.settings.question_characters,
        )
        return HTMLResponse(html, status_code=400 if error else 200, headers={"Cache-Control": "no-store"})


def routes(services: Services) -> APIRouter:
    """The routes of this module; each language has its own, as the pages do."""
    router, handle = APIRouter(), StraightForm(services)
    for spoken in LANGUAGES:
        router.add_api_route(f"/{spoken}/straight", handle.show, methods=["GET"], response_model=None)
        router.add_api_route(f"/{spoken}/straight", handle.send, methods=["POST"], response_model=None)
    return router
