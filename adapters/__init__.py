"""All that is learnt: the base models and their encoder, the language model's worker, the router, versions.

Owns every weight. Knows nothing of documents, people or conversations: it never imports `index` or `assistant`,
and is handed what it needs. Importing it switches the libraries' network use off before they are imported.
"""

from adapters import offline as offline  # first: its switches are read when transformers is imported
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
