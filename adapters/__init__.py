"""All that is learnt: the base models and their encoder, the language model's worker, the router, versions.

Owns every weight. Knows nothing of documents, people or conversations: it never imports `index` or `assistant`,
and is handed what it needs. Importing it switches the libraries' network use off before they are imported.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from adapters import offline as offline  # first: its switches are read when transformers is imported

if TYPE_CHECKING:
    from adapters.encoder import Encoder
    from adapters.errors import AdapterError, AdaptersError, ModelBusy, ModelError, PromptTooLong
    from adapters.matcher import Matcher
    from adapters.reader import Reader
    from adapters.reranker import Reranker
    from adapters.router import Router, Routing
    from adapters.search_encoder import Remembering, SearchEncoder
    from adapters.serving import Generation, GenerationRequest, Handle, LanguageModelWorker
    from adapters.spans import Marking
    from adapters.writers import Writers

__all__ = [
    "AdapterError",
    "AdaptersError",
    "Encoder",
    "Generation",
    "GenerationRequest",
    "Handle",
    "LanguageModelWorker",
    "Marking",
    "Matcher",
    "ModelBusy",
    "ModelError",
    "PromptTooLong",
    "Reader",
    "Remembering",
    "Reranker",
    "Router",
    "Routing",
    "SearchEncoder",
    "Writers",
    "offline",
]

_HOME = {
    "AdapterError": "errors",
    "AdaptersError": "errors",
    "Encoder": "encoder",
    "Generation": "serving",
    "GenerationRequest": "serving",
    "Handle": "serving",
    "LanguageModelWorker": "serving",
    "Marking": "spans",
    "Matcher": "matcher",
    "ModelBusy": "errors",
    "ModelError": "errors",
    "PromptTooLong": "errors",
    "Reader": "reader",
    "Remembering": "search_encoder",
    "Reranker": "reranker",
    "Router": "router",
    "Routing": "router",
    "SearchEncoder": "search_encoder",
    "Writers": "writers",
}


def __getattr__(name: str) -> object:
    """A public name, from its module when it is first asked for (PEP 562): torch and the like take seconds to import,
    and a command that uses none of them should not wait for them.
    """
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
