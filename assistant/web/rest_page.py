"""The REST interface described for people, from its own OpenAPI description, with nothing loaded from elsewhere."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from assistant.web.session import language, templates
from assistant.wording import say


def page(api: FastAPI) -> Callable[[Request], HTMLResponse]:
    """The handler that shows what can be called, with which scope and which fields."""

    def described(request: Request) -> HTMLResponse:
        spoken = language(request)
        html = templates.get_template("api.html").render(
            language=spoken,
            say=partial(say, spoken),
            address=f"{request.url.scheme}://{request.url.netloc}",
            calls=list(_calls(api.openapi())),
        )
        return HTMLResponse(html)

    return described


def _calls(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in described["paths"].items():
        for method, call in methods.items():
            yield {
                "method": method.upper(),
                "path": path,
                "name": call["operationId"].split("_")[0],
                "scope": call["x-scope"],
                "fields": list(_fields(call, described["components"]["schemas"])),
            }


def _fields(call: dict[str, Any], schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for parameter in call.get("parameters", []):
        yield {"name": parameter["name"], "type": _type(parameter["schema"]), "required": parameter["required"]}
    for content in call.get("requestBody", {}).get("content", {}).values():
        schema = schemas[content["schema"]["$ref"].rsplit("/", 1)[1]]
        for name, field in schema["properties"].items():
            yield {"name": name, "type": _type(field), "required": name in schema.get("required", [])}


def _type(schema: dict[str, Any]) -> str:
    kinds = schema.get("anyOf", [schema])
    known = next(kind for kind in kinds if kind.get("type") != "null")
    return "file" if known.get("contentMediaType") or known.get("format") == "binary" else str(known.get("type", "?"))
