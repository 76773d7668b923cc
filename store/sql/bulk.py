"""Moving Polars frames in and out of the database in bulk.

A frame is sent as a single JSON parameter, which the database unpacks, except for changes in SQLite, where one
statement per row is faster. A frame is returned as one JSON array per column. Everything runs on the connection of the
current transaction.

The statements depend only on tables and columns, so they are cached.
"""

import sqlite3
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

import orjson
import polars as pl
from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnElement,
    Connection,
    Delete,
    FromClause,
    Index,
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
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

BUCKETS: Final = 256

S = TypeVar("S", bound=Select[*tuple[Any, ...]])

Of = int | range | Sequence[str]
"""A bucket, a range of buckets, or lead ids."""

ROWS: Final = "rows"
"""The name of the parameter for a frame."""

_NUL: Final = r"\u0000"
"""A NUL character in JSON. A text that spells it out looks the same."""

_SQLITE: Final = sqlite.dialect(paramstyle="qmark")
_EVERY: Final = text("1 = 1")
"""SQLite's parser needs a WHERE between INSERT … SELECT and ON CONFLICT, or it takes ON for a join."""


class _OfRow(NamedTuple):
    """An SQLite statement for one row, and the columns in the order of its parameters."""

    text: str
    names: tuple[str, ...]


def bucket(lead: str) -> int:
    """Return the bucket of a lead. It is stored, so the hash must never change."""
    return zlib.crc32(lead.encode()) % BUCKETS


def keys(leads: Iterable[str], **owner: int) -> pl.DataFrame:
    """Return the distinct leads with the key columns: the owner (a connection or an outbox), bucket and lead."""
    given = dict.fromkeys(leads.to_list() if isinstance(leads, pl.Series) else leads)
    return keyed(pl.DataFrame({"lead": list(given)}, schema={"lead": pl.String}), **owner)


def keyed(frame: pl.DataFrame, **owner: int) -> pl.DataFrame:
    """Prepend the owner and the bucket of each row's lead."""
    buckets = pl.Series("bucket", list(map(bucket, frame["lead"].to_list())), dtype=pl.Int16)
    return owned(pl.DataFrame([buckets, *frame]), **owner)


def owned(frame: pl.DataFrame, **owner: int) -> pl.DataFrame:
    """Prepend the owner (a connection or an outbox)."""
    return pl.DataFrame([*(constant(frame, name, number) for name, number in owner.items()), *frame])


def constant(frame: pl.DataFrame, name: str, number: int) -> pl.Series:
    """Return a constant column for the frame."""
    return pl.Series(name, [number], dtype=pl.Int64).new_from_index(0, frame.height)


def packed(sql: Connection, frame: pl.DataFrame) -> dict[str, str]:
    """Return the frame as a statement parameter: JSON arrays for SQLite, objects for PostgreSQL."""
    text = _json(sql, frame)
    return {ROWS: _json(sql, without_nul(frame)) if _NUL in text else text}


def _json(sql: Connection, frame: pl.DataFrame) -> str:
    return orjson.dumps(frame.rows()).decode() if sql.dialect.name == "sqlite" else frame.write_json()


def without_nul(frame: pl.DataFrame) -> pl.DataFrame:
    """Remove NUL characters from texts, since PostgreSQL does not accept them."""
    return frame.with_columns(pl.col(pl.String).str.replace_all("\0", "", literal=True))


@cache
def rows(database: str, table: Table, names: tuple[str, ...]) -> FromClause:
    """Return a FROM clause for a frame, which is passed as the `packed` parameter.

    Columns that the table does not have are texts.
    """
    data = bindparam(ROWS, type_=Text)
    if database == "sqlite":
        each = func.json_each(data).table_valued("value")
        parts = (func.json_extract(each.c.value, f"$[{place}]").label(name) for place, name in enumerate(names))
        return select(*parts).select_from(each).where(_EVERY).subquery()
    records = func.jsonb_to_recordset(cast(data, JSONB))
    named = records.table_valued(*(column(name, _plain(table, name)) for name in names))
    return named.render_derived(with_types=True)


