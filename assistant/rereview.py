"""Approved answers whose documents have changed or run out: they answer nobody until a reviewer has looked at them.

Whether an answer still holds is for a person to say; where its quotations stand in today's documents is found here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.example_checks import facts_of
from adapters.tables import Example
from assistant.access import User
from assistant.answer import Citation
from assistant.audit import digest
from assistant.clock import today
from assistant.corrections import Corrections
from assistant.database import Database
from assistant.desk import checked_reply
from assistant.errors import Conflict, NotFound
from assistant.tables import Domain
from assistant.tickets import names_of
from index import DocumentInfo, Index, listing, same_matter

Documents = Mapping[str, DocumentInfo]  # by id, those that a person sees


@dataclass(frozen=True)
class Source:
    """What an answer cites. `stands`: the quoted words are in the document that is in force; where its time is over, in
    another of the same matter, whose name is told then.
    """

    file: str
    quote: str
    stands: bool


@dataclass(frozen=True)
class Lapsed:
    """An approved answer of which a document has a new version, or is no longer in force."""

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

    def __init__(self, database: Database, index: Index, corrections: Corrections) -> None:
        self._database = database
        self._index = index
        self._corrections = corrections

    def waiting(self, user: User) -> list[Lapsed]:
        """Those of this person's desks of which he sees all documents, the longest approved first."""
        wanted = select(Example).where(
            Example.domain.in_(user.desks), Example.state == "approved", Example.answer != ""
        )
        with self._database.read() as session:
            seen = self._documents(session, user)
            rows = [row for row in session.scalars(wanted.order_by(Example.created_at)) if _has_lapsed(row, seen)]
            names = names_of(session, {row.approver for row in rows})
            return [
                Lapsed(
                    id=row.id,
                    domain=row.domain,
                    question=row.question,
                    answer=row.answer,
                    person=names.get(row.approver, row.approver),
                    created_at=row.created_at,
                    sources=[self._source(session, one, seen) for one in row.evidence],
                )
                for row in rows
            ]

    def confirm(self, user: User, example_id: str, answer: str | None = None) -> bool:
        """The answer holds: it answers the next asker, and cites what the documents still say.

        Args:
            answer: other words, of which this person is the author; a new proposal where the department wants two
                people to agree.

        Returns whether it serves. Raises NotFound, BadInput (no words, too many), Conflict (it does not wait for this,
        or the new words contradict another approved answer).
        """
        with self._database.read() as session:
            known = session.get(Example, example_id)
            if known is not None and answer:  # encodes questions that are new before the records are locked
                self._corrections.rivals(session, known.domain, known.question, answer)
        with self._database.transaction(user.actor, "looked at again") as change:
            row = change.session.get(Example, example_id, with_for_update=True)
            if row is None or not user.may("reviewer", row.domain):
                raise NotFound("unknown_example", example=example_id)
            seen = self._documents(change.session, user)
            if row.state != "approved" or not _has_lapsed(row, seen):
                raise Conflict("not_lapsed")
            before = _recorded(row)
            row.evidence = [asdict(one) for one in self._still_said(change.session, row, seen)]
            words = row.answer if answer is None else checked_reply(answer)
            if words != row.answer:
                row.answer, row.approver, row.second_approver = words, user.id, None
                row.facts = facts_of(words, [one["quote"] for one in row.evidence])
                if change.session.get_one(Domain, row.domain, with_for_update=True).second_approval:
                    row.state = "proposed"
                else:
                    self._corrections.settle(change, row.domain, row.question, words, None)
            change.record("example.confirmed", "example", row.id, before, _recorded(row))
            return row.state == "approved"

    def _documents(self, session: Session, user: User) -> Documents:
        standings = self._index.standings(session)
        return {info.id: info for info in listing.visible(session, user.scope, user.desks, standings=standings)}

    def _source(self, session: Session, citation: Mapping[str, Any], seen: Documents) -> Source:
        still = self._today(session, citation, seen)
        file = still.file if still else seen[citation["document"]].filename
        return Source(file, citation["quote"], still is not None)

    def _still_said(self, session: Session, row: Example, seen: Documents) -> Iterator[Citation]:
        """What of its citations today's documents say, under the numbers that the answer's marks have."""
        for citation in row.evidence:
            if (still := self._today(session, citation, seen)) is not None:
                yield still

    def _today(self, session: Session, citation: Mapping[str, Any], seen: Documents) -> Citation | None:
        """The citation in what is in force in its document's place, where the same words stand there."""
        for document in _in_its_place(seen[citation["document"]], seen):
            for passage in self._index.of_document(session, document.id):
                if citation["quote"] in passage.text:
                    return Citation.of(citation["n"], passage, citation["quote"], 1.0)
        return None


def _has_lapsed(row: Example, seen: Documents) -> bool:
    """Whether something that it cites is of an older version or of a time that is over; False where the person may not
    see all of it.
    """
    if any(one["document"] not in seen for one in row.evidence):
        return False
    cited = [(seen[one["document"]], one["version"]) for one in row.evidence]
    return any(info.serving is None or info.serving.id != version or _is_over(info) for info, version in cited)


def _is_over(document: DocumentInfo) -> bool:
    return document.standing.on(today()) == "replaced"


def _in_its_place(document: DocumentInfo, seen: Documents) -> list[DocumentInfo]:
    """The document, or where its time is over those of the same department and matter that are in force."""
    if not _is_over(document):
        return [document]
    return [
        other
        for other in seen.values()
        if other.domain == document.domain
        and same_matter(other.standing.matter, document.standing.matter)
        and other.standing.on(today()) == "in_force"
    ]


def _recorded(row: Example) -> dict[str, Any]:
    """What goes on record of it."""
    return {
        "answer": digest(row.answer),
        "versions": [one["version"] for one in row.evidence],
        "state": row.state,
    }
