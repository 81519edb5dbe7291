"""Whether an open page still shows what there is: asked all the time by `static/watch.js`, so it does very little."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from assistant import conversations
from assistant.services import Services
from assistant.web.session import own_account


def routes(services: Services) -> APIRouter:
    """The routes of this module."""
    router = APIRouter()

    @router.get("/conversations/state")
    def not_begun() -> Response:
        """The same for a conversation that has not begun: nothing changes but whether its person is signed in."""
        return PlainTextResponse("", headers={"Cache-Control": "no-store"})

    @router.get("/conversations/{conversation}/state", response_model=None)
    def state(request: Request, conversation: str) -> Response:
        """A text that is another one when the conversation's page would be."""
        with services.database.statement() as records:
            told = conversations.state(records, own_account(request), conversation)
        return PlainTextResponse(told, headers={"Cache-Control": "no-store"})

    return router
