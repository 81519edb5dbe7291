"""Which documents are in force on a day: by what each says of itself, and by what took its place.

Documents of one shelf whose names tell of the same matter are compared: the older one stands until the newer one
begins. Another shelf's documents change nothing, so that nobody learns of what he may not see.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.generations import revision
from index.tables import Document, DocumentVersion
from index.validity import Validity, matter, same_matter

Force = Literal["in_force", "replaced", "not_yet"]


@dataclass(frozen=True)
class Standing:
    """A document's time, and the name of the one of the same matter that takes its place, from `succeeded` on."""

    validity: Validity
    successor: str = ""
    succeeded: date | None = None
    matter: tuple[str, str] = ("", "")

    def on(self, day: date) -> Force:
        """Whether it is in force on a day. A document that says nothing of its time is."""
        told = self.validity
        if told.since and told.since > day:
            return "not_yet"
        ended = (told.until and told.until < day) or (self.succeeded and self.succeeded <= day)
        return "replaced" if told.replaced or ended else "in_force"

    @property
    def last_day_known(self) -> date | None:
        """When it ended or ends, as far as it is known: its own last day, or the one before the next one begins."""
        return self.validity.until or (self.succeeded - timedelta(days=1) if self.succeeded else None)


UNKNOWN = Standing(Validity())


@dataclass(frozen=True)
class _Member:
    document: str
    filename: str
    validity: Validity
    matter: tuple[str, str]


class Standings:
    """The standing of every document of one home, kept in step with what can be searched."""

    def __init__(self) -> None:
        self._known: tuple[int, Mapping[str, Standing]] = (-1, {})

    def of(self, session: Session) -> Mapping[str, Standing]:
        """By document id."""
        wanted = revision(session)
        if self._known[0] != wanted:
            self._known = (wanted, dict(_all(session)))
        return self._known[1]


def _all(session: Session) -> "list[tuple[str, Standing]]":
    rows = session.execute(
        select(Document, DocumentVersion.validity)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .where(Document.deleted_at.is_(None), DocumentVersion.state == "indexed")
    )
    shelves: dict[str, list[_Member]] = {}
    for document, told in rows:
        member = _Member(document.id, document.filename, Validity.from_dict(told), matter(document.filename))
        shelves.setdefault(document.shelf, []).append(member)
    return [pair for members in shelves.values() for pair in standings(members)]


def standings(members: Sequence[_Member]) -> list[tuple[str, Standing]]:
    """The standing of each document of a shelf."""
    groups: dict[str, list[_Member]] = {}
    for member in members:
        groups.setdefault(member.matter[0] or member.matter[1], []).append(member)
    return [(member.document, _standing(member, group)) for group in groups.values() for member in group]


def _standing(member: _Member, group: Collection[_Member]) -> Standing:
    later = [
        (other, begins)
        for other in group
        if other is not member
        and same_matter(member.matter, other.matter)
        and (begins := _takes_over(member.validity, other.validity))
    ]
    if not later:
        others = [one for one in group if one is not member and same_matter(member.matter, one.matter)]
        named = others[0].filename if len(others) == 1 and member.validity.replaced else ""
        return Standing(member.validity, named, None, member.matter)
    following, begins = min(later, key=lambda pair: pair[1])
    return Standing(member.validity, following.filename, begins, member.matter)


def _takes_over(old: Validity, new: Validity) -> date | None:
    """From when a document of the same matter takes the other's place, or None: minutes and records of two days,
    which name no edition and do not say that they begin, stand beside each other.
    """
    if not all(told.since or told.edition for told in (old, new)) or new.replaced:
        return None
    before, begins = old.since or old.dated, new.since or new.dated
    return begins if before and begins and before < begins else None
