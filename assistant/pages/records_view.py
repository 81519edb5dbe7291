"""How the records look: entries of the audit log, the departments' retention, what is kept of a person."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from assistant.access import User
from assistant.audit_log import Entry
from assistant.pages.markup import table, tag, text
from assistant.personal import Holdings
from assistant.retention import Retention
from assistant.wording import Language, say

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def entries_table(language: Language, entries: Sequence[Entry]) -> str:
    """Entries, latest first."""
    tell = partial(say, language)
    if not entries:
        return tag("p", text(tell("records.nothing")), "empty")
    labels = [tell(f"records.{name}") for name in ("number", "time", "who", "what", "object", "change", "reason")]
    rows = [
        [
            str(one.number),
            text(f"{one.time[:10]} {one.time[11:19]}"),
            text(one.person or one.actor),
            text(action_name(language, one.action)),
            text(f"{one.object_type} {one.object_id[:12]}"),
            _change(language, one),
            text(_in_words(language, "reason", one.reason)),
        ]
        for one in entries
    ]
    return table(labels, rows, "entries")


def action_name(language: Language, action: str) -> str:
    """An action in words."""
    return _in_words(language, "action", action)


def _in_words(language: Language, kind: str, told: str) -> str:
    """What the program recorded, in the reader's language; what somebody wrote himself stays as it is."""
    try:
        return say(language, f"{kind}.{told}")
    except KeyError:
        return told


def _change(language: Language, one: Entry) -> str:
    """What was, and what is, of the values that an entry tells; of a change only what is another since."""
    kept = [name for name in one.before if name in one.after and one.before[name] == one.after[name]]
    told = [name for name in {**one.before, **one.after} if name not in kept] or kept
    lines = []
    for name in told:
        was = _value(one.before.get(name)) + (" → " if name in one.after else "") if name in one.before else ""
        value = _value(one.after[name]) if name in one.after else ""
        lines.append(f"{_in_words(language, 'recorded', name)}: {was}{value}")
    return text("\n".join(lines))


def _value(value: Any) -> str:
    if isinstance(value, str) and _MOMENT.match(value):
        return value[:16].replace("T", " ")
    return "–" if value is None else str(value)[:60]


def retention_table(language: Language, retention: Retention, user: User, titles: Mapping[str, str]) -> str:
    """How long each department keeps conversations, and when some last went."""
    tell = partial(say, language)
    labels = [
        tell("documents.department"),
        tell("records.kept_for"),
        tell("records.conversations"),
        tell("records.due"),
    ]
    rows = [
        [
            text(titles.get(one.domain, one.domain)),
            text(tell("data.kept_days", days=one.days) if one.days else tell("data.kept_forever")),
            str(one.conversations),
            str(one.due),
        ]
        for one in retention.listing(user)
    ]
    last = retention.last_removal(user)
    words = tell("records.removed", at=last[0][:16].replace("T", " "), count=last[1]) if last else ""
    return table(labels, rows) + (tag("p", text(words), "small") if words else "")


def held(language: Language, what: Holdings) -> str:
    """What would go with a person, and what would stay."""
    tell = partial(say, language)
    counts = what.as_dict()
    lines = [tell("data.would_go", **counts), tell("data.would_stay", **counts)]
    for domain, examples in what.own_words.items():
        shown = ", ".join(example[:8] for example in examples)
        lines.append(tell("data.own_words", domain=domain, examples=shown))
    return tag("div", "".join(tag("p", text(line)) for line in lines), "notice")
