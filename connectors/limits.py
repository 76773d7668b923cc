"""Allowances of calls in a time, shared by all threads that spend them."""

import time
from threading import Event, Lock

from pyrate_limiter import InMemoryBucket, MonotonicClock, Rate, RateItem

from connectors.base import Interrupted


def pause(stop: Event, seconds: float) -> None:
    """Wait, and raise `Interrupted` at once when the stop event is set."""
    if stop.wait(max(seconds, 0)):
        raise Interrupted("The wait for the CRM was broken off.")


class Allowance:
    """So many calls in any so many seconds. Threads wait for their turn here; a wait ends when `stop` is set."""

    def __init__(self, calls: int, seconds: float, stop: Event) -> None:
        self._milliseconds = round(seconds * 1000)
        self._stop = stop
        self._lock = Lock()
        self._clock = MonotonicClock()
        self._bucket = InMemoryBucket([Rate(max(calls, 1), self._milliseconds)])
        self._held_until = 0.0

    @property
    def calls(self) -> int:
        """How many calls the allowance grants now."""
        return self._bucket.rates[0].limit

    def resize(self, calls: int) -> None:
        """Grant another number of calls from now on; those already spent stay counted."""
        with self._lock:
            self._bucket.rates = [Rate(max(calls, 1), self._milliseconds)]

    def hold(self, seconds: float) -> None:
        """Let no thread go on for a while, because the CRM says that the allowance is used up."""
        with self._lock:
            self._held_until = max(self._held_until, time.monotonic() + seconds)

    def acquire(self) -> None:
        """Spend one call, after waiting for it where needed."""
        while wait := self._try():
            pause(self._stop, wait)
        if self._stop.is_set():
            raise Interrupted("No further call was made to the CRM.")

    def _try(self) -> float:
        """Spend one call if there is one, else return the seconds to wait for the next look."""
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
