"""Approved answers whose documents have changed: they answer nobody until a reviewer has looked at them again.

Whether an answer still holds is for a person to say; where its quotations stand in today's documents is found here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.example_checks import facts_of
from adapters.tables import Example
from assistant.access import User
from assistant.answer import Citation
from assistant.audit import digest
from assistant.database import Database
from assistant.desk import checked_reply
from assistant.errors import Conflict, NotFound
from assistant.tables import Domain
from assistant.tickets import names_of
from index import Index


@dataclass(frozen=True)
class Source:
    """What an answer cites. `stands`: the quoted words are in the document that is in force."""

    file: str
    quote: str
    stands: bool


@dataclass(frozen=True)
class Lapsed:
    """An approved answer of which a document has a new version."""

    id: str
    domain: str
    question: str
    answer: str
    person: str
    created_at: datetime
    sources: list[Source]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"created_at": self.created_at.isoformat()}


class Rereviews:
    """Finds them, and takes what a reviewer says."""

    def __init__(self, database: Database, index: Index) -> None:
        self._database = database
        self._index = index

    def waiting(self, user: User) -> list[Lapsed]:
        """Those of this person's desks, the longest approved first."""
        with self._database.read() as session:
            rows = list(self._lapsed(session, user))
            names = names_of(session, {row.approver for row in rows})
            return [
                Lapsed(
                    id=row.id,
                    domain=row.domain,
                    question=row.question,
                    answer=row.answer,
                    person=names.get(row.approver, row.approver),
                    created_at=row.created_at,
                    sources=[
                        Source(one["file"], one["quote"], self._today(session, user, one) is not None)
                        for one in row.evidence
                    ],
                )
                for row in rows
            ]

    def confirm(self, user: User, example_id: str, answer: str | None = None) -> bool:
        """The answer holds: it answers the next asker, and cites what the documents still say.

        Args:
            answer: other words; a new proposal where the department wants two people to agree.

        Returns whether it serves. Raises NotFound, BadInput (no words, too many), Conflict (it does not wait for this).
        """
        with self._database.transaction(user.actor, "looked at again") as change:
            row = change.session.get(Example, example_id, with_for_update=True)
            if row is None or not user.may("reviewer", row.domain):
                raise NotFound("unknown_example", example=example_id)
            if row not in self._lapsed(change.session, user):
                raise Conflict("not_lapsed")
            words = row.answer if answer is None else checked_reply(answer)
            before = {"answer": digest(row.answer), "versions": [one["version"] for one in row.evidence]}
            found = [self._today(change.session, user, one) for one in row.evidence]
            cited = [replace(one, n=n) for n, one in enumerate(filter(None, found), start=1)]
            if words != row.answer and change.session.get_one(Domain, row.domain).second_approval:
                row.state, row.second_approver = "proposed", None
            row.answer, row.evidence, row.approver = words, [asdict(one) for one in cited], user.id
            row.facts = facts_of(words, [one.quote for one in cited])
            after = {"answer": digest(words), "versions": [one.version for one in cited], "state": row.state}
            change.record("example.confirmed", "example", row.id, before, after)
            return row.state == "approved"

    def _lapsed(self, session: Session, user: User) -> Iterator[Example]:
        rows = select(Example).where(Example.domain.in_(user.desks), Example.state == "approved", Example.answer != "")
        for row in session.scalars(rows.order_by(Example.created_at)):
            if not self._index.in_force(session, [one["version"] for one in row.evidence], user.scope):
                yield row

    def _today(self, session: Session, user: User, citation: Mapping[str, Any]) -> Citation | None:
        """The citation in the document's version in force, where the same words stand there and the person sees it."""
        for passage in self._index.passages_of(session, citation["file"], user.scope):
            if passage.document == citation["document"] and citation["quote"] in passage.text:
                return Citation.of(citation["n"], passage, citation["quote"], 1.0)
        return None
