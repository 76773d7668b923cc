"""A database, SQLite or PostgreSQL: transactions that are retried after a lock or a restart, and clear errors."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, FromClause, create_engine, event, func, select
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from store.sql import identity
from store.sql.address import Address
from store.sql.errors import StoreError
from store.sql.failures import explained, passing
from store.sql.identity import File

T = TypeVar("T")

_BUSY: Final = timedelta(seconds=2)
_MOST: Final = 30
"""How many connections to PostgreSQL a process opens at most; 5 of them stay open."""
_PAUSED: Final = timedelta(seconds=60)
"""When PostgreSQL ends the transaction of a suspended process, to free its locks."""


class Database:
    """Runs work in transactions. Work must be idempotent, since it is retried."""

    def __init__(self, url: str, patience: timedelta) -> None:
        address = Address.parse(url)
        self.name, self.patience = address.name, patience
        self._file = _file(address.file) if address.file else None
        self.engine = _sqlite(self._file, patience) if self._file else _postgresql(address, patience)
        self._writing = self.engine.execution_options(writing=True)
        self._closed = False
        event.listen(self.engine, "checkin", self._returned)
        self.identity = ""
        """The unique id of this database, once its tables exist."""

    def __repr__(self) -> str:
        return f"Database({self.name})"

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite."""
        return self._file is not None

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run work that reads, in one transaction."""
        return self._run(self.engine, work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run work that writes, in one transaction."""
        return self._run(self._writing, work)

    def verify(self) -> None:
        """Raise `StoreError` if the database cannot be reached, or is not the one that was opened."""
        if self._file:
            self._file.verify()
        self.read(lambda sql: identity.verify(sql, self.identity, self.name))

    def scrub(self) -> None:
        """Overwrite deleted data. SQLite's log contains it until a checkpoint.

        PostgreSQL has no such call; autovacuum does it later.
        """
        if self.is_sqlite:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()

    def close(self) -> None:
        """Close the connections; those at work are closed when their work is done.

        A thread that was given up may still hang in a call, and ask the database once that returns.
        """
        self._closed = True
        self.engine.dispose()

    def _returned(self, _: Any, record: ConnectionPoolEntry) -> None:
        """Let the pool keep no connection that nobody would close any more."""
        if self._closed:
            record.invalidate()

    def _run(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        try:
            for attempt in self._attempts():
                with attempt, engine.begin() as connection:
                    return work(connection)
        except DBAPIError as error:
            raise explained(error, self.name) from error
        raise AssertionError("tenacity raises the last error")

    def _attempts(self) -> Retrying:
        return Retrying(
            retry=retry_if_exception(passing),
            stop=stop_after_delay(self.patience),
            wait=wait_random_exponential(multiplier=0.05, max=1),
            reraise=True,
        )


def now(connection: Connection) -> int:
    """Return the database's clock in microseconds, which all processes share."""
    if connection.dialect.name == "sqlite":
        return micros(datetime.now(UTC))
    return int(connection.execute(select(func.extract("epoch", func.clock_timestamp()) * 1_000_000)).scalar_one())


def micros(moment: datetime) -> int:
    """Convert a time for storage."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(stored: int) -> datetime:
    """Convert a stored time to a datetime in UTC."""
    return _EPOCH + timedelta(microseconds=stored)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _file(path: Path) -> File:
    """Return the file of an SQLite database, creating it if necessary."""
    _create_private(path)
    return File.at(path)


class _WithHints(SQLiteCompiler):
    """Writes `INDEXED BY` of `bulk.by_index`, which SQLAlchemy's compiler for SQLite leaves out."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:  # noqa: ARG002 - overrides
        """Return what follows the table."""
        return text


def _sqlite(file: File, patience: timedelta) -> Engine:
    wait = min(patience, _BUSY).total_seconds()
    engine = create_engine(
        URL.create("sqlite", database=str(file.path)), hide_parameters=True, connect_args={"timeout": wait}
    )
    engine.dialect.statement_compiler = _WithHints
    event.listen(engine, "do_connect", lambda *_: file.verify())  # SQLite would recreate a deleted file
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", partial(_begin_sqlite, file))
    return engine


def _create_private(path: Path) -> None:
    """Create the file readable only by its owner, since it contains personal data."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(
            f"The database {path} could not be created: {error.strerror}. Check that its folder exists and is writable."
        ) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Set up a new SQLite connection.

    WAL allows reads during a write. FULL syncs every commit: the record that a row is in flight must survive a power
    failure, or the CRM could have a value that the database does not know. Deleted data is overwritten. The log grows
    to 32 MB before a checkpoint, so that a page changed by many transactions is written to the file only once.
    """
    connection.isolation_level = None  # the driver must not start transactions; `_begin_sqlite` does
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        "temp_store=MEMORY",
        "cache_size=-65536",
        "wal_autocheckpoint=8000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(file: File, connection: Connection) -> None:
    """Take the write lock at once, since a transaction that has read first may be unable to upgrade."""
    writing = connection.get_execution_options().get("writing", False)
    if writing:
        file.verify()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _postgresql(address: Address, patience: timedelta) -> Engine:
    from store.sql.connecting import connect  # noqa: PLC0415 - slow to import, and not needed for SQLite

    engine = create_engine(
        "postgresql+psycopg://",
        hide_parameters=True,
        pool_pre_ping=True,
        use_native_hstore=False,
        max_overflow=_MOST - 5,
    )
    event.listen(engine, "do_connect", lambda *_: connect(address))
    event.listen(engine, "begin", partial(_begin_postgresql, _beginning(address, patience)))
    return engine


def _beginning(address: Address, patience: timedelta) -> str:
    """Return the statement that begins a transaction with its settings, in one round trip.

    A pooler refuses these as connection options, and loses them as session settings.
    """
    parameters = {
        "lock_timeout": int(patience.total_seconds() * 1000),
        "idle_in_transaction_session_timeout": int(_PAUSED.total_seconds() * 1000),
        "timezone": "'UTC'",
        "jit": "off",
    }
    ours = [f"SET LOCAL {name} = {value}" for name, value in parameters.items() if not address.sets(name)]
    return "; ".join(["BEGIN", *ours])


def _begin_postgresql(beginning: str, connection: Connection) -> None:
    connection.exec_driver_sql(beginning)
