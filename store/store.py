"""The store: one database for all connections."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from store import dropping, exporting, figures, pruning, status
from store.figures import Figures
from store.leads.departing import Departures
from store.leads.due import Due
from store.leads.entering import Entrants
from store.leads.excluding import Excluded
from store.mirror.mirror import Mirror
from store.mirror.removals import Removals
from store.notices.queue import Notices
from store.outbox import found, sending
from store.outbox.box import Box
from store.outbox.chunks import Chunks
from store.outbox.crm_fields import CrmFields
from store.outbox.outbox import Outbox
from store.sql import identity, naming, notes
from store.sql.address import Address
from store.sql.daemons import Daemons
from store.sql.database import Database
from store.sql.leases import BorrowedLease, Holder, Lease, Loan, Transaction, Writer
from store.sql.migrating import migrate, waiting
from store.sql.requests import Requests
from store.sql.runs import Runs
from store.status import BoxState, LeaseStatus, OutboxStatus, State, Status
from vocabulary.outputs import Of

__all__ = ["BoxState", "LeaseStatus", "OutboxStatus", "State", "Status", "Store", "waiting_migrations"]

T = TypeVar("T")

PATIENCE = timedelta(seconds=30)
KEEP = timedelta(days=400)


def _now() -> datetime:
    return datetime.now(UTC)


def waiting_migrations(url: str, *, patience: timedelta = PATIENCE) -> list[str]:
    """Return what opening the database at `url` would migrate, without changing anything; see `migrating.waiting`."""
    file = Address.parse(url).file
    if file and not Path(file).exists():
        return []
    database = Database(url, patience)
    try:
        return waiting(database)
    finally:
        database.close()


class Store:
    """A database, SQLite or PostgreSQL, with the state of every connection."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _now) -> None:
        self._database, self._clock = database, clock

    @classmethod
    def open(cls, url: str, *, patience: timedelta = PATIENCE, clock: Callable[[], datetime] = _now) -> Self:
        """Open the database at `url`, creating or migrating it.

        `patience`: how long to retry a locked or unreachable database before raising `StoreError`. `clock`: the time
        recorded for runs, writes and refusals.
        """
        database = Database(url, patience)
        try:
            migrate(database)
            database.identity = database.read(identity.read)
        except BaseException:
            database.close()
            raise
        return cls(database, clock)

    def __repr__(self) -> str:
        return f"Store({self._database.name})"

    @property
    def identity(self) -> str:
        """The unique id of this database."""
        return self._database.identity

    def verify(self) -> None:
        """Raise `StoreError` if the database cannot be reached, or is not the one that was opened."""
        self._database.verify()

    def close(self) -> None:
        """Close the database connections."""
        self._database.close()

    def connections(self) -> list[str]:
        """Return the names of all connections in the database."""
        return self._database.read(naming.connections_known)

    def lease(
        self, connection: str, *, holder: Holder | str, ttl: timedelta, purpose: str, dead: str | None = None
    ) -> Lease:
        """Take the connection for a process, or raise `LeaseHeld`.

        `holder`: a plain name must be unique to the process. `dead`: a process known to have died, whose lease need
        not expire first.
        """
        holder = Holder(holder, holder) if isinstance(holder, str) else holder
        return Lease(self._database, self._id(connection), connection, holder, purpose, ttl, dead)

    def borrow(self, loan: Loan) -> BorrowedLease:
        """Return the lease that another process has lent."""
        if self._database.is_sqlite:
            raise ValueError("SQLite has one writer: a lease is lent only on PostgreSQL")
        return BorrowedLease(self._database, self._id(loan.connection), loan)

    def write(self, connection: str, writer: Writer, work: Callable[[Transaction], T]) -> T:
        """Run work that writes to a connection in one transaction."""
        return writer.write(self._id(connection), work)

    @property
    def daemons(self) -> Daemons:
        """The record of the daemons that share the connections."""
        return Daemons(self._database)

    def chunks(self, connection: str) -> Chunks:
        """Return the chunks of work that several processes share."""
        return Chunks(self._database, self._id(connection))

    def mirror(self, connection: str) -> Mirror:
        """Return the mirror of a connection."""
        return Mirror(self._database, self._id(connection), found.note)

    def excluded(self, connection: str) -> Excluded:
        """Return the leads that must not be scored."""
        return Excluded(self._database, self._id(connection))

    def departures(self, connection: str) -> Departures:
        """Return the leads whose fields are to be emptied."""
        return Departures(self._database, self._id(connection))

    def entrants(self, connection: str) -> Entrants:
        """Return the leads whose earlier activities are still to be read."""
        return Entrants(self._database, self._id(connection))

    def due(self, connection: str) -> Due:
        """Return what a feed said has changed, and was not read yet."""
        return Due(self._database, self._id(connection))

    def removals(self, connection: str) -> Removals:
        """Return the record of what is missing from the CRM's answers."""
        return Removals(self._database, self._id(connection))

    def outbox(
        self,
        connection: str,
        prefix: str = "",
        outputs: Collection[str] | None = None,
        switched_off: Collection[str] = (),
        *,
        priorities: Sequence[str] = (),
        of: Of = "leads",
    ) -> Outbox:
        """Return the outbox of a scorecard, by the prefix of its output fields. In a new one, all leads are dirty.

        `outputs`: the names of the scorecard's outputs that are written. `switched_off`, `priorities`: see `Outbox`.
        `of`: whose results they are.
        """
        number = self._id(connection)
        box = Box(naming.outbox(self._database, number, prefix, of), prefix, of)
        return Outbox(self._database, number, box, self._clock, outputs, switched_off, priorities=priorities)

    def crm_fields(self, connection: str) -> CrmFields:
        """Return the CRM fields that leadgauge created or adopted for a connection."""
        return CrmFields(self._database, self._id(connection), self._clock)

    def runs(self, connection: str) -> Runs:
        """Return the runs of a connection."""
        return Runs(self._database, self._id(connection), self._clock, sending.recover_all)

    def requests(self, connection: str) -> Requests:
        """Return what commands have handed to the daemon of a connection."""
        return Requests(self._database, self._id(connection), self._clock)

    def notices(self, connection: str) -> Notices:
        """Return the messages to people about a connection."""
        return Notices(self._database, self._id(connection))

    def note(self, connection: str, name: str, text: str | None) -> None:
        """Save a note for `status`, replacing the one with the same name; None removes it."""
        number = self._id(connection)
        self._database.write(lambda sql: notes.note(sql, number, name, text))

    def status(self, connection: str, *, runs: int = 10) -> Status:
        """Return the status of a connection. Needs no lease."""
        known, counts = self.runs(connection), self.mirror(connection).counts()
        latest, fed = tuple(known.list(runs)), known.fed(self._clock() - pruning.KEEP_FED)
        number = self._id(connection)
        return self._database.read(lambda sql: status.read(sql, number, counts, latest, fed))

    def state(self, connection: str) -> State:
        """Return what a connection does and waits for, without counting large tables. Needs no lease."""
        number = self._id(connection)
        return self._database.read(lambda sql: status.state_of(sql, number))

    def changes(self, connection: str) -> int:
        """Return how many times anything about a connection was written, to see whether something changed."""
        number = self._id(connection)
        return self._database.read(lambda sql: naming.changes(sql, number))

    def holder(self, connection: str) -> LeaseStatus | None:
        """Return which process holds a connection now."""
        number = self._id(connection)
        return self._database.read(lambda sql: status.holder(sql, number))

    def figures(self, connection: str) -> Figures:
        """Return what waits for the CRM or for a person."""
        number = self._id(connection)
        return self._database.read(lambda sql: figures.read(sql, number))

    def about(self, connection: str, leads: Collection[str], addresses: Collection[str]) -> dict[str, list[Any]]:
        """Return every row about leads with these ids, or these digests of addresses, by table."""
        number = self._id(connection)
        return self._database.read(lambda sql: exporting.about(sql, number, leads, addresses))

    def prune(self, connection: str, lease: Lease, *, keep: timedelta = KEEP) -> Mapping[str, int]:
        """Delete old history, older than `keep`; return how many rows of each table."""
        at = self._clock()
        return lease.write(self._id(connection), lambda tx: pruning.prune(tx, at - keep, at))

    def forget_scorecard(self, connection: str, prefix: str, lease: Lease) -> None:
        """Erase the results of the scorecard with this prefix, also from the database's files."""
        lease.write(self._id(connection), lambda tx: dropping.drop_scorecard(tx, prefix))
        self._database.scrub()

    def forget_connection(self, connection: str, lease: Lease) -> None:
        """Erase everything about a connection, also from the database's files."""
        lease.write(self._id(connection), dropping.drop_connection)
        self._database.scrub()

    def _id(self, connection: str) -> int:
        return naming.connection(self._database, connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
