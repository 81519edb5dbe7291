"""A page that says it is being left (`static/watch.js`): nobody comes back to it, so nothing of it is kept."""

from collections.abc import Sequence

import gradio as gr
from fastapi import APIRouter, Request
from fastapi.responses import Response

from assistant.pages.page_memory import leave
from assistant.web.session import own_account


def routes(pages: Sequence[gr.Blocks]) -> APIRouter:
    """The routes of this module. `pages`: all there are once the application is whole."""
    router = APIRouter()

    @router.post("/pages/{session}/left", status_code=204)
    async def left(request: Request, session: str) -> Response:  # on the thread that Gradio itself works on
        """Forget an own page, named as its head does; of another's, or one that there is not, nothing is told."""
        leave(pages, session, own_account(request).id)
        return Response(status_code=204)

    return router
