"""Salesforce's clock, from the `Date` header of its answers."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


class Clock:
    """Salesforce's clock according to its answers, or our own before the first one."""

    def __init__(self) -> None:
        self._told: tuple[datetime, float] | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        """Record the time of an answer, if it has a valid date."""
        if date := date_of(headers):
            self._told = date, time.monotonic()

    def now(self) -> datetime:
        """Return the time by Salesforce's clock, in whole seconds."""
        if self._told is None:
            return datetime.now(UTC).replace(microsecond=0)
        moment, seen = self._told
        return (moment + timedelta(seconds=time.monotonic() - seen)).replace(microsecond=0)

    @property
    def offset(self) -> timedelta | None:
        """Salesforce's clock minus ours, according to its last answer; None before the first one."""
        if self._told is None:
            return None
        moment, seen = self._told
        return moment + timedelta(seconds=time.monotonic() - seen) - datetime.now(UTC)

    def read_until(self, headers: Mapping[str, str] | None = None) -> datetime:
        """Return the time up to which changes may count as read: the earlier of both clocks.

        A cursor from a clock that is ahead would skip changes for ever, while one that is behind only reads some twice.
        """
        theirs = date_of(headers or {}) or self.now()
        return min(theirs, datetime.now(UTC).replace(microsecond=0))


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """Return the time of an answer, or None without a valid date."""
    try:
        date = parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, OverflowError):
        return None
    return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
