"""The application: one FastAPI with its gate, the forms, the document routes and a Gradio page per mount.

Every page of every language is an application of its own, so that a page that someone may not open has no
component, event or file route that could be asked.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.resources import files
from typing import Any

import gradio as gr
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.access import User
from assistant.errors import NotAllowed, NotFound, Refusal
from assistant.identity import Provider
from assistant.pages import (
    adapters_page,
    ask_page,
    departments_page,
    desk_page,
    documents_page,
    evaluation_page,
    figures_page,
    glossary_page,
    people_page,
    records_page,
    release_page,
)
from assistant.pages.frame import CSS, may_open, own_words, theme
from assistant.pages.page import save_work
from assistant.pages.page_memory import sweep_again_and_again
from assistant.provider_accounts import account_of
from assistant.services import Services
from assistant.web import (
    account,
    answers,
    conversations,
    documents,
    gradio_routes,
    leaving,
    personal,
    records,
    reports,
    sign_in,
    straight,
)
from assistant.web.crowd import Crowd
from assistant.web.event_streams import EventStreams
from assistant.web.oidc import Company
from assistant.web.page_sessions import PageSessions
from assistant.web.quick_refusal import QuickRefusal
from assistant.web.rest import create_api
from assistant.web.security import Guard
from assistant.web.session import language, own_account, user_of
from assistant.web.trouble import trouble
from assistant.web.waiting_room import WaitingRoom
from assistant.wording import LANGUAGES, Language, say, say_error
from index import DocumentError

EVENTS_BESIDE = 40  # threads of a page beside the questions that may be under way
QUEUE_LOOKS = 0.02  # seconds between two looks of a page's queue
NEVER = 3600.0  # seconds
# the first parts of the paths that are for the signed-in
GATED = (
    *LANGUAGES,
    "account",
    "answers",
    "conversations",
    "documents",
    "domain-check",
    "pages",
    "records",
    "version-report",
)

BUILDERS: dict[str, Callable[[Services, Language], gr.Blocks]] = {
    "ask": ask_page.build,
    "documents": documents_page.build,
    "desk": desk_page.build,
    "glossary": glossary_page.build,
    "figures": figures_page.build,
    "adapters": adapters_page.build,
    "release": release_page.build,
    "evaluation": evaluation_page.build,
    "people": people_page.build,
    "departments": departments_page.build,
    "records": records_page.build,
}


def create_application(services: Services) -> FastAPI:
    """The web application of one home, with all its pages mounted."""

    pages: list[gr.Blocks] = []
    asking: dict[str, tuple[gr.Blocks, Language]] = {}
    crowd = Crowd()

    @asynccontextmanager
    async def lifespan(_application: FastAPI) -> AsyncIterator[None]:
        services.warm_up()
        who_nobody_is = partial(services.accounts.user_of, "nobody")  # what every request begins with
        beside = [asyncio.create_task(work) for work in (sweep_again_and_again(pages), crowd.watch(who_nobody_is))]
        yield
        for task in beside:
            task.cancel()
        await run_in_threadpool(services.close)

    application = FastAPI(title="Madoguchi", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    application.add_middleware(QuickRefusal, asking=asking, busy=lambda: services.busy(crowd.too_large))
    application.add_middleware(EventStreams)
    application.add_middleware(PageSessions, pages=pages)
    application.add_middleware(WaitingRoom, crowd=crowd)
    application.add_middleware(_Gate, services=services)
    application.add_middleware(Guard)
    for kind in (Refusal, DocumentError):
        application.exception_handler(kind)(_refused)
    application.exception_handler(404)(_nothing_there)
    static = str(files("assistant") / "web" / "static")
    application.mount("/static", StaticFiles(directory=static), name="static")
    company = None
    if services.settings.oidc_issuer:
        company = Company(Provider(services.settings), partial(account_of, services.database))
    application.include_router(sign_in.routes(services.accounts, services.settings.session_hours, company))
    application.include_router(documents.routes(services))
    application.include_router(answers.routes(services))
    application.include_router(conversations.routes(services))
    application.include_router(leaving.routes(pages))
    application.include_router(reports.routes(services))
    application.include_router(account.routes(services))
    application.include_router(personal.routes(services))
    application.include_router(records.routes(services))
    application.include_router(straight.routes(services))
    application.mount("/api/v1", create_api(services))

    @application.get("/health")
    async def health() -> dict[str, Any]:  # needs none of the threads that may all be busy
        """Whether the server answers, and whether its models are loaded; tells nothing else."""
        return {"status": "ok", "models": services.warm}

    @application.get("/manifest.json")
    def manifest() -> Response:
        """What a browser asks for when a page is kept on a phone's start screen."""
        return FileResponse(f"{static}/manifest.json")

    @application.get("/")
    def front(request: Request) -> Response:
        """The assistant, or the sign-in form."""
        signed_in = user_of(request, services.accounts) is not None
        return RedirectResponse(f"/{language(request)}/ask/" if signed_in else "/sign-in", status_code=303)

    save_work()
    for spoken in LANGUAGES:
        for name, build in BUILDERS.items():
            pages.append(build(services, spoken))
            application = _mount(application, services, pages[-1], spoken, f"/{spoken}/{name}")
            if name == "ask":
                asking[f"/{spoken}/ask/gradio_api/queue/join"] = pages[-1], spoken
    return application


