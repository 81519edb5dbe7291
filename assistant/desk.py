"""The desk: questions that wait for a person, and what the person and the asker do with them.

A reply becomes a message of the asker's conversation in the same transaction. What a ticket is, and who sees it, stands
in `tickets`; what a reply teaches, in `corrections`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from assistant.access import WORKS_AT_DESK, User
from assistant.answer import Citation
from assistant.audit import digest
from assistant.clock import now
from assistant.conversations import add_message
from assistant.corrections import Corrections, Replaces, Rival
from assistant.database import Change, Database
from assistant.document_requests import request_document
from assistant.errors import BadInput, Conflict, NotAllowed, NotFound
from assistant.tables import Account, AnswerRecord, Conversation, Domain, ReplyDraft, RoleGrant, Ticket
from assistant.tickets import (
    DeskTicket,
    QueuedTicket,
    asked_by_itself,
    desk_ticket,
    give_to,
    mentions,
    names_of,
    on_desks_of,
    open_desk_ticket,
    open_ticket,
    queued,
    reopen,
    with_answer,
)
from assistant.verdicts import check_verdict, employees_verdict, reviewers_verdict
from assistant.wording import as_language, say
from index.tables import Document

LONGEST_REPLY = 10_000
SHOWN = 200  # tickets of a queue at once
WAITING_OF_ONE = 50  # questions of one person that may wait because he sent them there


class Desk:
    """The tickets of one home."""

    def __init__(self, database: Database, corrections: Corrections) -> None:
        self._database = database
        self._corrections = corrections

    def escalate(self, user: User, answer_id: str, note: str = "") -> str:
        """The asker wants a person. Returns the ticket; the one that is open already, if any."""
        with self._database.transaction(user.actor, "question escalated") as change:
            return escalate(change, user, answer_id, note)

    def flag(self, user: User, answer_id: str, reason: str, correction: str) -> str:
        """The asker says the answer is wrong and, maybe, what is right. Returns the ticket."""
        note = "\n".join(part for part in (reason.strip(), correction.strip()) if part)
        if len(note) > LONGEST_REPLY:
            raise BadInput("text_too_long", limit=LONGEST_REPLY)
        with self._database.transaction(user.actor, "flagged as wrong") as change:
            record = _own_answer(change, user, answer_id)
            employees_verdict(change, user, record.id, "wrong", note)
            return _bring(change, user, record, "flagged", note)

    def approve(self, user: User, answer_id: str) -> None:
        """The asker says the answer is right."""
        with self._database.transaction(user.actor, "found right") as change:
            employees_verdict(change, user, _own_answer(change, user, answer_id).id, "right")

    def write_back(self, user: User, answer_id: str, text: str) -> None:
        """The asker replies to the person who answered: the question waits again.

        Raises NotFound (nobody has answered it), BadInput.
        """
        words = checked_reply(text)
        with self._database.transaction(user.actor, "the asker replied") as change:
            record = _own_answer(change, user, answer_id)
            latest = select(Ticket).where(Ticket.answer_id == record.id).order_by(Ticket.created_at.desc()).limit(1)
            ticket = change.session.scalar(latest.with_for_update())
            if ticket is None:
                raise NotFound("unknown_answer")
            conversation = change.session.get_one(Conversation, record.conversation_id)
            message = add_message(change, conversation, "employee", words, account=user.id, ticket=ticket.id)
            change.record("ticket.written-to", "message", message.id, after={"text": digest(words)})
            if ticket.state == "answered":
                reopen(change, ticket)

    def queue(
        self, user: User, *, answered: bool = False, domain: str | None = None, words: str = "", limit: int = SHOWN
    ) -> list[QueuedTicket]:
        """Tickets of the desks this person works at, or of one of them: first what is due first (answered ones: latest
        first).

        Args:
            words: each of these stands in the question, in the note to it, or in the name of who asked.

        Raises NotAllowed (works at no desk).
        """
        if not user.works_at_desk:
            raise NotAllowed("no_desk")
        order = Ticket.answered_at.desc() if answered else Ticket.due_at
        state = Ticket.state == "answered" if answered else Ticket.state != "answered"
        with self._database.read() as session:
            wanted = [on_desks_of(user), state, *mentions(words), *([Ticket.domain == domain] if domain else [])]
            return queued(session, *wanted, order=order, limit=limit)

    def open_count(self, user: User) -> int:
        """How many questions wait at this person's desks."""
        with self._database.read() as session:
            waiting = select(func.count()).select_from(Ticket).where(on_desks_of(user), Ticket.state != "answered")
            return session.scalar(waiting) or 0

    def ticket(self, user: User, ticket_id: str) -> DeskTicket:
        """One ticket. Raises NotFound for another desk's as for none."""
        with self._database.read() as session:
            return with_answer(session, user, ticket_id)

    def claim(self, user: User, ticket_id: str) -> None:
        """Say that one is at it. Raises Conflict when somebody else is."""
        with self._database.transaction(user.actor, "claimed") as change:
            ticket = open_desk_ticket(change, user, ticket_id)
            _nobody_elses(change.session, user, ticket)
            before, ticket.claimed_by = {"by": ticket.claimed_by}, user.id
            change.record("ticket.claimed", "ticket", ticket.id, before, {"by": user.id})

    def colleagues(self, user: User, ticket_id: str) -> list[tuple[str, str]]:
        """Who else may be given a ticket, this person among them: (id, name), by name."""
        with self._database.read() as session:
            return _reviewers(session, desk_ticket(session, user, ticket_id).domain)

    def assign(self, user: User, ticket_id: str, colleague: str) -> None:
        """Give a ticket to somebody of its desk, also to oneself when another has claimed it.

        Raises NotFound (no such ticket; somebody who works at another desk), Conflict (it has been answered).
        """
        with self._database.transaction(user.actor, "assigned") as change:
            ticket = open_desk_ticket(change, user, ticket_id)
            if colleague not in dict(_reviewers(change.session, ticket.domain)) and colleague != user.id:
                raise NotFound("not_at_this_desk")
            before, ticket.claimed_by = {"by": ticket.claimed_by}, colleague
            change.record("ticket.assigned", "ticket", ticket.id, before, {"by": colleague})

    def set_due(self, user: User, ticket_id: str, moment: datetime) -> None:
        """Say until when a question should be answered. Raises BadInput (no zone, or past)."""
        if moment.tzinfo is None or moment <= now():
            raise BadInput("bad_due_time")
        with self._database.transaction(user.actor, "due time set") as change:
            ticket = open_desk_ticket(change, user, ticket_id)
            before, ticket.due_at = {"due": ticket.due_at.isoformat()}, moment
            change.record("ticket.due-set", "ticket", ticket.id, before, {"due": moment.isoformat()})

    def hand_over(self, user: User, ticket_id: str, domain: str) -> None:
        """Give a ticket to another domain's desk; its asker sees where it is. Raises NotFound, Conflict."""
        user.require("employee", domain)
        with self._database.transaction(user.actor, "handed to another desk") as change:
            ticket = open_desk_ticket(change, user, ticket_id)
            give_to(change, ticket, domain)

    def answer(
        self,
        user: User,
        ticket_id: str,
        text: str,
        *,
        verdict: str | None = None,
        cause: str | None = None,
        severity: str | None = None,
        keep: bool = False,
        replaces: Replaces = None,
        question: str = "",
        evidence: Sequence[Citation] | None = None,
        no_document: bool = False,
    ) -> DeskTicket:
        """Reply: into the asker's conversation, with the verdict on the draft, all in one transaction.

        Args:
            verdict: 'right', 'partly' or 'wrong', of what the assistant had written.
            cause, severity: one of CAUSES, SEVERITIES, where the draft was not right.
            keep: the reply also serves the next asker of the same question.
            replaces: which contradicting examples are no longer right; None: nobody has looked at any.
            question: with `keep`, what the reply answers in words that others may read; as it was asked where empty.
            evidence: the passages that the reply rests on, which the asker sees as far as he may; None: an example
                rests on those that the assistant cited, and the asker sees none.
            no_document: no document says it yet; the owner is asked for one, and an empty reply says so.

        Raises: NotFound, BadInput, Conflict (answered or claimed by another; `keep` contradicts an example).
        """
        check_verdict(verdict, cause, severity)
        reply = text.strip() if no_document and not text.strip() else checked_reply(text)
        if keep:
            # encodes questions that are new before the records are locked
            self.rivals(user, ticket_id, reply, question)
        with self._database.transaction(user.actor, "answered at the desk") as change:
            ticket = open_desk_ticket(change, user, ticket_id)
            _nobody_elses(change.session, user, ticket)
            record = change.session.get_one(AnswerRecord, ticket.answer_id)
            if no_document:
                if change.session.get(Domain, ticket.domain or "") is None:
                    raise Conflict("keep_needs_department")
                request_document(change, user, ticket)
                reply = reply or say(as_language(record.body["language"]), "desk.no_document_reply")
            conversation = change.session.get_one(Conversation, ticket.conversation_id)
            shown = [] if no_document else _for_the_asker(change.session, record, evidence or [])
            add_message(change, conversation, "person", reply, account=user.id, ticket=ticket.id, rests_on=shown)
            before, moment = {"state": ticket.state}, now()
            ticket.state, ticket.reply, ticket.answered_by, ticket.answered_at = "answered", reply, user.id, moment
            ticket.first_answered_at = ticket.first_answered_at or moment
            change.session.execute(delete(ReplyDraft).where(ReplyDraft.ticket_id == ticket.id))
            if verdict is not None:
                reviewers_verdict(change, user, ticket.answer_id, verdict, cause, severity)
            if keep:
                rests_on = everybodys_evidence(change.session, record, evidence)
                told = _put(question, record)
                made = self._corrections.keep(
                    change, user, ticket, reply, rests_on, replaces, question=told, cause=cause, severity=severity
                )
                ticket.example_id = made.id
            change.record("ticket.answered", "ticket", ticket.id, before, {"state": "answered", "reply": digest(reply)})
        return self.ticket(user, ticket_id)

    def rivals(self, user: User, ticket_id: str, reply: str, question: str = "") -> list[Rival]:
        """The approved examples that answer a ticket's question, as `answer` keeps it, otherwise than a reply would.

        Raises NotFound, BadInput.
        """
        with self._database.read() as session:
            ticket = desk_ticket(session, user, ticket_id)
            put = _put(question, session.get_one(AnswerRecord, ticket.answer_id))
            found = self._corrections.rivals(session, ticket.domain or "", put, reply.strip())
        return [rival for rival in found if rival.state == "approved"]


