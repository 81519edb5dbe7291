"""Sends what the outbox holds: on a thread of its own, again and again with growing pauses, each notice once.

A notice is taken by one sender at a time. Where the machine stops between a delivery and its record, the notice goes
out again under the same id (a mail's Message-ID, a webhook's Idempotency-Key), by which the receiver knows it.
"""

import hashlib
import hmac
import json
import logging
import smtplib
import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import httpx
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from assistant.background import Background
from assistant.clock import now
from assistant.database import Database
from assistant.errors import Refusal
from assistant.outbox import OVERDUE, Letter, letter, may_write_to, tell_overdue
from assistant.settings import Settings
from assistant.tables import Notice
from assistant.wording import as_language, say

LOOK_SECONDS = 5.0
OVERDUE_LOOKS = timedelta(minutes=1)
TRIED_SECONDS = 20.0  # for one delivery
TAKEN = timedelta(minutes=2)  # for which a notice is one sender's
FIRST_PAUSE = timedelta(minutes=1)
MOST_TRIES = 12  # with doubled pauses: about three days
LONGEST_ERROR = 300

log = logging.getLogger("madoguchi")


class Undelivered(Exception):
    """A notice did not arrive. `for_good`: it never will."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.for_good = for_good


Deliver = Callable[[Settings, Letter], None]


class Sending:
    """The sender of one home."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._background = Background("sending", self._turn)
        self._looks_for_overdue = now()

    def start(self) -> None:
        """Begin, if the settings name anybody to tell."""
        if self._settings.mail_server or self._settings.webhook_addresses:
            self._background.start()

    def close(self) -> None:
        """Stop after what is being sent."""
        self._background.close()

    def _turn(self) -> float:
        try:
            if now() >= self._looks_for_overdue:
                self._looks_for_overdue = now() + OVERDUE_LOOKS
                tell_overdue(self._database, self._settings)
            return 0.0 if self.send_next() else LOOK_SECONDS
        except (SQLAlchemyError, Refusal):  # a full disk or a locked database passes
            log.exception("a notice could not be recorded and is tried again")
            return LOOK_SECONDS

    def send_next(self) -> bool:
        """Send the notice that waits for longest, if one is due; whether there was one."""
        taken = self._take()
        if taken is None:
            return False
        try:
            DELIVERIES[taken.kind](self._settings, taken)
        except Undelivered as error:
            self._put_back(taken.id, error)
        else:
            with self._database.transaction("job:sending", "delivered") as change:
                change.session.get_one(Notice, taken.id).sent_at = now()
                change.record("notice.sent", "notice", taken.id, {"sent": False}, {"sent": True})
        return True

    def _take(self) -> Letter | None:
        due = (
            select(Notice)
            .where(Notice.sent_at.is_(None), Notice.given_up.is_(False), Notice.next_try_at <= now())
            .order_by(Notice.next_try_at)
            .limit(1)
        )
        with self._database.read() as session:
            if session.scalar(due) is None:
                return None
        with self._database.transaction("job:sending", "being sent") as change:
            row = change.session.scalar(due.with_for_update(skip_locked=True))
            if row is None:
                return None
            before = {"attempt": row.attempts}
            row.attempts += 1
            row.next_try_at = now() + TAKEN
            change.record("notice.tried", "notice", row.id, before, {"attempt": row.attempts})
            return letter(change.session, row)

    def _put_back(self, notice: str, error: Undelivered) -> None:
        with self._database.transaction("job:sending", "not delivered") as change:
            row = change.session.get_one(Notice, notice)
            before = {"given_up": row.given_up}
            row.error = str(error)[:LONGEST_ERROR]
            row.given_up = error.for_good or row.attempts >= MOST_TRIES
            row.next_try_at = now() + FIRST_PAUSE * 2 ** (row.attempts - 1)
            after = {"attempt": row.attempts, "given_up": row.given_up}
            change.record("notice.failed", "notice", row.id, before, after)
        log.warning("notice %s was not delivered: %s", notice, error)


def _mail(settings: Settings, told: Letter) -> None:
    """One mail: to the asker that there is a reply, or to a reviewer that a question waits. Raises Undelivered."""
    if not may_write_to(settings, told.address):
        raise Undelivered("the address is not on the list any more", for_good=True)
    language = as_language(told.language)
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_from, told.address
    late = told.event == OVERDUE
    message["Subject"] = say(language, "mail.overdue_subject" if late else "mail.subject")
    message["Message-ID"] = f"<{told.id}@madoguchi>"
    message["Date"] = told.at
    message["Auto-Submitted"] = "auto-generated"
    words = [say(language, "mail.overdue_words" if late else "mail.words")]
    if settings.mail_text:
        key = "mail.overdue_text" if late else "mail.text"
        words += [say(language, key, question=told.question, reply=told.reply)]
    if settings.public_address:
        words += [f"{settings.public_address.rstrip('/')}/{language}/{'desk' if late else 'ask'}/"]
    message.set_content("\n\n".join(words) + "\n")
    host, _, port = (settings.mail_server or "").partition(":")
    context = ssl.create_default_context()
    # said to the mail server, and not looked up: smtplib would ask the network for this machine's own name
    own = socket.gethostname()
    try:
        if settings.mail_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, int(port or 465), own, timeout=TRIED_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, int(port or 25), own, timeout=TRIED_SECONDS)
        with server:
            if settings.mail_security == "starttls":
                server.starttls(context=context)
            if settings.mail_user and settings.mail_password:
                server.login(settings.mail_user, settings.mail_password.get_secret_value())
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise Undelivered(f"recipient refused: {codes}", for_good=all(code >= 500 for code in codes)) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise Undelivered(f"{type(error).__name__}: {error}") from error


def _webhook(settings: Settings, told: Letter) -> None:
    """One call of a webhook: what happened to which ticket, and nobody's words. Raises Undelivered."""
    if told.address not in settings.webhook_addresses:
        raise Undelivered("the address is not on the list any more", for_good=True)
    body = {"event": f"ticket.{told.event}", "ticket": told.ticket, "domain": told.domain, "at": told.at.isoformat()}
    content = json.dumps(body, ensure_ascii=False).encode()
    headers = {"content-type": "application/json", "idempotency-key": told.id}
    if settings.webhook_secret:
        secret = settings.webhook_secret.get_secret_value().encode()
        headers["x-madoguchi-signature"] = "sha256=" + hmac.new(secret, content, hashlib.sha256).hexdigest()
    try:
        with httpx.Client(trust_env=False, follow_redirects=False, timeout=TRIED_SECONDS) as client:
            status = client.post(told.address, content=content, headers=headers).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Undelivered(f"{type(error).__name__}: {error}") from error
    if not 200 <= status < 300:
        raise Undelivered(f"answered {status}", for_good=status == 410)


DELIVERIES: dict[str, Deliver] = {"mail": _mail, "webhook": _webhook}
