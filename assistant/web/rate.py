"""How often a token may call: a bucket for each, filled steadily, so that a burst passes and a flood does not."""

import math
import threading
import time
from collections import OrderedDict

ROUNDING = 1e-9  # of a call: who waited as told is not sent away for the last digit
MOST_BUCKETS = 10_000  # the longest unused are forgotten


class Rate:
    """At most `per_minute` calls a minute and key, in one go if they come after a pause."""

    def __init__(self, per_minute: int) -> None:
        self._full = float(per_minute)
        self._per_second = per_minute / 60
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> (calls left, since when)

    def wait(self, key: str, at: float | None = None) -> int:
        """0 and the call is counted, or the seconds to wait. `at`: the monotonic moment, for tests."""
        moment = time.monotonic() if at is None else at
        with self._lock:
            left, since = self._buckets.pop(key, (self._full, moment))
            left = min(self._full, left + (moment - since) * self._per_second)
            seconds = 0 if left >= 1 - ROUNDING else math.ceil((1 - left) / self._per_second)
            self._buckets[key] = (left if seconds else max(0.0, left - 1), moment)
            if len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
            return seconds
