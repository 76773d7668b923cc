"""Activities whose lead is not in the mirror are unclaimed: they wait until it comes.

They are known by their lead's id, or by the digest of an e-mail address only.
"""

from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, and_, literal, select

from store import bulk
from store.leases import Change
from store.schema import activities, leads, unclaimed

_CARRIED = ("id", "touchpoint", "occurred_at", "seconds", "value")
_OWNER = {"address": pl.String, "lead": pl.String, "created_at": pl.Int64}


def claim(change: Change, arrived: pl.DataFrame) -> None:
    """Give leads (`bucket`, `lead`, `address`) the activities that waited for their id or for their address."""
    _claim_by_lead(change, arrived)
    _claim_by_address(change, arrived.drop_nulls("address").unique("address", keep="first", maintain_order=True))


def hand_over(change: Change, old: str, survivor: str) -> None:
    """Let all activities of a lead wait for the one that carries it on; those of `old` itself are to be erased."""
    for table in (activities, unclaimed):
        address = unclaimed.c.address if table is unclaimed else literal("").label("address")
        seen = unclaimed.c.seen if table is unclaimed else literal(change.number).label("seen")
        parts = [table.c.connection, table.c.lead, address, *(table.c[name] for name in _CARRIED), seen]
        bulk.copy(change.sql, unclaimed, select(*parts).where(_of(change, table, old)), lead=survivor)


def addressed(change: Change, frame: pl.DataFrame) -> pl.DataFrame:
    """Fill in the lead where a row has only the digest of an address; of several leads with it, the oldest."""
    unknown = frame.filter(pl.col("lead").is_null())["address"].drop_nulls().unique()
    if unknown.is_empty():
        return frame
    wanted = bulk.owned(unknown.to_frame("address"), connection=change.connection)
    owners = bulk.find(change.sql, leads, wanted, _OWNER).sort("created_at", "lead", nulls_last=True)
    first = owners.unique("address", keep="first", maintain_order=True).select("address", owner="lead")
    found = frame.join(first, on="address", how="left", maintain_order="left")
    return found.with_columns(lead=pl.coalesce("lead", "owner")).drop("owner")


def wait(change: Change, frame: pl.DataFrame) -> None:
    """Keep activities until their lead comes."""
    known = frame.with_columns(pl.col("lead", "address").fill_null(""))
    somebodys = known.filter((pl.col("lead") != "") | (pl.col("address") != ""))
    rows = somebodys.select("lead", "address", *_CARRIED).unique(["lead", "address", "id"], keep="last")
    owned = bulk.owned(rows, connection=change.connection).with_columns(seen=pl.lit(change.number))
    bulk.put(change.sql, unclaimed, owned, change=_CARRIED[1:])


def _of(change: Change, table: Any, lead: str) -> ColumnElement[bool]:
    """Return the condition for all rows of a lead; the bucket leads to them where the table has it."""
    here = and_(table.c.connection == change.connection, table.c.lead == lead)
    return and_(here, table.c.bucket == bulk.bucket(lead)) if "bucket" in table.c else here


def _claim_by_lead(change: Change, arrived: pl.DataFrame) -> None:
    frame = bulk.owned(arrived.select("bucket", "lead"), connection=change.connection)
    _claim(change, frame, ("connection", "lead"))
    bulk.drop(change.sql, unclaimed, frame.select("connection", "lead"))


def _claim_by_address(change: Change, arrived: pl.DataFrame) -> None:
    frame = bulk.owned(arrived.select("bucket", "lead", "address"), connection=change.connection)
    _claim(change, frame, ("connection", "address"), unclaimed.c.lead == "")
    bulk.drop(change.sql, unclaimed, frame.select("connection", pl.lit("").alias("lead"), "address"))


def _claim(change: Change, frame: pl.DataFrame, by: tuple[str, ...], *conditions: ColumnElement[bool]) -> None:
    if frame.is_empty():
        return
    source = bulk.rows(change.sql.dialect.name, leads, tuple(frame.columns))
    waiting = source.join(unclaimed, and_(bulk.same(unclaimed, source, by), *conditions))
    parts = [source.c.connection, source.c.bucket, source.c.lead, *(unclaimed.c[name] for name in _CARRIED)]
    bulk.copy(change.sql, activities, select(*parts).select_from(waiting), frame)
