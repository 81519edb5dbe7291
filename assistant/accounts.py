"""Accounts: passwords, sign-ins that expire, the one-time link that makes the first administrator, roles.

Knows nothing of pages or cookies. Passwords are hashed with argon2; of tokens only the SHA-256 is kept.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pwdlib import PasswordHash
from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.orm import Session

from assistant.access import PERSON, RANK, User, find_user
from assistant.clock import now
from assistant.database import Change, Database
from assistant.errors import BadInput, Conflict, NotAllowed, NotFound
from assistant.tables import Account, Domain, OneTimeLink, RoleGrant, SignIn

MIN_PASSWORD = 10
MAX_PASSWORD = 200
FAILURES_BEFORE_LOCK = 8
LOCK = timedelta(minutes=10)
LINK_VALID = timedelta(hours=24)
LONGEST_EMAIL = 254
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[a-z0-9-]+(\.[a-z0-9-]+)*", re.IGNORECASE)

# asked with every request: built once
ENABLED = PERSON.where(Account.disabled_at.is_(None))
_BY_ID = ENABLED.where(Account.id == bindparam("id"))
_live = select(SignIn.account_id).where(SignIn.token_hash == bindparam("token"), SignIn.expires_at > bindparam("now"))
_SIGNED_IN = ENABLED.where(Account.id == _live.scalar_subquery())

_hasher = PasswordHash.recommended()
# hashed against when the name is unknown, so that the time taken does not tell which names exist
_nobody = _hasher.hash(secrets.token_hex(16))


def account_name(text: str) -> str:
    """The one spelling of a sign-in name: NFKC, case-folded. Raises BadInput when it cannot be one."""
    name = unicodedata.normalize("NFKC", text).strip().casefold()
    if not 1 <= len(name) <= 80 or not name.isprintable() or any(c.isspace() for c in name):
        raise BadInput("bad_account_name")
    return name


def _check_password(password: str) -> None:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise BadInput("bad_password", minimum=MIN_PASSWORD, maximum=MAX_PASSWORD)


def hash_token(token: str) -> str:
    """What is kept of a session's, link's or program's token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Accounts:
    """The people of one home."""

    def __init__(self, database: Database, session_hours: float) -> None:
        self._database = database
        self._session_length = timedelta(hours=session_hours)

    def any_exist(self) -> bool:
        """Whether somebody could sign in."""
        with self._database.read() as session:
            return bool(session.scalar(select(func.count()).select_from(Account)))

    def create(
        self,
        actor: str,
        name: str,
        password: str,
        *,
        display_name: str = "",
        administrator: bool = False,
        must_change: bool = True,
    ) -> str:
        """Add an account and return its id. Raises BadInput or Conflict (the name is taken)."""
        with self._database.transaction(actor, "account created") as change:
            return create_account(change, name, password, display_name, administrator, must_change).id

    def one_time_link(self, actor: str) -> str:
        """A token that makes the first administrator, once, within a day. Older ones end."""
        token = secrets.token_urlsafe(24)
        with self._database.transaction(actor, "first start") as change:
            change.session.execute(update(OneTimeLink).where(OneTimeLink.used_at.is_(None)).values(used_at=now()))
            link = OneTimeLink(token_hash=hash_token(token), expires_at=now() + LINK_VALID, used_at=None)
            change.session.add(link)
            change.record("link.created", "one-time-link", link.token_hash[:12], after=_until(link.expires_at))
        return token

    def link_is_valid(self, token: str) -> bool:
        """Whether a one-time link would still work."""
        with self._database.read() as session:
            return _live_link(session, token) is not None

    def redeem_link(self, token: str, name: str, password: str, display_name: str) -> str:
        """Make the first administrator from a one-time link; owner of every domain. Returns the account id."""
        with self._database.transaction("one-time link", "first administrator") as change:
            link = _live_link(change.session, token)
            if link is None:
                raise NotAllowed("link_expired")
            link.used_at = now()
            account = create_account(change, name, password, display_name, administrator=True)
            for domain in change.session.scalars(select(Domain.name)):
                grant_role(change, account.id, domain, "owner")
            return account.id

    def sign_in(self, name: str, password: str) -> str:
        """A session token for the cookie. Raises NotAllowed, in the same words whatever was wrong."""
        try:
            spelled = account_name(name)
        except BadInput:
            spelled = ""
        with self._database.read() as session:
            account = session.scalar(select(Account).where(Account.name == spelled))
        known_hash = account.password_hash if account and account.password_hash else _nobody
        right = _hasher.verify(password[:MAX_PASSWORD], known_hash)
        locked = account is not None and account.locked_until is not None and account.locked_until > now()
        if account is None or account.disabled_at or locked or not right:
            if account is not None and not locked:
                self._note_failure(account.id)
            raise NotAllowed("wrong_sign_in", minutes=int(LOCK.total_seconds() // 60))
        return self.start_session(account.id)

    def _note_failure(self, account_id: str) -> None:
        with self._database.transaction(f"user:{account_id}", "wrong password") as change:
            account = change.session.get_one(Account, account_id)
            before = {"failures": account.failures}
            account.failures += 1
            if account.failures % FAILURES_BEFORE_LOCK == 0:
                account.locked_until = now() + LOCK
            change.record("sign-in.refused", "account", account_id, before, {"failures": account.failures})

    def start_session(self, account_id: str) -> str:
        """A new sign-in's token."""
        token = secrets.token_urlsafe(32)
        with self._database.transaction(f"user:{account_id}", "signed in") as change:
            account = change.session.get_one(Account, account_id)
            account.failures, account.locked_until = 0, None
            expires = now() + self._session_length
            change.session.add(SignIn(token_hash=hash_token(token), account_id=account_id, expires_at=expires))
            change.record("sign-in.started", "account", account_id, after=_until(expires))
        return token

    def end_session(self, token: str) -> None:
        """Sign out."""
        with self._database.read() as session:
            known = session.get(SignIn, hash_token(token))
        if known is None:
            return
        with self._database.transaction(f"user:{known.account_id}", "signed out") as change:
            sign_in = change.session.get(SignIn, known.token_hash)
            if sign_in is not None:
                change.session.delete(sign_in)
                change.record("sign-in.ended", "account", sign_in.account_id, {"sign-ins": 1}, {"sign-ins": 0})

    def end_all_sessions(self, account_id: str) -> int:
        """Sign out everywhere; gives how many sign-ins that were."""
        with self._database.transaction(f"user:{account_id}", "signed out everywhere") as change:
            ended = _end_sessions(change.session, account_id)
            change.record("sign-in.ended", "account", account_id, {"sign-ins": ended}, {"sign-ins": 0})
        return ended

    def sessions(self, account_id: str) -> list[SignIn]:
        """Where this person is signed in now, the latest first."""
        with self._database.read() as session:
            live = select(SignIn).where(SignIn.account_id == account_id, SignIn.expires_at > now())
            return list(session.scalars(live.order_by(SignIn.created_at.desc())))

    def user_of(self, token: str | None) -> User | None:
        """The person behind a session token with today's rights, or None."""
        if not token:
            return None
        return self._find(_SIGNED_IN, token=hash_token(token), now=now())

    def user_by_id(self, account_id: str) -> User | None:
        """The person with today's rights, or None if there is none or it is disabled."""
        return self._find(_BY_ID, id=account_id)

    def user_by_name(self, name: str) -> User:
        """The person called `name`. Raises NotFound."""
        user = self._find(ENABLED.where(Account.name == account_name(name)))
        if user is None:
            raise NotFound("unknown_account", name=name)
        return user

    def _find(self, one: Select[Any], **given: Any) -> User | None:
        with self._database.statement() as records:
            return find_user(records, one, **given)

    def id_of(self, name: str) -> str:
        """The id of the account called `name`, a closed one too. Raises NotFound."""
        with self._database.read() as session:
            found = session.scalar(select(Account.id).where(Account.name == account_name(name)))
        if found is None:
            raise NotFound("unknown_account", name=name)
        return found

    def has_password(self, account_id: str) -> bool:
        """Whether this person can sign in here, and not only at the company's identity provider."""
        with self._database.read() as session:
            return session.get_one(Account, account_id).password_hash is not None

    def change_password(self, account_id: str, old: str, new: str) -> None:
        """Set an own password; every other sign-in of this person ends."""
        _check_password(new)
        with self._database.transaction(f"user:{account_id}", "password changed") as change:
            account = change.session.get_one(Account, account_id)
            if account.password_hash is None or not _hasher.verify(old[:MAX_PASSWORD], account.password_hash):
                raise NotAllowed("wrong_password")
            must = account.must_change_password
            account.password_hash, account.must_change_password = _hasher.hash(new), False
            before = {"must_change": must, "sign-ins": _end_sessions(change.session, account_id)}
            change.record("password.changed", "account", account_id, before, {"must_change": False, "sign-ins": 0})

    def set_role(self, actor: str, account_id: str, domain: str, role: str | None) -> None:
        """Give a role in a domain, or take it (None). Raises BadInput or NotFound."""
        if role is not None and role not in RANK:
            raise BadInput("unknown_role", role=role, roles=", ".join(RANK))
        with self._database.transaction(actor, "role changed") as change:
            if change.session.get(Domain, domain) is None:
                raise NotFound("unknown_domain", domain=domain)
            if change.session.get(Account, account_id) is None:
                raise NotFound("unknown_account", name=account_id)
            grant_role(change, account_id, domain, role)

    def disable(self, actor: str, account_id: str) -> None:
        """Take away every right at once; what the person did stays on record."""
        with self._database.transaction(actor, "account disabled") as change:
            account = change.session.get(Account, account_id)
            if account is None:
                raise NotFound("unknown_account", name=account_id)
            if account.disabled_at is None:
                account.disabled_at = now()
                change.record("account.disabled", "account", account_id, {"disabled": False}, {"disabled": True})

    def give_password(self, actor: str, account_id: str, password: str) -> None:
        """Let somebody in again who forgot the password, is locked, or whose account was closed: with a new first
        password, which is to be changed at the next sign-in; every sign-in of this person ends.

        Raises BadInput, NotFound, NotAllowed (it signs in elsewhere, or was erased).
        """
        _check_password(password)
        with self._database.transaction(actor, "password given") as change:
            account = change.session.get(Account, account_id)
            if account is None:
                raise NotFound("unknown_account", name=account_id)
            if account.password_hash is None:
                raise NotAllowed("no_password_here")
            ended = _end_sessions(change.session, account_id)
            before = {"disabled": account.disabled_at is not None, "must_change": account.must_change_password}
            account.password_hash, account.must_change_password = _hasher.hash(password), True
            account.disabled_at, account.locked_until, account.failures = None, None, 0
            after = {"disabled": False, "must_change": True}
            change.record(
                "account.password-given", "account", account_id, before | {"sign-ins": ended}, after | {"sign-ins": 0}
            )

    def set_email(self, actor: str, account_id: str, email: str) -> None:
        """Say where a person is told of replies; empty: nowhere. Raises BadInput, NotFound."""
        address = email.strip()
        if address and (not _EMAIL.fullmatch(address) or len(address) > LONGEST_EMAIL):
            raise BadInput("bad_email", email=address)
        with self._database.transaction(actor, "e-mail address set") as change:
            account = change.session.get(Account, account_id)
            if account is None:
                raise NotFound("unknown_account", name=account_id)
            before = {"set": account.email is not None}
            account.email = address or None
            change.record("account.email-set", "account", account_id, before, {"set": bool(address)})

    def names(self, actors: Iterable[str]) -> dict[str, str]:
        """How people are called, by the actor that the audit chain names."""
        wanted = {actor.removeprefix("user:"): actor for actor in actors if actor.startswith("user:")}
        with self._database.read() as session:
            rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(wanted)))
            return {wanted[identifier]: name for identifier, name in rows}

    def listing(self) -> list[tuple[Account, dict[str, str]]]:
        """All accounts by name, each with its granted roles by domain."""
        with self._database.read() as session:
            grants: dict[str, dict[str, str]] = {}
            for grant in session.scalars(select(RoleGrant).order_by(RoleGrant.domain)):
                grants.setdefault(grant.account_id, {})[grant.domain] = grant.role
            accounts = session.scalars(select(Account).order_by(Account.name)).all()
            return [(account, grants.get(account.id, {})) for account in accounts]


