"""All that is written: documents, their passages, and searching them.

Owns documents, parsing, passages, the lexical and the dense index. Knows nothing of people beyond an id, of models
beyond the functions it is handed, of questions beyond their text: it never imports `adapters` or `assistant`.
"""

from index.copies import merged
from index.dates import dates
from index.encoding import Encode
from index.errors import DocumentError
from index.facade import Index
from index.fetching import fetch_all
from index.file_lock import locked
from index.glossary import Entry, Meaning, entries_of, glossary_of, meanings
from index.items import BULLET, begins_item
from index.library import Library, Prepared
from index.listing import SENSITIVITIES, DocumentInfo, Incoming, Sensitivity, VersionInfo, Visibility
from index.page_image import page_image
from index.parsers.rows import row_cells
from index.parsers.text import decode
from index.proposals import Proposal, proposals
from index.queue import Pace, WrongState
from index.read_ahead import ReadAhead
from index.sealing import NO_KEYS, Key, Keyring, Unopened
from index.search import Hit, Mode, Passage, Scope
from index.standing import Force, Standing
from index.store import Store, StoredFile
from index.tokenizer import terms
from index.validity import Validity, same_matter
from index.watching import GivenUp

__all__ = [
    "BULLET",
    "NO_KEYS",
    "SENSITIVITIES",
    "DocumentError",
    "DocumentInfo",
    "Encode",
    "Entry",
    "Force",
    "GivenUp",
    "Hit",
    "Incoming",
    "Index",
    "Key",
    "Keyring",
    "Library",
    "Meaning",
    "Mode",
    "Pace",
    "Passage",
    "Prepared",
    "Proposal",
    "ReadAhead",
    "Scope",
    "Sensitivity",
    "Standing",
    "Store",
    "StoredFile",
    "Unopened",
    "Validity",
    "VersionInfo",
    "Visibility",
    "WrongState",
    "begins_item",
    "dates",
    "decode",
    "entries_of",
    "fetch_all",
    "glossary_of",
    "locked",
    "meanings",
    "merged",
    "page_image",
    "proposals",
    "row_cells",
    "same_matter",
    "terms",
]
