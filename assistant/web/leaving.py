"""A page that says it is being left (`static/watch.js`): nobody comes back to it, so nothing of it is kept."""

from collections.abc import Sequence

import gradio as gr
from fastapi import APIRouter
from fastapi.responses import Response

from assistant.pages.page_memory import leave


def routes(pages: Sequence[gr.Blocks]) -> APIRouter:
    """The routes of this module. `pages`: all there are once the application is whole."""
    router = APIRouter()

    @router.post("/pages/{session}/left", status_code=204)
    async def left(session: str) -> Response:  # on the thread that Gradio itself works on
        """Forget an open page, named as its head does; one that there is not is none that is kept."""
        leave(pages, session)
        return Response(status_code=204)

    return router
