"""Documents, served by our own routes: rights are checked on every request, never by a cache's path.

An original is a download; a citation opens in its place, as text with the cited words marked, of a PDF with the page.
"""

from contextlib import ExitStack
from functools import partial
from typing import Any
from urllib.parse import quote as quoted

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.background import BackgroundTask

from assistant.answer import Citation
from assistant.document_texts import SHOWN
from assistant.services import Services
from assistant.steps.explain import place as place_of
from assistant.web.session import language, own_account, templates
from assistant.wording import Language, say, say_error
from index import DocumentError, Passage, row_cells


def routes(services: Services) -> APIRouter:
    """The routes of this module."""
    router = APIRouter()

    @router.get("/documents/{document}/text")
    def text(request: Request, document: str, start: int = 0) -> Response:
        """The text of a document as it is searched, some passages at a time."""
        user = own_account(request)
        info, found, count = services.document_texts.text(user, document, start)
        spoken, first = language(request), max(0, start)
        shown = (info.serving or info.latest).id
        html = templates.get_template("place.html").render(
            language=spoken,
            say=partial(say, spoken),
            file=info.filename,
            original=f"/documents/{document}/{shown}",
            pieces=[_piece(spoken, one, "", False) for one in found],
            nothing="place.nothing",
            earlier=f"/documents/{document}/text?start={max(0, first - SHOWN)}" if first else None,
            later=f"/documents/{document}/text?start={first + SHOWN}" if first + SHOWN < count else None,
        )
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    @router.get("/documents/{document}/{version}")
    def original(request: Request, document: str, version: str) -> Response:
        """A version's file as it was uploaded, as a download. 404 for what may not be seen, as for nothing."""
        user = own_account(request)
        opened = ExitStack()
        path, filename = opened.enter_context(services.document_texts.original(user, document, version))
        disposition = f"attachment; filename*=UTF-8''{quoted(filename)}"
        return FileResponse(
            path,
            media_type="application/octet-stream",
            headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
            background=BackgroundTask(opened.close),
        )

    @router.get("/documents/{document}/{version}/at/{passage}")
    def place(request: Request, document: str, version: str, passage: int, quote: str = "") -> Response:
        """A citation in its place."""
        user = own_account(request)
        info, around = services.document_texts.opened_at(user, document, version, passage)
        spoken = language(request)
        html = templates.get_template("place.html").render(
            language=spoken,
            say=partial(say, spoken),
            file=info.filename,
            original=f"/documents/{document}/{version}",
            pieces=[_piece(spoken, one, quote if one.id == passage else "", one.id == passage) for one in around],
            nothing="place.replaced",
            picture=f"/documents/{document}/{version}/page/{passage}" if _has_pages(info.filename, around) else None,
        )
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    @router.get("/documents/{document}/{version}/page/{passage}")
    def page(request: Request, document: str, version: str, passage: int) -> Response:
        """The page of a PDF on which a passage stands, with the passage framed."""
        user = own_account(request)
        try:
            picture = services.document_texts.page_picture(user, document, version, passage)
        except DocumentError as error:
            return PlainTextResponse(say_error(language(request), error), status_code=404)
        return Response(picture, media_type="image/png", headers={"Cache-Control": "no-store"})

    return router


def _has_pages(filename: str, around: list[Passage]) -> bool:
    return filename.lower().endswith(".pdf") and any(one.page is not None for one in around)


def _piece(spoken: Language, one: Passage, quote: str, cited: bool) -> dict[str, Any]:
    """A passage for the template: where it stands, and its text before, in and after the cited words, or as a table."""
    at = one.text.find(quote) if quote else -1
    start, end = (at, at + len(quote)) if at >= 0 else (0, len(one.text) if cited else 0)
    where = place_of(spoken, Citation.of(1, one, "", 0.0))
    piece = {"where": where, "before": one.text[:start], "marked": one.text[start:end], "after": one.text[end:]}
    return piece | {"table": _table(one.text, start, end)}


def _table(told: str, start: int, end: int) -> dict[str, Any] | None:
    """Rows as a table, the cited ones noted; None where a line reads like no row."""
    rows: list[dict[str, Any]] = []
    place = 0
    for line in told.split("\n\n"):
        cells: dict[str, str] = {}
        for name, value in row_cells(line):  # cells of one name, as those without any, stand together
            cells[name] = f"{cells[name]}; {value}" if name in cells else value
        if not cells:
            return None
        rows.append({"cells": cells, "cited": place < end and place + len(line) > start})
        place += len(line) + 2
    return {"columns": list(dict.fromkeys(name for row in rows for name in row["cells"])), "rows": rows}
