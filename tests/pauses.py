"""What waits long in life waits briefly in a test."""

from threading import Event
from typing import Final

_LONG: Final = 0.5
_SHORTER: Final = 100


class Hurried(Event):
    """A stop event whose long waits take a hundredth of their time: back-offs, Retry-After, polls of jobs."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait as an event does, but for a hundredth of the time where that is half a second or more."""
        long = timeout is not None and timeout >= _LONG
        return super().wait(timeout / _SHORTER if timeout is not None and long else timeout)
