"""Frames in and out of the database, inside a transaction, as one value each.

A frame goes in as one JSON parameter, which the database takes apart: faster on both databases than a row at a
time. It comes out as one JSON array per column. Everything runs on the one connection that holds the transaction.

The statements depend on tables and columns only, so each is built once.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import orjson
import polars as pl
from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    FromClause,
    Select,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    cast,
    column,
    delete,
    func,
    literal,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB

BUCKETS: Final = 256

Of = int | range | Sequence[str]
"""A bucket, a range of buckets that follow each other, or leads by name."""

ROWS: Final = "rows"
"""The parameter that takes a frame."""

_EVERY: Final = text("1 = 1")
"""SQLite needs a WHERE between INSERT … SELECT and ON CONFLICT to tell it from a join."""


def bucket(lead: str) -> int:
    """Return the bucket of a lead: the same on every machine, forever."""
    return zlib.crc32(lead.encode()) % BUCKETS


def keys(leads: Iterable[str], **owner: int) -> pl.DataFrame:
    """Return the leads, each once, keyed as in a table: the owner (a connection or an outbox), bucket and lead."""
    return keyed(pl.DataFrame({"lead": list(dict.fromkeys(leads))}, schema={"lead": pl.String}), **owner)


def keyed(frame: pl.DataFrame, **owner: int) -> pl.DataFrame:
    """Set the owner and the bucket of each row's lead before the other columns."""
    buckets = pl.Series("bucket", [bucket(lead) for lead in frame["lead"]], dtype=pl.Int16)
    return owned(pl.DataFrame([buckets, *frame]), **owner)


def owned(frame: pl.DataFrame, **owner: int) -> pl.DataFrame:
    """Set the owner (a connection or an outbox) before the other columns."""
    return pl.DataFrame([*(constant(frame, name, number) for name, number in owner.items()), *frame])


def constant(frame: pl.DataFrame, name: str, number: int) -> pl.Series:
    """Return a column that holds the number in each row of the frame."""
    return pl.Series(name, [number], dtype=pl.Int64).new_from_index(0, frame.height)


def packed(frame: pl.DataFrame) -> dict[str, str]:
    """Return the frame as the parameter of a statement, without NUL characters: no database takes them in a text."""
    data = frame.write_json()
    if r"\u0000" in data:
        data = frame.with_columns(pl.col(pl.String).str.replace_all("\0", "", literal=True)).write_json()
    return {ROWS: data}


@cache
def rows(database: str, table: Table, names: tuple[str, ...]) -> FromClause:
    """Return a frame with columns of the table as something to select from; the statement's parameter is `packed`."""
    data = bindparam(ROWS, type_=Text)
    if database == "sqlite":
        each = func.json_each(data).table_valued("value")
        parts = (func.json_extract(each.c.value, f"$.{name}").label(name) for name in names)
        return select(*parts).select_from(each).where(_EVERY).subquery()
    records = func.jsonb_to_recordset(cast(data, JSONB))
    named = records.table_valued(*(column(name, _plain(table, name)) for name in names))
    return named.render_derived(with_types=True)


