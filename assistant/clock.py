"""What time it is: one place, so that every record carries UTC with its zone, and later ones a later time.

Which of two verdicts or replies is the later is read from their times. So a machine's clock that is put back, by a
correction or by hand, stands still here until it has caught up; put back by more than STANDS, it is believed.
"""

import threading
from datetime import UTC, date, datetime, timedelta

STANDS = timedelta(hours=2)
_TICK = timedelta(microseconds=1)
_lock = threading.Lock()
_latest = datetime.min.replace(tzinfo=UTC)


def now() -> datetime:
    """The present moment, UTC, with its zone; later than any that was told before."""
    global _latest
    with _lock:
        told = _read()
        if told <= _latest < told + STANDS:
            told = _latest + _TICK
        _latest = told
        return told


def not_before(moment: datetime) -> None:
    """What is on record already is earlier than whatever is told from now on."""
    global _latest
    with _lock:
        _latest = max(_latest, moment)


def today() -> date:
    """The present day where this machine stands: rules begin at local midnight."""
    return now().astimezone().date()


def _read() -> datetime:
    return datetime.now(UTC)
