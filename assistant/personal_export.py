"""All that is kept of a person as one zip, for that person: a JSON file a kind, and the files that he uploaded."""

import json
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.tables import Example
from assistant import conversations
from assistant.access import User, load_user
from assistant.conversations import Turn
from assistant.documents import kept_from, not_for
from assistant.tables import (
    Account,
    ApiToken,
    AuditEntry,
    Conversation,
    Message,
    ReplyDraft,
    RoleGrant,
    SignIn,
    Ticket,
    Verdict,
)
from index import DocumentError, Keyring, Unopened
from index.tables import Document, DocumentVersion


def pack_uploads(session: Session, person: Account, documents: Path, keys: Keyring, packed: zipfile.ZipFile) -> None:
    """Put the person's files into a zip. `documents`: where originals lie, sealed with `keys`.

    Raises DocumentError (not_opened), OSError.
    """
    rows = session.execute(
        select(Document.id, DocumentVersion.number, Document.filename, DocumentVersion.path)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .where(DocumentVersion.uploaded_by == person.id, Document.deleted_at.is_(None))
        .where(Document.id.not_in(_foreign(session, person)))
    )
    for document, number, filename, path in rows:
        if not (documents / path).is_file():
            continue
        try:
            with keys.opened(documents / path) as clear:
                packed.write(clear, f"uploads/{document[:8]}-{number}-{filename.translate(_UNSAFE)}")
        except Unopened as error:
            raise DocumentError("not_opened", file=filename) from error


def pack_records(session: Session, person: Account, packed: zipfile.ZipFile) -> None:
    """Put what the records have of a person into a zip."""
    for name, part in _PARTS.items():
        body = json.dumps(part(session, person), ensure_ascii=False, indent=1, default=_moment)
        packed.writestr(f"{name}.json", body)


def _foreign(session: Session, person: Account) -> set[str]:
    """The departments' documents that this person does not see by now, though he may have brought them."""
    departments = select(Document.id).where(Document.visibility == "department")
    return set(session.scalars(departments.where(not_for(load_user(session, person.id)))))


_UNSAFE = str.maketrans(dict.fromkeys("/\\:\x00", "_"))


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")


def _account(session: Session, row: Account) -> dict[str, Any]:
    roles = session.execute(select(RoleGrant.domain, RoleGrant.role).where(RoleGrant.account_id == row.id))
    signed_in = session.execute(select(SignIn.created_at, SignIn.expires_at).where(SignIn.account_id == row.id))
    tokens = session.execute(select(ApiToken.name, ApiToken.created_at).where(ApiToken.account_id == row.id))
    return {
        "id": row.id,
        "name": row.name,
        "display_name": row.display_name,
        "email": row.email,
        "administrator": row.administrator,
        "created_at": row.created_at,
        "disabled_at": row.disabled_at,
        "roles": {domain: role for domain, role in roles},
        "tokens": [{"name": name, "made": made} for name, made in tokens],
        "sign_ins": [{"from": start, "to": end} for start, end in signed_in],
    }


def _conversations(session: Session, person: Account) -> list[dict[str, Any]]:
    user = load_user(session, person.id)
    rows = select(Conversation).where(Conversation.account_id == person.id).order_by(Conversation.created_at)
    return [
        {
            "id": row.id,
            "title": row.title,
            "created_at": row.created_at,
            "turns": [
                {"author": turn.author, "at": turn.at} | _told(session, turn, user)
                for turn in conversations.turns(session, row.id)
            ],
        }
        for row in session.scalars(rows)
    ]


def _told(session: Session, turn: Turn, user: User) -> dict[str, Any]:
    """What the page shows of a turn: of an answer nothing that this person may not see now, and no draft."""
    if turn.answer is None:
        return {"text": turn.text}
    kept = ("id", "status", "answer", "domain", "confidence", "why", "citations", "reviewed", "similar")
    shown = turn.answer.visible_to(user.roles, kept_from(session, user, [turn.answer])).as_dict()
    return {"answer": {name: shown[name] for name in kept}}


def _said(session: Session, person: Account) -> dict[str, Any]:
    """What the person said of answers, and answered at a desk."""
    verdicts = select(Verdict).where(Verdict.account_id == person.id).order_by(Verdict.created_at)
    asked = select(Ticket).where(Ticket.account_id == person.id).order_by(Ticket.created_at)
    replies = select(Message).where(Message.account_id == person.id, Message.author == "person")
    unsent = select(ReplyDraft).where(ReplyDraft.account_id == person.id).order_by(ReplyDraft.saved_at)
    examples = select(Example).where(Example.approver == person.id).order_by(Example.created_at)
    seen = load_user(session, person.id).roles
    return {
        "verdicts": [
            {"answer": v.answer_id, "verdict": v.verdict, "cause": v.cause, "text": v.text, "at": v.created_at}
            for v in session.scalars(verdicts)
        ],
        "waiting_or_answered": [
            {"kind": t.kind, "state": t.state, "note": t.note, "reply": t.reply, "at": t.created_at}
            for t in session.scalars(asked)
        ],
        "replies_at_the_desk": [
            {"text": m.text, "at": m.created_at} for m in session.scalars(replies.order_by(Message.created_at))
        ],
        "half_written_replies": [{"text": d.text, "at": d.saved_at} for d in session.scalars(unsent)],
        "approved_examples": [
            {"answer": e.answer, "at": e.created_at}
            | ({"domain": e.domain, "question": e.question} if e.domain in seen else {})
            for e in session.scalars(examples)
        ],
    }


def _documents(session: Session, person: Account) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Document, DocumentVersion)
        .join(DocumentVersion, DocumentVersion.document_id == Document.id)
        .where(DocumentVersion.uploaded_by == person.id)
        .order_by(DocumentVersion.uploaded_at)
    )
    foreign = _foreign(session, person)
    return [
        {"version": version.number, "uploaded_at": version.uploaded_at, "deleted_at": document.deleted_at}
        | ({} if document.id in foreign else _described(document, version))
        for document, version in rows
    ]


def _described(document: Document, version: DocumentVersion) -> dict[str, Any]:
    return {
        "document": document.id,
        "file": document.filename,
        "domain": document.domain,
        "visibility": document.visibility,
        "bytes": version.bytes,
        "sha256": version.sha256,
    }


def _deeds(session: Session, person: Account) -> dict[str, Any]:
    """What the audit log has of the person as the one who acted."""
    rows = session.scalars(
        select(AuditEntry).where(AuditEntry.actor == f"user:{person.id}").order_by(AuditEntry.number)
    )
    foreign = _foreign(session, person)
    entries = [
        {"number": e.number, "time": e.time, "action": e.action}
        | {"object": f"{e.object_type}:{'' if e.object_id in foreign else e.object_id}"}
        for e in rows
    ]
    return {"by_action": Counter(entry["action"] for entry in entries), "entries": entries}


_PARTS: dict[str, Callable[[Session, Account], Any]] = {
    "account": _account,
    "conversations": _conversations,
    "said": _said,
    "documents": _documents,
    "audit": _deeds,
}