def create_account(
    change: Change,
    name: str,
    password: str | None,
    display_name: str,
    administrator: bool = False,
    must_change: bool = False,
) -> Account:
    """Add an account; without a password it cannot be signed in to here. Raises BadInput, Conflict."""
    if password is not None:
        _check_password(password)
    spelled = account_name(name)
    if change.session.scalar(select(Account).where(Account.name == spelled)):
        raise Conflict("account_exists", name=spelled)
    account = Account(
        name=spelled,
        display_name=(display_name.strip() or name.strip())[:120],
        password_hash=None if password is None else _hasher.hash(password),
        administrator=administrator,
        must_change_password=must_change,
        locked_until=None,
        disabled_at=None,
    )
    change.session.add(account)
    change.session.flush()
    change.record("account.created", "account", account.id, after={"administrator": administrator})
    return account


def grant_role(change: Change, account_id: str, domain: str, role: str | None) -> None:
    """Give a role in a domain that exists, or take it (None)."""
    grant = change.session.get(RoleGrant, (account_id, domain))
    before = {"role": grant.role if grant else None, "domain": domain}
    if role is None:
        if grant is not None:
            change.session.delete(grant)
    elif grant is None:
        change.session.add(RoleGrant(account_id=account_id, domain=domain, role=role))
    else:
        grant.role = role
    change.record("role.changed", "account", account_id, before, {"role": role, "domain": domain})


def _until(moment: datetime) -> dict[str, str]:
    return {"expires": moment.isoformat()}


def _end_sessions(session: Session, account_id: str) -> int:
    sign_ins = session.scalars(select(SignIn).where(SignIn.account_id == account_id)).all()
    for sign_in in sign_ins:
        session.delete(sign_in)
    return len(sign_ins)


def _live_link(session: Session, token: str) -> OneTimeLink | None:
    link = session.get(OneTimeLink, hash_token(token))
    return link if link and link.used_at is None and link.expires_at > now() else None
