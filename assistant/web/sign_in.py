"""Signing in and out, the first administrator's link, and the forced change of a given password.

Plain forms without scripts: they work before anything else does.
"""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from assistant.accounts import Accounts
from assistant.errors import BadInput, Refusal
from assistant.web import oidc
from assistant.web.oidc import Company
from assistant.web.session import COOKIE, LANGUAGE_COOKIE, language, remember, templates, user_of
from assistant.wording import as_language, say, say_error

Text = Annotated[str, Form(max_length=400)]
WITHOUT_FORM = ("begin", "link_ended")


@dataclass(frozen=True)
class Field:
    """One input of a form."""

    name: str
    label: str
    type: str = "text"
    autocomplete: str = "off"
    value: str = ""
    required: bool = True


def form(
    request: Request,
    page: str,
    fields: list[Field],
    *,
    error: Refusal | None = None,
    lead: list[str] | None = None,
    query: str = "",
    to: str | None = None,
    company: bool = False,
) -> HTMLResponse:
    """A page with one form; its texts are `form.<page>_…`. `company`: with the way to the identity provider."""
    spoken = language(request)
    other = "en" if spoken == "ja" else "ja"
    action = (to or request.url.path) + (f"?{query}" if query else "")
    html = templates.get_template("form.html").render(
        language=spoken,
        title=say(spoken, f"form.{page}_title"),
        lead=[say(spoken, f"form.{page}_lead")] if lead is None else lead,
        fields=fields,
        submit=say(spoken, f"form.{page}_submit") if page not in WITHOUT_FORM else "",
        action=action,
        error=say_error(spoken, error) if error else None,
        company=say(spoken, "form.company") if company else None,
        company_href=oidc.PATH,
        other=other,
        other_name=say(as_language(other), "page.language_name"),
        other_href=f"/language/{other}?{urlencode({'to': action})}",
    )
    return HTMLResponse(html, status_code=400 if error else 200, headers={"Cache-Control": "no-store"})


def inside(path: str) -> str:
    """`path` if it lies on this site, else the front page: no open redirect."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def _sign_in_fields(request: Request) -> list[Field]:
    spoken = language(request)
    return [
        Field("name", say(spoken, "form.name"), autocomplete="username"),
        Field("password", say(spoken, "form.password"), "password", "current-password"),
    ]


def _first_fields(request: Request, name: str = "", display_name: str = "") -> list[Field]:
    spoken = language(request)
    return [
        Field("name", say(spoken, "form.name"), autocomplete="username", value=name),
        Field(
            "display_name", say(spoken, "form.display_name"), autocomplete="name", required=False, value=display_name
        ),
        Field("password", say(spoken, "form.password_new"), "password", "new-password"),
        Field("again", say(spoken, "form.password_again"), "password", "new-password"),
    ]


def _change_fields(request: Request) -> list[Field]:
    spoken = language(request)
    return [
        Field("old", say(spoken, "form.password_now"), "password", "current-password"),
        Field("password", say(spoken, "form.password_new"), "password", "new-password"),
        Field("again", say(spoken, "form.password_again"), "password", "new-password"),
    ]


class SignIn:
    """The handlers of this module, over the accounts of one home."""

    def __init__(self, accounts: Accounts, session_hours: float, company: bool) -> None:
        self._accounts = accounts
        self._hours = session_hours
        self._company = company

    def enter(self, request: Request, token: str, to: str = "/") -> Response:
        """Give the browser a session's token."""
        response = RedirectResponse(inside(to), status_code=303)
        remember(response, request, token, self._hours)
        return response

    def sign_in_page(self, request: Request) -> Response:
        """The sign-in form, or how to begin when nobody could sign in yet."""
        if not self._company and not self._accounts.any_exist():
            return form(request, "begin", [])
        return self.refuse(request, None)

    def sign_in(self, request: Request, name: Text, password: Text) -> Response:
        """Check name and password."""
        try:
            token = self._accounts.sign_in(name, password)
        except Refusal as error:
            return self.refuse(request, error)
        return self.enter(request, token)

    def refuse(self, request: Request, error: Refusal | None) -> Response:
        """The sign-in form, with what went wrong; here one can always sign in with an account of the assistant."""
        return form(request, "sign_in", _sign_in_fields(request), error=error, to="/sign-in", company=self._company)

    def sign_out_page(self, request: Request) -> Response:
        """A form with one button: leaving is a change, and a link must not make one."""
        return form(request, "sign_out", [])

    def sign_out(self, request: Request) -> Response:
        """End this sign-in."""
        if token := request.cookies.get(COOKIE):
            self._accounts.end_session(token)
        response = RedirectResponse("/sign-in", status_code=303)
        response.delete_cookie(COOKIE)
        return response

    def welcome_page(self, request: Request, token: str = "") -> Response:
        """The first administrator's form behind the one-time link."""
        if not self._accounts.link_is_valid(token):
            return form(request, "link_ended", [])
        return form(request, "welcome", _first_fields(request), query=urlencode({"token": token}))

    def welcome(
        self, request: Request, name: Text, password: Text, again: Text, display_name: Text = "", token: str = ""
    ) -> Response:
        """Make the first administrator and sign in."""
        try:
            if password != again:
                raise BadInput("passwords_differ")
            account = self._accounts.redeem_link(token, name, password, display_name)
        except Refusal as error:
            fields = _first_fields(request, name, display_name)
            return form(request, "welcome", fields, error=error, query=urlencode({"token": token}))
        return self.enter(request, self._accounts.start_session(account))

    def password_page(self, request: Request) -> Response:
        """The form for an own password."""
        if user_of(request, self._accounts) is None:
            return RedirectResponse("/sign-in", status_code=303)
        return form(request, "password", _change_fields(request))

    def password(self, request: Request, old: Text, password: Text, again: Text) -> Response:
        """Change the own password; this browser stays signed in, all others don't."""
        user = user_of(request, self._accounts)
        if user is None or user.account is None:
            return RedirectResponse("/sign-in", status_code=303)
        try:
            if password != again:
                raise BadInput("passwords_differ")
            self._accounts.change_password(user.account, old, password)
        except Refusal as error:
            return form(request, "password", _change_fields(request), error=error)
        return self.enter(request, self._accounts.start_session(user.account))


def switch_language(code: str, to: str = "/") -> Response:
    """Remember the chosen language and go back."""
    response = RedirectResponse(inside(to), status_code=303)
    response.set_cookie(LANGUAGE_COOKIE, as_language(code), max_age=365 * 86400, samesite="lax")
    return response


def routes(accounts: Accounts, session_hours: float, company: Company | None) -> APIRouter:
    """The routes of this module over the given accounts, and those of the identity provider where there is one."""
    router, handle = APIRouter(), SignIn(accounts, session_hours, company is not None)
    if company is not None:
        router.include_router(oidc.routes(accounts, company, handle.enter, handle.refuse))
    for path, show, take in (
        ("/sign-in", handle.sign_in_page, handle.sign_in),
        ("/sign-out", handle.sign_out_page, handle.sign_out),
        ("/welcome", handle.welcome_page, handle.welcome),
        ("/password", handle.password_page, handle.password),
    ):
        router.add_api_route(path, show, methods=["GET"], response_model=None)
        router.add_api_route(path, take, methods=["POST"], response_model=None)
    router.add_api_route("/language/{code}", switch_language, methods=["GET"], response_model=None)
    return router
