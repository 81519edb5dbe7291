"""The tables of what is learnt: example questions of the router, training examples, adapter versions."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, DateTime, Float, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def _now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Base of this room's tables."""

    metadata = MetaData()
    type_annotation_map = {  # noqa: RUF012
        dict[str, Any]: JSON,
        list[dict[str, Any]]: JSON,
        list[list[str]]: JSON,
        datetime: DateTime(timezone=True),
    }


metadata = Base.metadata


class RouteExample(Base):
    """A question that belongs to a domain."""

    __tablename__ = "route_examples"

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(40), index=True)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    source: Mapped[str] = mapped_column(String(20))  # owner | reviewer | chosen
    created_at: Mapped[datetime] = mapped_column(default=_now)


class Example(Base):
    """A question with the answer that a person approved: a reviewed answer today, training data tomorrow.

    An empty answer says that no document answers the question.
    """

    __tablename__ = "examples"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=lambda: uuid4().hex)
    domain: Mapped[str] = mapped_column(String(40), index=True)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list[dict[str, Any]]]  # citations
    facts: Mapped[list[list[str]]]  # what a right answer says: every fact in one of its forms
    topic: Mapped[str] = mapped_column(String(100))  # paraphrases and near misses of one question share it
    split: Mapped[str] = mapped_column(String(20))  # train | calibration | frozen | regression, by topic
    failed_part: Mapped[str | None] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(20))  # desk | sheet
    approver: Mapped[str] = mapped_column(String(32))
    second_approver: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(2))
    severity: Mapped[str | None] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20))  # proposed | approved | retired
    created_at: Mapped[datetime] = mapped_column(default=_now)


class AdapterVersion(Base):
    """An adapter version: an immutable folder named by the hash of its content."""

    __tablename__ = "adapter_versions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    domain: Mapped[str] = mapped_column(String(40), index=True)
    state: Mapped[str] = mapped_column(String(20))  # candidate | live | retired
    lineage: Mapped[dict[str, Any]]  # base, start, examples, settings, cost
    hold_below: Mapped[float | None] = mapped_column(
        Float
    )  # fitted on its own calibration answers when it first went live
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=_now)


class Promotion(Base):
    """What went live in a domain, one row a change: a version, or (None) the shipped skills again."""

    __tablename__ = "promotions"

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[str] = mapped_column(String(10))  # promote | rollback
    version: Mapped[str | None] = mapped_column(String(64))
    hold_below: Mapped[float] = mapped_column(Float)
    previous: Mapped[str | None] = mapped_column(String(64))
    previous_hold_below: Mapped[float] = mapped_column(Float)
    remark: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(default=_now)


class TrainingRun(Base):
    """A training under way or over; its folder holds what is needed to go on."""

    __tablename__ = "training_runs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=lambda: uuid4().hex)
    domain: Mapped[str] = mapped_column(String(40), index=True)
    state: Mapped[str] = mapped_column(String(20))  # running | paused | done | failed | cancelled
    settings: Mapped[dict[str, Any]]
    version: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=_now)


class Evaluation(Base):
    """A run over questions: with what, and how every question came out."""

    __tablename__ = "evaluations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=lambda: uuid4().hex)
    variation: Mapped[str] = mapped_column(String(20))
    split: Mapped[str] = mapped_column(String(20))
    domain: Mapped[str | None] = mapped_column(String(40))  # None: all
    questions_hash: Mapped[str] = mapped_column(String(64))
    versions: Mapped[dict[str, Any]]
    judged: Mapped[list[dict[str, Any]]]
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=_now)
