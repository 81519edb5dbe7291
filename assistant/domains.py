"""Domains: the departments that answer, their example questions, and the router fitted from these.

The router is fitted when first asked for and again whenever the examples have changed, those that reviewers approved
among them, the questions that people settled in departments that may learn from them, or how much a department's
documents say; only what is new is embedded.
"""

import math
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, select, true
from sqlalchemy.orm import Session

from adapters import Router
from adapters.tables import Example, RouteExample
from assistant.access import User
from assistant.audit import digest
from assistant.clock import now
from assistant.database import Database
from assistant.errors import BadInput, Conflict, NotFound
from assistant.language import language_of
from assistant.tables import AnswerRecord, Domain, Ticket, Verdict
from assistant.tickets import give_to
from assistant.wording import Language
from index import Index, fetch_all

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
DEFAULT_HOLD_BELOW = 0.8  # from here on 8 % of the cross-validated drafts shown are wrong (see the lab log)
MOST_EXAMPLES = 200  # of a department; the router is fitted in two seconds with five such
MOST_SETTLED = 200  # the same for the questions that people settled
_ANSWERED = Ticket.state == "answered"
_FOUND_RIGHT = Verdict.verdict == "right"
_IS_OPEN = Domain.closed_at.is_(None)
_TEACHES = (Example.state == "approved", Example.split == "train")
LONGEST_DUE = 24 * 31  # hours
_told = select(
    Domain.name,
    Domain.title_ja,
    Domain.title_en,
    Domain.description_ja,
    Domain.description_en,
    Domain.open_to_all,
    Domain.hold_below,
    Domain.release,
    Domain.tolerated,
    Domain.due_hours,
    Domain.second_approval,
    select(func.count()).where(RouteExample.domain == Domain.name).scalar_subquery().label("examples"),
    Domain.weighted,
    Domain.learns,
    Domain.closed_at.is_not(None).label("closed"),
    Domain.successor,
)  # what `DomainInfo` tells
_routed = select(func.count(), func.max(RouteExample.created_at)).subquery()
_departments = select(
    func.count(),
    func.count(Domain.closed_at),
    func.max(Domain.closed_at),
    func.count().filter(Domain.learns, _IS_OPEN).label("learning"),
).subquery()
_reviewed_ones = (
    select(func.count(), func.max(Example.created_at), func.sum(func.length(Example.question)))
    .where(*_TEACHES)
    .subquery()
)
_ROUTER_STATE = select(_routed, _departments, _reviewed_ones).select_from(
    _routed.join(_departments, true()).join(_reviewed_ones, true())
)  # asked with every question


@dataclass(frozen=True)
class DomainInfo:
    """A domain as people see it."""

    name: str
    title_ja: str
    title_en: str
    description_ja: str
    description_en: str
    open_to_all: bool
    hold_below: float
    release: str
    tolerated: float | None
    due_hours: int
    second_approval: bool
    examples: int
    weighted: bool = False
    learns: bool = False
    closed: bool = False
    successor: str | None = None  # where a closed one's questions go; None: to the administrators

    def title(self, language: Language) -> str:
        """The department's name in a language."""
        return self.title_ja if language == "ja" else self.title_en


@dataclass(frozen=True)
class Described:
    """What an administrator says of a department; what one language lacks is taken from the other."""

    title_ja: str = ""
    title_en: str = ""
    description_ja: str = ""
    description_en: str = ""
    questions: tuple[str, ...] = ()  # that belong there, as people ask them
    open_to_all: bool = True

    def complete(self, name: str) -> "Described":
        """In both languages, without blanks and doubles. Raises BadInput: it describes nothing."""
        title_ja, title_en = self.title_ja.strip(), self.title_en.strip()
        told_ja, told_en = self.description_ja.strip(), self.description_en.strip()
        if not (told_ja or told_en):
            raise BadInput("domain_needs_description", name=name)
        return Described(
            title_ja=title_ja or title_en or name,
            title_en=title_en or title_ja or name,
            description_ja=told_ja or told_en,
            description_en=told_en or told_ja,
            questions=tuple(dict.fromkeys(q for q in (" ".join(q.split()) for q in self.questions) if q)),
            open_to_all=self.open_to_all,
        )


