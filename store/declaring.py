"""Which fields the mirror holds, and the erasing of those that no scorecard names any more."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import orjson
import polars as pl
from sqlalchemy import ColumnElement, Table, select, update

from connectors.records import FieldType
from store import bulk, fields
from store.leases import Change
from store.schema import accounts, connections, field_history, leads, vanished


@dataclass(frozen=True, slots=True)
class Declared:
    """How the declared fields differ from those that the mirror was filled with."""

    added: tuple[str, ...]
    """New, or of another type: only reading the CRM again (`reset`) fills them."""
    removed: tuple[str, ...]
    """No longer declared: their values were erased."""


def declare(change: Change, wanted: Mapping[str, FieldType]) -> Declared:
    """Note the declared fields; erase the values of those that are no longer, or that have another type now."""
    here = connections.c.connection == change.connection
    known = orjson.loads(change.sql.execute(select(connections.c.fields).where(here)).scalar_one())
    other = {name for name, kind in known.items() if wanted.get(name) != kind}
    if known != wanted:
        change.sql.execute(update(connections).where(here).values(fields=orjson.dumps(dict(wanted)).decode()))
    if other:
        _erase(change, other)
    added = tuple(name for name, kind in wanted.items() if known.get(name) != kind)
    return Declared(added, tuple(sorted(other - wanted.keys())))


def declare_outputs(change: Change, names: Collection[str], made: Collection[str]) -> tuple[str, ...]:
    """Note since which change each output field is read with every lead; returns those that are to be read.

    Those that we made held nothing before. The first that are noted need no reading either: nothing was read yet, or
    by a version that noted nothing.
    """
    here = connections.c.connection == change.connection
    text = change.sql.execute(select(connections.c.outputs).where(here)).scalar_one()
    known: dict[str, int] = orjson.loads(text or "{}")
    since = {name: known.get(name, 0 if name in made else change.number) for name in sorted(names)}
    if text is None or since != known:
        change.sql.execute(update(connections).where(here).values(outputs=orjson.dumps(since).decode()))
    return () if text is None else tuple(sorted(since.keys() - known.keys() - set(made)))


def _erase(change: Change, names: set[str]) -> None:
    for bucket in range(bulk.BUCKETS):
        _strip(change, leads, ("bucket", "lead"), names, leads.c.bucket == bucket)
    _strip(change, vanished, ("bucket", "lead"), names)
    _strip(change, accounts, ("account",), names)
    here = (field_history.c.connection == change.connection, field_history.c.field.in_(names))
    change.sql.execute(field_history.delete().where(*here))


def _strip(change: Change, table: Table, key: tuple[str, ...], names: set[str], *part: ColumnElement[bool]) -> None:
    columns = [table.c[name] for name in (*key, "fields")]
    schema = {column.name: pl.Int16() if column.name == "bucket" else pl.String() for column in columns}
    held = bulk.read(change.sql, select(*columns).where(table.c.connection == change.connection, *part), schema)
    texts = pl.Series("fields", [fields.without(text, names) for text in held["fields"]], dtype=pl.String)
    changed = held.with_columns(texts).filter(texts != held["fields"])
    bulk.alter(change.sql, table, bulk.owned(changed, connection=change.connection), ("connection", *key))