def _mount(application: FastAPI, services: Services, page: gr.Blocks, spoken: Language, path: str) -> FastAPI:
    # with another number than Gradio's 40 the page's events have threads of their own, and nobody waits for them
    page.max_threads = services.settings.queue_length + EVENTS_BESIDE
    page.queue(default_concurrency_limit=20, max_size=200, api_open=False)
    # Gradio's queue looks a thousand times a second, each page's own, whether anything waits
    page._queue.sleep_when_free = QUEUE_LOOKS
    page._queue.progress_update_sleep_when_free = NEVER  # for Gradio's own progress bars: no page has one
    # it also works out statistics of its events anew after each of them, which nobody is shown
    page._queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize
    page._queue.ANALYTICS_MAX_EVENTS = 1
    mounted: FastAPI = gr.mount_gradio_app(
        application,
        page,
        path=path,
        auth_dependency=lambda request: own_account(request).account,  # whom the gate has let in
        ssr_mode=False,
        run_history=False,
        enable_monitoring=False,
        footer_links=[],
        show_error=False,
        allowed_paths=[],
        blocked_paths=[str(services.settings.home.absolute())],
        max_file_size=services.settings.upload_megabytes * 1024 * 1024,
        theme=theme(),
        css=CSS,
        i18n=own_words(spoken),
        head='<link rel="icon" href="/static/icon.svg"><script src="/static/watch.js" defer></script>',
    )
    return mounted


class _Gate:
    """Middleware: nobody who is not signed in, or may not open a page, reaches anything under its path."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app, self._accounts = app, services.accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        stopped = await self._stopped(Request(scope)) if scope["type"] == "http" else None
        await (stopped or self._app)(scope, receive, send)

    async def _stopped(self, request: Request) -> Response | None:
        """What is answered instead of letting a request in; None: it is let in, with its person."""
        parts = request.scope["path"].split("/")
        if len(parts) < 2 or parts[1] not in GATED:
            return None
        user = await run_in_threadpool(user_of, request, self._accounts)
        if user is None:
            wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
            return RedirectResponse("/sign-in", status_code=303) if wants_page else _signed_out(request)
        if parts[1] in LANGUAGES and not _opens(user, request.method, *parts[2:]):
            return _nothing_there(request)
        if user.must_change_password:
            return RedirectResponse("/password", status_code=303)
        request.state.user = user
        return None


def _signed_out(request: Request) -> Response:
    """What an open page is answered when its person is signed out; Gradio shows the sentence beside what was typed."""
    return JSONResponse({"error": say(language(request), "page.signed_out")}, status_code=401)


def _opens(user: User, method: str, page: str = "", *route: str) -> bool:
    """Whether this person may open a page, and the page needs this route."""
    if page == "straight":
        return not route
    return page in BUILDERS and may_open(page, user) and gradio_routes.needed(method, "/".join(route))


def _refused(request: Request, error: Exception) -> Response:
    status = 404 if isinstance(error, NotFound) else 403 if isinstance(error, NotAllowed) else 400
    return trouble(request, say_error(language(request), error), status)


def _nothing_there(request: Request, _error: Exception | None = None) -> Response:
    return trouble(request, say(language(request), "error.unknown_page"), 404)
