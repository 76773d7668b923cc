"""The portal's clock: the machine's, or one moved by a test."""

from __future__ import annotations

import time


class Clock:
    """Milliseconds since 1970, never going back; follows the machine's clock unless held."""

    def __init__(self, at: int | None = None) -> None:
        """Start now; with `at`, stop at that time until moved."""
        self._held = at
        self._ahead = 0

    def now(self) -> int:
        """Return the current time."""
        return self._held if self._held is not None else int(time.time() * 1000) + self._ahead

    def hold(self, at: int | None = None) -> None:
        """Stop at a given time, by default the current one."""
        self._held = max(self.now(), at or 0)

    def advance(self, milliseconds: int) -> None:
        """Move forward, whether held or not."""
        if self._held is not None:
            self._held += milliseconds
        else:
            self._ahead += milliseconds
