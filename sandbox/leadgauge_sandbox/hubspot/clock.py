"""The portal's time: the machine's, or one that a test moves."""

from __future__ import annotations

import time


class Clock:
    """Tells milliseconds since 1970, never going back; runs along unless held."""

    def __init__(self, at: int | None = None) -> None:
        """Run from now; with `at`, stand still at that time until moved."""
        self._held = at
        self._ahead = 0

    def now(self) -> int:
        """Return the current time."""
        return self._held if self._held is not None else int(time.time() * 1000) + self._ahead

    def hold(self, at: int | None = None) -> None:
        """Stand still, at a given time or at the present one."""
        self._held = max(self.now(), at or 0)

    def advance(self, milliseconds: int) -> None:
        """Move forward, be the clock held or not."""
        if self._held is not None:
            self._held += milliseconds
        else:
            self._ahead += milliseconds
