"""The audit chain: each change's entry carries the hash of the one before it.

Entries are appended in the transaction of the change they tell of, or the change does not happen. They hold
ids, states and digests, so that erasing a person's text leaves the chain whole; the only words in them are the reasons
that somebody gives for an act of his own.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant import audit_guard
from assistant.clock import now
from assistant.tables import AuditEntry, AuditHead

FORMAT = 1
GENESIS = "0" * 64
HASHED = (  # in this order
    AuditEntry.number,
    AuditEntry.time,
    AuditEntry.actor,
    AuditEntry.action,
    AuditEntry.object_type,
    AuditEntry.object_id,
    AuditEntry.reason,
    AuditEntry.before,
    AuditEntry.after,
    AuditEntry.previous_hash,
)
SHIFTS = (1, -1, 2, -2, 3, -3)  # places by which a renumbered entry is looked for
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Event:
    """What happened to what: `action` is stable ('document.published'), values are JSON."""

    action: str
    object_type: str
    object_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, no blanks, characters as they are."""
    return _ENCODER.encode(value)


def digest(text: str) -> str:
    """A short fingerprint that stands for somebody's words in the chain."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def append(session: Session, events: list[Event], actor: str, reason: str) -> None:
    """Append `events` to the chain in the caller's transaction."""
    head = session.scalars(select(AuditHead).with_for_update()).one()
    for event in events:
        entry = AuditEntry(
            number=head.entries + 1,
            time=now().isoformat(),
            actor=actor,
            action=event.action,
            object_type=event.object_type,
            object_id=event.object_id,
            reason=reason,
            before=canonical(event.before),
            after=canonical(event.after),
            previous_hash=head.hash,
        )
        entry.hash = entry_hash(entry)
        session.add(entry)
        head.entries, head.hash = entry.number, entry.hash


def latest(session: Session) -> datetime:
    """When the last entry was made; long ago where there is none."""
    time = session.scalar(select(AuditEntry.time).order_by(AuditEntry.number.desc()).limit(1))
    long_ago = datetime.min.replace(tzinfo=UTC)
    try:
        return datetime.fromisoformat(time).astimezone(UTC) if time else long_ago
    except ValueError:  # somebody has altered it, which is for `verify` to tell
        return long_ago


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over the format number and every field in a fixed order, the previous hash last."""
    return _hash_of([getattr(entry, column.key) for column in HASHED])


def _hash_of(fields: Sequence[Any]) -> str:
    return hashlib.sha256(canonical([FORMAT, *fields]).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Verification:
    """Whether the chain is whole; if not, the first number that is wrong and why.

    problem: altered | missing | inserted | unchained (this or the one before was replaced) | cut (the end is gone) |
    unguarded (the database would let entries be changed); against checkpoints also rebuilt, and forged or other-key,
    which are said of a checkpoint and not of an entry.
    """

    intact: bool
    entries: int
    first_broken: int | None = None
    problem: str | None = None

    @classmethod
    def broken(cls, number: int, problem: str) -> "Verification":
        """Everything before `number` is whole."""
        return cls(False, number - 1, number, problem)


def verify(session: Session) -> Verification:
    """Walk the whole chain. Finds an altered, removed, inserted or swapped entry and a cut tail.

    A chain that was rebuilt as a whole, or that an older database brought back, is whole in itself: that takes
    checkpoints (`audit_checkpoints`).
    """
    expected, previous = 1, GENESIS
    rows = select(*HASHED, AuditEntry.hash).order_by(AuditEntry.number).execution_options(yield_per=5000)
    for *fields, kept in session.execute(rows):
        if problem := _problem(fields, kept, expected, previous):
            return problem
        expected, previous = expected + 1, kept
    return _end(session, expected - 1, previous)


def _problem(fields: list[Any], kept: str, expected: int, previous: str) -> Verification | None:
    number = fields[0]
    if number != expected:
        return Verification.broken(min(number, expected), "missing" if number > expected else "inserted")
    if kept != _hash_of(fields):
        shift = next((n for n in SHIFTS if kept == _hash_of([number + n, *fields[1:]])), 0)
        if shift:  # it was written under another number
            return Verification.broken(number + min(shift, 0), "missing" if shift > 0 else "inserted")
        return Verification.broken(number, "altered")
    return Verification.broken(number, "unchained") if fields[-1] != previous else None


def _end(session: Session, entries: int, last: str) -> Verification:
    head = session.scalars(select(AuditHead)).one_or_none()
    if head is None or head.entries > entries:
        return Verification.broken(entries + 1, "cut")
    if head.entries < entries:
        return Verification.broken(head.entries + 1, "inserted")
    if head.hash != last:
        return Verification.broken(max(entries, 1), "altered")
    if not audit_guard.stands(session):
        return Verification(False, entries, entries + 1, "unguarded")
    return Verification(True, entries)
