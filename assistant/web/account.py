"""The page of one's own account: where one is signed in, leaving everywhere, and the tokens of one's programs."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from assistant.access import User
from assistant.errors import Refusal
from assistant.services import Services
from assistant.tokens import MOST_DAYS, SCOPES
from assistant.web.session import COOKIE, language, own_account, templates
from assistant.wording import say, say_error

Text = Annotated[str, Form(max_length=200)]
DAYS = (7, 30, 90, MOST_DAYS)


class AccountPage:
    """The handlers of this module. The gate has let in nobody but the signed-in."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def show(self, request: Request) -> Response:
        """The page."""
        return self._page(request, own_account(request))

    def add_token(
        self,
        request: Request,
        name: Text,
        days: Annotated[int, Form()],
        scope: Annotated[list[str], Form(default_factory=list)],
    ) -> Response:
        """Make a token; this answer is the only place where its text is ever shown."""
        user = own_account(request)

        def add() -> str:
            return self._services.tokens.add(user, name, scope, days)[0]

        return self._done(request, user, add)

    def revoke_token(self, request: Request, token: str) -> Response:
        """End a token."""
        user = own_account(request)

        def revoke() -> None:
            self._services.tokens.revoke(user, token)

        return self._done(request, user, revoke)

    def leave_everywhere(self, request: Request) -> Response:
        """End every sign-in of this person, this one too."""
        self._services.accounts.end_all_sessions(own_account(request).id)
        response = RedirectResponse("/sign-in", status_code=303)
        response.delete_cookie(COOKIE)
        return response

    def _done(self, request: Request, user: User, action: Callable[[], str | None]) -> Response:
        try:
            secret = action()
        except Refusal as error:
            return self._page(request, user, error=error)
        return self._page(request, user, secret=secret) if secret else RedirectResponse("/account", status_code=303)

    def _page(
        self, request: Request, user: User, *, secret: str | None = None, error: Refusal | None = None
    ) -> HTMLResponse:
        spoken = language(request)
        html = templates.get_template("account.html").render(
            language=spoken,
            say=partial(say, spoken),
            user=user,
            has_password=self._services.accounts.has_password(user.id),
            sessions=len(self._services.accounts.sessions(user.id)),
            tokens=self._services.tokens.listing(user),
            scopes=SCOPES,
            days=DAYS,
            secret=secret,
            error=say_error(spoken, error) if error else None,
        )
        return HTMLResponse(html, status_code=400 if error else 200, headers={"Cache-Control": "no-store"})


def routes(services: Services) -> APIRouter:
    """The routes of this module."""
    router, handle = APIRouter(prefix="/account"), AccountPage(services)
    router.add_api_route("", handle.show, methods=["GET"], response_model=None)
    router.add_api_route("/tokens", handle.add_token, methods=["POST"], response_model=None)
    router.add_api_route("/tokens/{token}/revoke", handle.revoke_token, methods=["POST"], response_model=None)
    router.add_api_route("/sign-out-everywhere", handle.leave_everywhere, methods=["POST"], response_model=None)
    return router
