"""The audit chain: each change's entry carries the hash of the one before it.

Entries are appended in the transaction of the change they tell of, or the change does not happen. They hold
ids, states and digests, never anybody's words, so that erasing a person's text leaves the chain whole.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.clock import now
from assistant.tables import AuditEntry, AuditHead

FORMAT = 1
GENESIS = "0" * 64


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
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


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


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over the format number and every field in a fixed order, the previous hash last."""
    fields = [
        FORMAT,
        entry.number,
        entry.time,
        entry.actor,
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.reason,
        entry.before,
        entry.after,
        entry.previous_hash,
    ]
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


@dataclass(frozen=True)
class Verification:
    """Whether the chain is whole; if not, the first number that is wrong and why."""

    intact: bool
    entries: int
    first_broken: int | None = None
    problem: str | None = None


def verify(session: Session) -> Verification:
    """Walk the whole chain. Finds an altered, removed, inserted or swapped entry and a cut tail."""
    expected, previous = 1, GENESIS
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.number)).yield_per(1000):
        if entry.number != expected:
            return Verification(False, expected - 1, expected, "missing")
        if entry.previous_hash != previous:
            return Verification(False, expected - 1, expected, "unchained")
        if entry.hash != entry_hash(entry):
            return Verification(False, expected - 1, expected, "altered")
        expected, previous = expected + 1, entry.hash
    head = session.scalars(select(AuditHead)).one_or_none()
    entries = expected - 1
    if head is None or (head.entries, head.hash) != (entries, previous):
        return Verification(False, entries, expected, "cut")
    return Verification(True, entries)
