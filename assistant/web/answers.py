"""Where an answer came from, on one page: its passages, the approved answer, the adapter version; and made again.

A plain form without scripts. Whoever asked sees the own answers; a reviewer says why, which goes on record.
"""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from assistant.errors import BadInput, Refusal
from assistant.provenance_words import replayed, told
from assistant.services import Services
from assistant.steps.explain import percent
from assistant.web.session import language, own_account, templates
from assistant.wording import as_language, say, say_error

Reason = Annotated[str, Form(max_length=500)]
Again = Annotated[str, Form(max_length=10)]


def routes(services: Services) -> APIRouter:
    """The routes of this module."""
    router = APIRouter()

    def page(request: Request, answer: str, reason: str, again: bool) -> Response:
        user, spoken = own_account(request), language(request)
        tell, path = partial(say, spoken), f"/answers/{answer}"
        other = as_language("en" if spoken == "ja" else "ja")
        shown: dict[str, Any] = {
            "language": spoken,
            "say": tell,
            "percent": percent,
            "path": path,
            "reason": reason,
            "other": other,
            "other_name": say(other, "page.language_name"),
        }
        error: Refusal | None = None
        try:
            found = services.provenances.of(user, answer, reason)
            shown |= {"answer": found.answer, "sections": told(spoken, found)}
            if again:
                made = services.replays.of(user, answer, reason)
                shown["made"] = [(one.question, replayed(spoken, one)) for one in made]
        except BadInput as refusal:  # a reviewer has not said why yet
            error = refusal if request.method == "POST" else None
        except Refusal as refusal:
            if "answer" not in shown:
                raise
            error = refusal
        shown["error"] = say_error(spoken, error) if error else None
        html = templates.get_template("answer.html").render(shown)
        return HTMLResponse(html, status_code=400 if error else 200, headers={"Cache-Control": "no-store"})

    @router.get("/answers/{answer}", response_model=None)
    def show(request: Request, answer: str) -> Response:
        """The way back of an own answer; of another's, the question why it is read."""
        return page(request, answer, "", again=False)

    @router.post("/answers/{answer}", response_model=None)
    def read(request: Request, answer: str, reason: Reason = "", again: Again = "") -> Response:
        """The way back with a reason; `again`: the answer made again besides."""
        return page(request, answer, reason, again=again == "yes")

    return router
