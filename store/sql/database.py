"""One database, SQLite or PostgreSQL: transactions that wait out a lock or a restart, errors that say what to do."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, select
from sqlalchemy.exc import DBAPIError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from store.sql import identity
from store.sql.address import Address
from store.sql.errors import StoreError
from store.sql.failures import explained, passing
from store.sql.identity import File

T = TypeVar("T")

_BUSY: Final = timedelta(seconds=2)
_PAUSED: Final = timedelta(seconds=60)
"""After this long PostgreSQL ends the transaction of a process that went to sleep in it, and frees its locks."""


class Database:
    """Runs work in transactions. Work is idempotent: it runs again when the database was locked or away."""

    def __init__(self, url: str, patience: timedelta) -> None:
        address = Address.parse(url)
        self.name, self.patience = address.name, patience
        self._file = _file(address.file) if address.file else None
        self.engine = _sqlite(self._file, patience) if self._file else _postgresql(address, patience)
        self._writing = self.engine.execution_options(writing=True)
        self.identity = ""
        """What tells this database from every other one, once its tables are there."""

    def __repr__(self) -> str:
        return f"Database({self.name})"

    @property
    def is_sqlite(self) -> bool:
        """Tell SQLite from PostgreSQL."""
        return self._file is not None

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run work that reads, in one transaction: on one state of the database."""
        return self._run(self.engine, work)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run work that writes: all of it, or nothing."""
        return self._run(self._writing, work)

    def verify(self) -> None:
        """Raise `StoreError` where the database cannot be reached, or is not the one that was opened."""
        if self._file:
            self._file.verify()
        self.read(lambda sql: identity.verify(sql, self.identity, self.name))

    def scrub(self) -> None:
        """Overwrite what was deleted: SQLite's log still holds it until it is emptied into the database.

        PostgreSQL has no such call; its vacuum, which runs by itself, does it later.
        """
        if self.is_sqlite:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

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
    """Return the database's clock in microseconds: one clock for all daemons that share it."""
    if connection.dialect.name == "sqlite":
        return micros(datetime.now(UTC))
    return int(connection.execute(select(func.extract("epoch", func.clock_timestamp()) * 1_000_000)).scalar_one())


def micros(moment: datetime) -> int:
    """Return a moment as it is stored."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(stored: int) -> datetime:
    """Return a stored moment as a datetime in UTC."""
    return _EPOCH + timedelta(microseconds=stored)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _file(path: Path) -> File:
    """Return the file of an SQLite database, made where it is new."""
    _create_private(path)
    return File.at(path)


def _sqlite(file: File, patience: timedelta) -> Engine:
    wait = min(patience, _BUSY).total_seconds()
    engine = create_engine(
        URL.create("sqlite", database=str(file.path)), hide_parameters=True, connect_args={"timeout": wait}
    )
    event.listen(engine, "do_connect", lambda *_: file.verify())  # SQLite would create a file that is gone
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", partial(_begin_sqlite, file))
    return engine


def _create_private(path: Path) -> None:
    """Create the file so that only its owner reads it: it tells what people did."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(
            f"The database {path} could not be created: {error.strerror}. "
            "Check that its folder exists and may be written."
        ) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Set up a new SQLite connection.

    WAL lets readers go on beside the writer. FULL syncs every commit: that a row is on its way to the CRM must
    survive a power cut, or a value could stand in the CRM that nobody knows of. What is deleted is overwritten. The log
    grows to 32 MB before it is emptied into the file, so that a page many transactions touch is written there once.
    """
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says, not where the driver guesses
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
    """Take the write lock at the beginning: a transaction that reads first could not get it later."""
    writing = connection.get_execution_options().get("writing", False)
    if writing:
        file.verify()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _postgresql(address: Address, patience: timedelta) -> Engine:
    from store.sql.connecting import connect  # noqa: PLC0415 - its client is slow to import, and SQLite needs none

    engine = create_engine("postgresql+psycopg://", hide_parameters=True, pool_pre_ping=True, use_native_hstore=False)
    event.listen(engine, "do_connect", lambda *_: connect(address))
    event.listen(engine, "begin", partial(_begin_postgresql, _beginning(address, patience)))
    return engine


def _beginning(address: Address, patience: timedelta) -> str:
    """Return what begins a transaction, and sets what holds for it alone, in one message to the server.

    A pooler refuses these as options of the connection, and forgets them as settings of the session.
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
