"""Frames in and out of the database, inside a transaction, as one value each.

A frame goes in as one JSON parameter, which the database takes apart: faster on both databases than a row at a
time. It comes out as one JSON array per column. Everything runs on the one connection that holds the transaction.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
import polars as pl
from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    FromClause,
    Select,
    Table,
    Text,
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
    buckets = pl.Series("bucket", map(bucket, frame["lead"]), dtype=pl.Int16)
    return owned(frame.select(buckets, pl.all()), **owner)


def owned(frame: pl.DataFrame, **owner: int) -> pl.DataFrame:
    """Set the owner (a connection or an outbox) before the other columns."""
    return frame.select(*(pl.lit(number, pl.Int32).alias(name) for name, number in owner.items()), pl.all())


def rows(sql: Connection, frame: pl.DataFrame, table: Table) -> FromClause:
    """Return the frame as something to select from; its columns are some of the table's."""
    data = bindparam("rows", _json(frame), Text, unique=True)
    if sql.dialect.name == "sqlite":
        each = func.json_each(data).table_valued("value")
        parts = (func.json_extract(each.c.value, f"$.{name}").label(name) for name in frame.columns)
        return select(*parts).select_from(each).where(_EVERY).subquery()
    records = func.jsonb_to_recordset(cast(data, JSONB))
    named = records.table_valued(*(column(name, _plain(table, name)) for name in frame.columns))
    return named.render_derived(with_types=True)


def read(sql: Connection, statement: Select[Any], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return what a query selects as a frame; the schema names its columns in order."""
    source = statement.subquery()
    packed = select(*(_array(sql, part) for part in source.c))
    values = sql.execute(packed).one()
    series = (
        pl.Series(name, orjson.loads(value) if value else [], dtype=_wire(dtype)).cast(dtype)
        for value, (name, dtype) in zip(values, schema.items(), strict=True)
    )
    return pl.DataFrame(list(series))


def of(sql: Connection, columns: Select[Any], table: Table, which: Of, **owner: int) -> Select[Any]:
    """Restrict a query of the table to an owner's rows in a bucket, in a range of buckets, or of the named leads."""
    if isinstance(which, int):
        return of(sql, columns, table, range(which, which + 1), **owner)
    if not isinstance(which, range):
        return columns.select_from(matching(sql, keys(which, **owner), table))
    mine = (table.c[name] == number for name, number in owner.items())
    return columns.where(*mine, table.c.bucket >= which.start, table.c.bucket < which.stop)


def put(sql: Connection, table: Table, frame: pl.DataFrame, *, change: Sequence[str] | None = None) -> None:
    """Insert rows; where the key is there already, set the columns of `change` (all but the key unless given)."""
    if frame.is_empty():
        return
    source = rows(sql, frame, table)
    statement = dialect(sql).insert(table).from_select(frame.columns, select(*source.c).where(_EVERY))
    key = [part.name for part in table.primary_key]
    changed = [name for name in frame.columns if name not in key] if change is None else change
    updates = {name: statement.excluded[name] for name in changed}
    sql.execute(
        statement.on_conflict_do_update(index_elements=key, set_=updates)
        if updates
        else statement.on_conflict_do_nothing(index_elements=key)
    )


def copy(sql: Connection, table: Table, source: Select[Any], **fixed: Any) -> None:
    """Insert what a query selects, with some columns set to fixed values, where the key is not there yet."""
    inner = source.subquery()
    parts = [literal(fixed[part.name]).label(part.name) if part.name in fixed else part for part in inner.c]
    insert = dialect(sql).insert(table).from_select([part.name for part in parts], select(*parts).where(_EVERY))
    sql.execute(insert.on_conflict_do_nothing(index_elements=list(table.primary_key)))


def alter(sql: Connection, table: Table, frame: pl.DataFrame, key: Sequence[str], **fixed: Any) -> int:
    """Set the frame's other columns in the rows that its key columns name, and other columns to fixed values."""
    if frame.is_empty():
        return 0
    source = rows(sql, frame, table)
    values = {name: source.c[name] for name in frame.columns if name not in key}
    statement = update(table).values({**values, **fixed}).where(same(table, source, key))
    return _count(sql.execute(statement))


def drop(sql: Connection, table: Table, frame: pl.DataFrame) -> int:
    """Delete the rows that have the values of one of the frame's rows."""
    if frame.is_empty():
        return 0
    if sql.dialect.name == "sqlite":
        given = and_(*(table.c[name] == bindparam(f"the_{name}") for name in frame.columns))
        return _count(sql.execute(delete(table).where(given), frame.select(pl.all().name.prefix("the_")).to_dicts()))
    source = rows(sql, frame, table)
    return _count(sql.execute(delete(table).where(same(table, source, frame.columns))))


def matching(sql: Connection, frame: pl.DataFrame, table: Table) -> FromClause:
    """Return the table's rows that have the values of one of the frame's rows.

    All parts of the key stand in the frame: then both databases look each row up instead of reading the table.
    """
    source = rows(sql, frame, table)
    return table.join(source, same(table, source, frame.columns))


def same(table: FromClause, source: FromClause, names: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that two row sources agree in the named columns."""
    return and_(*(table.c[name] == source.c[name] for name in names))


def dialect(sql: Connection) -> Any:
    """Return SQLAlchemy's module for the database, whose `insert` knows ON CONFLICT."""
    return sqlite if sql.dialect.name == "sqlite" else postgresql


def _json(frame: pl.DataFrame) -> str:
    """Write the frame as JSON, without the NUL characters that no database takes in a text."""
    return frame.with_columns(pl.col(pl.String).str.replace_all("\0", "", literal=True)).write_json()


def _plain(table: Table, name: str) -> Any:
    """Return the type of a column without its collation, which a record's columns may not have."""
    kind = table.c[name].type
    return Text() if isinstance(kind, Text) else kind


def _array(sql: Connection, part: ColumnElement[Any]) -> ColumnElement[str]:
    if sql.dialect.name == "sqlite":
        return type_coerce(func.json_group_array(part), Text)
    return cast(func.json_agg(part), Text)


def _wire(dtype: Any) -> Any:
    """Return how values of a dtype come out of JSON: SQLite knows no flags but 0 and 1."""
    return None if dtype == pl.Boolean else dtype


def _count(result: CursorResult[Any]) -> int:
    return result.rowcount
