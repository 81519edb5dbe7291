"""A person's own data: what is kept, all of it as one file, and the own conversations deleted.

Plain forms without scripts.
"""

import tempfile
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.background import BackgroundTask

from assistant.access import User
from assistant.errors import BadInput, Refusal
from assistant.services import Services
from assistant.web.session import language, own_account, templates
from assistant.wording import as_language, say, say_error
from index import DocumentError

PATH = "/account/data"
CannotDo = Refusal | DocumentError
Confirmed = Annotated[str, Form(max_length=10)]


def routes(services: Services) -> APIRouter:
    """The routes of this module."""
    router = APIRouter()

    def page(request: Request, user: User, *, error: CannotDo | None = None, deleted: int | None = None) -> Response:
        spoken = language(request)
        tell = partial(say, spoken)
        other = as_language("en" if spoken == "ja" else "ja")
        counts = services.personal.holdings(user, str(user.account)).as_dict()
        names = ("conversations", "answers", "waiting", "verdicts", "uploads", "replies", "examples", "documents")
        html = templates.get_template("my_data.html").render(
            language=spoken,
            say=tell,
            rows=[(tell(f"my_data.{name}"), counts[name]) for name in names],
            error=say_error(spoken, error) if error else None,
            done=tell("my_data.deleted", count=deleted) if deleted is not None else None,
            path=PATH,
            other=other,
            other_name=say(other, "page.language_name"),
        )
        return HTMLResponse(html, status_code=400 if error else 200, headers={"Cache-Control": "no-store"})

    @router.get(PATH, response_model=None)
    def show(request: Request) -> Response:
        """What is kept of this person."""
        return page(request, own_account(request))

    @router.post(f"{PATH}/export", response_model=None)
    def export(request: Request) -> Response:
        """All of it as a zip."""
        user = own_account(request)
        file = tempfile.NamedTemporaryFile(prefix="madoguchi-data-", suffix=".zip")  # noqa: SIM115  # closed when sent
        try:
            services.personal.export(user, str(user.account), file.file)
        except DocumentError as error:
            file.close()
            return page(request, user, error=error)
        file.flush()
        return FileResponse(
            file.name,
            media_type="application/zip",
            filename="madoguchi.zip",
            headers={"Cache-Control": "no-store"},
            background=BackgroundTask(file.close),
        )

    @router.post(f"{PATH}/delete", response_model=None)
    def delete(request: Request, sure: Confirmed = "") -> Response:
        """The own conversations, once it is said that one is sure."""
        user = own_account(request)
        if sure != "yes":
            return page(request, user, error=BadInput("say_sure"))
        return page(request, user, deleted=services.personal.forget_conversations(user))

    return router
