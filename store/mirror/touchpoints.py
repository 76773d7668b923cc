"""Touchpoints: a number for each (kind, url, name), which activities refer to."""

import hashlib
from math import isfinite
from typing import Final

import polars as pl
from sqlalchemy import func, select

from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import touchpoints
from vocabulary.urls import without_tracking

_PARTS: Final = ["kind", "url", "name"]
_NUMBERED: Final = {"digest": pl.String, "touchpoint": pl.Int32}
_DIGITS: Final = 15
"""How many digits of a number are kept: as many as survive a round trip through JSON and any database."""


def numbered(tx: Transaction, frame: pl.DataFrame) -> pl.DataFrame:
    """Replace `kind`, `url` and `name` by the touchpoint's number, and convert the other columns for storage."""
    clean = frame.with_columns(
        without_tracking(_text("url")).alias("url"),
        _text("name"),
        _kept(frame["seconds"]),
        _kept(frame["value"]),
        pl.col("occurred_at", "sent_at").dt.timestamp("us"),
    )
    numbers = _numbers(tx, clean.select(_PARTS).unique(maintain_order=True))
    joined = clean.join(numbers, on=_PARTS, how="left", nulls_equal=True, maintain_order="left")
    return joined.drop(_PARTS)


def _text(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name)).alias(name)


def _kept(numbers: pl.Series) -> pl.Series:
    """Round numbers for storage; infinities and NaN become null."""
    once = numbers.drop_nulls().unique()
    kept = [float(f"{number:.{_DIGITS}g}") if isfinite(number) else None for number in once.to_list()]
    return numbers.replace_strict(once, pl.Series(kept, dtype=pl.Float64)) if len(once) else numbers.cast(pl.Float64)


def _numbers(tx: Transaction, distinct: pl.DataFrame) -> pl.DataFrame:
    """Return the touchpoints with their numbers, assigning numbers to new ones."""
    digested = distinct.with_columns(digest=pl.Series([_digest(*row) for row in distinct.iter_rows()], dtype=pl.String))
    known = _known(tx, digested["digest"])
    new = digested.join(known, on="digest", how="anti", maintain_order="left")
    start = 0 if new.is_empty() else _last(tx) + 1
    fresh = new.with_columns(touchpoint=pl.int_range(start, start + pl.len(), dtype=pl.Int32))
    bulk.upsert(tx.sql, touchpoints, bulk.owned(fresh, connection=tx.connection))
    return digested.join(pl.concat([known, fresh.select(known.columns)]), on="digest").drop("digest")


def _known(tx: Transaction, digests: pl.Series) -> pl.DataFrame:
    wanted = bulk.owned(digests.to_frame(), connection=tx.connection)
    return bulk.find(tx.sql, touchpoints, wanted, _NUMBERED)


def _last(tx: Transaction) -> int:
    highest = select(func.max(touchpoints.c.touchpoint)).where(touchpoints.c.connection == tx.connection)
    return tx.sql.execute(highest).scalar() or 0


def _digest(*parts: str | None) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()
