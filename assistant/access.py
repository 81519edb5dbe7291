"""Who may do what. Rights are looked up here, from the records, in every handler; nothing the browser says counts.

Roles rise: employee < reviewer < owner. An administrator runs the system and has no role by that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from assistant.errors import NotAllowed, NotFound
from assistant.tables import Account, Domain, RoleGrant
from index import Scope

Role = Literal["employee", "reviewer", "owner"]
WORKS_AT_DESK: tuple[Role, ...] = ("reviewer", "owner")
RANK: Mapping[str, int] = {"employee": 1, "reviewer": 2, "owner": 3}
_own = and_(RoleGrant.domain == Domain.name, RoleGrant.account_id == Account.id)
_roles = (  # "domain role" of each that a person sees; a domain's name has neither a blank nor a comma
    select(func.aggregate_strings(Domain.name + " " + func.coalesce(RoleGrant.role, "employee"), ","))
    .outerjoin(RoleGrant, _own)
    .where(Domain.closed_at.is_(None), or_(Domain.open_to_all, RoleGrant.role.is_not(None)))
    .correlate(Account)
    .scalar_subquery()
)
# asked with every request and every event, so in one statement with one row
PERSON: Select[Any] = select(
    Account.id, Account.display_name, Account.administrator, Account.must_change_password, _roles.label("roles")
)


@dataclass(frozen=True)
class User:
    """A person with the rights of this moment. `account` None: the local operator at the command line."""

    account: str | None
    name: str
    roles: Mapping[str, Role]  # domain -> role, for visible domains only
    administrator: bool = False
    must_change_password: bool = False  # it was given by somebody else

    @property
    def id(self) -> str:
        """What records name as the owner of this person's things."""
        return self.account or "operator"

    @property
    def actor(self) -> str:
        """How the audit chain names this person."""
        return f"user:{self.account}" if self.account else f"cli:{self.name}"

    @property
    def scope(self) -> Scope:
        """What this person may find."""
        return Scope(domains=frozenset(self.roles), user=self.id, confidential=frozenset(self.desks))

    @property
    def desks(self) -> tuple[str, ...]:
        """Domains whose desk this person works at."""
        return tuple(domain for domain, role in self.roles.items() if role in WORKS_AT_DESK)

    @property
    def works_at_desk(self) -> bool:
        """Whether a desk is for this person: his own, or those where nobody works."""
        return self.administrator or bool(self.desks)

    @property
    def owned(self) -> tuple[str, ...]:
        """Domains that this person owns."""
        return tuple(domain for domain, role in self.roles.items() if role == "owner")

    def may(self, role: Role, domain: str | None) -> bool:
        """Whether this person has at least `role` in `domain`."""
        return domain is not None and RANK.get(self.roles.get(domain, ""), 0) >= RANK[role]

    def require(self, role: Role, domain: str | None) -> None:
        """Raise NotFound for a domain that is not visible, NotAllowed below `role`."""
        if not self.may("employee", domain):
            raise NotFound("unknown_domain", domain=domain)
        if not self.may(role, domain):
            raise NotAllowed("needs_role", role=role, domain=domain)

    def require_administrator(self) -> None:
        """Raise NotAllowed unless this person runs the system."""
        if not self.administrator:
            raise NotAllowed("needs_administrator")


def find_user(records: Session | Connection, one: Select[Any], **given: Any) -> User | None:
    """A person with the rights of now: his grants, and employee in every domain that is open to all.

    Args:
        one: `PERSON` where it is this one; `given` is put into it. None where it selects nobody.
    """
    found = records.execute(one, given).one_or_none()
    if found is None:
        return None
    roles: dict[str, Role] = dict(pair.split(" ") for pair in sorted((found.roles or "").split(",")) if pair)
    return User(found.id, found.display_name, roles, found.administrator, found.must_change_password)


def load_user(session: Session, account: str) -> User:
    """The person of an account with the rights of now. Raises NotFound."""
    user = find_user(session, PERSON.where(Account.id == account))
    if user is None:
        raise NotFound("unknown_account", name=account)
    return user


def local_operator(session: Session, name: str) -> User:
    """Whoever runs the command line on the machine: owns every domain."""
    domains = session.scalars(select(Domain.name).where(Domain.closed_at.is_(None)).order_by(Domain.name))
    return User(None, name, dict.fromkeys(domains, "owner"), administrator=True)
