"""From an answer back to what made it: passages and their versions, the example, the adapter version, the verdicts.

Whoever asked may look; a reviewer of the answer's department too, with a reason that goes on record. An administrator
may not by being one.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.tables import AdapterVersion, Example, Promotion
from assistant.access import User
from assistant.answer import Answer
from assistant.database import Database
from assistant.documents import kept_from
from assistant.errors import BadInput, NotFound
from assistant.tables import AnswerRecord, AuditEntry, Ticket, Verdict
from index.tables import DocumentVersion, PassageRow


@dataclass(frozen=True)
class Provenance:
    """Where an answer came from. Each part is plain JSON values.

    sources: each citation with its document's version then, and whether that is still in force. example: the approved
    answer that was given, if one was. version: the adapter version that answered. entries: numbers in the audit log.
    """

    answer: dict[str, Any]
    made_with: dict[str, Any]
    sources: list[dict[str, Any]]
    example: dict[str, Any] | None
    version: dict[str, Any] | None
    verdicts: list[dict[str, Any]]
    tickets: list[dict[str, Any]]
    entries: list[int]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


class Provenances:
    """The ways back, for the answers of one home."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, user: User, answer_id: str, reason: str = "") -> Provenance:
        """The way back of one answer. Raises NotFound, BadInput (a reviewer without a reason)."""
        self._note_reading(user, answer_id, reason)
        with self._database.read() as session:
            record = session.get_one(AnswerRecord, answer_id)
            whole = Answer.from_dict(record.body)
            answer = whole.visible_to(user.roles, kept_from(session, user, [whole]))
            trace = record.trace if answer is whole else {}
            if not user.may("reviewer", record.domain):  # a draft that was held is not shown to whoever asked
                answer = replace(answer, draft=None)
                trace = {name: value for name, value in trace.items() if name != "draft"}
            tickets = session.scalars(select(Ticket).where(Ticket.answer_id == answer_id)).all()
            objects = [answer_id, *(ticket.id for ticket in tickets)]
            numbers = select(AuditEntry.number).where(AuditEntry.object_id.in_(objects)).order_by(AuditEntry.number)
            return Provenance(
                answer=answer.as_dict() | {"at": record.created_at.isoformat()},
                made_with={name: value for name, value in trace.items() if name not in ("replay", "parts")},
                sources=[_source(session, vars(citation)) for citation in answer.citations],
                example=_example(session, answer.signals.get("reviewed_example")),
                version=_version(session, answer.domain, answer.adapter),
                verdicts=list(_verdicts(session, answer_id)),
                tickets=[{"id": t.id, "kind": t.kind, "state": t.state, "reply": t.reply} for t in tickets],
                entries=list(session.scalars(numbers)),
            )

    def _note_reading(self, user: User, answer_id: str, reason: str) -> None:
        with self._database.read() as session:
            record = session.get(AnswerRecord, answer_id)
        if record is None or not (record.account_id == user.id or user.may("reviewer", record.domain)):
            raise NotFound("unknown_answer")
        if record.account_id == user.id:
            return
        if not reason.strip():
            raise BadInput("needs_reading_reason")
        with self._database.transaction(user.actor, reason.strip()) as change:
            change.record("answer.read", "answer", answer_id, after={"asked_by": record.account_id})


def _source(session: Session, citation: dict[str, Any]) -> dict[str, Any]:
    version = session.get(DocumentVersion, citation["version"])
    passage = session.get(PassageRow, citation["passage"])
    known = {"number": version.number, "sha256": version.sha256, "state": version.state} if version else None
    told = {name: citation[name] for name in ("n", "file", "document", "version", "passage", "page", "sheet", "quote")}
    stands = passage is not None and passage.version_id == citation["version"] and citation["quote"] in passage.text
    return told | {"document_version": known, "still_says_so": stands}


def _example(session: Session, key: str | None) -> dict[str, Any] | None:
    row = session.get(Example, key) if key else None
    if row is None:
        return {"id": key, "state": "gone"} if key else None
    names = ("id", "domain", "question", "answer", "source", "state", "approver", "topic")
    return {name: getattr(row, name) for name in names} | {"at": row.created_at.isoformat()}


def _version(session: Session, domain: str | None, name: str | None) -> dict[str, Any] | None:
    row = session.get(AdapterVersion, name) if name else None
    if row is None:
        return None
    live = select(Promotion).where(Promotion.domain == domain, Promotion.version == name).order_by(Promotion.id)
    learnt = {key: row.lineage.get(key) for key in ("method", "run", "start", "examples", "examples_hash")}
    return {
        "id": row.id,
        "state": row.state,
        "made_by": row.created_by,
        "learnt_from": learnt,
        "put_live": [
            {"by": p.by, "at": p.at.isoformat(), "kind": p.kind, "remark": p.remark} for p in session.scalars(live)
        ],
    }


def _verdicts(session: Session, answer_id: str) -> Iterator[dict[str, Any]]:
    for row in session.scalars(select(Verdict).where(Verdict.answer_id == answer_id).order_by(Verdict.created_at)):
        yield {"by": row.role, "verdict": row.verdict, "cause": row.cause, "severity": row.severity, "text": row.text}
