"""All that is written: documents, their passages, and searching them.

Owns documents, parsing, passages, the lexical and the dense index. Knows nothing of people beyond an id, of models
beyond the functions it is handed, of questions beyond their text: it never imports `adapters` or `assistant`.
"""

from index.dates import dates
from index.encoding import Encode
from index.errors import DocumentError
from index.facade import Index
from index.glossary import Meaning, meanings
from index.library import DocumentInfo, Library, StoredFile, Visibility
from index.page_image import page_image
from index.parsers.text import decode
from index.search import Hit, Mode, Passage, Scope
from index.standing import Force, Standing
from index.tokenizer import terms
from index.validity import Validity, same_matter

__all__ = [
    "DocumentError",
    "DocumentInfo",
    "Encode",
    "Force",
    "Hit",
    "Index",
    "Library",
    "Meaning",
    "Mode",
    "Passage",
    "Scope",
    "Standing",
    "StoredFile",
    "Validity",
    "Visibility",
    "dates",
    "decode",
    "meanings",
    "page_image",
    "same_matter",
    "terms",
]
