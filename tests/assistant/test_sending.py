"""Notices: nothing lost, nothing doubled, nobody's words unless the settings say so, and only to listed addresses."""

import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, update

from assistant.access import User, local_operator
from assistant.accounts import Accounts
from assistant.clock import now
from assistant.database import Database
from assistant.errors import BadInput, NotAllowed
from assistant.outbox import MOST_AT_ONCE, Outbox, may_write_to, tell_overdue
from assistant.schema import upgrade
from assistant.sending import MOST_TRIES, Sending
from assistant.settings import Settings
from assistant.tables import Account, AnswerRecord, AuditEntry, Conversation, Domain, Notice, RoleGrant, Ticket
from assistant.tickets import open_ticket

QUESTION, REPLY = (
    "育休は双子だと何か月ですか",
    '=HYPERLINK("http://x") fourteen months\r\nBcc: everybody@elsewhere.example',
)


class Inbox:
    """A mail server that keeps what it gets, and may refuse."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if self.answer.startswith("250"):
            self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return self.answer


class Hook(BaseHTTPRequestHandler):
    """A web server that keeps what it is told."""

    def do_POST(self) -> None:  # the library's name
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.calls.append((dict(self.headers), body))  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, str]]:
    kept = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, f"127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def hook() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Hook)
    server.calls, server.status = [], 200  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'records.db'}")
    upgrade(made)
    yield made
    made.close()


def settings(tmp_path: Path, **given: Any) -> Settings:
    return Settings(home=tmp_path, mail_security="none", mail_to="example.com, boss@other.example", **given)


def answered(database: Database, email: str | None = "emi@example.com") -> str:
    """A question of Emi's that was answered at the desk. Returns the ticket."""
    with database.transaction("test", "answered") as change:
        person = Account(
            name="emi", display_name="Emi", email=email, password_hash=None, administrator=False,
            must_change_password=False, locked_until=None, disabled_at=None,
        )  # fmt: skip
        change.session.add(person)
        change.session.flush()
        conversation = Conversation(account_id=person.id, title="x")
        change.session.add(conversation)
        change.session.flush()
        record = AnswerRecord(
            conversation_id=conversation.id, account_id=person.id, question=QUESTION, status="held",
            domain="people", body={"language": "ja"}, trace={},
        )  # fmt: skip
        change.session.add(record)
        change.session.flush()
        ticket = open_ticket(change, record, "held")
        ticket.state, ticket.reply = "answered", REPLY
        change.record("ticket.answered", "ticket", ticket.id)
    return ticket.id


def send_all(sending: Sending) -> int:
    count = 0
    while sending.send_next():
        count += 1
    return count


def rows(database: Database) -> list[Notice]:
    with database.read() as session:
        return list(session.scalars(select(Notice).order_by(Notice.created_at)))


def wait_no_longer(database: Database) -> None:
    with database.transaction("test", "time passes") as change:
        for row in change.session.scalars(select(Notice)):
            row.next_try_at = now()
        change.record("time.passed", "notices", "all")


def waiting(database: Database, late: timedelta, reviewers: int = 1) -> str:
    """A question of Emi's that waits at people's desk, due so long ago. Returns the ticket."""
    ticket = answered(database)
    with database.transaction("test", "waits") as change:
        row = change.session.get_one(Ticket, ticket)
        row.state, row.reply, row.due_at = "open", None, now() - late
        change.session.add(
            Domain(name="people", title_ja="人事", title_en="People", description_ja="", description_en="",
                   open_to_all=True, hold_below=0.8, tolerated=None, retention_days=None)
        )  # fmt: skip
        for number in range(reviewers + 1):
            person = Account(
                name=f"r{number}", display_name="R", email=f"r{number}@example.com", password_hash=None,
                administrator=number == reviewers, must_change_password=False, locked_until=None, disabled_at=None,
            )  # fmt: skip
            change.session.add(person)
            change.session.flush()
            if number < reviewers:
                change.session.add(RoleGrant(account_id=person.id, domain="people", role="reviewer"))
        change.record("test", "ticket", ticket)
    return ticket


def test_who_works_at_a_desk_is_told_once_that_a_question_waits_past_its_time(
    database: Database, tmp_path: Path, inbox: tuple[Inbox, str], hook: HTTPServer
) -> None:
    kept, server = inbox
    url = f"http://127.0.0.1:{hook.server_port}/hook"
    given = settings(tmp_path, mail_server=server, webhooks=url, public_address="https://ask.example")
    waiting(database, timedelta(minutes=1))
    assert tell_overdue(database, given) == 2
    assert tell_overdue(database, given) == 0
    assert send_all(Sending(database, given)) == 2
    [(to, mail)] = kept.mails
    assert to == ["r0@example.com"]
    assert "期限" in str(mail["Subject"]) and "/ja/desk/" in mail.get_content() and QUESTION not in mail.get_content()
    told = [json.loads(body)["event"] for _, body in hook.calls]  # type: ignore[attr-defined]
    assert told == ["ticket.overdue"]


