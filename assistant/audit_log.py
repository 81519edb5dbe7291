"""The audit chain as administrators read it: found by who, what, on which object and when; exported; verified.

It holds ids, states and digests; nobody's words are found here.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from assistant import audit, audit_checkpoints
from assistant.access import User
from assistant.database import Database
from assistant.errors import BadInput
from assistant.sheet_cell import sheet_line
from assistant.tables import Account, AuditEntry

FORMATS = ("csv", "jsonl")
COLUMNS = ("number", "time", "actor", "action", "object_type", "object_id", "reason", "before", "after",
           "previous_hash", "hash")  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """Which entries. Empty fields leave it open.

    who: a sign-in name, a part of a display name, or a part of the actor as the chain has it. what: an action or its
    beginning. thing: a part of an object's id or kind. since, until: days 'YYYY-MM-DD' (UTC), both included.
    """

    who: str = ""
    what: str = ""
    thing: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class Entry:
    """An entry with the name that its actor goes by today."""

    number: int
    time: str
    actor: str
    person: str | None
    action: str
    object_type: str
    object_id: str
    reason: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    hash: str

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


class AuditLog:
    """The audit chain of one home, for administrators."""

    def __init__(self, database: Database, home: Path) -> None:
        self._database = database
        self._home = home

    def search(self, user: User, wanted: Wanted, *, limit: int = 50, skip: int = 0) -> tuple[list[Entry], int]:
        """Entries, latest first, and how many there are in all. Raises NotAllowed, BadInput (a day)."""
        user.require_administrator()
        with self._database.read() as session:
            found = _matching(session, wanted)
            count = session.scalar(select(func.count()).select_from(found.subquery())) or 0
            rows = session.scalars(found.order_by(AuditEntry.number.desc()).limit(limit).offset(skip)).all()
            people = _people(session, {row.actor for row in rows})
        return [_entry(row, people) for row in rows], count

    def export(self, user: User, wanted: Wanted, form: str) -> Iterator[str]:
        """The entries in order, as CSV (cells that a sheet would calculate are made text) or JSON lines.

        That it was exported goes on record first. Raises at once: NotAllowed, BadInput.
        """
        user.require_administrator()
        if form not in FORMATS:
            raise BadInput("unknown_audit_format", formats=", ".join(FORMATS))
        _days(wanted)
        with self._database.transaction(user.actor, "audit log exported") as change:
            after = {"format": form} | {name: value for name, value in asdict(wanted).items() if value}
            after |= {"who": audit.digest(wanted.who)} if wanted.who else {}
            change.record("audit.exported", "audit", "chain", after=after)
        return self._lines(wanted, form)

    def _lines(self, wanted: Wanted, form: str) -> Iterator[str]:
        if form == "csv":
            yield "\ufeff" + sheet_line(COLUMNS)  # spreadsheets take it for UTF-8 by the mark only
        with self._database.read() as session:
            rows = session.scalars(_matching(session, wanted).order_by(AuditEntry.number)).yield_per(1000)
            for row in rows:
                values = {name: getattr(row, name) for name in COLUMNS}
                if form == "csv":
                    yield sheet_line(values.values())
                else:
                    yield audit.canonical(values) + "\n"

    def verify(self, user: User, checkpoints: Path | None = None, key: str | None = None) -> audit.Verification:
        """Walk the chain and, where a file of checkpoints is given, hold it against that.

        Args:
            key: the public key that must have signed; None: the home's own, or the first that signed the file.
        """
        user.require_administrator()
        with self._database.read() as session:
            if checkpoints is None:
                return audit.verify(session)
            key = key or audit_checkpoints.public_key(self._home)
            return audit_checkpoints.against(session, checkpoints, key)

    def checkpoint(self, user: User, to: Path) -> audit_checkpoints.Checkpoint:
        """Sign what the chain is now and add it to a file, or to a file in a folder."""
        user.require_administrator()
        return audit_checkpoints.write(self._database, self._home, to, user.actor)


def _matching(session: Session, wanted: Wanted) -> Select[AuditEntry]:
    since, until = _days(wanted)
    conditions: list[ColumnElement[bool]] = []
    if who := wanted.who.strip():
        named = or_(Account.name == who.casefold(), Account.display_name.contains(who, autoescape=True))
        actors = [f"user:{key}" for key in session.scalars(select(Account.id).where(named))]
        conditions.append(or_(AuditEntry.actor.in_(actors), AuditEntry.actor.contains(who, autoescape=True)))
    if what := wanted.what.strip():
        conditions.append(AuditEntry.action.startswith(what, autoescape=True))
    if thing := wanted.thing.strip():
        in_id = AuditEntry.object_id.contains(thing, autoescape=True)
        conditions.append(or_(in_id, AuditEntry.object_type == thing))
    if since:
        conditions.append(AuditEntry.time >= since.isoformat())
    if until:
        conditions.append(AuditEntry.time < (until + timedelta(days=1)).isoformat())
    return select(AuditEntry).where(*conditions)


def _days(wanted: Wanted) -> tuple[datetime | None, datetime | None]:
    """Raises BadInput for what is no day."""

    def day(text: str) -> datetime | None:
        try:
            return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC) if text.strip() else None
        except ValueError as error:
            raise BadInput("bad_day", day=text) from error

    return day(wanted.since), day(wanted.until)


def _people(session: Session, actors: set[str]) -> dict[str, str]:
    ids = [actor.removeprefix("user:") for actor in actors]
    rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids)))
    return {f"user:{identifier}": name for identifier, name in rows}


def _entry(row: AuditEntry, people: Mapping[str, str]) -> Entry:
    return Entry(
        number=row.number,
        time=row.time,
        actor=row.actor,
        person=people.get(row.actor),
        action=row.action,
        object_type=row.object_type,
        object_id=row.object_id,
        reason=row.reason,
        before=_values(row.before),
        after=_values(row.after),
        hash=row.hash,
    )


def _values(text: str) -> dict[str, Any]:
    """What an entry tells; as text where somebody altered it into what is no JSON."""
    try:
        found = json.loads(text)
    except ValueError:
        found = text
    return found if isinstance(found, dict) else {"?": found}
