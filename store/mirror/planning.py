"""What each stream is read with: when the settings change it, what it brought is deleted and read again."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import orjson
import polars as pl
from sqlalchemy import ColumnElement, Connection, Table, delete, or_, select

from store.leads import further, staleness
from store.mirror import deals
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import (
    accounts,
    activities,
    cursors,
    field_history,
    further_fields,
    leads,
    outcomes,
    plans,
    unclaimed,
)
from vocabulary.feedback import FEEDBACK
from vocabulary.pages import ACCOUNTS_OF, DEALS_OF, FIELDS_OF, HISTORY_OF, Stream

_LEAD = {"bucket": pl.Int16, "lead": pl.String}


@dataclass(frozen=True, slots=True)
class Replanned:
    """How the streams differ from those that the mirror was read with."""

    again: tuple[str, ...] = ()
    """Streams to read from the start."""
    off: tuple[str, ...] = ()
    """Streams that the settings have switched off."""
    ids: tuple[str, ...] = ()
    """What the ids of the rows that no longer hold begin with."""


def compared(sql: Connection, connection: int, streams: Sequence[Stream]) -> Replanned:
    """Compare streams with those that the mirror was read with. A stream that shares ids is read again too."""
    rows = sql.execute(select(plans).where(plans.c.connection == connection)).all()
    known = {row.stream: row for row in rows}
    read = set(sql.scalars(select(cursors.c.stream).where(cursors.c.connection == connection)))
    changed = [one for one in streams if one.name in known and known[one.name].plan != one.plan]
    off = [name for name in known if name not in {one.name for one in streams}]
    ids = {each for name in (*off, *(one.name for one in changed)) for each in orjson.loads(known[name].ids)}
    ids |= {each for one in changed for each in one.ids}
    sharing = [one for one in streams if one.name in read and not ids.isdisjoint(one.ids)]
    again = {one.name for one in (*changed, *sharing) if one.name in read}
    return Replanned(tuple(sorted(again)), tuple(sorted(off)), tuple(sorted(ids)))


def is_settled(sql: Connection, connection: int, streams: Sequence[Stream]) -> bool:
    """Return whether the streams are those that the mirror is read with."""
    known = select(plans.c.stream, plans.c.plan).where(plans.c.connection == connection)
    return {one.name: one.plan for one in streams if one.plan} == {row.stream: row.plan for row in sql.execute(known)}


def replan(tx: Transaction, streams: Sequence[Stream]) -> Replanned:
    """Adopt the plans of these streams: delete what no longer holds, and the cursors of what is read again."""
    found = compared(tx.sql, tx.connection, streams)
    _drop(tx, found.ids)
    gone = (*found.again, *found.off)
    tx.sql.execute(delete(cursors).where(cursors.c.connection == tx.connection, cursors.c.stream.in_(gone)))
    tx.sql.execute(delete(plans).where(plans.c.connection == tx.connection, plans.c.stream.in_(found.off)))
    rows = [(one.name, one.plan, orjson.dumps(one.ids).decode()) for one in streams if one.plan]
    frame = pl.DataFrame(rows, schema={"stream": pl.String, "plan": pl.String, "ids": pl.String}, orient="row")
    bulk.upsert(tx.sql, plans, bulk.owned(frame, connection=tx.connection))
    return found


def _drop(tx: Transaction, ids: Collection[str]) -> None:
    own = [one for one in ids if one.startswith(f"{FIELDS_OF}.")]
    if own:
        held = select(further_fields.c.id).where(*_of(tx, further_fields, own))
        further.drop(tx, bulk.read(tx.sql, held, {"id": pl.String})["id"])
    begin = [one for one in ids if one not in (ACCOUNTS_OF, DEALS_OF, HISTORY_OF)]
    if begin:
        owners = select(activities.c.bucket, activities.c.lead).where(*_of(tx, activities, begin)).distinct()
        touched = bulk.read(tx.sql, owners.where(activities.c.bucket >= 0), _LEAD)
        for table in (activities, unclaimed, outcomes):
            tx.sql.execute(delete(table).where(*_of(tx, table, begin)))
        staleness.mark(tx, touched, "activity")
    if ACCOUNTS_OF in ids:
        members = select(leads.c.bucket, leads.c.lead).where(
            leads.c.connection == tx.connection, leads.c.account.is_not(None)
        )
        staleness.mark(tx, bulk.read(tx.sql, members, _LEAD), "data")
        tx.sql.execute(delete(accounts).where(accounts.c.connection == tx.connection))
    if DEALS_OF in ids:
        deals.drop_all(tx)
    if HISTORY_OF in ids:
        # Since when sales said something may be known here alone, and it stays true.
        untrue = (field_history.c.connection == tx.connection, field_history.c.field != FEEDBACK)
        tx.sql.execute(delete(field_history).where(*untrue))


def _of(tx: Transaction, table: Table, begin: Iterable[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.connection == tx.connection, or_(*(table.c.id.startswith(one, autoescape=True) for one in begin))
