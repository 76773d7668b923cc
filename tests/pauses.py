"""Short pauses for tests."""

from threading import Event
from typing import Final

_LONG: Final = 0.5
_SHORTER: Final = 100


class Hurried(Event):
    """A stop event with long waits cut to a hundredth: back-offs, Retry-After, job polls."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait like an event, but a hundredth of the time if that is half a second or more."""
        long = timeout is not None and timeout >= _LONG
        return super().wait(timeout / _SHORTER if timeout is not None and long else timeout)
