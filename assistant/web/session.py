"""Who is asking: the session cookie, and the person behind it with the rights of this moment."""

from pathlib import Path

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader

from assistant.access import User
from assistant.accounts import Accounts
from assistant.wording import Language, as_language

templates = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
COOKIE = "madoguchi_session"
LANGUAGE_COOKIE = "madoguchi_language"


def user_of(request: Request, accounts: Accounts) -> User | None:
    """The signed-in person, or None."""
    return accounts.user_of(request.cookies.get(COOKIE))


def own_account(request: Request) -> User:
    """The signed-in person, where the gate has let in nobody else."""
    user: User = request.state.user
    return user


def remember(response: Response, request: Request, token: str, hours: float) -> None:
    """Set the session cookie: for this site only, unreadable to scripts, encrypted transport where there is one."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(hours * 3600),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def language(request: Request) -> Language:
    """The person's language: the path's, else the one chosen before, else the browser's, else English."""
    first = request.url.path.split("/", 2)[1] if request.url.path.count("/") else ""
    chosen = first if first in ("ja", "en") else request.cookies.get(LANGUAGE_COOKIE)
    if chosen:
        return as_language(chosen)
    accepted = [part.split(";")[0].strip().lower() for part in request.headers.get("accept-language", "").split(",")]
    for tag in accepted:
        if tag[:2] in ("ja", "en"):
            return as_language(tag[:2])
    return "en"
