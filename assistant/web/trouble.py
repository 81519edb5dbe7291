"""What is answered where there is no page or file: one sentence, to a browser as a page with a way back."""

from functools import partial

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from assistant.web.session import language, templates
from assistant.wording import say


def trouble(request: Request, sentence: str, status: int) -> Response:
    """The sentence, as JSON (`error`) for whoever does not ask for a page."""
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"error": sentence}, status_code=status)
    spoken = language(request)
    html = templates.get_template("trouble.html").render(language=spoken, say=partial(say, spoken), sentence=sentence)
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})