def escalate(change: Change, user: User, answer_id: str, note: str = "") -> str:
    """See `Desk.escalate`; in the caller's transaction. Raises NotFound, Conflict (too many of this person's wait)."""
    return _bring(change, user, _own_answer(change, user, answer_id), "escalated", note)


def _put(question: str, record: AnswerRecord) -> str:
    """A question in the words that somebody gave it, else as it was asked. Raises BadInput: too long."""
    if len(question) > LONGEST_REPLY:
        raise BadInput("text_too_long", limit=LONGEST_REPLY)
    return " ".join(question.split()) or asked_by_itself(record)


def checked_reply(text: str) -> str:
    """A reply as it is kept. Raises BadInput: empty, or too long."""
    words = text.strip()
    if not words:
        raise BadInput("empty_reply")
    if len(words) > LONGEST_REPLY:
        raise BadInput("text_too_long", limit=LONGEST_REPLY)
    return words


def _own_answer(change: Change, user: User, answer_id: str) -> AnswerRecord:
    """An answer to this person, locked: two clicks at once make one ticket. Raises NotFound."""
    record = change.session.get(AnswerRecord, answer_id, with_for_update=True)
    if record is None or record.account_id != user.id:
        raise NotFound("unknown_answer")
    return record


def _bring(change: Change, user: User, record: AnswerRecord, kind: str, note: str) -> str:
    """Put an answer before a person, on the asker's wish. Returns the ticket; the one that waits already, if any."""
    waiting = change.session.scalar(select(Ticket).where(Ticket.answer_id == record.id, Ticket.state != "answered"))
    if waiting is not None:
        before = {"kind": waiting.kind}
        waiting.kind = kind
        waiting.note = "\n".join(part for part in (waiting.note, note) if part)[:LONGEST_REPLY]
        change.record("ticket.changed", "ticket", waiting.id, before, {"kind": kind})
        return waiting.id
    brought = (
        select(func.count())
        .select_from(Ticket)
        .where(Ticket.account_id == user.id, Ticket.state != "answered", Ticket.kind != "held")
    )
    if (change.session.scalar(brought) or 0) >= WAITING_OF_ONE:
        raise Conflict("too_many_waiting", limit=WAITING_OF_ONE)
    return open_ticket(change, record, kind, note[:LONGEST_REPLY]).id


