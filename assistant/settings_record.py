"""Changed settings go on record when the server starts: they come from the environment, so nothing else would tell.

Only what differs from the defaults is told. Of secrets it is told that there is one, and never which.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from assistant.audit import digest
from assistant.database import Database
from assistant.settings import Settings
from assistant.tables import AuditEntry

ACTION = "settings.changed"


def record_settings(database: Database, settings: Settings, actor: str) -> None:
    """Tell what changed since the last start, if anything did."""
    present = _told(settings)
    with database.read() as session:
        known = _known(session)
    changed = sorted(name for name in present.keys() | known.keys() if present.get(name) != known.get(name))
    if not changed:
        return
    before = {name: known.get(name) for name in changed}
    after = {name: present.get(name) for name in changed}
    with database.transaction(actor, "started with other settings") as change:
        change.record("settings.changed", "settings", "environment", before, after)


def _told(settings: Settings) -> dict[str, Any]:
    told = settings.model_dump(mode="json", exclude_defaults=True)
    if settings.database is not None:
        told["database"] = make_url(settings.database).render_as_string(hide_password=True)
    if settings.webhook_addresses:  # whose paths are often what lets one in
        hooks = [f"{urlsplit(one).hostname} {digest(one)}" for one in settings.webhook_addresses]
        told["webhooks"] = ", ".join(hooks)
    return told


def _known(session: Session) -> dict[str, Any]:
    """What the entries so far add up to; None is the default."""
    known: dict[str, Any] = {}
    rows = session.scalars(select(AuditEntry.after).where(AuditEntry.action == ACTION).order_by(AuditEntry.number))
    for after in rows:
        known |= json.loads(after)
    return {name: value for name, value in known.items() if value is not None}
