"""The tables of people and their questions: accounts, domains, conversations, answers, tickets, verdicts.

Documents and passages are `index`'s tables, examples and versions `adapters`'; no foreign key crosses rooms.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, DateTime, Float, ForeignKey, Index, MetaData, String, Text, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from assistant.clock import now


class Moment(TypeDecorator[datetime]):
    """A UTC moment with its zone, also on SQLite, which stores none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store as UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


def new_id() -> str:
    """A random identifier that tells nothing of order or number."""
    return uuid4().hex


class Base(DeclarativeBase):
    """Base of this room's tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dict[str, Any]: JSON, list[dict[str, Any]]: JSON, datetime: Moment}  # noqa: RUF012


class Domain(Base):
    """A department that answers questions."""

    __tablename__ = "domains"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    title_ja: Mapped[str] = mapped_column(String(100))
    title_en: Mapped[str] = mapped_column(String(100))
    description_ja: Mapped[str] = mapped_column(Text)
    description_en: Mapped[str] = mapped_column(Text)
    open_to_all: Mapped[bool]  # every account is an employee here; else only those with a role
    hold_below: Mapped[float] = mapped_column(Float)
    release: Mapped[str] = mapped_column(String(20), default="hold")  # automatic | hold | review
    retention_days: Mapped[int | None]  # conversations without a word for longer are deleted; None: kept
    tolerated: Mapped[float | None] = mapped_column(Float)  # share wrong among shown that `hold_below` is to keep
    weighted: Mapped[bool] = mapped_column(default=False)  # whether a wrong answer counts by its severity in that
    due_hours: Mapped[int] = mapped_column(default=24)  # in which its desk means to reply
    second_approval: Mapped[bool] = mapped_column(default=False)  # two people for a correction or to put a version live
    learns: Mapped[bool] = mapped_column(default=False)  # whether settled questions of its people teach the router
    closed_at: Mapped[datetime | None] = mapped_column(default=None)  # closed: nobody sees it or asks it any more
    successor: Mapped[str | None] = mapped_column(ForeignKey("domains.name"), default=None)  # who takes its questions
    created_at: Mapped[datetime] = mapped_column(default=now)


class ConfidenceFit(Base):
    """A department's own coefficients of the confidence; at most one is live."""

    __tablename__ = "confidence_fits"
    __table_args__ = (UniqueConstraint("domain", "number"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    domain: Mapped[str] = mapped_column(ForeignKey("domains.name"))
    number: Mapped[int]
    bias: Mapped[float] = mapped_column(Float)
    weights: Mapped[dict[str, Any]]
    shared: Mapped[str] = mapped_column(String(64))  # identity of the shared coefficients that it was pulled to
    figures: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20))  # live | retired
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Account(Base):
    """A person who signs in. Rights hang on the id, never on the name."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(80), unique=True)  # case-folded
    display_name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254))  # where replies are told of, if that is switched on
    password_hash: Mapped[str | None] = mapped_column(String(200))
    administrator: Mapped[bool]
    must_change_password: Mapped[bool]
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    issuer: Mapped[str | None] = mapped_column(String(200))  # of the identity provider that knows this person
    subject: Mapped[str | None] = mapped_column(String(255))  # what the provider calls this person, for good
    created_at: Mapped[datetime] = mapped_column(default=now)


class RoleGrant(Base):
    """A person's role in a domain: employee, reviewer or owner."""

    __tablename__ = "role_grants"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    domain: Mapped[str] = mapped_column(ForeignKey("domains.name"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))


class SignIn(Base):
    """A session of a browser; only the token's hash is kept."""

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]


class ApiToken(Base):
    """A person's key for a program; only its hash is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(String(200))  # words with blanks between
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]  # to the day
    revoked_at: Mapped[datetime | None]


class OneTimeLink(Base):
    """A link that makes the first administrator; works once."""

    __tablename__ = "one_time_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Conversation(Base):
    """A person's conversation; it lives here and nowhere in the browser."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(String(32), index=True)
    title: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    seen: Mapped[int] = mapped_column(default=0)  # ordinal up to which its owner has seen a person's replies


class Message(Base):
    """One turn: what an employee asked, the assistant's answer, or a person's reply."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "ordinal"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    ordinal: Mapped[int]
    author: Mapped[str] = mapped_column(String(20))  # employee | assistant | person
    account_id: Mapped[str | None] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    answer_id: Mapped[str | None] = mapped_column(String(32))
    ticket_id: Mapped[str | None] = mapped_column(String(32))
    rests_on: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # a person's reply: citations
    created_at: Mapped[datetime] = mapped_column(default=now)


class AnswerRecord(Base):
    """Everything needed to show, judge and replay an answer."""

    __tablename__ = "answers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    account_id: Mapped[str] = mapped_column(String(32))
    question: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    domain: Mapped[str | None] = mapped_column(String(40), index=True)
    body: Mapped[dict[str, Any]]  # the answer object
    trace: Mapped[dict[str, Any]]  # versions and candidates, for replay
    created_at: Mapped[datetime] = mapped_column(default=now)


class Ticket(Base):
    """A question that waits for a person."""

    __tablename__ = "tickets"
    __table_args__ = (Index("ix_tickets_domain_state", "domain", "state"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    domain: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))  # held | escalated | flagged
    state: Mapped[str] = mapped_column(String(20))  # open | answered
    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    account_id: Mapped[str] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(Text, default="")
    reply: Mapped[str | None] = mapped_column(Text)
    claimed_by: Mapped[str | None] = mapped_column(String(32))
    answered_by: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(default=now)
    waiting_since: Mapped[datetime] = mapped_column(default=now)  # opened, or reopened by the asker
    due_at: Mapped[datetime]
    first_answered_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    reopened: Mapped[int] = mapped_column(default=0)  # times
    handed_over: Mapped[bool] = mapped_column(default=False)
    example_id: Mapped[str | None] = mapped_column(String(32))  # what the reply became


class ReplyDraft(Base):
    """What a reviewer has typed as the reply to a ticket and not sent."""

    __tablename__ = "reply_drafts"

    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(default=now)


class DocumentRequest(Base):
    """No document says it yet: a desk asks the domain's owner to have it written."""

    __tablename__ = "document_requests"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    domain: Mapped[str] = mapped_column(String(40), index=True)
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    question: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(String(32))
    remark: Mapped[str] = mapped_column(Text, default="")  # the owner's, when it is done with
    created_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]


class Notice(Base):
    """Something to be told by mail or webhook, written with the change that it tells of."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_due", "sent_at", "given_up", "next_try_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(10))  # mail | webhook
    address: Mapped[str] = mapped_column(String(500))
    event: Mapped[str] = mapped_column(String(20))  # opened | reopened | answered | overdue
    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")  # of the last attempt
    given_up: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    next_try_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]


class Verdict(Base):
    """What a person says of an answer: right, partly, wrong; and why."""

    __tablename__ = "verdicts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id"), index=True)
    account_id: Mapped[str] = mapped_column(String(32))
    role: Mapped[str] = mapped_column(String(20))  # employee | reviewer
    verdict: Mapped[str] = mapped_column(String(10))
    cause: Mapped[str | None] = mapped_column(String(20))
    severity: Mapped[str | None] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class AuditEntry(Base):
    """One link of the audit chain. Holds ids and digests, never anybody's words."""

    __tablename__ = "audit_entries"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    time: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text)  # canonical JSON
    after: Mapped[str] = mapped_column(Text)  # canonical JSON
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The chain's length and last hash: one row, locked by whoever appends."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entries: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
