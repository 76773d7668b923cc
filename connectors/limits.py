"""Rate limits, shared by all threads of a connector."""

import time
from threading import Event, Lock

from pyrate_limiter import InMemoryBucket, MonotonicClock, Rate, RateItem

from connectors.base import Interrupted


def pause(stop: Event, seconds: float) -> None:
    """Wait, raising `Interrupted` as soon as the stop event is set."""
    if stop.wait(max(seconds, 0)):
        raise Interrupted("The wait for the CRM was aborted.")


class Allowance:
    """A rate limit of `calls` in any window of `seconds`. Threads block here until a call is free or `stop` is set."""

    def __init__(self, calls: int, seconds: float, stop: Event) -> None:
        self._milliseconds = round(seconds * 1000)
        self._stop = stop
        self._lock = Lock()
        self._clock = MonotonicClock()
        self._bucket = InMemoryBucket([Rate(max(calls, 1), self._milliseconds)])
        self._held_until = 0.0

    @property
    def calls(self) -> int:
        """The current number of calls per window."""
        return self._bucket.rates[0].limit

    def resize(self, calls: int) -> None:
        """Change the number of calls per window; calls already made still count."""
        with self._lock:
            self._bucket.rates = [Rate(max(calls, 1), self._milliseconds)]

    def hold(self, seconds: float) -> None:
        """Block all threads for some seconds, because the CRM reported the limit as exceeded."""
        with self._lock:
            self._held_until = max(self._held_until, time.monotonic() + seconds)

    def acquire(self) -> None:
        """Take one call, waiting if necessary."""
        while wait := self._try():
            pause(self._stop, wait)
        if self._stop.is_set():
            raise Interrupted("No further call was made to the CRM.")

    def _try(self) -> float:
        """Take a call and return 0, or return the seconds to wait before the next attempt."""
        with self._lock:
            held = self._held_until - time.monotonic()
            if held > 0:
                return held
            now = self._clock.now()
            self._bucket.leak(now)
            item = RateItem("call", now)
            return 0.0 if self._bucket.put(item) else self._until_free(item)

    def _until_free(self, item: RateItem) -> float:
        milliseconds = self._bucket.waiting(item)
        assert isinstance(milliseconds, int)
        return max(milliseconds, 1) / 1000
