"""The store: one database for all connections."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from store.leases import Lease
from store.mirror import Counts, Mirror
from store.outbox import Held, Outbox
from store.runs import Run, Runs


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """How one scorecard's results stand."""

    prefix: str
    leads: int
    dirty: int
    pending: int
    refused: int
    held: Held | None


@dataclass(frozen=True, slots=True)
class LeaseStatus:
    """Who works on the connection."""

    holder: str
    purpose: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """Where a connection stands."""

    connection: str
    counts: Counts
    cursors: Mapping[str, datetime]
    """When each stream last moved."""
    totals: Mapping[str, int]
    """How many leads the CRM said there are, by stream."""
    lease: LeaseStatus | None
    runs: tuple[Run, ...]
    outboxes: tuple[OutboxStatus, ...]


class Store:
    """A database, SQLite or PostgreSQL, with the state of every connection."""

    @classmethod
    def open(cls, url: str, *, patience: timedelta = timedelta(seconds=30)) -> Self:
        """Open the database at `url`, creating or migrating it.

        `patience`: how long a locked or unreachable database is tried again, then `StoreError`.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Give the database connections back."""
        raise NotImplementedError

    def connections(self) -> list[str]:
        """Return the names of the connections that the store knows."""
        raise NotImplementedError

    def lease(self, connection: str, *, holder: str, ttl: timedelta, purpose: str) -> Lease:
        """Take the connection for this process, or raise `LeaseHeld`."""
        raise NotImplementedError

    def mirror(self, connection: str) -> Mirror:
        """Return the mirror of a connection."""
        raise NotImplementedError

    def outbox(self, connection: str, prefix: str = "") -> Outbox:
        """Return the outbox of a scorecard, by the prefix of its output fields; a new one finds every lead dirty."""
        raise NotImplementedError

    def runs(self, connection: str) -> Runs:
        """Return the runs of a connection."""
        raise NotImplementedError

    def status(self, connection: str, *, runs: int = 10) -> Status:
        """Return where a connection stands; needs no lease."""
        raise NotImplementedError

    def prune(self, connection: str, lease: Lease, *, keep: timedelta = timedelta(days=400)) -> Mapping[str, Any]:
        """Drop writes, finished runs and unclaimed activities older than `keep`; returns how many of each."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
