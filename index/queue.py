"""The queue of versions to be read: which state follows which, who is next, and one reader at a time.

It is kept in the versions' own rows, so that a job lives as long as its file. What is half done leaves no trace but
its state: passages are written when a version is published, all of them or none.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from index.errors import DocumentError
from index.file_lock import locked
from index.tables import DocumentVersion

FOLLOWS: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"indexing", "cancelled", "replaced", "deleted"}),
    "indexing": frozenset({"indexing", "queued", "indexed", "failed", "cancelled", "replaced", "deleted"}),
    "indexed": frozenset({"replaced", "deleted"}),
    "failed": frozenset({"queued", "deleted"}),
    "cancelled": frozenset({"queued", "deleted"}),
    "replaced": frozenset(),
    "deleted": frozenset(),
}
WAITING = ("queued", "indexing")
ATTEMPTS = 3  # readings begun and cut off by a crash, before a version is given up


class WrongState(Exception):
    """A version cannot go from the state it is in to the one wanted; somebody was faster."""


@dataclass(frozen=True)
class Pace:
    """How far the reading of a version is: pages read or passages embedded; `of` is 0 while nobody knows."""

    version: str
    stage: str  # reading | embedding
    done: int
    of: int


def move(version: DocumentVersion, state: str) -> None:
    """Bring a version into another state. Raises WrongState."""
    if state not in FOLLOWS[version.state]:
        raise WrongState(f"{version.id} is {version.state}, not to become {state}")
    version.state = state


def begin(version: DocumentVersion) -> bool:
    """Take a version up, also one whose reader a crash ended; False where that happened too often."""
    move(version, "indexing")
    version.attempts += 1
    return version.attempts <= ATTEMPTS


def put_back(version: DocumentVersion) -> None:
    """Let a version that is being read wait again; its reader was asked to end."""
    move(version, "queued")
    version.attempts -= 1


def fail(version: DocumentVersion, error: DocumentError) -> None:
    """Note why a version was not taken; what was in force stays."""
    move(version, "failed")
    version.error_code, version.error_params = error.code, error.params


def ask_again(version: DocumentVersion) -> None:
    """Queue a version that failed or was cancelled once more."""
    move(version, "queued")
    version.error_code, version.error_params, version.attempts = None, {}, 0


def overtake(session: Session, document_id: str, number: int) -> None:
    """A version is in force: the older ones that still wait are not wanted any more."""
    session.execute(
        update(DocumentVersion)
        .where(
            DocumentVersion.document_id == document_id,
            DocumentVersion.number < number,
            DocumentVersion.state.in_(WAITING),
        )
        .values(state="replaced")
    )


def next_waiting(session: Session, turns: Mapping[str, int]) -> tuple[str, str] | None:
    """The version to be read next and who uploaded it; None when nothing waits.

    Whoever waited longest for a turn comes first, so that nobody waits behind another's thousand files; of one
    person's files the one that was cut off comes last, so that none waits behind one that ends its reader.
    """
    oldest = (
        select(DocumentVersion.uploaded_by, func.min(DocumentVersion.uploaded_at).label("since"))
        .where(DocumentVersion.state.in_(WAITING))
        .group_by(DocumentVersion.uploaded_by)
    )
    people = sorted(session.execute(oldest).all(), key=lambda row: (turns.get(row.uploaded_by, 0), row.since))
    if not people:
        return None
    first = session.scalar(
        select(DocumentVersion.id)
        .where(DocumentVersion.state.in_(WAITING), DocumentVersion.uploaded_by == people[0].uploaded_by)
        .order_by(DocumentVersion.attempts, DocumentVersion.uploaded_at, DocumentVersion.id)
        .limit(1)
    )
    return (first, people[0].uploaded_by) if first else None


class Turnstile:
    """Lets one reader at a time through, over all processes of a home, and shows how far it is.

    The lock ends with its process, so that whoever holds it knows that a version found half read was left by a crash.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pace = folder / ".pace.json"

    @contextmanager
    def through(self) -> Iterator[bool]:
        """Whether nobody else reads now; held until the block ends."""
        with ExitStack() as held:
            try:
                held.enter_context(locked(self._folder / ".reader", fcntl.LOCK_EX | fcntl.LOCK_NB))
            except BlockingIOError:
                alone = False
            else:
                alone = True
            yield alone

    def tell(self, pace: Pace) -> None:
        """Show how far the present reading is."""
        beside = self._pace.with_suffix(f".{os.getpid()}")
        with suppress(OSError):  # a full disk hides the progress and stops nothing
            beside.write_text(json.dumps(vars(pace)), encoding="utf-8")
            os.replace(beside, self._pace)

    def pace(self) -> Pace | None:
        """What was shown last; it says nothing of a version that is not being read."""
        try:
            return Pace(**json.loads(self._pace.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
