"""The org's time: the machine's, or one that a test moves."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the time in UTC; runs along with the machine, unless held still."""

    def __init__(self, at: datetime | None = None) -> None:
        """Run from now; with `at`, stand still at that time until moved."""
        self._held = at
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the present."""
        return self._held if self._held is not None else datetime.now(UTC) + self._ahead

    def second(self) -> datetime:
        """Return the present as Salesforce stamps it: in whole seconds."""
        return self.now().replace(microsecond=0)

    def hold(self, at: datetime | None = None) -> None:
        """Stand still at a given time, or at the present one."""
        self._held = at or self.now()

    def advance(self, seconds: float) -> None:
        """Move on, be the clock held or not."""
        step = timedelta(seconds=seconds)
        if self._held is None:
            self._ahead += step
        else:
            self._held += step