def _nobody_elses(session: Session, user: User, ticket: Ticket) -> None:
    """Raises Conflict where somebody else has claimed a ticket."""
    if ticket.claimed_by not in (None, user.id):
        names = names_of(session, {ticket.claimed_by})
        raise Conflict("claimed_by_another", person=names.get(ticket.claimed_by, ticket.claimed_by))


def _reviewers(session: Session, domain: str | None) -> list[tuple[str, str]]:
    """Who works at a domain's desk; at any, where there is no domain."""
    rows = session.execute(
        select(Account.id, Account.display_name)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role.in_(WORKS_AT_DESK), Account.disabled_at.is_(None))
        .where(RoleGrant.domain == domain if domain else RoleGrant.domain.is_not(None))
        .distinct()
        .order_by(Account.display_name)
    )
    return [(identifier, name) for identifier, name in rows]


def departments_own(session: Session, documents: Sequence[str]) -> set[str]:
    """Those of some documents that everybody in their department sees: no one's upload, nothing confidential."""
    found = select(Document.id).where(
        Document.id.in_(documents),
        Document.visibility == "department",
        Document.sensitivity != "confidential",
        Document.deleted_at.is_(None),
    )
    return set(session.scalars(found))


def _for_the_asker(session: Session, record: AnswerRecord, evidence: Sequence[Citation]) -> list[Citation]:
    """What of a reply's evidence its asker may have been shown, or anybody in its department is: not the reviewer's own
    uploads, nothing confidential. Whether he sees that department is found out when it is shown.
    """
    shown = {citation["document"] for citation in record.body["citations"]}
    shown |= departments_own(session, [one.document for one in evidence])
    return [replace(one, copies=[]) for one in evidence if one.document in shown]


def everybodys_evidence(
    session: Session, record: AnswerRecord, picked: Sequence[Citation] | None = None
) -> list[dict[str, object]]:
    """What an example rests on. The asker's own uploads are not for the next asker, nor are copies that he may see."""
    cited = record.body["citations"] if picked is None else [vars(citation) for citation in picked]
    everybodys = departments_own(session, [citation["document"] for citation in cited])
    return [citation | {"copies": []} for citation in cited if citation["document"] in everybodys]
