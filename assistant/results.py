"""What search and routing give, in the one shape that the command line and the REST interface print."""

from typing import Any

from adapters import Routing
from index import Hit


def as_result(hit: Hit) -> dict[str, Any]:
    """A search result as the contract has it."""
    passage = hit.passage
    return {
        "rank": hit.rank,
        "score": round(hit.score, 4),
        "document": passage.document,
        "file": passage.file,
        "page": passage.page,
        "sheet": passage.sheet,
        "slide": passage.slide,
        "cells": passage.cells,
        "box": list(passage.box) if passage.box else None,
        "heading": passage.heading or None,
        "text": passage.text,
    }


def as_routing(routing: Routing) -> dict[str, Any]:
    """A route as the contract has it."""
    return {
        "domain": None if routing.out_of_scope else routing.domain,
        "probability": round(routing.probability, 4),
        "ranked": [{"domain": name, "probability": round(p, 4)} for name, p in routing.ranked],
        "out_of_scope": routing.out_of_scope,
    }
