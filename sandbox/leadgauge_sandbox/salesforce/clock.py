"""The org's clock: the machine's, or one moved by a test."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The time in UTC; follows the machine's clock unless held."""

    def __init__(self, at: datetime | None = None) -> None:
        """Start now; with `at`, stop at that time until moved."""
        self._held = at
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the current time."""
        return self._held if self._held is not None else datetime.now(UTC) + self._ahead

    def second(self) -> datetime:
        """Return the current time as Salesforce stamps it: in whole seconds."""
        return self.now().replace(microsecond=0)

    def hold(self, at: datetime | None = None) -> None:
        """Stop at a given time, by default the current one."""
        self._held = at or self.now()

    def advance(self, seconds: float) -> None:
        """Move forward, whether held or not."""
        step = timedelta(seconds=seconds)
        if self._held is None:
            self._ahead += step
        else:
            self._held += step
