"""Leases: only one process at a time may work on a connection, and one that resumes too late is fenced off."""

import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, select, update

from store.sql import identity
from store.sql.database import Database, moment, now
from store.sql.errors import LeaseHeld, LeaseLost, StoreError
from store.sql.schema import connections

T = TypeVar("T")


def _uptime() -> float:
    """Return the machine's uptime in seconds; on Linux this includes the time it was asleep."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True, slots=True)
class Holder:
    """The holder of a lease: a name for people, and an id of the process that is unique across machines."""

    name: str
    process: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction that writes to a connection, after verifying the lease."""

    sql: Connection
    connection: int
    number: int
    """The number of this change to the connection, for ordering changes."""


class Lease:
    """The right to write to one connection until `until`. Every mutating call verifies `fence` in its transaction."""

    def __init__(
        self,
        database: Database,
        connection: int,
        name: str,
        holder: Holder,
        purpose: str,
        ttl: timedelta,
        dead: str | None = None,
    ) -> None:
        self._database, self._id, self._ttl, self._dead = database, connection, ttl, dead
        self.connection, self.holder, self.purpose = name, holder.name, purpose
        self._process = holder.process
        database.write(self._shorten_overlong)
        self._proven_at = _uptime()
        self.fence, self.until = database.write(self._acquire)

    def __repr__(self) -> str:
        return f"Lease({self.connection!r}, holder={self.holder!r}, fence={self.fence}, until={self.until})"

    def renew(self, ttl: timedelta | None = None) -> None:
        """Extend the lease to `ttl` from now; raise `LeaseLost` if another process took over."""
        self._ttl = ttl or self._ttl
        asked_at = _uptime()
        self.until = self._database.write(self._extend)
        self._proven_at = max(self._proven_at, asked_at)

    @property
    def left(self) -> timedelta:
        """How long the lease is still valid, by the machine's uptime.

        For SQLite, leases expire by this machine's wall clock; if that was set forward, another process may have it.
        """
        by_ours = self._ttl - timedelta(seconds=_uptime() - self._proven_at)
        return min(by_ours, self.until - datetime.now(UTC)) if self._database.is_sqlite else by_ours

    def holds(self) -> bool:
        """Return whether the lease is still ours, for work outside the database.

        The database is queried only once the lease has expired.
        """
        if self.left > timedelta():
            return True
        try:
            self.renew()
        except StoreError:
            return False
        return True

    def release(self) -> None:
        """Release the connection; do nothing if the lease was lost."""
        nobody = dict.fromkeys(("holder", "process", "purpose", "until", "ttl"))
        free = update(connections).where(self._is_mine()).values(nobody)
        self._database.write(lambda sql: sql.execute(free))

    def write(self, connection: int, work: Callable[[Transaction], T]) -> T:
        """Run work that writes to the connection, in one transaction. All of the store's writes go through this."""
        if connection != self._id:
            raise ValueError(f"this lease is for {self.connection}")
        asked_at = _uptime()
        done = self._database.write(lambda sql: work(self._begin(sql)))
        self._proven_at = max(self._proven_at, asked_at)
        return done

    def _begin(self, sql: Connection) -> Transaction:
        """Count the change; the row lock also prevents a takeover until the transaction ends.

        A write also renews the lease, since a busy writer would leave the renewing thread no time for it.
        """
        present = now(sql)
        count = update(connections).where(self._is_mine())
        count = count.values({"changes": connections.c.changes + 1, **self._term(present)})
        number = sql.execute(count.returning(connections.c.changes)).scalar()
        if number is None:
            raise self._lost(sql)
        self.until = moment(present) + self._ttl
        return Transaction(sql, self._id, number)

    def _shorten_overlong(self, sql: Connection) -> None:
        """Shorten a lease that ends later than its ttl from now, since the clock was set back."""
        latest = connections.c.ttl + now(sql)
        here = (connections.c.connection == self._id) & (connections.c.until > latest)
        sql.execute(update(connections).where(here).values(until=latest))

    def _acquire(self, sql: Connection) -> tuple[int, datetime]:
        """Take the connection unless another process holds it."""
        identity.verify(sql, self._database.identity, self._database.name)
        here = connections.c.connection == self._id
        row = sql.execute(select(connections).where(here).with_for_update()).one()
        present = now(sql)
        process = row.process or row.holder  # older versions identified processes by name
        if process not in (None, self._process, self._dead) and row.until > present:
            raise LeaseHeld(self.connection, row.holder, row.purpose, moment(row.until), process)
        mine = {"holder": self.holder, "process": self._process, "purpose": self.purpose, "fence": row.fence + 1}
        sql.execute(update(connections).where(here).values(mine | self._term(present)))
        return row.fence + 1, moment(present) + self._ttl

    def _extend(self, sql: Connection) -> datetime:
        present = now(sql)
        if not sql.execute(update(connections).where(self._is_mine()).values(self._term(present))).rowcount:
            raise self._lost(sql)
        return moment(present) + self._ttl

    def _lost(self, sql: Connection) -> LeaseLost:
        """Return the error for a lost lease; raise `Replaced` if the whole database was replaced."""
        identity.verify(sql, self._database.identity, self._database.name)
        return LeaseLost(self.connection)

    def _term(self, present: int) -> dict[str, int]:
        ttl = self._ttl // timedelta(microseconds=1)
        return {"until": present + ttl, "ttl": ttl}

    def _is_mine(self) -> Any:
        return (
            (connections.c.connection == self._id)
            & (connections.c.fence == self.fence)
            & (connections.c.process == self._process)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(StoreError) if error else nullcontext():  # do not hide the error that ended the work
            self.release()
