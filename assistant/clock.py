"""What time it is: one place, so that every record carries UTC with its zone."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, UTC, with its zone."""
    return datetime.now(UTC)
