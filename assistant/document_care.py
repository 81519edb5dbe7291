"""What keeps documents true and in the right hands: label, who is responsible, review date, withdrawal.

A confidential document is found by the reviewers and owners of its department alone, and nothing is learnt from it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant.access import User
from assistant.audit import digest
from assistant.clock import today
from assistant.database import Change, Database
from assistant.derived import Derived, derived_of
from assistant.documents import changeable, relabel
from assistant.errors import BadInput
from assistant.ingestion import told
from index import DocumentInfo, Index, Sensitivity, listing

LONGEST_RESPONSIBLE = 120
LONGEST_REASON = 1_000


@dataclass(frozen=True)
class Care:
    """What is said of a document; None leaves a thing as it is."""

    sensitivity: Sensitivity | None = None
    responsible: str | None = None
    review_on: date | None = None
    no_review: bool = False


class DocumentCare:
    """The care for one home's documents."""

    def __init__(self, database: Database, index: Index) -> None:
        self._database = database
        self._index = index

    def describe(self, user: User, document: str, care: Care) -> DocumentInfo:
        """Say how sensitive a document is, who keeps it true, when somebody looks at it again.

        Raises NotFound, NotAllowed (neither a reviewer nor the owner of a private upload), BadInput.
        """
        responsible = " ".join((care.responsible or "").split())
        if len(responsible) > LONGEST_RESPONSIBLE:
            raise BadInput("text_too_long", limit=LONGEST_RESPONSIBLE)
        with self._database.transaction(user.actor, "described") as change:
            info = changeable(change.session, user, document)
            if care.sensitivity is not None:
                relabel(change, self._index, info, care.sensitivity)
            before: dict[str, Any] = {"responsible": info.responsible, "review_on": info.review_on}
            after = before | ({"responsible": responsible} if care.responsible is not None else {})
            after |= {"review_on": care.review_on} if care.review_on or care.no_review else {}
            if after != before:
                self._index.library.describe(change.session, document, **after)
                change.record("document.described", "document", document, _plain(before), _plain(after))
        self._index.refresh(self._database.read)
        with self._database.read() as session:
            return listing.info(session, document)

    def derived(self, user: User, document: str) -> Derived:
        """What was made from a document. Raises NotFound, NotAllowed."""
        with self._database.read() as session:
            changeable(session, user, document)
            return derived_of(session, user, document)

    def withdraw(self, user: User, document: str, reason: str = "") -> Derived:
        """Take a document out of the search for good; what was made from it serves and trains nobody any more.

        Its owner or a reviewer may. Raises NotFound, NotAllowed.
        """
        with self._database.transaction(user.actor, reason.strip()[:LONGEST_REASON] or "withdrawn") as change:
            derived = self._withdraw(change, user, changeable(change.session, user, document))
        self._index.refresh(self._database.read)
        return derived

    def withdraw_unread(self, user: User) -> int:
        """Withdraw every document of which no version could be read, of those this person may change.

        Returns how many.
        """
        with self._database.transaction(user.actor, "withdrawn") as change:
            failed = listing.jobs(change.session, listing.Jobs(user.scope, user.desks, ("failed",)))
            unread = [info for info in failed if info.serving is None]
            for info in unread:
                self._withdraw(change, user, info)
        return len(unread)

    def _withdraw(self, change: Change, user: User, info: DocumentInfo) -> Derived:
        derived = derived_of(change.session, user, info.id)
        self._index.library.delete(change.session, info.id)
        change.record("document.withdrawn", "document", info.id, told(info), derived.counts())
        return derived

    def overdue(self, user: User) -> list[DocumentInfo]:
        """The documents of this person's desks that somebody was to look at by now, the longest overdue first."""
        day = today()
        with self._database.read() as session:
            found = listing.visible(session, user.scope, user.desks)
        late = [info for info in found if info.domain in user.desks and info.overdue(day)]
        return sorted(late, key=lambda info: (info.review_on or day, info.filename))


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    """For the audit chain, which holds nobody's words."""
    return {
        "responsible": digest(said["responsible"]) if said["responsible"] else "",
        "review_on": said["review_on"].isoformat() if said["review_on"] else None,
    }
