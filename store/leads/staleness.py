"""Which leads must be scored again, per outbox."""

from typing import Final, Literal

import polars as pl
from sqlalchemy import select

from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import outboxes, stale

Reason = Literal["data", "activity"]
REASONS: Final = ("data", "activity")


def mark(tx: Transaction, touched: pl.DataFrame, reason: Reason) -> None:
    """Mark leads (`bucket`, `lead`) as changed, for every outbox of the connection."""
    if touched.is_empty():
        return
    marks = {"change": pl.lit(tx.number), **{name: pl.lit(name == reason) for name in REASONS}}
    rows = touched.select("bucket", "lead").unique().sort("bucket", "lead").with_columns(**marks)
    for outbox in outboxes_of(tx):
        bulk.upsert(tx.sql, stale, bulk.owned(rows, outbox=outbox), change=("change", reason))


def outboxes_of(tx: Transaction) -> list[int]:
    """Return the outboxes of the connection."""
    return list(tx.sql.scalars(select(outboxes.c.outbox).where(outboxes.c.connection == tx.connection)))