def read(sql: Connection, statement: Select[Any], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return the result of a query as a frame. The schema names its columns in order."""
    return _fetch(sql, _packing(sql.dialect.name, statement), {}, schema)


def find(sql: Connection, table: Table, key: pl.DataFrame, schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return columns of the rows whose key is in the frame.

    The frame should have all parts of the table's key; then both databases use the index instead of a scan.
    """
    if key.is_empty():
        return pl.DataFrame(schema=schema)
    statement = _finding(sql.dialect.name, table, tuple(key.columns), tuple(schema))
    return _fetch(sql, statement, packed(sql, key), schema)


def ask(
    sql: Connection, question: Callable[[str], Select[Any]], frame: pl.DataFrame, schema: Mapping[str, Any]
) -> pl.DataFrame:
    """Return the result of a query that takes a frame as its `rows`."""
    if frame.is_empty():
        return pl.DataFrame(schema=schema)
    return _fetch(sql, _asking(sql.dialect.name, question), packed(sql, frame), schema)


def by_index(statement: S, index: Index) -> S:
    """Have SQLite answer a query by an index.

    It knows nothing of how the rows are spread, and so prefers to read the whole key of an outbox.
    """
    assert index.table is not None, "an index is declared with its table"
    return statement.with_hint(index.table, f"INDEXED BY {index.name}", "sqlite")


def read_of(sql: Connection, table: Table, of: Of, schema: Mapping[str, Any], **owner: int) -> pl.DataFrame:
    """Return columns of an owner's rows, by bucket, range of buckets, or lead ids."""
    if isinstance(of, int):
        return read_of(sql, table, range(of, of + 1), schema, **owner)
    if not isinstance(of, range):
        return find(sql, table, keys(of, **owner), schema)
    mine = (table.c[name] == number for name, number in owner.items())
    columns = select(*(table.c[name] for name in schema))
    return read(sql, columns.where(*mine, table.c.bucket >= of.start, table.c.bucket < of.stop), schema)


def upsert(sql: Connection, table: Table, frame: pl.DataFrame, *, change: Sequence[str] | None = None) -> None:
    """Insert rows, or update the columns `change` of existing ones (by default, all but the key)."""
    if frame.is_empty():
        return
    names, changed = tuple(frame.columns), None if change is None else tuple(change)
    if sql.dialect.name == "sqlite":
        _each(sql, _upserting_rows(table, names, changed), frame)
    else:
        sql.execute(_upserting(table, names, changed), packed(sql, frame))


def insert_new(sql: Connection, table: Table, frame: pl.DataFrame) -> pl.Series:
    """Insert rows whose key does not exist; return for each whether it was new."""
    names = tuple(frame.columns)
    if sql.dialect.name == "sqlite":
        return pl.Series("new", _one_by_one(sql, _upserting_rows(table, names, ()), frame), dtype=pl.Boolean)
    key = {part.name: frame.schema[part.name] for part in table.primary_key}
    added = pl.DataFrame(sql.execute(_inserting_new(table, names), packed(sql, frame)).all(), key, orient="row")
    return frame.select(pl.struct(*key).is_in(added.to_struct().implode()).alias("new")).to_series()


def copy(sql: Connection, table: Table, source: Select[Any]) -> None:
    """Insert the result of a query, ignoring existing keys."""
    inner = source.subquery()
    names = [part.name for part in inner.c]
    statement = insert(sql.dialect.name, table).from_select(names, select(inner).where(_EVERY))
    sql.execute(statement.on_conflict_do_nothing(index_elements=list(table.primary_key)))


def copy_to_survivors(sql: Connection, table: Table, source: Table, lost: pl.DataFrame, **fixed: Any) -> None:
    """Copy the source's rows of merged leads into the table under their `survivor`, ignoring existing keys."""
    statement = _copying(sql.dialect.name, table, source, tuple(lost.columns), tuple(fixed))
    sql.execute(statement, packed(sql, lost) | fixed)


def set_columns(sql: Connection, table: Table, frame: pl.DataFrame, key: Sequence[str], **fixed: Any) -> None:
    """Update rows by key: set the frame's other columns, and further columns to fixed values."""
    if frame.is_empty():
        return
    if sql.dialect.name == "sqlite":
        given = frame.with_columns(pl.lit(value).alias(name) for name, value in fixed.items())
        _each(sql, _setting_rows(table, tuple(given.columns), tuple(key)), given)
        return
    statement = _setting(table, tuple(frame.columns), tuple(key))
    sql.execute(statement.values(fixed) if fixed else statement, packed(sql, frame))


def delete_rows(sql: Connection, table: Table, frame: pl.DataFrame) -> int:
    """Delete the rows that match a row of the frame; return how many."""
    if frame.is_empty():
        return 0
    names = tuple(frame.columns)
    if sql.dialect.name == "sqlite":
        return _each(sql, _deleting_rows(table, names), frame)
    return sql.execute(_deleting(table, names), packed(sql, frame)).rowcount


def same(table: FromClause, source: FromClause, names: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that two row sources are equal in the named columns."""
    return and_(*(table.c[name] == source.c[name] for name in names))


def insert(database: str, table: Table) -> Any:
    """Return the dialect's insert, which supports ON CONFLICT."""
    return (sqlite if database == "sqlite" else postgresql).insert(table)


def _fetch(sql: Connection, statement: Select[Any], given: dict[str, str], schema: Mapping[str, Any]) -> pl.DataFrame:
    values = sql.execute(statement, given).one()
    return pl.DataFrame(
        [_series(name, dtype, value) for value, (name, dtype) in zip(values, schema.items(), strict=True)]
    )


def _series(name: str, dtype: Any, value: str | None) -> pl.Series:
    """Return a column from its JSON. SQLite stores booleans as 0 and 1."""
    found = orjson.loads(value) if value else []
    return pl.Series(name, found).cast(dtype) if dtype == pl.Boolean else pl.Series(name, found, dtype=dtype)


@cache
def _finding(database: str, table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Select[Any]:
    source = rows(database, table, key)
    found = select(*(table.c[name] for name in names)).join_from(table, source, same(table, source, key))
    return _packing(database, found)


@cache
def _asking(database: str, question: Callable[[str], Select[Any]]) -> Select[Any]:
    return _packing(database, question(database))


def _packing(database: str, statement: Select[Any]) -> Select[Any]:
    """Wrap a query so that it returns one JSON array per column."""
    arrays: list[ColumnElement[Any]] = [_array(database, part) for part in statement.subquery().c]
    return select(*arrays)


@cache
def _upserting(table: Table, names: tuple[str, ...], change: tuple[str, ...] | None) -> Any:
    statement = postgresql.insert(table).from_select(names, select(*rows("postgresql", table, names).c).where(_EVERY))
    return _overwriting(statement, table, names, change)


@cache
def _inserting_new(table: Table, names: tuple[str, ...]) -> Any:
    return _upserting(table, names, ()).returning(*table.primary_key)


@cache
def _upserting_rows(table: Table, names: tuple[str, ...], change: tuple[str, ...] | None) -> _OfRow:
    """Return the upsert of one row; in SQLite that is faster than unpacking JSON."""
    statement = sqlite.insert(table).values({name: bindparam(name) for name in names})
    return _of_row(_overwriting(statement, table, names, change))


def _overwriting(statement: Any, table: Table, names: tuple[str, ...], change: tuple[str, ...] | None) -> Any:
    key = [part.name for part in table.primary_key]
    changed = [name for name in names if name not in key] if change is None else change
    if not changed:
        return statement.on_conflict_do_nothing(index_elements=key)
    updates = {name: statement.excluded[name] for name in changed}
    return statement.on_conflict_do_update(index_elements=key, set_=updates)


@cache
def _copying(database: str, table: Table, source: Table, names: tuple[str, ...], fixed: tuple[str, ...]) -> Any:
    lost = rows(database, source, names)
    given: dict[str, ColumnElement[Any]] = {
        "lead": lost.c.survivor,
        **{name: bindparam(name, type_=table.c[name].type) for name in fixed},
    }
    parts = [(given[part.name] if part.name in given else source.c[part.name]).label(part.name) for part in table.c]
    key = [name for name in names if name != "survivor"]
    found = select(*parts).join_from(source, lost, same(source, lost, key)).where(_EVERY)
    return (
        insert(database, table)
        .from_select([part.name for part in parts], found)
        .on_conflict_do_nothing(index_elements=list(table.primary_key))
    )


@cache
def _setting(table: Table, names: tuple[str, ...], key: tuple[str, ...]) -> Update:
    source = rows("postgresql", table, names)
    statement = update(table).where(same(table, source, key))
    values = {name: source.c[name] for name in names if name not in key}
    return statement.values(values) if values else statement


@cache
def _setting_rows(table: Table, names: tuple[str, ...], key: tuple[str, ...]) -> _OfRow:
    """Return the update of one row; with wide rows, that takes half the time of unpacking JSON."""
    values: dict[str, BindParameter[Any]] = {name: bindparam(name) for name in names if name not in key}
    mine = (table.c[name] == bindparam(f"the_{name}") for name in key)
    return _of_row(update(table).where(*mine).values(values))


@cache
def _deleting(table: Table, names: tuple[str, ...]) -> Delete:
    return delete(table).where(same(table, rows("postgresql", table, names), names))


@cache
def _deleting_rows(table: Table, names: tuple[str, ...]) -> _OfRow:
    """Return the delete of one row; with a join, SQLite would use only the first column of the index."""
    return _of_row(delete(table).where(*(table.c[name] == bindparam(f"the_{name}") for name in names)))


def _of_row(statement: ClauseElement) -> _OfRow:
    compiled: Any = statement.compile(dialect=_SQLITE)
    return _OfRow(str(compiled), tuple(name.removeprefix("the_") for name in compiled.positiontup or ()))


def _each(sql: Connection, statement: _OfRow, frame: pl.DataFrame) -> int:
    """Run a statement for each row of a frame; return how many rows of the table it affected."""
    return sql.exec_driver_sql(statement.text, _rows(frame, statement.names)).rowcount


def _rows(frame: pl.DataFrame, names: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return these columns as rows, without NUL characters. For a few rows, Python is faster than Polars."""
    given = frame[list(names)]
    rows = given.rows()
    texts = [place for place, dtype in enumerate(given.dtypes) if dtype == pl.String]
    has_nul = any("\0" in (row[place] or "") for row in rows for place in texts)
    return without_nul(given).rows() if has_nul else rows


def _one_by_one(sql: Connection, statement: _OfRow, frame: pl.DataFrame) -> list[bool]:
    """Run a statement for each row of a frame; return for each whether it affected a row of the table.

    Calling the driver directly is ten times faster than through SQLAlchemy.
    """
    driver = sql.connection.cursor()
    try:
        return [driver.execute(statement.text, row).rowcount == 1 for row in _rows(frame, statement.names)]
    except sqlite3.Error as error:
        raise DBAPIError.instance(statement.text, None, error, sqlite3.Error, hide_parameters=True) from error


def _plain(table: Table, name: str) -> Any:
    """Return the type of a column without its collation, which a record definition does not allow."""
    kind = table.c[name].type if name in table.c else Text()
    return Text() if isinstance(kind, Text) else kind


def _array(database: str, part: ColumnElement[Any]) -> ColumnElement[str]:
    return type_coerce(func.json_group_array(part), Text) if database == "sqlite" else cast(func.json_agg(part), Text)