def test_where_nobody_works_at_the_desk_the_administrators_are_told(database: Database, tmp_path: Path) -> None:
    given = settings(tmp_path, mail_server="127.0.0.1:1")
    waiting(database, timedelta(minutes=1), reviewers=0)
    assert tell_overdue(database, given) == 1
    assert [row.address for row in rows(database)] == ["r0@example.com"]


def test_questions_that_nobody_can_be_told_of_keep_no_other_from_being_told(database: Database, tmp_path: Path) -> None:
    given = settings(tmp_path, mail_server="127.0.0.1:1")
    waiting(database, timedelta(minutes=1))
    with database.transaction("test", "a desk whose reviewer has no address") as change:
        record = change.session.scalars(select(AnswerRecord)).one()
        account = Account(
            name="nomail", display_name="N", email=None, password_hash=None, administrator=False,
            must_change_password=False, locked_until=None, disabled_at=None,
        )  # fmt: skip
        unlisted = Account(
            name="out", display_name="O", email="o@elsewhere.example", password_hash=None, administrator=False,
            must_change_password=False, locked_until=None, disabled_at=None,
        )  # fmt: skip
        change.session.add_all([account, unlisted])
        change.session.add(
            Domain(name="it", title_ja="IT", title_en="IT", description_ja="", description_en="", open_to_all=True,
                   hold_below=0.8, tolerated=None, retention_days=None)
        )  # fmt: skip
        change.session.flush()
        change.session.add_all(
            RoleGrant(account_id=one.id, domain="it", role="reviewer") for one in (account, unlisted)
        )
        for _ in range(MOST_AT_ONCE + 4):
            open_ticket(change, record, "held")
        change.session.execute(update(Ticket).values(domain="it", due_at=now() - timedelta(days=1)))
        last = open_ticket(change, record, "held")
        last.due_at = now()
    assert tell_overdue(database, given) == 1
    assert [row.ticket_id for row in rows(database)] == [last.id]
    with database.transaction("test", "the address is listed now") as change:
        change.session.get_one(Account, unlisted.id).email = "o@example.com"
        change.record("test", "account", unlisted.id)
    assert [tell_overdue(database, given) for _ in range(3)] == [MOST_AT_ONCE, 5, 0]


def test_a_question_that_is_not_due_yet_alarms_nobody(database: Database, tmp_path: Path) -> None:
    waiting(database, -timedelta(minutes=1))
    assert tell_overdue(database, settings(tmp_path, mail_server="127.0.0.1:1")) == 0


def test_nothing_is_written_or_sent_while_it_is_switched_off(database: Database, tmp_path: Path) -> None:
    Outbox(database, Settings(home=tmp_path))
    answered(database)
    assert rows(database) == []


def test_the_asker_gets_one_mail_without_a_word_of_question_or_reply(
    database: Database, tmp_path: Path, inbox: tuple[Inbox, str]
) -> None:
    kept, server = inbox
    chosen = settings(tmp_path, mail_server=server, public_address="https://ask.example.com/")
    Outbox(database, chosen)
    answered(database)
    assert send_all(Sending(database, chosen)) == 1
    assert send_all(Sending(database, chosen)) == 0
    [(to, mail)] = kept.mails
    assert (to, mail["subject"]) == (["emi@example.com"], "ご質問に担当者が回答しました")
    words = mail.get_content()
    assert "https://ask.example.com/ja/ask/" in words
    assert QUESTION not in words + str(mail)
    assert "fourteen" not in words
    with database.read() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)).all()
    assert actions[-3:] == ["notice.written", "notice.tried", "notice.sent"]


def test_with_the_setting_the_words_go_as_plain_text_and_make_no_header(
    database: Database, tmp_path: Path, inbox: tuple[Inbox, str]
) -> None:
    kept, server = inbox
    chosen = settings(tmp_path, mail_server=server, mail_text=True)
    Outbox(database, chosen)
    answered(database)
    send_all(Sending(database, chosen))
    [(to, mail)] = kept.mails
    assert to == ["emi@example.com"]
    assert mail["bcc"] is None
    assert mail.get_content_type() == "text/plain"
    assert QUESTION in mail.get_content()


@pytest.mark.parametrize("email", [None, "emi@example.com.evil.test", "emi@elsewhere.example", "boss@example.org"])
def test_nobody_who_is_not_listed_is_written_to(database: Database, tmp_path: Path, email: str | None) -> None:
    Outbox(database, settings(tmp_path, mail_server="127.0.0.1:9"))
    answered(database, email)
    assert rows(database) == []


