"""Which leads and accounts must be scored again, per outbox."""

from typing import Final, Literal

import polars as pl
from sqlalchemy import select

from store.leads import belonging
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import leads, outboxes, stale, to_mark
from vocabulary.outputs import Of

Reason = Literal["data", "activity"]
REASONS: Final = ("data", "activity")


def mark(tx: Transaction, touched: pl.DataFrame, reason: Reason) -> None:
    """Mark leads (`bucket`, `lead`) as changed, and the accounts that they belong to, whose figures count them."""
    if touched.is_empty():
        return
    if reason == "activity":
        rows = touched.select("bucket", "lead").unique().with_columns(change=pl.lit(tx.number))
        bulk.upsert(tx.sql, to_mark, bulk.owned(rows.sort("bucket", "lead"), connection=tx.connection))
    score_again(tx, touched, reason)


def score_again(tx: Transaction, touched: pl.DataFrame, reason: Reason) -> None:
    """Mark leads and accounts as changed, although what the leads did has not."""
    if touched.is_empty():
        return
    _mark(tx, outboxes_of(tx), touched, reason)
    if outboxes_of(tx, "accounts"):
        mark_accounts(tx, belonging.of_leads(tx, touched), reason)


def mark_held(tx: Transaction, touched: pl.DataFrame, reason: Reason) -> None:
    """Mark those of these leads (`bucket`, `lead`) that the mirror has."""
    key = bulk.owned(touched.select("bucket", "lead").unique(), connection=tx.connection)
    mark(tx, bulk.find(tx.sql, leads, key, {"bucket": pl.Int16, "lead": pl.String}), reason)


def mark_accounts(tx: Transaction, ids: pl.Series, reason: Reason) -> None:
    """Mark accounts as changed."""
    wanted = outboxes_of(tx, "accounts")
    if wanted and not ids.is_empty():
        _mark(tx, wanted, bulk.keys(ids.drop_nulls()), reason)


def mark_left(tx: Transaction, people: pl.DataFrame) -> None:
    """Mark the accounts that leads (rows with `account` and `domain`) belong to, before they leave these."""
    if len(people) and outboxes_of(tx, "accounts"):
        mark_accounts(tx, belonging.accounts_of(tx, people), "data")


def _mark(tx: Transaction, numbers: list[int], touched: pl.DataFrame, reason: Reason) -> None:
    marks = {"change": pl.lit(tx.number), **{name: pl.lit(name == reason) for name in REASONS}}
    rows = touched.select("bucket", "lead").unique().sort("bucket", "lead").with_columns(**marks)
    for outbox in numbers:
        bulk.upsert(tx.sql, stale, bulk.owned(rows, outbox=outbox), change=("change", reason))


def outboxes_of(tx: Transaction, of: Of = "leads") -> list[int]:
    """Return the outboxes of the connection for results of leads, or of accounts."""
    mine = (outboxes.c.connection == tx.connection, outboxes.c.of == of)
    return list(tx.sql.scalars(select(outboxes.c.outbox).where(*mine)))
