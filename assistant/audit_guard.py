"""The database itself refuses to change or delete an audit entry, so that no slip and no stray statement can.

Whoever owns the database can drop the guard; then `audit verify` says so, and the chain tells what was done.
"""

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

REFUSAL = "audit entries are never changed"
_SQLITE = {
    f"audit_entries_{name}": f"CREATE TRIGGER audit_entries_{name} BEFORE {what} ON audit_entries "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for name, what in (("unchanged", "UPDATE"), ("kept", "DELETE"))
}
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
)
_POSTGRESQL = {
    f"audit_entries_{name}": f"CREATE TRIGGER audit_entries_{name} BEFORE {what} ON audit_entries "
    f"FOR EACH {each} EXECUTE FUNCTION audit_entries_refuse()"
    for name, what, each in (
        ("unchanged", "UPDATE", "ROW"),
        ("kept", "DELETE", "ROW"),
        ("whole", "TRUNCATE", "STATEMENT"),
    )
}


def put_up(connection: Connection) -> None:
    """Create the guard."""
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        connection.execute(text(_FUNCTION))
    for statement in (_POSTGRESQL if postgresql else _SQLITE).values():
        connection.execute(text(statement))


def take_down(connection: Connection) -> None:
    """Drop the guard."""
    postgresql = connection.dialect.name == "postgresql"
    for name in _POSTGRESQL if postgresql else _SQLITE:
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}" + (" ON audit_entries" if postgresql else "")))


def stands(session: Session) -> bool:
    """Whether the guard is as it was made."""
    if session.get_bind().dialect.name == "postgresql":
        found = session.execute(
            text("SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_entries'::regclass AND tgenabled <> 'D'")
        )
        return set(_POSTGRESQL) <= set(found.scalars())
    rows = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return _SQLITE.items() <= {name: sql for name, sql in rows}.items()