@dataclass(frozen=True)
class DomainDocuments:
    """The documents of the departments, as the router asks them (`adapters.router.Documents`)."""

    database: Database
    index: Callable[[], Index]  # loaded when first asked: who only lists departments waits for no model

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Questions as they are searched by, (Q, D)."""
        return self.index().embed(texts)

    def closest(self, vectors: NDArray[np.float32], names: Sequence[str]) -> NDArray[np.float32]:
        """See `Index.closest`."""
        with self.database.read() as session:
            return self.index().closest(session, vectors, names)

    def grown(self, session: Session) -> list[tuple[str, int]]:
        """What is another where some department's documents say a fifth more or less, about: to fit the router with
        every single document would be too often.
        """
        return [(name, round(4 * math.log2(count + 1))) for name, count in self.index().sizes(session).items()]


class Domains:
    """The departments of one home."""

    def __init__(
        self,
        database: Database,
        index: Callable[[], Index],
        encode: Callable[[Sequence[str]], NDArray[np.float32]],
        common: Callable[[], NDArray[np.float32] | None],
    ) -> None:
        """`encode`: texts as the router sees them, (N, D); `common`: where common knowledge lies there (D,)."""
        self._database = database
        self.documents = DomainDocuments(database, index)
        self._encode, self._common = encode, common
        self._lock = threading.Lock()
        self._fitted: tuple[tuple[object, ...], Router] | None = None

    def add(
        self,
        actor: str,
        name: str,
        *,
        description_en: str,
        description_ja: str = "",
        title_en: str = "",
        title_ja: str = "",
        questions: Sequence[str] = (),
        open_to_all: bool = True,
        hold_below: float = DEFAULT_HOLD_BELOW,
    ) -> DomainInfo:
        """Add a domain. Raises BadInput (a bad name, nothing described), Conflict (it exists)."""
        if not _NAME.fullmatch(name):
            raise BadInput("bad_domain_name", name=name)
        said = Described(title_ja, title_en, description_ja, description_en, tuple(questions), open_to_all)
        said = said.complete(name)
        with self._database.transaction(actor, "domain added") as change:
            if change.session.get(Domain, name) is not None:
                raise Conflict("domain_exists", domain=name)
            row = Domain(name=name, hold_below=hold_below, tolerated=None, retention_days=None)
            _describe(change.session, row, said)
            change.session.add(row)
            change.record("domain.added", "domain", name, after={"examples": len(said.questions)})
        return self.get(name)

    def described(self, user: User, name: str) -> Described:
        """What was said of a department. Raises NotAllowed (no administrator), NotFound."""
        user.require_administrator()
        with self._database.read() as session:
            row = session.get(Domain, name)
            if row is None:
                raise NotFound("unknown_domain", domain=name)
            return _described(session, row)

    def describe(self, user: User, name: str, remark: str, said: Described) -> DomainInfo:
        """Say anew what a department is called, what it answers and who sees it. The questions take the place of those
        there were.

        Raises: NotAllowed (no administrator), NotFound, BadInput (no remark, nothing described).
        """
        user.require_administrator()
        if not remark.strip():
            raise BadInput("needs_remark")
        said = said.complete(name)
        with self._database.transaction(user.actor, remark.strip()) as change:
            row = _department(change.session, name)
            before = _on_record(_described(change.session, row))
            change.session.execute(delete(RouteExample).where(RouteExample.domain == name))
            _describe(change.session, row, said)
            change.record("domain.described", "domain", name, before, _on_record(said))
        return self.get(name)

    def get(self, name: str) -> DomainInfo:
        """One domain. Raises NotFound."""
        with self._database.read() as session:
            found = session.execute(_told.where(Domain.name == name)).one_or_none()
            if found is None:
                raise NotFound("unknown_domain", domain=name)
            return DomainInfo(**found._mapping)

    def title(self, name: str, language: Language) -> str:
        """A department's name; the bare name of one that is gone."""
        with self._database.read() as session:
            title = Domain.title_ja if language == "ja" else Domain.title_en
            return session.scalar(select(title).where(Domain.name == name)) or name

    def listing(self, user: User) -> list[DomainInfo]:
        """The domains that this person sees, by name."""
        with self._database.read() as session:
            rows = fetch_all(session, _told.where(Domain.name.in_(list(user.roles))).order_by(Domain.name))
            return [DomainInfo(**row._mapping) for row in rows]

    def everything(self) -> list[DomainInfo]:
        """All domains, for administrators."""
        with self._database.read() as session:
            return [DomainInfo(**row._mapping) for row in fetch_all(session, _told.order_by(Domain.name))]

    def set_desk(
        self,
        user: User,
        name: str,
        remark: str,
        *,
        due_hours: int | None = None,
        second_approval: bool | None = None,
        learns: bool | None = None,
    ) -> DomainInfo:
        """Say in how many hours a domain's desk means to reply, whether a correction takes two people, and whether
        the questions that people asked may teach the router.

        Raises: NotFound, NotAllowed (below owner), BadInput (no remark, hours out of range).
        """
        user.require("owner", name)
        if not remark.strip():
            raise BadInput("needs_remark")
        if due_hours is not None and not 1 <= due_hours <= LONGEST_DUE:
            raise BadInput("bad_due_hours", limit=LONGEST_DUE)
        with self._database.transaction(user.actor, remark.strip()) as change:
            row = change.session.get_one(Domain, name)
            before = _desk(row)
            row.due_hours = due_hours or row.due_hours
            row.second_approval = row.second_approval if second_approval is None else second_approval
            row.learns = row.learns if learns is None else learns
            change.record("desk.set", "domain", name, before, _desk(row))
        return self.get(name)

    def close(self, user: User, name: str, remark: str, successor: str | None = None) -> int:
        """Close a department: nobody sees it or asks it any more, and its records stay. Returns how many questions
        waited.

        Args:
            successor: the department whose desk takes its questions, those that wait and those that come back later;
                None: the administrators.

        Raises: NotAllowed (no administrator), NotFound, BadInput (no remark), Conflict (closed already, or the
        successor is itself or closed).
        """
        user.require_administrator()
        if not remark.strip():
            raise BadInput("needs_remark")
        with self._database.transaction(user.actor, remark.strip()) as change:
            row = _department(change.session, name)
            if row.closed_at is not None:
                raise Conflict("domain_closed", domain=name)
            if successor is not None and (successor == name or _department(change.session, successor).closed_at):
                raise Conflict("successor_must_be_open", domain=name, successor=successor)
            row.closed_at, row.successor = now(), successor
            waiting = list(change.session.scalars(select(Ticket).where(Ticket.domain == name, Ticket.state == "open")))
            if successor is not None:
                for ticket in waiting:
                    give_to(change, ticket, successor)
            after = {"closed": True, "successor": successor, "waiting": len(waiting)}
            change.record("domain.closed", "domain", name, {"closed": False}, after)
        return len(waiting)

    def reopen(self, user: User, name: str, remark: str) -> DomainInfo:
        """Open a closed department again, to the people and with the documents that it had.

        Raises: NotAllowed (no administrator), NotFound, BadInput (no remark), Conflict (it is open).
        """
        user.require_administrator()
        if not remark.strip():
            raise BadInput("needs_remark")
        with self._database.transaction(user.actor, remark.strip()) as change:
            row = _department(change.session, name)
            if row.closed_at is None:
                raise Conflict("domain_open", domain=name)
            before = {"closed": True, "successor": row.successor}
            row.closed_at = row.successor = None
            change.record("domain.reopened", "domain", name, before, {"closed": False})
        return self.get(name)

    def router(self) -> Router:
        """The router over all domains' examples; whoever routes names the visible ones."""
        with self._lock, self._database.read() as session:
            descriptions = _descriptions(session)
            state = (*_router_state(session), *self.documents.grown(session), *descriptions.items())
            if self._fitted is None or self._fitted[0] != state:
                examples: dict[str, list[str]] = defaultdict(list)
                routed = select(RouteExample).join(Domain, Domain.name == RouteExample.domain).where(_IS_OPEN)
                for row in session.scalars(routed.order_by(RouteExample.id)):
                    examples[row.domain].append(row.text)
                for domain, asked in _reviewed(session):
                    if asked not in examples[domain] and len(examples[domain]) < MOST_EXAMPLES:
                        examples[domain].append(asked)
                earlier = self._fitted[1] if self._fitted else None
                settled = _settled(session)
                fitted = Router.fit(
                    self._encode,
                    examples,
                    {name: list(dict.fromkeys(told)) for name, told in descriptions.items()},
                    self.documents,
                    settled,
                    before=earlier,
                    common=self._common(),
                )
                self._fitted = (state, fitted)
            return self._fitted[1]


