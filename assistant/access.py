"""Who may do what. Rights are looked up here, from the records, in every handler; nothing the browser says counts.

Roles rise: employee < reviewer < owner. An administrator runs the system and has no role by that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session

from assistant.errors import NotAllowed, NotFound
from assistant.tables import Account, Domain, RoleGrant
from index import Scope

Role = Literal["employee", "reviewer", "owner"]
WORKS_AT_DESK: tuple[Role, ...] = ("reviewer", "owner")
RANK: Mapping[str, int] = {"employee": 1, "reviewer": 2, "owner": 3}
# what `load_user` needs of an account; asked at every event, so no more than that
PERSON = select(Account.id, Account.display_name, Account.administrator, Account.must_change_password)


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


def load_user(session: Session, person: Account | Row[str, str, bool, bool]) -> User:
    """The rights of a person now: its grants, and employee in every domain that is open to all.

    Args:
        person: the account, or what `PERSON` selects of it.
    """
    own = and_(RoleGrant.domain == Domain.name, RoleGrant.account_id == person.id)
    seen = (
        select(Domain.name, RoleGrant.role)
        .outerjoin(RoleGrant, own)
        .where(Domain.closed_at.is_(None), or_(Domain.open_to_all, RoleGrant.role.is_not(None)))
        .order_by(Domain.name)
    )
    # the column holds Role's words only
    roles: dict[str, Role] = {name: role or "employee" for name, role in session.execute(seen)}  # type: ignore[misc]
    return User(person.id, person.display_name, roles, person.administrator, person.must_change_password)


def local_operator(session: Session, name: str) -> User:
    """Whoever runs the command line on the machine: owns every domain."""
    domains = session.scalars(select(Domain.name).where(Domain.closed_at.is_(None)).order_by(Domain.name))
    return User(None, name, dict.fromkeys(domains, "owner"), administrator=True)
