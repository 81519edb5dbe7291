"""Signing in at the company's identity provider: there and back, each way once, in one browser.

Nothing of a sign-in under way is kept on disk; a restart in between means starting again.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from assistant.accounts import Accounts
from assistant.errors import NotAllowed, Refusal
from assistant.identity import Departure, Identity, Provider

COOKIE = "madoguchi_way"
PATH = "/sign-in/company"
UNDER_WAY = 600.0  # seconds from going to coming back
MOST_UNDER_WAY = 1_000

Enter = Callable[[Request, str], Response]  # gives the browser a session's token
Refuse = Callable[[Request, Refusal], Response]  # the sign-in form with what went wrong


@dataclass(frozen=True)
class Company:
    """The identity provider, and what makes its people this assistant's: gives the id of an account."""

    provider: Provider
    admit: Callable[[Identity], str]


class Ways:
    """Departures that wait for their return: each is given back once, to the browser that left."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, Departure]] = OrderedDict()

    def keep(self, departure: Departure) -> None:
        """Remember a departure; the oldest is forgotten where there are too many."""
        with self._lock:
            self._left[departure.state] = (time.monotonic(), departure)
            if len(self._left) > MOST_UNDER_WAY:
                self._left.popitem(last=False)

    def take(self, state: str, cookie: str) -> Departure:
        """The departure of `state`. Raises NotAllowed: unknown, used, too old, or another browser's."""
        with self._lock:
            left, departure = self._left.pop(state, (0.0, None))
        same = secrets.compare_digest(state.encode(), cookie.encode())
        if departure is None or not same or time.monotonic() - left > UNDER_WAY:
            raise NotAllowed("sign_in_again")
        return departure


class CompanySignIn:
    """The handlers of this module."""

    def __init__(self, accounts: Accounts, company: Company, enter: Enter, refuse: Refuse) -> None:
        self._accounts = accounts
        self._company = company
        self._enter = enter
        self._refuse = refuse
        self._ways = Ways()

    def leave(self, request: Request) -> Response:
        """Send the browser to the provider."""
        try:
            departure = self._company.provider.departure(_come_back(request))
        except Refusal as error:
            return self._refuse(request, error)
        self._ways.keep(departure)
        response = RedirectResponse(departure.address, status_code=303)
        response.set_cookie(
            COOKIE,
            departure.state,
            max_age=int(UNDER_WAY),
            path=PATH,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    def arrive(self, request: Request, state: str = "", code: str = "", error: str = "") -> Response:
        """Take the browser that comes back, and sign the person in with the rights of their groups."""
        try:
            departure = self._ways.take(state, request.cookies.get(COOKIE, ""))
            if error or not code:
                raise NotAllowed("provider_refused")
            identity = self._company.provider.arrival(code, departure, _come_back(request))
            token = self._accounts.start_session(self._company.admit(identity))
        except Refusal as refusal:
            return self._refuse(request, refusal)
        response = self._enter(request, token)
        response.delete_cookie(COOKIE, path=PATH)
        return response


def _come_back(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{PATH}/return"


def routes(accounts: Accounts, company: Company, enter: Enter, refuse: Refuse) -> APIRouter:
    """The routes of this module."""
    router, handle = APIRouter(), CompanySignIn(accounts, company, enter, refuse)
    router.add_api_route(PATH, handle.leave, methods=["GET"], response_model=None)
    router.add_api_route(f"{PATH}/return", handle.arrive, methods=["GET"], response_model=None)
    return router