def test_a_listed_address_is_known_in_any_spelling(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    assert may_write_to(chosen, "Emi@Example.COM")
    assert may_write_to(chosen, "boss@other.example")
    assert not may_write_to(chosen, "not-the-boss@other.example")


def test_a_change_that_fails_tells_nobody(database: Database, tmp_path: Path) -> None:
    Outbox(database, settings(tmp_path, webhooks="http://127.0.0.1:9/hook"))
    ticket = answered(database)
    before = len(rows(database))
    with pytest.raises(RuntimeError), database.transaction("test", "power cut") as change:
        change.record("ticket.answered", "ticket", ticket)
        change.session.flush()
        raise RuntimeError("power cut")
    assert len(rows(database)) == before == 2


def test_a_mail_server_that_is_down_loses_nothing(database: Database, tmp_path: Path, inbox: tuple[Inbox, str]) -> None:
    kept, server = inbox
    Outbox(database, settings(tmp_path, mail_server=server))
    answered(database)
    down = Sending(database, settings(tmp_path, mail_server="127.0.0.1:9"))
    assert send_all(down) == 1
    [row] = rows(database)
    assert (row.sent_at, row.attempts, row.given_up) == (None, 1, False)
    assert "refused" in row.error
    assert row.next_try_at > now()
    up = Sending(database, settings(tmp_path, mail_server=server))
    assert send_all(up) == 0  # not before its time
    kept.answer = "451 busy"
    wait_no_longer(database)
    assert send_all(up) == 1
    kept.answer = "250 OK"
    wait_no_longer(database)
    assert send_all(up) == 1
    assert len(kept.mails) == 1
    assert kept.mails[0][1]["message-id"] == f"<{row.id}@madoguchi>"


def test_after_days_a_notice_is_given_up_and_an_administrator_sees_why(database: Database, tmp_path: Path) -> None:
    outbox = Outbox(database, settings(tmp_path, mail_server="127.0.0.1:9"))
    answered(database)
    sending = Sending(database, settings(tmp_path, mail_server="127.0.0.1:9"))
    for _ in range(MOST_TRIES):
        wait_no_longer(database)
        assert send_all(sending) == 1
    wait_no_longer(database)
    assert send_all(sending) == 0
    with database.read() as session:
        operator = local_operator(session, "test")
    [told] = outbox.listing(operator)
    assert (told["given_up"], told["attempts"]) == (True, MOST_TRIES)


def test_several_senders_at_once_send_each_notice_once(address: str, tmp_path: Path, hook: HTTPServer) -> None:
    database = Database(address)
    upgrade(database)
    chosen = settings(tmp_path, webhooks=f"http://127.0.0.1:{hook.server_port}/hook")
    Outbox(database, chosen)
    ticket = answered(database)
    for _ in range(10):
        with database.transaction("test", "again") as change:
            change.record("ticket.answered", "ticket", ticket)
    with ThreadPoolExecutor(4) as threads:
        sent = sum(threads.map(send_all, [Sending(database, chosen) for _ in range(4)]))
    keys = [headers["idempotency-key"] for headers, _ in hook.calls]  # type: ignore[attr-defined]
    database.close()
    assert sent == len(keys) == len(set(keys)) == 12


def test_a_webhook_is_signed_tells_no_words_and_is_tried_again_after_an_error(
    database: Database, tmp_path: Path, hook: HTTPServer
) -> None:
    address = f"http://127.0.0.1:{hook.server_port}/hook"
    chosen = settings(tmp_path, webhooks=address, webhook_secret="s3cret")
    Outbox(database, chosen)
    ticket = answered(database)
    hook.status = 503  # type: ignore[attr-defined]
    sending = Sending(database, chosen)
    assert send_all(sending) == 2
    hook.status = 200  # type: ignore[attr-defined]
    wait_no_longer(database)
    assert send_all(sending) == 2
    calls = hook.calls[2:]  # type: ignore[attr-defined]
    assert sorted(json.loads(body)["event"] for _, body in calls) == ["ticket.answered", "ticket.opened"]
    for headers, body in calls:
        assert json.loads(body)["ticket"] == ticket
        assert "fourteen" not in body.decode()
        signed = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
        assert headers["x-madoguchi-signature"] == f"sha256={signed}"


def test_an_address_that_was_taken_off_the_list_is_not_called(
    database: Database, tmp_path: Path, hook: HTTPServer
) -> None:
    Outbox(database, settings(tmp_path, webhooks=f"http://127.0.0.1:{hook.server_port}/hook"))
    answered(database)
    send_all(Sending(database, settings(tmp_path, webhooks="http://127.0.0.1:9/other")))
    assert hook.calls == []  # type: ignore[attr-defined]
    assert all(row.given_up for row in rows(database))


def test_only_administrators_see_what_waits_and_an_address_is_one(database: Database, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        Outbox(database, settings(tmp_path)).listing(User("a", "emi", {"people": "owner"}))
    injected = "emi@example.com\r\nBcc: x@y.example"
    for wrong in ("emi", "a b@example.com", injected, "<emi@example.com>", "x@" + "y" * 300):
        with pytest.raises(BadInput):
            Accounts(database, 1.0).set_email("test", "anybody", wrong)
