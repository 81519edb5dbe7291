"""Adapter versions of the departments: kept, put live through the gate, and taken back, with what each answers by.

A version is a folder that never changes, named by the hash of its content; which one is live is a row. Going live and
back changes that row, the department's threshold and the audit chain in one transaction, so that there is no moment
at which one goes with another's.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters import version_folder
from adapters.errors import AdapterError
from adapters.tables import AdapterVersion, Promotion
from adapters.version_folder import Part
from assistant.access import User
from assistant.database import Change, Database, needing_room
from assistant.errors import BadInput, Conflict, NotFound
from assistant.tables import Domain

SHIPPED = "shipped"  # how the skills alone, without a version, are named where one can be chosen
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class VersionInfo:
    """A version as owners see it."""

    id: str
    domain: str
    state: str
    lineage: dict[str, Any]
    hold_below: float | None
    created_by: str
    created_at: datetime

    @property
    def part(self) -> str:
        """What its training changed: the reader or the writer."""
        return str(self.lineage.get("part", "reader"))

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return vars(self) | {"created_at": self.created_at.isoformat()}


@dataclass(frozen=True)
class PromotionInfo:
    """A change of what is live. version None: the shipped skills."""

    kind: str
    version: str | None
    previous: str | None
    hold_below: float
    remark: str
    by: str
    at: datetime


class Versions:
    """The versions of one home."""

    def __init__(self, database: Database, folder: Path) -> None:
        """`folder`: where a folder a department keeps its versions."""
        self._database = database
        self._folder = folder
        self._unusable: set[tuple[str, Part]] = set()

    def live(self, domain: str) -> str | None:
        """The version that answers in a department now; None: the shipped skills."""
        version = self._live().get(domain)
        return version if version is not None and self._parts(self.path(domain, version)) else None

    def worn(self, instead: Mapping[str, str | None], part: Part | None = None) -> dict[str, Path]:
        """The folder of each department's version, of those that have one.

        Args:
            instead: versions tried in place of the live ones; None: the shipped skills.
            part: of those alone that hold this part.
        """
        chosen = {domain: version for domain, version in {**self._live(), **instead}.items() if version is not None}
        folders = {domain: self.path(domain, version) for domain, version in chosen.items()}
        wanted = set(version_folder.BASE if part is None else [part])
        return {domain: folder for domain, folder in folders.items() if wanted & self._parts(folder)}

    def path(self, domain: str, version: str) -> Path:
        """A version's folder."""
        return self._folder / domain / version

    def lost(self, domain: str, version: str) -> set[Part]:
        """What the live version holds and this one lacks."""
        live = self.live(domain)
        return self._parts(self.path(domain, live)) - self._parts(self.path(domain, version)) if live else set()

    def refuse(self, version: str, part: Part, why: str) -> None:
        """Note that a version's part cannot be loaded: until the next start the shipped skill does its work."""
        self._unusable.add((version, part))
        log.error("the %s of version %s is not used: %s", part, version, why)

    def _live(self) -> dict[str, str | None]:
        with self._database.read() as session:
            rows = session.execute(
                select(AdapterVersion.domain, AdapterVersion.id).where(AdapterVersion.state == "live")
            )
            return {domain: version for domain, version in rows}

    def _parts(self, folder: Path) -> set[Part]:
        """What of a version can be used. Whoever loads one that cannot be read says what is wrong."""
        try:
            held = version_folder.about(folder)["parts"]
        except AdapterError:
            held = version_folder.BASE
        return {part for part in held if (folder.name, part) not in self._unusable}

    def keep(self, user: User, domain: str, made: Path, lineage: dict[str, Any]) -> VersionInfo:
        """Make a finished training's folder a candidate. The same content again is the same version.

        Raises Refusal (no_disk).
        """
        with self._database.transaction(user.actor, "trained") as change:
            return self.keep_within(change, user, domain, made, lineage)

    def keep_within(self, change: Change, user: User, domain: str, made: Path, lineage: dict[str, Any]) -> VersionInfo:
        """As `keep`, together with what else changes. Raises Refusal (no_disk)."""
        with needing_room():
            name = version_folder.keep(made, self._folder / domain)
        row = change.session.get(AdapterVersion, name)
        if row is None:
            row = AdapterVersion(
                id=name, domain=domain, state="candidate", lineage=lineage, hold_below=None, created_by=user.actor
            )
            change.session.add(row)
            change.session.flush()
            after = {"domain": domain, "method": lineage.get("method"), "examples": lineage.get("examples_hash")}
            change.record("version.made", "version", name, after=after)
        return _info(row)

    def get(self, user: User, version: str) -> VersionInfo:
        """One version, by its name or an unambiguous beginning of it. Raises NotFound."""
        with self._database.read() as session:
            own = select(AdapterVersion).where(AdapterVersion.domain.in_(user.owned))
            found = list(session.scalars(own.where(AdapterVersion.id.startswith(version, autoescape=True)).limit(2)))
        if len(found) != 1 or not version:
            raise NotFound("unknown_version", version=version)
        return _info(found[0])

    def listing(self, user: User, domain: str) -> list[VersionInfo]:
        """A department's versions, newest first. Raises NotFound, NotAllowed (below owner)."""
        user.require("owner", domain)
        with self._database.read() as session:
            newest = select(AdapterVersion).where(AdapterVersion.domain == domain)
            return [_info(row) for row in session.scalars(newest.order_by(AdapterVersion.created_at.desc()))]

    def history(self, user: User, domain: str) -> list[PromotionInfo]:
        """What went live in a department, latest first. Raises NotFound, NotAllowed (below owner)."""
        user.require("owner", domain)
        with self._database.read() as session:
            latest = select(Promotion).where(Promotion.domain == domain).order_by(Promotion.id.desc())
            return [
                PromotionInfo(row.kind, row.version, row.previous, row.hold_below, row.remark, row.by, row.at)
                for row in session.scalars(latest)
            ]

    def put_live(self, user: User, version: str, hold_below: float, remark: str, gate: dict[str, Any]) -> VersionInfo:
        """Let a candidate answer, with its threshold. What the gate found goes on record, `against` which live version.

        Raises: NotFound, NotAllowed, BadInput (no remark), Conflict (it is live; another one is that was not compared).
        """
        info = self.get(user, version)
        with self._database.transaction(user.actor, remark) as change:
            change.session.get_one(Domain, info.domain, with_for_update=True)  # one promotion at a time
            row = change.session.get_one(AdapterVersion, info.id)
            if row.state not in ("candidate", "retired"):
                raise Conflict("version_not_a_candidate", version=info.id, state=row.state)
            if "against" in gate and gate["against"] != self.live(info.domain):
                raise Conflict("live_changed", domain=info.domain)
            row.hold_below = hold_below
            row.lineage = row.lineage | {"gate": gate}
            self._switch(change, user, info.domain, row, hold_below, remark, "promote")
            return _info(row)

    def roll_back(self, user: User, domain: str, to: str | None, remark: str) -> str | None:
        """Let an earlier version answer again, with the threshold it had then. Returns it; None: the shipped skills.

        Args:
            to: a version, or 'shipped'; None: what was live before.

        Raises: NotFound, NotAllowed, BadInput, Conflict (nothing was live before).
        """
        user.require("owner", domain)
        with self._database.transaction(user.actor, remark) as change:
            latest = select(Promotion).where(Promotion.domain == domain).order_by(Promotion.id)
            past = list(change.session.scalars(latest))
            if not past:
                raise Conflict("nothing_to_roll_back", domain=domain)
            target = _before(change.session, domain, past) if to is None else None if to == SHIPPED else to
            if target is None:
                hold_below = past[0].previous_hold_below  # what the shipped skills had when the first version came
                self._switch(change, user, domain, None, hold_below, remark, "rollback")
                return None
            row = change.session.get(AdapterVersion, target)
            if row is None or row.domain != domain or row.hold_below is None:
                raise NotFound("unknown_version", version=target)
            if row.state == "live":
                raise Conflict("version_not_a_candidate", version=target, state="live")
            self._switch(change, user, domain, row, row.hold_below, remark, "rollback")
            return row.id

    def _switch(
        self,
        change: Change,
        user: User,
        domain: str,
        row: AdapterVersion | None,
        hold_below: float,
        remark: str,
        kind: str,
    ) -> None:
        if not remark.strip():
            raise BadInput("needs_remark")
        department = change.session.get_one(Domain, domain)
        live = change.session.scalar(
            select(AdapterVersion).where(AdapterVersion.domain == domain, AdapterVersion.state == "live")
        )
        before = {"version": live.id if live else None, "hold_below": department.hold_below}
        change.session.add(
            Promotion(
                domain=domain,
                kind=kind,
                version=row.id if row else None,
                hold_below=hold_below,
                previous=before["version"],
                previous_hold_below=department.hold_below,
                remark=remark,
                by=user.actor,
            )
        )
        if live is not None:
            live.state = "retired"
        if row is not None:
            row.state = "live"
        department.hold_below = hold_below
        after = {"version": row.id if row else None, "hold_below": hold_below}
        action = "version.promoted" if kind == "promote" else "version.rolled-back"
        change.record(action, "domain", domain, before, after)


def _before(session: Session, domain: str, past: list[Promotion]) -> str | None:
    """What was live before the version that is live now first went live; None: the shipped skills."""
    live = session.scalar(
        select(AdapterVersion.id).where(AdapterVersion.domain == domain, AdapterVersion.state == "live")
    )
    if live is None:
        raise Conflict("nothing_to_roll_back", domain=domain)
    return next((change.previous for change in past if change.version == live), None)


def _info(row: AdapterVersion) -> VersionInfo:
    return VersionInfo(**{name: getattr(row, name) for name in VersionInfo.__dataclass_fields__})