def _descriptions(session: Session) -> dict[str, tuple[str, ...]]:
    """Titles and descriptions of the open departments; asked with every question."""
    told = (Domain.title_ja, Domain.title_en, Domain.description_ja, Domain.description_en)
    rows = fetch_all(session, select(Domain.name, *told).where(_IS_OPEN).order_by(Domain.name))
    return {name: tuple(words) for name, *words in rows}


def _router_state(session: Session) -> tuple[object, ...]:
    state = session.execute(_ROUTER_STATE).one()
    learning = _learning(session) if state.learning else []
    if not learning:
        return tuple(state)
    tickets = session.execute(select(func.count(), func.max(Ticket.answered_at)).where(_ANSWERED)).one()
    verdicts = session.execute(select(func.count(), func.max(Verdict.created_at)).where(_FOUND_RIGHT)).one()
    return (*state, *learning, *tickets, *verdicts)


def _reviewed(session: Session) -> list[tuple[str, str]]:
    """(domain, question) of the approved examples, newest first; what evaluation asks takes no part."""
    rows = session.execute(
        select(Example.domain, Example.question)
        .join(Domain, Domain.name == Example.domain)
        .where(*_TEACHES, _IS_OPEN)
        .order_by(Example.created_at.desc(), Example.id)
    )
    return [(domain, question) for domain, question in rows]


