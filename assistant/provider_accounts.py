"""Accounts of people who sign in at the company's identity provider, made at the first sign-in.

Rights are set anew at each. An account is found again by issuer and subject, never by its name: a name can be given
to somebody else.
"""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.accounts import account_name, create_account, grant_role
from assistant.database import Change, Database
from assistant.errors import BadInput, NotAllowed
from assistant.identity import Identity
from assistant.tables import Account, Domain, RoleGrant


def account_of(database: Database, identity: Identity) -> str:
    """The id of this person's account, with the rights that the groups give now. Raises NotAllowed where it is closed.

    A right that no group gives any more is taken; what the setting does not name stays as people have set it.
    """
    with database.transaction("identity provider", "rights of the person's groups") as change:
        account = change.session.scalar(
            select(Account).where(Account.issuer == identity.issuer, Account.subject == identity.subject)
        )
        if account is None:
            name = _free_name(change.session, identity)
            account = create_account(change, name, None, identity.display_name)
            account.issuer, account.subject = identity.issuer, identity.subject
        if account.disabled_at is not None:
            raise NotAllowed("account_closed")
        _set_rights(change, account, identity)
        return account.id


def _free_name(session: Session, identity: Identity) -> str:
    short = hashlib.sha256(f"{identity.issuer} {identity.subject}".encode()).hexdigest()[:8]
    try:
        name = account_name(identity.name)[:60]
    except BadInput:
        name = "person"
    taken = session.scalar(select(Account.id).where(Account.name == name))
    return f"{name}.{short}" if taken or name == "person" else name


def _set_rights(change: Change, account: Account, identity: Identity) -> None:
    if identity.administrator is not None and account.administrator != identity.administrator:
        before = {"administrator": account.administrator}
        account.administrator = identity.administrator
        change.record("account.changed", "account", account.id, before, {"administrator": identity.administrator})
    for domain, role in identity.roles.items():
        held = change.session.get(RoleGrant, (account.id, domain))
        if change.session.get(Domain, domain) is not None and (held.role if held else None) != role:
            grant_role(change, account.id, domain, role)
