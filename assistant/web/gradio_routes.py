"""Which of Gradio's own routes a page of ours needs. All others do not exist here, those of later releases too.

Among the closed ones are handing out cached files by path, fetching an address for a browser, plain calls that pass
the queue by, monitoring, the history of runs, editing the application from the
browser, and stopping an event by its name, which asks nobody whose it is: no page of ours wires it.
"""

import re

_WITH_SESSION = r"heartbeat/[\w-]{1,64}|upload_progress|app_id|queue/data|theme\.css"
_OPEN = {
    "GET": re.compile(
        rf"|config|theme\.css|favicon\.ico|(assets|static|svelte)/.+|gradio_api/({_WITH_SESSION})", re.ASCII
    ),
    "POST": re.compile(r"gradio_api/(queue/join|upload|reset)", re.ASCII),
}


def needed(method: str, path: str) -> bool:
    """Whether a page needs this route. `path`: what follows `/<language>/<page>/`, with or without a last slash."""
    known = _OPEN.get("GET" if method == "HEAD" else method)
    return known is not None and known.fullmatch(path.removesuffix("/")) is not None
