"""Results written to a table of the warehouse, or to a Parquet file: whole, or what changed."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl
from sqlalchemy import Column, Connection, DateTime, Double, MetaData, String, Table, Text, bindparam, delete, inspect

from connectors.base import ConfigurationError, Unavailable
from connectors.warehouse.settings import Results
from connectors.warehouse.tables import Database

KEY: Final = ("connection", "of", "scorecard", "lead")
"""Whose results a row has: `of` is `leads` or `accounts`, `scorecard` the prefix of its fields."""
_LONGEST: Final = 255
_AT_ONCE: Final = 500
_SUFFIX: Final = ".part"


class ResultsWriter:
    """Writes frames with `KEY` and a column per output."""

    def __init__(self, settings: Results, database: Database | None) -> None:
        self._settings, self._database = settings, database

    def write(self, connection: str, frames: Iterable[pl.DataFrame], *, whole: bool) -> int:
        """Write all or nothing; return how many rows. `whole`: the frames are all that the connection has.

        Raises `Unavailable` or `ConfigurationError`; then nothing was written.
        """
        if self._settings.parquet is not None:
            return self._to_file(Path(self._settings.parquet), connection, frames, whole=whole)
        assert self._database is not None, "the settings have an address"
        with self._database.writing("the results") as sql:
            return self._to_table(sql, connection, frames, whole=whole)

    def _to_table(self, sql: Connection, connection: str, frames: Iterable[pl.DataFrame], *, whole: bool) -> int:
        written, table = 0, None
        for frame in frames:
            if table is None:
                table = self._made(sql, frame)
                if whole:
                    sql.execute(delete(table).where(table.c.connection == connection))
            if not whole:
                _remove(sql, table, frame)
            if len(frame):
                sql.execute(table.insert(), list(frame.iter_rows(named=True)))
            written += len(frame)
        return written

    def _made(self, sql: Connection, frame: pl.DataFrame) -> Table:
        """Return the table, made if it is not there; raise if it lacks a column."""
        schema, _, name = str(self._settings.table).rpartition(".")
        columns = [Column(one, _type(one, kind), primary_key=one in KEY) for one, kind in frame.schema.items()]
        table = Table(name, MetaData(), *columns, schema=schema or None)
        known = inspect(sql)
        if not known.has_table(name, schema=schema or None):
            table.create(sql)
            return table
        has = {one["name"] for one in known.get_columns(name, schema=schema or None)}
        if lacking := [one for one in frame.columns if one not in has]:
            raise ConfigurationError(
                f"The table {self._settings.table} has no column {lacking[0]}.",
                remedy="Add it, or drop the table: the next backfill makes it anew.",
            )
        return table

    def _to_file(self, path: Path, connection: str, frames: Iterable[pl.DataFrame], *, whole: bool) -> int:
        """Write a file beside the old one and put it in its place by a rename."""
        part = path.with_name(path.name + _SUFFIX)
        try:
            new = pl.concat(list(frames), how="diagonal")
            rest = pl.read_parquet(path) if path.exists() else new.clear()
            kept = rest.filter(pl.col("connection") != connection) if whole else rest.join(new, on=KEY, how="anti")
            rows = pl.concat([kept, new], how="diagonal")
            rows.sort(KEY).write_parquet(part)
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(path)
        except (OSError, pl.exceptions.PolarsError) as error:
            said = next(iter(str(error).splitlines()), type(error).__name__)
            raise Unavailable(f"The results cannot be written to {path}.", answer=said) from error
        return len(new)


def _remove(sql: Connection, table: Table, frame: pl.DataFrame) -> None:
    for part in frame.select(KEY).iter_slices(_AT_ONCE):
        owners: Sequence[Any] = part.select(KEY[:3]).unique().rows()
        for owner in owners:
            mine = [table.c[name] == value for name, value in zip(KEY[:3], owner, strict=True)]
            leads = part.filter(*(pl.col(name) == value for name, value in zip(KEY[:3], owner, strict=True)))["lead"]
            named = table.c.lead.in_(bindparam("leads", leads.to_list(), expanding=True))
            sql.execute(delete(table).where(*mine, named))


def _type(name: str, kind: pl.DataType) -> Any:
    if name in KEY:
        return String(_LONGEST)
    if kind.is_numeric():
        return Double()
    return DateTime(timezone=True) if isinstance(kind, pl.Datetime) else Text()
