"""Declaring the fields that the mirror stores, and erasing fields that no scorecard uses."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import orjson
import polars as pl
from sqlalchemy import Column, ColumnElement, Connection, Table, select, update

from store.mirror import fields, memberships
from store.mirror.memberships import Segments
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import accounts, connections, deals, field_history, leads, vanished
from vocabulary.fields import FieldType


@dataclass(frozen=True, slots=True)
class FieldChanges:
    """How the declared fields differ from those in the mirror."""

    added: tuple[str, ...]
    """New fields, or fields with a new type. They are empty until the CRM is read again (`reset`)."""
    removed: tuple[str, ...]
    """Fields that are no longer declared. Their values were erased."""
    of_deals: bool = False
    """Whether fields of deals were added."""
    segments: bool = False
    """Whether segments were added."""


def declared(sql: Connection, connection: int, of: Literal["leads", "deals"]) -> dict[str, FieldType]:
    """Return the declared fields with their types."""
    column = connections.c.fields if of == "leads" else connections.c.deal_fields
    known = select(column).where(connections.c.connection == connection)
    found: dict[str, FieldType] = orjson.loads(sql.execute(known).scalar_one())
    if of == "leads":
        found |= dict.fromkeys(memberships.declared(sql, connection), "member_of")
    return found


def declare(
    tx: Transaction, wanted: Mapping[str, FieldType], of_deals: Mapping[str, FieldType], segments: Segments
) -> FieldChanges:
    """Record the declared fields, and erase values of fields that are no longer declared or changed type.

    Fields that list memberships are those with `segments`.
    """
    plain = {name: kind for name, kind in wanted.items() if kind != "member_of"}
    added, removed = _set(tx, connections.c.fields, plain, _erase)
    new_of_deals, _ = _set(tx, connections.c.deal_fields, of_deals, _erase_of_deals)
    return FieldChanges(added, removed, bool(new_of_deals), memberships.declare(tx, segments))


def _set(
    tx: Transaction,
    column: Column[str],
    wanted: Mapping[str, FieldType],
    erase: Callable[[Transaction, set[str]], None],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Record declared fields in a column of the connection; return which are new, and which are no longer declared."""
    here = connections.c.connection == tx.connection
    known = orjson.loads(tx.sql.execute(select(column).where(here)).scalar_one())
    other = {name for name, kind in known.items() if wanted.get(name) != kind}
    if known != wanted:
        tx.sql.execute(update(connections).where(here).values({column.name: orjson.dumps(dict(wanted)).decode()}))
    if other:
        erase(tx, other)
    return tuple(name for name, kind in wanted.items() if known.get(name) != kind), tuple(sorted(other - wanted.keys()))


def declare_outputs(tx: Transaction, names: Collection[str], made: Collection[str]) -> tuple[str, ...]:
    """Record since which change each output field is read with every lead; return the fields still to be read.

    Fields that we created were empty before. The first fields recorded need not be read either: nothing was read yet,
    or by a version that did not record it.
    """
    here = connections.c.connection == tx.connection
    text = tx.sql.execute(select(connections.c.outputs).where(here)).scalar_one()
    known: dict[str, int] = orjson.loads(text or "{}")
    since = {name: known.get(name, 0 if name in made else tx.number) for name in sorted(names)}
    if text is None or since != known:
        tx.sql.execute(update(connections).where(here).values(outputs=orjson.dumps(since).decode()))
    return () if text is None else tuple(sorted(since.keys() - known.keys() - set(made)))


def await_outputs(tx: Transaction) -> None:
    """Unless output fields were declared, record that none is read with the leads yet."""
    unknown = (connections.c.connection == tx.connection, connections.c.outputs.is_(None))
    tx.sql.execute(update(connections).where(*unknown).values(outputs="{}"))


def _erase(tx: Transaction, names: set[str]) -> None:
    for bucket in range(bulk.BUCKETS):
        _strip(tx, leads, ("bucket", "lead"), names, leads.c.bucket == bucket)
    _strip(tx, vanished, ("bucket", "lead"), names)
    _strip(tx, accounts, ("account",), names)
    here = (field_history.c.connection == tx.connection, field_history.c.field.in_(names))
    tx.sql.execute(field_history.delete().where(*here))


def _erase_of_deals(tx: Transaction, names: set[str]) -> None:
    _strip(tx, deals, ("deal",), names)


def _strip(tx: Transaction, table: Table, key: tuple[str, ...], names: set[str], *part: ColumnElement[bool]) -> None:
    columns = [table.c[name] for name in (*key, "fields")]
    schema = {column.name: pl.Int16() if column.name == "bucket" else pl.String() for column in columns}
    held = bulk.read(tx.sql, select(*columns).where(table.c.connection == tx.connection, *part), schema)
    texts = pl.Series("fields", [fields.without(text, names) for text in held["fields"]], dtype=pl.String)
    changed = held.with_columns(texts).filter(texts != held["fields"])
    bulk.set_columns(tx.sql, table, bulk.owned(changed, connection=tx.connection), ("connection", *key))
