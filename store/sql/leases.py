"""Leases: only one process at a time may work on a connection, and one that resumes too late is fenced off."""

import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

from sqlalchemy import Connection, select, text, update

from store.sql import identity
from store.sql.database import Database, moment, now
from store.sql.errors import LeaseHeld, LeaseLost, StoreError
from store.sql.schema import connections

T = TypeVar("T")
_SOON: Final = "SET LOCAL idle_in_transaction_session_timeout = 20000"
"""When PostgreSQL ends the transaction of a borrower that is suspended: before others have waited in vain for it."""


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


@dataclass(frozen=True, slots=True)
class Loan:
    """What another process needs to write under a lease while its holder keeps it: no secret."""

    connection: str
    fence: int
    process: str


class Writer(Protocol):
    """Who may write to a connection: the holder of its lease, or a process that works for it."""

    def write(self, connection: int, work: Callable[[Transaction], T]) -> T:
        """Run work that writes to the connection, in one transaction."""


class BorrowedLease:
    """A lease that another process holds and keeps. It can neither be renewed nor released here.

    Only PostgreSQL has it: its writers work side by side.
    """

    def __init__(self, database: Database, connection: int, loan: Loan) -> None:
        self._database, self._id, self._loan = database, connection, loan

    def write(self, connection: int, work: Callable[[Transaction], T]) -> T:
        """Run work that writes to the connection, in one transaction; raise `LeaseLost` once the lease has ended."""
        if connection != self._id:
            raise ValueError(f"this lease is for {self._loan.connection}")
        return self._database.write(lambda sql: work(self._begin(sql)))

    def _begin(self, sql: Connection) -> Transaction:
        """Verify the lease, and keep others from taking it until the transaction ends.

        The lock is shared: it stops neither other borrowers nor the holder, who counts changes and renews. So the
        change is not counted, and its number is that of the last one. A lease that has run out is no longer lent,
        although its holder could still renew it.
        """
        sql.execute(text(_SOON))
        mine = _held_by(self._id, self._loan.fence, self._loan.process) & (connections.c.until > now(sql))
        counted = select(connections.c.changes).where(mine).with_for_update(read=True, key_share=True)
        number = sql.execute(counted).scalar()
        if number is None:
            identity.verify(sql, self._database.identity, self._database.name)
            raise LeaseLost(self._loan.connection)
        return Transaction(sql, self._id, number)


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

    @property
    def loan(self) -> Loan:
        """What another process needs to write under this lease."""
        return Loan(self.connection, self.fence, self._process)

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
        here = select(connections).where(connections.c.connection == self._id)
        self._refuse_if_held(sql, sql.execute(here).one())  # borrowers could keep us from the lock
        row = sql.execute(here.with_for_update()).one()
        present = self._refuse_if_held(sql, row)
        mine = {"holder": self.holder, "process": self._process, "purpose": self.purpose, "fence": row.fence + 1}
        sql.execute(update(connections).where(connections.c.connection == self._id).values(mine | self._term(present)))
        return row.fence + 1, moment(present) + self._ttl

    def _refuse_if_held(self, sql: Connection, row: Any) -> int:
        """Return the time; raise `LeaseHeld` if another process holds the connection."""
        present = now(sql)
        process = row.process or row.holder  # older versions identified processes by name
        if process not in (None, self._process, self._dead) and row.until > present:
            raise LeaseHeld(self.connection, row.holder, row.purpose, moment(row.until), process)
        return present

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
        return _held_by(self._id, self.fence, self._process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(StoreError) if error else nullcontext():  # do not hide the error that ended the work
            self.release()


def _held_by(connection: int, fence: int, process: str) -> Any:
    return (
        (connections.c.connection == connection) & (connections.c.fence == fence) & (connections.c.process == process)
    )