def _settled(session: Session) -> dict[str, list[str]]:
    """By department that may learn from them, questions that a person settled there, the latest ones: its desk answered
    them, wherever they had been routed, or whoever asked or judged them found the answer right. A message that asked
    two things takes no part. They are somebody's words: the router weighs them and tells nobody of them.
    """
    learning, searched = _learning(session), AnswerRecord.trace["searched"].as_string()
    desk = (
        select(Ticket.domain, searched, AnswerRecord.created_at)
        .join(Ticket, Ticket.answer_id == AnswerRecord.id)
        .where(_ANSWERED, Ticket.domain.in_(learning))
    )
    right = (
        select(AnswerRecord.domain, searched, AnswerRecord.created_at)
        .join(Verdict, Verdict.answer_id == AnswerRecord.id)
        .where(_FOUND_RIGHT, AnswerRecord.domain.in_(learning))
    )
    rows = [row for query in (desk, right) for row in session.execute(query) if row[1]]
    found: dict[str, list[str]] = defaultdict(list)
    for domain, asked, _ in sorted(rows, key=lambda row: row[2], reverse=True):
        if asked not in found[domain] and len(found[domain]) < MOST_SETTLED:
            found[domain].append(asked)
    return found


def _learning(session: Session) -> list[str]:
    """The departments that may learn from what people asked, by name."""
    return list(session.scalars(select(Domain.name).where(Domain.learns, _IS_OPEN).order_by(Domain.name)))


def _department(session: Session, name: str) -> Domain:
    row = session.get(Domain, name, with_for_update=True)
    if row is None:
        raise NotFound("unknown_domain", domain=name)
    return row


def _described(session: Session, row: Domain) -> Described:
    asked = select(RouteExample.text).where(RouteExample.domain == row.name).order_by(RouteExample.id)
    told = (row.title_ja, row.title_en, row.description_ja, row.description_en)
    return Described(*told, tuple(session.scalars(asked)), row.open_to_all)


def _on_record(said: Described) -> dict[str, object]:
    words = "\n".join([said.description_ja, said.description_en, *said.questions])
    names = {"title_ja": said.title_ja, "title_en": said.title_en, "open_to_all": said.open_to_all}
    return names | {"examples": len(said.questions), "words": digest(words)}


def _describe(session: Session, row: Domain, said: Described) -> None:
    """Write down what is said; the department has no questions yet."""
    row.title_ja, row.title_en = said.title_ja, said.title_en
    row.description_ja, row.description_en = said.description_ja, said.description_en
    row.open_to_all = said.open_to_all
    for question in said.questions:
        language = language_of(question, "en")
        session.add(RouteExample(domain=row.name, text=question, language=language, source="owner"))


def _desk(row: Domain) -> dict[str, object]:
    return {"due_hours": row.due_hours, "second_approval": row.second_approval, "learns": row.learns}
