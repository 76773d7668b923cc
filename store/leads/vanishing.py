"""Vanished leads: removed from the mirror, but with their history kept in case they return.

The row of the lead moves to `vanished`. Its activities, results and writes stay in their tables, in the bucket
-1 - bucket. No query reads that bucket, so they are not scored, written or shown.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal

import polars as pl
from sqlalchemy import Table, exists, select, update

from store.leads import claiming, departing, entering, staleness, suspicion
from store.sql import bulk
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import (
    activities,
    addresses,
    found,
    in_flight,
    leads,
    machine_marks,
    mail_tallies,
    refused,
    results,
    stale,
    to_mark,
    vanished,
    writes,
)

Why = Literal["deleted", "outside"]
"""`deleted`: in the CRM's recycle bin. `outside`: in the CRM, but outside the filter of the settings."""

ASIDE_OF_CONNECTION: Final = (activities, addresses, machine_marks, mail_tallies)
ASIDE_OF_OUTBOX: Final = (results, writes, found)
_DROPPED: Final = (stale, refused, in_flight)
_LEAD: Final = {
    "bucket": pl.Int16,
    "lead": pl.String,
    "account": pl.String,
    "address": pl.String,
    "created_at": pl.Int64,
    "fields": pl.String,
    "domain": pl.String,
}
_KEY: Final = {"bucket": pl.Int16, "lead": pl.String}
_ADDRESSED: Final = {**_KEY, "address": pl.String}


def any_known(tx: Transaction) -> bool:
    """Return whether the connection has vanished leads."""
    return bool(tx.sql.scalar(select(exists().where(vanished.c.connection == tx.connection))))


def away(tx: Transaction, ids: Iterable[str]) -> list[str]:
    """Return those of these leads that have vanished."""
    if not any_known(tx):
        return []
    return bulk.find(tx.sql, vanished, bulk.keys(ids, connection=tx.connection), _KEY)["lead"].to_list()


def vanish(tx: Transaction, ids: Iterable[str], why: Why, at: datetime) -> int:
    """Move leads and their history aside; return how many the mirror had."""
    rows = bulk.find(tx.sql, leads, bulk.keys(ids, connection=tx.connection), _LEAD)
    if rows.is_empty():
        return 0
    if why == "outside":
        departing.note(tx, rows, why)
    staleness.mark_left(tx, rows)
    flying = _in_flight(tx, rows)
    noted = rows.with_columns(why=pl.lit(why), since=pl.lit(micros(at)), unsure=pl.col("lead").is_in(flying))
    bulk.upsert(tx.sql, vanished, bulk.owned(noted, connection=tx.connection))
    bulk.delete_rows(tx.sql, leads, bulk.owned(rows.select(*_KEY), connection=tx.connection))
    for outbox in staleness.outboxes_of(tx):
        bulk.set_columns(tx.sql, results, bulk.owned(rows.select(*_KEY), outbox=outbox), _of("outbox"), pending=None)
        for table in _DROPPED:
            bulk.delete_rows(tx.sql, table, bulk.owned(rows.select(*_KEY), outbox=outbox))
    bulk.delete_rows(tx.sql, to_mark, bulk.owned(rows.select(*_KEY), connection=tx.connection))
    _move(tx, rows)
    entering.drop(tx, rows["lead"])
    suspicion.clear(tx, suspicion.of_leads(rows["lead"].to_list()))
    return len(rows)


def bring_back(tx: Transaction, ids: Iterable[str], *, entering_again: bool = False) -> int:
    """Move vanished leads and their history back into the mirror; return how many.

    `entering_again`: what they did in the meantime is to be read by lead, since a CRM does not report it as changed.
    """
    if not any_known(tx):
        return 0
    rows = bulk.find(tx.sql, vanished, bulk.keys(ids, connection=tx.connection), {**_LEAD, "unsure": pl.Boolean})
    if rows.is_empty():
        return 0
    bulk.delete_rows(tx.sql, vanished, bulk.owned(rows.select(*_KEY), connection=tx.connection))
    back = bulk.owned(rows.drop("unsure"), connection=tx.connection)
    bulk.upsert(tx.sql, leads, back.with_columns(first_seen=pl.lit(tx.number)))
    _move(tx, rows.with_columns(_other_side()))
    unsure = rows.filter("unsure").select(*_KEY)
    for outbox in staleness.outboxes_of(tx):
        bulk.set_columns(tx.sql, results, bulk.owned(unsure, outbox=outbox), _of("outbox"), pending="again")
    further = bulk.find(tx.sql, addresses, bulk.owned(rows.select(*_KEY), connection=tx.connection), _ADDRESSED)
    claiming.claim(tx, pl.concat([rows.select(*_ADDRESSED), further]))
    departing.drop(tx, rows)
    if entering_again:
        entering.note(tx, rows["lead"])
    staleness.mark(tx, rows, "data")
    staleness.mark(tx, rows, "activity")
    return len(rows)


def drop(tx: Transaction, of_connection: pl.DataFrame) -> int:
    """Erase vanished leads (`connection`, `bucket`, `lead`) and their history; return how many."""
    if not any_known(tx):
        return 0
    count = bulk.delete_rows(tx.sql, vanished, of_connection)
    aside = of_connection.select("bucket", "lead").with_columns(_other_side())
    for table in ASIDE_OF_CONNECTION:
        bulk.delete_rows(tx.sql, table, bulk.owned(aside, connection=tx.connection))
    for outbox in staleness.outboxes_of(tx):
        for table in ASIDE_OF_OUTBOX:
            bulk.delete_rows(tx.sql, table, bulk.owned(aside, outbox=outbox))
    return count


def aside(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the keys that leads have once they have vanished."""
    return frame.with_columns(_other_side())


def _in_flight(tx: Transaction, rows: pl.DataFrame) -> pl.Series:
    """Return the leads with a write in flight."""
    flying = [
        bulk.find(tx.sql, in_flight, bulk.owned(rows.select(*_KEY), outbox=outbox), {"lead": pl.String})
        for outbox in staleness.outboxes_of(tx)
    ]
    return pl.concat(flying)["lead"].implode() if flying else pl.Series([[]], dtype=pl.List(pl.String))


def _move(tx: Transaction, rows: pl.DataFrame) -> None:
    """Move the rows of leads to the opposite bucket."""
    for table in ASIDE_OF_CONNECTION:
        _turn(tx, table, bulk.owned(rows.select(*_KEY), connection=tx.connection))
    for outbox in staleness.outboxes_of(tx):
        for table in ASIDE_OF_OUTBOX:
            _turn(tx, table, bulk.owned(rows.select(*_KEY), outbox=outbox))


def _turn(tx: Transaction, table: Table, key: pl.DataFrame) -> None:
    source = bulk.rows(tx.sql.dialect.name, table, tuple(key.columns))
    turned = update(table).where(bulk.same(table, source, key.columns)).values(bucket=-1 - table.c.bucket)
    tx.sql.execute(turned, bulk.packed(tx.sql, key))


def _other_side() -> pl.Expr:
    return (-1 - pl.col("bucket")).cast(pl.Int16).alias("bucket")


def _of(owner: str) -> tuple[str, str, str]:
    return owner, "bucket", "lead"
