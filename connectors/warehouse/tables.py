"""Rows of tables and queries of a database, through SQLAlchemy."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from threading import Event, Lock
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, Engine, Select, column, create_engine, or_, select, table, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import FromClause

from connectors.base import Interrupted
from connectors.secret import Secret
from connectors.warehouse import errors
from connectors.warehouse.settings import Rows
from connectors.warehouse.wanted import BATCH, EVERY_ROW, Wanted
from vocabulary.outside import remember

_CONNECT: Final = 10
"""Seconds to wait for a connection."""
_AT_ONCE: Final = 500
"""How many values one question names."""
_DAY: Final = dt.timedelta(days=1)
_PLAIN: Final = (bool, int, float, str, Decimal, dt.datetime, dt.date)


class Database:
    """A database, connected to when something is first asked. Thread-safe."""

    def __init__(self, address: Secret, stop: Event, batch: int = BATCH) -> None:
        """`batch`: how many rows are read at once."""
        self._address, self._stop, self.batch = address, stop, batch
        self._engine: Engine | None = None
        self._making = Lock()

    @contextmanager
    def connected(self, what: str) -> Iterator[Connection]:
        """Yield a connection that only reads; errors name what was read."""
        engine = self._made()
        try:
            connection = engine.connect()
        except SQLAlchemyError as error:
            raise errors.unconnected(error) from error
        reading = {"stream_results": True, "max_row_buffer": self.batch}
        if engine.dialect.name == "postgresql":
            reading["postgresql_readonly"] = True
        try:
            with connection:
                yield connection.execution_options(**reading)
        except SQLAlchemyError as error:
            raise errors.unread(error, what) from error

    @contextmanager
    def writing(self, what: str) -> Iterator[Connection]:
        """Yield a connection in a transaction, which is rolled back by any error; errors name what was written."""
        engine = self._made()
        try:
            connection = engine.connect()
        except SQLAlchemyError as error:
            raise errors.unconnected(error) from error
        try:
            with connection, connection.begin():
                yield connection
        except SQLAlchemyError as error:
            raise errors.unwritten(error, what) from error

    def may_go_on(self) -> None:
        """Raise `Interrupted` if the work must stop."""
        if self._stop.is_set():
            raise Interrupted("Stopped while the warehouse was read.")

    def close(self) -> None:
        """Close the connections."""
        if self._engine is not None:
            self._engine.dispose()

    def _made(self) -> Engine:
        with self._making:
            if self._engine is None:
                self._engine = self._opened()
            return self._engine

    def _opened(self) -> Engine:
        address, dialect = self._address.reveal(), "unknown"
        try:
            url = make_url(address)
            dialect = url.drivername
            if url.password:
                remember(str(url.password))
            if dialect in {"postgres", "postgresql"}:
                url = url.set(drivername="postgresql+psycopg")
            waits = {"connect_timeout": _CONNECT} if url.drivername == "postgresql+psycopg" else {}
            if "connect_timeout" in url.query:
                waits = {}
            return create_engine(url, connect_args=waits, pool_pre_ping=True, hide_parameters=True)
        except (SQLAlchemyError, ImportError) as error:
            raise errors.unopened(error, dialect) from None  # the cause has the address


class Table:
    """The rows of a table or a query."""

    in_order = True

    def __init__(self, database: Database, rows: Rows, label: str, zone: str | None) -> None:
        self._database, self._label, self._zone = database, label, zone
        self._source = _source(rows)

    def columns(self) -> list[str]:
        """Return the names of its columns."""
        statement = select(text("*")).select_from(self._source).limit(0)
        with self._database.connected(self._label) as sql, sql.execute(statement) as found:
            return list(found.keys())

    def sample(self, columns: Sequence[str], rows: int) -> pl.DataFrame:
        """Return some rows."""
        statement = self._select(columns).limit(rows)
        with self._database.connected(self._label) as sql, sql.execute(statement) as found:
            return _frame(columns, found.fetchall())

    def batches(self, columns: Sequence[str], wanted: Wanted = EVERY_ROW) -> Iterator[pl.DataFrame]:
        """Yield these columns of the rows that are wanted, in the order in which they changed."""
        for statement in self._statements(columns, wanted):
            with self._database.connected(self._label) as sql, sql.execute(statement) as found:
                for rows in found.partitions(self._database.batch):
                    self._database.may_go_on()
                    yield _frame(columns, rows)

    def _select(self, columns: Sequence[str]) -> Select[Any]:
        wanted: list[Any] = [column(name) for name in columns]
        return select(*wanted).select_from(self._source)

    def _statements(self, columns: Sequence[str], wanted: Wanted) -> Iterator[Select[Any]]:
        statement = self._select(columns)
        if wanted.changed is not None:
            changed: Any = column(wanted.changed)
            statement = statement.order_by(changed)
            if wanted.since is not None:
                bound = self._bound(wanted.changed, wanted.since)
                statement = statement if bound is None else statement.where(or_(changed >= bound, changed.is_(None)))
        if wanted.among is None:
            yield statement
            return
        name, values = wanted.among
        whose: Any = column(name)
        asked = self._like(name, values)
        for start in range(0, len(asked), _AT_ONCE):
            yield statement.where(whose.in_(asked[start : start + _AT_ONCE]))

    def _bound(self, name: str, since: dt.datetime) -> Any:
        """Return a time as the column has times, a little earlier where its order is not quite that of time.

        The clock of a zone goes back an hour in autumn. Texts are compared as texts: those of a day in any zone begin
        with it, or with a day beside it.
        """
        match self._first(name):
            case dt.datetime(tzinfo=None):
                local = since.astimezone(_zone_of(self._zone)).replace(tzinfo=None)
                return local - dt.timedelta(hours=1)
            case dt.datetime():
                return since
            case dt.date():
                return (since - _DAY).date()
            case str():
                return (since - _DAY).date().isoformat()
            case _:
                return None

    def _like(self, name: str, values: Sequence[str]) -> Sequence[Any]:
        """Return ids as the column has them: numbers or texts."""
        if isinstance(self._first(name), int):
            return [int(value) for value in values if value.isdecimal()]
        return list(values)

    def _first(self, name: str) -> Any:
        """Return a value of a column."""
        known: Any = column(name)
        statement = select(known).select_from(self._source).where(known.is_not(None)).limit(1)
        with self._database.connected(self._label) as sql:
            return sql.execute(statement).scalar()


def _source(rows: Rows) -> FromClause:
    if rows.table is not None:
        schema, _, name = rows.table.rpartition(".")
        return table(name, schema=schema or None)
    words = (rows.query or "").strip().rstrip(";").replace(":", r"\:")
    # On lines of its own, since a query may end in a comment.
    return text(f"\n{words}\n").columns().subquery("warehouse_rows")


def _zone_of(zone: str | None) -> dt.tzinfo:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - a zone is read from a file

    return ZoneInfo(zone) if zone else dt.UTC


def _frame(columns: Sequence[str], rows: Sequence[Any]) -> pl.DataFrame:
    values = list(zip(*rows, strict=True)) or [() for _ in columns]
    return pl.DataFrame([_series(name, found) for name, found in zip(columns, values, strict=True)])


def _series(name: str, values: Sequence[Any]) -> pl.Series:
    """Return a column; values of several types, or of a type that Polars does not know, become texts."""
    types = {type(value) for value in values if value is not None}
    if dt.datetime in types and types <= {dt.datetime}:
        return _moments(name, values)
    if len(types) == 1 and types <= set(_PLAIN):
        return pl.Series(name, values, strict=False)
    if types and types <= {int, float, Decimal}:
        return pl.Series(name, [None if value is None else float(value) for value in values])
    return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)


def _moments(name: str, values: Sequence[dt.datetime | None]) -> pl.Series:
    """Return times, in UTC if all name a zone, else as they are on a clock."""
    told = [value for value in values if value is not None]
    if all(value.tzinfo is not None for value in told):
        there = [value and value.astimezone(dt.UTC).replace(tzinfo=None) for value in values]
        return pl.Series(name, there, dtype=pl.Datetime("us")).dt.replace_time_zone("UTC")
    if any(value.tzinfo is not None for value in told):
        return pl.Series(name, [value and value.isoformat() for value in values], dtype=pl.String)
    return pl.Series(name, values, dtype=pl.Datetime("us"))
