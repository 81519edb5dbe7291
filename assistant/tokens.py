"""API tokens: a person's keys for programs. Each has scopes, an end and a last use, and is shown once.

A token gives nothing that its person does not have, and less: only what its scopes name. Of the token only the SHA-256
is kept. Knows nothing of HTTP.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.access import User, find_user
from assistant.accounts import ENABLED, hash_token
from assistant.clock import now
from assistant.database import Database
from assistant.errors import BadInput, NotAllowed, NotFound
from assistant.tables import Account, ApiToken

SCOPES = ("ask", "search", "documents", "ingest")
MOST_DAYS = 365
MOST_TOKENS = 20  # live ones a person
PREFIX = "mdg_"  # lets a scanner of repositories find a lost one
USE_NOTED = timedelta(days=1)  # the last use is kept to the day: the audit chain is no access log


@dataclass(frozen=True)
class TokenInfo:
    """A token as its person sees it."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    @property
    def live(self) -> bool:
        """Whether it opens anything still."""
        return self.revoked_at is None and self.expires_at > now()


@dataclass(frozen=True)
class Caller:
    """Who calls with a token: the person with today's rights, and what the token may be used for."""

    user: User
    token: str  # its id
    scopes: tuple[str, ...]

    def require(self, scope: str) -> None:
        """Raise NotAllowed where the token was not made for this."""
        if scope not in self.scopes:
            raise NotAllowed("token_lacks_scope", scope=scope)


class Tokens:
    """The API tokens of one home."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, user: User, name: str, scopes: Sequence[str], days: int) -> tuple[str, TokenInfo]:
        """Make a token; gives its text, which cannot be had again. Raises BadInput; NotAllowed without an account."""
        if user.account is None:
            raise NotAllowed("token_needs_account")
        label = " ".join(name.split())
        wanted = tuple(scope for scope in SCOPES if scope in scopes)
        if not 1 <= len(label) <= 80 or not wanted or set(scopes) - set(SCOPES) or not 1 <= days <= MOST_DAYS:
            raise BadInput("bad_token", scopes=", ".join(SCOPES), days=MOST_DAYS)
        secret = PREFIX + secrets.token_urlsafe(32)
        with self._database.transaction(user.actor, "for a program") as change:
            if sum(_info(row).live for row in _of(change.session, user.account)) >= MOST_TOKENS:
                raise BadInput("too_many_tokens", limit=MOST_TOKENS)
            row = ApiToken(
                account_id=user.account,
                name=label,
                token_hash=hash_token(secret),
                scopes=" ".join(wanted),
                expires_at=now() + timedelta(days=days),
                last_used_at=None,
                revoked_at=None,
            )
            change.session.add(row)
            change.session.flush()
            after = {"scopes": row.scopes, "expires": row.expires_at.date().isoformat()}
            change.record("token.created", "token", row.id, after=after)
            return secret, _info(row)

    def listing(self, user: User) -> list[TokenInfo]:
        """This person's tokens, the latest first."""
        with self._database.read() as session:
            return [_info(row) for row in _of(session, user.id)]

    def revoke(self, user: User, token: str) -> None:
        """End a token of one's own; an administrator anybody's. Raises NotFound."""
        with self._database.transaction(user.actor, "revoked") as change:
            row = change.session.get(ApiToken, token)
            if row is None or (row.account_id != user.id and not user.administrator):
                raise NotFound("unknown_token")
            if row.revoked_at is None:
                row.revoked_at = now()
                change.record("token.revoked", "token", row.id, {"revoked": False}, {"revoked": True})

    def caller(self, secret: str) -> Caller | None:
        """Who calls with `secret`, or None: unknown, ended, revoked, or its person's account is closed."""
        with self._database.read() as session:
            row = session.scalar(select(ApiToken).where(ApiToken.token_hash == hash_token(secret)))
            if row is None or not (info := _info(row)).live:
                return None
            user = find_user(session, ENABLED.where(Account.id == row.account_id))
        if user is None:
            return None
        if info.last_used_at is None or now() - info.last_used_at >= USE_NOTED:
            self._note_use(user, info.id)
        return Caller(user, info.id, info.scopes)

    def _note_use(self, user: User, token: str) -> None:
        with self._database.transaction(user.actor, "first use of the day") as change:
            row = change.session.get_one(ApiToken, token)
            before, row.last_used_at = row.last_used_at, now()
            told = {"last_used": before.isoformat() if before else None}
            change.record("token.used", "token", token, told, {"last_used": row.last_used_at.isoformat()})


def _of(session: Session, account: str) -> Sequence[ApiToken]:
    return session.scalars(
        select(ApiToken).where(ApiToken.account_id == account).order_by(ApiToken.created_at.desc())
    ).all()


def _info(row: ApiToken) -> TokenInfo:
    return TokenInfo(
        row.id,
        row.name,
        tuple(row.scopes.split()),
        row.created_at,
        row.expires_at,
        row.last_used_at,
        row.revoked_at,
    )
