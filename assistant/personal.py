"""A person's data: all of it in one file for that person, and gone when it is to be.

What others rely on stays, without the person's name: answers given at the desk, approved examples, a department's
documents. The audit chain stays whole, for it names people by ids and holds nobody's words.
"""

import zipfile
from collections.abc import Callable, Sequence, Set
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from adapters.tables import Example
from assistant import conversations
from assistant.access import User
from assistant.clock import now
from assistant.database import Database
from assistant.errors import BadInput, Conflict, NotAllowed, NotFound
from assistant.personal_export import pack_records, pack_uploads
from assistant.steps.review import why
from assistant.tables import (
    Account,
    AnswerRecord,
    ApiToken,
    Conversation,
    ReplyDraft,
    RoleGrant,
    SignIn,
    Ticket,
    Verdict,
)
from assistant.wording import as_language, say
from index import Index, Keyring
from index.tables import Document, DocumentVersion

NAMELESS = "(名前消去 · name erased)"


@dataclass(frozen=True)
class Holdings:
    """How much is kept of a person, and what of it outlasts an erasure.

    replies, examples, documents: for others, and stay without the name. own_words: by department, the approved examples
    whose question this person once asked; their words stay unless a reviewer retires them first.
    """

    conversations: int
    answers: int
    waiting: int
    verdicts: int
    uploads: int
    replies: int
    examples: int
    documents: int
    own_words: dict[str, list[str]]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


class PersonalData:
    """The data of the people of one home."""

    def __init__(self, database: Database, documents: Path, keys: Keyring, index: Callable[[], Index]) -> None:
        """`documents`: where originals lie, sealed with `keys`. `index` is opened only where uploads have to go."""
        self._database = database
        self._documents = documents
        self._keys = keys
        self._index = index

    def holdings(self, user: User, account: str) -> Holdings:
        """What is kept of a person. For that person and administrators. Raises NotAllowed, NotFound."""
        if user.account != account:
            user.require_administrator()
        with self._database.read() as session:
            _known(session, account)
            return _holdings(session, account)

    def export(self, user: User, account: str, to: IO[bytes]) -> None:
        """Write all that is kept of a person as a zip of JSON files and uploads; that it was done goes on record.

        For that person, and for whoever runs the machine. An administrator does not read conversations by being one.
        Raises NotAllowed, NotFound, DocumentError (not_opened); then `to` holds nothing of use.
        """
        if user.account not in (None, account):
            raise NotAllowed("only_own_data")
        with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as packed:
            with self._database.read() as session:  # before it goes on record, for a file may not be readable
                pack_uploads(session, _known(session, account), self._documents, self._keys, packed)
            with self._database.transaction(user.actor, "a person's data exported") as change:
                _known(change.session, account)
                change.record("person.exported", "account", account, after=_counts(_holdings(change.session, account)))
            with self._database.read() as session:
                pack_records(session, _known(session, account), packed)

    def forget_conversations(self, user: User) -> int:
        """Delete all that this person asked, with its answers; questions that still wait are withdrawn."""
        with self._database.transaction(user.actor, "own conversations deleted") as change:
            removed = _forget_conversations(change.session, user.id)
            change.record("conversation.deleted", "account", user.id, removed, {})
        self._database.scrub()
        return removed["conversations"]

    def erase(self, user: User, account: str) -> Holdings:
        """Take a person's name, words and uploads out of the records, close the account. Returns what there was.

        Raises: NotAllowed, NotFound, BadInput (oneself), Conflict (the last administrator).
        """
        user.require_administrator()
        if account == user.account:
            raise BadInput("not_yourself")
        uploaded = self._has_uploaded(account)
        with (
            self._index().store.receiving()
            if uploaded
            else nullcontext(),  # opening it may write: not in a transaction
            self._database.transaction(user.actor, "erased on request") as change,
        ):
            person = _known(change.session, account)
            if person.name == _nameless(account):
                raise Conflict("already_erased")
            _not_the_last(change.session, person)
            before = _holdings(change.session, account)
            _rename_in_answers(change.session, person)  # while the examples are there that say whose an answer is
            _forget_conversations(change.session, account)
            _forget_name(change.session, person)
            for row in change.session.scalars(select(Document).where(*_own_uploads(account))).all():
                _forget_upload(change.session, self._index(), row)
            change.record("person.erased", "account", account, _counts(before), {})
        if uploaded:
            self._index().tidy(self._database.read)
            self._index().refresh(self._database.read)
        self._database.scrub(thoroughly=True)
        return before

    def _has_uploaded(self, account: str) -> bool:
        with self._database.read() as session:
            return session.scalar(select(Document.id).where(*_own_uploads(account)).limit(1)) is not None


def _own_uploads(account: str) -> tuple[ColumnElement[bool], ...]:
    return Document.owner == account, Document.visibility == "private"


def _forget_upload(session: Session, index: Index, row: Document) -> None:
    """Delete an upload, or what an earlier deletion left of it. Its file is on no record then, unless it is somebody
    else's too.
    """
    index.store.doubt(_paths(session, row.id))
    if row.deleted_at is None:
        index.library.delete(session, row.id)
    row.filename, row.source, row.responsible = NAMELESS, "", ""
    session.execute(
        update(DocumentVersion)
        .where(DocumentVersion.document_id == row.id)
        .values(error_params={}, filename=NAMELESS, path="")
    )


