"""The REST interface under `/api/v1`: for programs with a person's token, never for a browser's cookie.

Each call acts as the token's person with the rights of this moment, and only within the token's scopes. Every refusal
has one shape: `{"error": {"code", "message"}}`, the message in the language of `Accept-Language`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from adapters.errors import AdaptersError
from assistant.access import User
from assistant.ask import check_question
from assistant.documents import Upload
from assistant.errors import BadInput, Busy, Conflict, NotAllowed, NotFound, Refusal
from assistant.results import as_result, as_routing
from assistant.services import Services
from assistant.steps.write import Cancelled
from assistant.web import rest_page
from assistant.web.rate import Rate
from assistant.web.session import language, own_account
from assistant.wording import Language, say, say_error
from index import DocumentError, DocumentInfo

STATUS: Mapping[type[Exception], int] = {BadInput: 400, NotAllowed: 403, NotFound: 404, Conflict: 409, Busy: 503}
BEARER = HTTPBearer(auto_error=False, description="a token of one's own account")
PLAIN = {401: "needs_token", 404: "no_such_route", 405: "no_such_route"}


class Asked(BaseModel):
    """A question, and the department where it is known."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(description="in Japanese or English")
    domain: str | None = Field(None, description="a department; without it the router decides")


class Question(Asked):
    """A question to be answered."""

    conversation: str | None = Field(None, description="an own conversation to go on with")
    reviewed: bool = Field(True, description="whether a person's answer to the same question is given or told of")


class Search(Asked):
    """A question to find passages for."""

    k: int = Field(10, ge=1, le=100, description="how many passages")


class Rest:
    """The handlers of this module over the services of one home."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def ask(self, request: Request, asked: Question) -> dict[str, Any]:
        """A cited answer, or an honest hold: the answer object. A held draft is shown to the department's desk only.

        Hanging up stops it: nobody would find the answer.
        """
        user = own_account(request)
        running = await run_in_threadpool(lambda: self._services.running)  # made with the first question
        run = running.start(
            asked.question, user, asked.domain, asked.conversation, language(request), reviewed=asked.reviewed
        )
        async for _ in run.stages():
            if await request.is_disconnected():
                run.cancel.set()
        try:
            answer = run.result.result()
        except Cancelled as error:
            raise Refusal("cancelled") from error  # nobody hears it
        shown = answer if answer.status == "answered" or answer.domain in user.desks else replace(answer, draft=None)
        return shown.as_dict()

    def route(self, request: Request, asked: Asked) -> dict[str, Any]:
        """Which department a question belongs to, among those that the caller sees."""
        user = own_account(request)
        text = check_question(asked.question, self._services.settings.question_characters)
        visible = [_visible(user, asked.domain)] if asked.domain else list(user.roles)
        return as_routing(self._services.domains.router().route(text, visible))

    def search(self, request: Request, asked: Search) -> dict[str, Any]:
        """Passages for a question, best first."""
        user = own_account(request)
        text = check_question(asked.question, self._services.settings.question_characters)
        within = _visible(user, asked.domain) if asked.domain else None
        hits = self._services.documents.search(user, text, within, asked.k)
        return {"results": [as_result(hit) for hit in hits]}

    def documents(self, request: Request, domain: str | None = None) -> dict[str, Any]:
        """The documents that the caller sees."""
        user = own_account(request)
        within = _visible(user, domain) if domain else None
        return {"documents": [_as_document(info) for info in self._services.documents.listing(user, within)]}

    def upload(self, request: Request, file: UploadFile, domain: Annotated[str, Form()]) -> dict[str, Any]:
        """Take a file: a reviewer's for the department, anybody else's for himself until it is accepted."""
        user = own_account(request)
        taken = self._services.documents.upload(user, file.file, Upload(file.filename or "", domain))
        return {"document": taken.document, "version": taken.version, "status": taken.status}


def create_api(services: Services) -> FastAPI:
    """The interface as an application of its own, with its description beside it."""
    api = FastAPI(title="Madoguchi", version="1", docs_url=None, redoc_url=None)
    handle, rate = Rest(services), Rate(services.settings.api_per_minute)
    for method, path, scope, take in (
        ("POST", "/ask", "ask", handle.ask),
        ("POST", "/route", "ask", handle.route),
        ("POST", "/search", "search", handle.search),
        ("GET", "/documents", "documents", handle.documents),
        ("POST", "/documents", "ingest", handle.upload),
    ):
        only = Depends(_holder(services, rate, scope))
        api.add_api_route(path, take, methods=[method], dependencies=[only], openapi_extra={"x-scope": scope})
    api.add_api_route("/", rest_page.page(api), methods=["GET"], include_in_schema=False)
    for kind in (Refusal, AdaptersError, DocumentError, RequestValidationError, HTTPException):
        api.exception_handler(kind)(refused)
    return api


def _holder(services: Services, rate: Rate, scope: str) -> Callable[..., None]:
    """The dependency that lets in whoever holds a token for `scope`, and not too often."""

    def holder(
        request: Request, response: Response, given: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
    ) -> None:
        caller = services.tokens.caller(given.credentials) if given else None
        if caller is None:
            raise HTTPException(401)
        if caller.user.must_change_password:
            raise NotAllowed("password_first")
        if wait := rate.wait(caller.token):
            raise Busy("too_many_calls", limit=services.settings.api_per_minute, seconds=wait)
        caller.require(scope)
        request.state.user = caller.user
        response.headers["Cache-Control"] = "no-store"

    return holder


def refused(request: Request, error: Exception) -> JSONResponse:
    """The one shape of every refusal."""
    spoken, headers = language(request), {}
    if isinstance(error, HTTPException):
        status, code = error.status_code, PLAIN.get(error.status_code, "bad_request")
        message = say(spoken, f"error.{code}")
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    elif isinstance(error, RequestValidationError):
        status, code, message = 400, "bad_request", _first_fault(spoken, error)
    else:
        code, message = getattr(error, "code", "unexpected"), say_error(spoken, error)
        status = next(
            (s for kind, s in STATUS.items() if isinstance(error, kind)), 500 if code == "unexpected" else 400
        )
        if isinstance(error, Busy):
            status = 429 if code == "too_many_calls" else status
            headers = {"Retry-After": str(error.params.get("seconds", 1))}
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status, headers=headers)


def _first_fault(spoken: Language, error: RequestValidationError) -> str:
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0])
    return say(spoken, "error.bad_field", field=place, detail=fault["msg"])


def _visible(user: User, domain: str) -> str:
    user.require("employee", domain)
    return domain


def _as_document(info: DocumentInfo) -> dict[str, Any]:
    return {
        "id": info.id,
        "file": info.filename,
        "domain": info.domain,
        "version": info.latest.number,
        "state": info.latest.state,
        "passages": info.passages,
        "visibility": info.visibility,
        "label": info.sensitivity,
        "uploaded_at": info.latest.uploaded_at.isoformat(),
    }
