"""Which documents a list shows, and in what order; the same for the page and the command line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from index import DocumentInfo

STATES: Mapping[str, Callable[[DocumentInfo, date], bool]] = {
    "searchable": lambda info, _today: info.serving is not None,
    "waiting": lambda info, _today: info.latest.waits,
    "failed": lambda info, _today: info.latest.state == "failed",
    "stopped": lambda info, _today: info.latest.state == "cancelled",
    "private": lambda info, _today: info.visibility == "private",
    "overdue": lambda info, today: info.overdue(today),
}
ORDERS: Mapping[str, tuple[Callable[[DocumentInfo], Any], bool]] = {  # key, whether the largest comes first
    "name": (lambda info: info.filename.casefold(), False),
    "newest": (lambda info: info.latest.uploaded_at, True),
    "department": (lambda info: (info.domain, info.filename.casefold()), False),
    "passages": (lambda info: info.passages, True),
    "review": (lambda info: info.review_on or date.max, False),
}


@dataclass(frozen=True)
class Filter:
    """What is wanted; an empty string wants all. `state` is one of STATES, `order` one of ORDERS."""

    domain: str = ""
    name: str = ""
    type: str = ""
    state: str = ""
    label: str = ""
    order: str = "name"

    def pick(self, documents: Sequence[DocumentInfo], today: date) -> list[DocumentInfo]:
        """The documents that fit, in order."""
        words = self.name.casefold().split()
        found = [
            info
            for info in documents
            if self.domain in ("", info.domain)
            and self.type in ("", info.type)
            and self.label in ("", info.sensitivity)
            and (not self.state or STATES[self.state](info, today))
            and all(word in f"{info.filename} {info.source} {info.responsible}".casefold() for word in words)
        ]
        key, largest_first = ORDERS[self.order]
        return sorted(found, key=key, reverse=largest_first)