def _known(session: Session, account: str) -> Account:
    found = session.get(Account, account)
    if found is None:
        raise NotFound("unknown_account", name=account)
    return found


def _not_the_last(session: Session, person: Account) -> None:
    enabled = select(Account.id).where(Account.administrator, Account.disabled_at.is_(None))
    if set(session.scalars(enabled)) == {person.id}:
        raise Conflict("last_administrator")


def _nameless(account: str) -> str:
    return f"erased-{account}"


def _counts(held: Holdings) -> dict[str, int]:
    return {name: value for name, value in held.as_dict().items() if isinstance(value, int)}


def _holdings(session: Session, account: str) -> Holdings:
    def count(what: Any, *conditions: Any) -> int:
        return session.scalar(select(func.count()).select_from(what).where(*conditions)) or 0

    own = Document.owner == account, Document.deleted_at.is_(None)
    asked = select(AnswerRecord.id).where(AnswerRecord.account_id == account)
    words = select(Example.domain, Example.id).where(Example.topic.in_(asked), Example.state == "approved")
    own_words: dict[str, list[str]] = {}
    for domain, example in session.execute(words.order_by(Example.domain, Example.created_at)):
        own_words.setdefault(domain, []).append(example)
    return Holdings(
        conversations=count(Conversation, Conversation.account_id == account),
        answers=count(AnswerRecord, AnswerRecord.account_id == account),
        waiting=count(Ticket, Ticket.account_id == account, Ticket.state != "answered"),
        verdicts=count(Verdict, Verdict.account_id == account),
        uploads=count(Document, *own, Document.visibility == "private"),
        replies=count(Ticket, Ticket.answered_by == account),
        examples=count(Example, Example.approver == account, Example.state == "approved"),
        documents=count(Document, *own, Document.visibility == "department"),
        own_words=own_words,
    )


def _forget_conversations(session: Session, account: str) -> dict[str, int]:
    asked = select(AnswerRecord.id).where(AnswerRecord.account_id == account)
    retired = Example.topic.in_(asked), Example.state == "retired"
    _forget_questions(session, account, set(session.scalars(select(Example.id).where(*retired))))
    session.execute(delete(Example).where(*retired))
    own = session.scalars(select(Conversation.id).where(Conversation.account_id == account)).all()
    return conversations.remove(session, own)


def _forget_questions(session: Session, account: str, examples: Set[str]) -> None:
    """Other people's answers don't tell any more which questions of this person theirs were like."""
    if not examples:
        return
    for row in session.scalars(select(AnswerRecord).where(AnswerRecord.account_id != account)):
        similar = row.body.get("similar")
        if similar and similar.get("example") in examples:
            body, language = dict(row.body), as_language(row.body["language"])
            body["similar"] = similar | {"question": say(language, "why.erased_question")}
            if body["reviewed"]:
                body["why"] = _why(body, similar["person"], body["similar"]["question"])
            row.body = body


def _why(body: dict[str, Any], person: str, question: str | None) -> str:
    """Of a person's answer. One recorded before that was noted does not tell that it came with a sheet."""
    source = body["signals"].get("source", "desk")
    return why(as_language(body["language"]), source, person, question, bool(body["citations"]))


def _forget_name(session: Session, person: Account) -> None:
    """The account stays as an id: rights go, and the name wherever it was written down."""
    session.execute(delete(SignIn).where(SignIn.account_id == person.id))
    session.execute(delete(ApiToken).where(ApiToken.account_id == person.id))
    session.execute(delete(RoleGrant).where(RoleGrant.account_id == person.id))
    session.execute(delete(ApiToken).where(ApiToken.account_id == person.id))
    session.execute(delete(ReplyDraft).where(ReplyDraft.account_id == person.id))
    session.execute(update(Verdict).where(Verdict.account_id == person.id).values(text=""))
    session.execute(
        update(Ticket).where(Ticket.claimed_by == person.id, Ticket.state != "answered").values(claimed_by=None)
    )
    person.name, person.display_name, person.password_hash = _nameless(person.id), NAMELESS, None
    person.issuer, person.subject = None, None
    person.email = None
    person.administrator, person.disabled_at = False, person.disabled_at or now()


def _rename_in_answers(session: Session, person: Account) -> None:
    """Other people's answers say who reviewed them."""
    examples = set(session.scalars(select(Example.id).where(Example.approver == person.id)))
    for row in session.scalars(select(AnswerRecord)):
        body, similar, signals = dict(row.body), row.body.get("similar") or {}, row.body["signals"]
        if signals.get("reviewer") == person.id or signals.get("reviewed_example") in examples:
            body["why"] = _why(body, NAMELESS, similar.get("question"))
        if similar.get("account") == person.id or similar.get("person") == person.display_name:
            body["similar"] = similar | {"person": NAMELESS}
        if body != row.body:
            row.body = body


def _paths(session: Session, document: str) -> Sequence[str]:
    return session.scalars(select(DocumentVersion.path).where(DocumentVersion.document_id == document)).all()
