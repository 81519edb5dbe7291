"""What time it is: one place, so that every record carries UTC with its zone."""

from datetime import UTC, date, datetime


def now() -> datetime:
    """The present moment, UTC, with its zone."""
    return datetime.now(UTC)


def today() -> date:
    """The present day where this machine stands: rules begin at local midnight."""
    return now().astimezone().date()
