"""Salesforce's clock, read off the `Date` header of its answers."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


class Clock:
    """What Salesforce's clock says, as far as an answer has told it; our own clock until then."""

    def __init__(self) -> None:
        self._told: tuple[datetime, float] | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        """Learn the time from an answer; one without a readable date teaches nothing."""
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
        """How far Salesforce's clock is ahead of ours: that of its last answer, and the time since."""
        if self._told is None:
            return None
        moment, seen = self._told
        return moment + timedelta(seconds=time.monotonic() - seen) - datetime.now(UTC)

    def read_until(self, headers: Mapping[str, str] | None = None) -> datetime:
        """Return the time up to which changes may count as read.

        It is the earlier of both clocks: where one runs ahead, a cursor by it would skip changes for ever, while a
        cursor that lags only reads some twice.
        """
        theirs = date_of(headers or {}) or self.now()
        return min(theirs, datetime.now(UTC).replace(microsecond=0))


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """Return the time of an answer; None where it has none, or one that cannot be read."""
    try:
        date = parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, OverflowError):
        return None
    return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
