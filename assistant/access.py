"""Who may do what. Rights are looked up here, from the records, in every handler; nothing the browser says counts.

Roles rise: employee < reviewer < owner. An administrator runs the system and has no role by that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.errors import NotAllowed, NotFound
from assistant.tables import Account, Domain, RoleGrant
from index import Scope

Role = Literal["employee", "reviewer", "owner"]
RANK: Mapping[str, int] = {"employee": 1, "reviewer": 2, "owner": 3}


@dataclass(frozen=True)
class User:
    """A person with the rights of this moment. `account` None: the local operator at the command line."""

    account: str | None
    name: str
    roles: Mapping[str, Role]  # domain -> role, for visible domains only
    administrator: bool = False

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
        return tuple(domain for domain, role in self.roles.items() if RANK[role] >= RANK["reviewer"])

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


def load_user(session: Session, account: Account) -> User:
    """The rights of `account` now: its grants, and employee in every domain that is open to all."""
    roles: dict[str, Role] = {
        name: "employee" for name in session.scalars(select(Domain.name).where(Domain.open_to_all))
    }
    for grant in session.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id)):
        roles[grant.domain] = grant.role  # type: ignore[assignment]  # the column holds Role's words only
    return User(account.id, account.display_name, dict(sorted(roles.items())), account.administrator)


def local_operator(session: Session, name: str) -> User:
    """Whoever runs the command line on the machine: owns every domain."""
    domains = session.scalars(select(Domain.name).order_by(Domain.name))
    return User(None, name, dict.fromkeys(domains, "owner"), administrator=True)