def read(sql: Connection, statement: Select[Any], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return what a query selects as a frame; the schema names its columns in order."""
    return _fetch(sql, _packing(sql.dialect.name, statement), {}, schema)


def find(sql: Connection, table: Table, key: pl.DataFrame, schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return columns of the table's rows that have the values of one of the frame's rows.

    All parts of the key stand in the frame: then both databases look each row up instead of reading the table.
    """
    if key.is_empty():
        return pl.DataFrame(schema=schema)
    return _fetch(sql, _finding(sql.dialect.name, table, tuple(key.columns), tuple(schema)), packed(key), schema)


def read_of(sql: Connection, table: Table, of: Of, schema: Mapping[str, Any], **owner: int) -> pl.DataFrame:
    """Return columns of an owner's rows in a bucket, in a range of buckets, or of the named leads."""
    if isinstance(of, int):
        return read_of(sql, table, range(of, of + 1), schema, **owner)
    if not isinstance(of, range):
        return find(sql, table, keys(of, **owner), schema)
    mine = (table.c[name] == number for name, number in owner.items())
    columns = select(*(table.c[name] for name in schema))
    return read(sql, columns.where(*mine, table.c.bucket >= of.start, table.c.bucket < of.stop), schema)


def put(sql: Connection, table: Table, frame: pl.DataFrame, *, change: Sequence[str] | None = None) -> None:
    """Insert rows; where the key is there already, set the columns of `change` (all but the key unless given)."""
    if not frame.is_empty():
        names = tuple(frame.columns)
        sql.execute(_putting(sql.dialect.name, table, names, None if change is None else tuple(change)), packed(frame))


def copy(sql: Connection, table: Table, source: Select[Any], **fixed: Any) -> None:
    """Insert what a query selects, with some columns set to fixed values, where the key is not there yet."""
    inner = source.subquery()
    parts = [literal(fixed[part.name]).label(part.name) if part.name in fixed else part for part in inner.c]
    statement = insert(sql.dialect.name, table).from_select([part.name for part in parts], select(*parts).where(_EVERY))
    sql.execute(statement.on_conflict_do_nothing(index_elements=list(table.primary_key)))


def alter(sql: Connection, table: Table, frame: pl.DataFrame, key: Sequence[str], **fixed: Any) -> None:
    """Set the frame's other columns in the rows that its key columns name, and other columns to fixed values."""
    if not frame.is_empty():
        statement = _altering(sql.dialect.name, table, tuple(frame.columns), tuple(key))
        sql.execute(statement.values(fixed) if fixed else statement, packed(frame))


def drop(sql: Connection, table: Table, frame: pl.DataFrame) -> int:
    """Delete the rows that have the values of one of the frame's rows; returns how many."""
    if frame.is_empty():
        return 0
    statement = _dropping(sql.dialect.name, table, tuple(frame.columns))
    if sql.dialect.name != "sqlite":
        return sql.execute(statement, packed(frame)).rowcount
    return sql.execute(statement, frame.rename(lambda name: f"the_{name}").to_dicts()).rowcount


def same(table: FromClause, source: FromClause, names: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that two row sources agree in the named columns."""
    return and_(*(table.c[name] == source.c[name] for name in names))


def insert(database: str, table: Table) -> Any:
    """Return the database's own insert, which knows ON CONFLICT."""
    return (sqlite if database == "sqlite" else postgresql).insert(table)


def _fetch(sql: Connection, statement: Select[Any], given: dict[str, str], schema: Mapping[str, Any]) -> pl.DataFrame:
    values = sql.execute(statement, given).one()
    return pl.DataFrame(
        [_series(name, dtype, value) for value, (name, dtype) in zip(values, schema.items(), strict=True)]
    )


def _series(name: str, dtype: Any, value: str | None) -> pl.Series:
    """Return a column out of its JSON; SQLite knows no flags but 0 and 1."""
    found = orjson.loads(value) if value else []
    return pl.Series(name, found).cast(dtype) if dtype == pl.Boolean else pl.Series(name, found, dtype=dtype)


@cache
def _finding(database: str, table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Select[Any]:
    source = rows(database, table, key)
    found = select(*(table.c[name] for name in names)).join_from(table, source, same(table, source, key))
    return _packing(database, found)


def _packing(database: str, statement: Select[Any]) -> Select[Any]:
    """Return the query that makes one JSON array of each column of another."""
    arrays: list[ColumnElement[Any]] = [_array(database, part) for part in statement.subquery().c]
    return select(*arrays)


@cache
def _putting(database: str, table: Table, names: tuple[str, ...], change: tuple[str, ...] | None) -> Any:
    source = rows(database, table, names)
    statement = insert(database, table).from_select(names, select(*source.c).where(_EVERY))
    key = [part.name for part in table.primary_key]
    changed = [name for name in names if name not in key] if change is None else change
    if not changed:
        return statement.on_conflict_do_nothing(index_elements=key)
    updates = {name: statement.excluded[name] for name in changed}
    return statement.on_conflict_do_update(index_elements=key, set_=updates)


@cache
def _altering(database: str, table: Table, names: tuple[str, ...], key: tuple[str, ...]) -> Update:
    source = rows(database, table, names)
    statement = update(table).where(same(table, source, key))
    values = {name: source.c[name] for name in names if name not in key}
    return statement.values(values) if values else statement


@cache
def _dropping(database: str, table: Table, names: tuple[str, ...]) -> Delete:
    """Delete in SQLite row by row: its planner would look through all rows of the first key column otherwise."""
    if database == "sqlite":
        return delete(table).where(*(table.c[name] == bindparam(f"the_{name}") for name in names))
    source = rows(database, table, names)
    return delete(table).where(same(table, source, names))


def _plain(table: Table, name: str) -> Any:
    """Return the type of a column without its collation, which a record's columns may not have."""
    kind = table.c[name].type
    return Text() if isinstance(kind, Text) else kind


def _array(database: str, part: ColumnElement[Any]) -> ColumnElement[str]:
    return type_coerce(func.json_group_array(part), Text) if database == "sqlite" else cast(func.json_agg(part), Text)
