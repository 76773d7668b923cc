"""Unclaimed activities: those whose lead is not in the mirror yet.

They refer to a lead by its id, or only by the digest of an e-mail address.
"""

from datetime import UTC, datetime

import polars as pl
from sqlalchemy import Table

from store.leads import addresses
from store.sql import bulk
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import activities, leads, unclaimed

_ACTIVITY = {
    "id": pl.String(),
    "touchpoint": pl.Int32(),
    "occurred_at": pl.Int64(),
    "seconds": pl.Float64(),
    "value": pl.Float64(),
    "mail": pl.Int64(),
    "sent_at": pl.Int64(),
    "mail_domain": pl.Int64(),
}
_ADDRESSED = {"address": pl.String, "bucket": pl.Int16, "lead": pl.String}
_DID = {"bucket": pl.Int16, "lead": pl.String, "id": pl.String, "occurred_at": pl.Int64}
_WAITING = {"lead": pl.String, "address": pl.String, "id": pl.String, "occurred_at": pl.Int64}
_SINCE = {"lead": pl.String, "created_at": pl.Int64}


def claim(tx: Transaction, arrived: pl.DataFrame) -> None:
    """Give leads (`bucket`, `lead`, `address`; a row per address) the unclaimed activities with their id or address."""
    if arrived.is_empty():
        return
    _claim_by_lead(tx, arrived)
    _claim_by_address(tx, arrived.drop_nulls("address").unique("address", keep="first", maintain_order=True))


def transfer(tx: Transaction, lost: pl.DataFrame) -> None:
    """Copy the activities of lost leads to the unclaimed ones of their `survivor`; the caller erases the originals.

    If both leads have the same activity, the earlier time is kept.
    """
    _date_back(tx, lost)
    bulk.copy_to_survivors(tx.sql, unclaimed, activities, lost, address="", seen=tx.number, since=_now())
    bulk.copy_to_survivors(tx.sql, unclaimed, unclaimed, lost.drop("bucket"))


def _date_back(tx: Transaction, lost: pl.DataFrame) -> None:
    """Give survivors the earlier times, even if the mirror lacks them still: in HubSpot they have new ids."""
    heirs = bulk.keys(lost["survivor"].unique(), connection=tx.connection)
    ids = lost.drop("survivor")
    did = bulk.find(tx.sql, activities, ids, _DID).select("lead", "id", "occurred_at")
    waiting = bulk.find(tx.sql, unclaimed, ids.drop("bucket"), _WAITING).select(did.columns)
    mine = pl.concat([did, waiting]).join(lost.select("lead", "survivor"), on="lead")
    first = mine.group_by(pl.col("survivor").alias("lead"), "id").agg(first=pl.col("occurred_at").min())
    _set_back(tx, activities, bulk.find(tx.sql, activities, heirs, _DID), first)
    _set_back(tx, unclaimed, bulk.find(tx.sql, unclaimed, heirs.drop("bucket"), _WAITING), first)


def _set_back(tx: Transaction, table: Table, kept: pl.DataFrame, first: pl.DataFrame) -> None:
    later = kept.join(first, on=["lead", "id"]).filter(pl.col("first") < pl.col("occurred_at"))
    key = [name for name in kept.columns if name != "occurred_at"]
    dated = bulk.owned(later.select(*key, occurred_at="first"), connection=tx.connection)
    bulk.set_columns(tx.sql, table, dated, ("connection", *key))


def addressed(tx: Transaction, frame: pl.DataFrame) -> pl.DataFrame:
    """Fill in the lead of rows that have only an address digest; if several leads match, the oldest.

    A lead whose first address it is goes before one that has it as a further address.
    """
    unknown = frame.filter(pl.col("lead").is_null())["address"].drop_nulls().unique()
    if unknown.is_empty():
        return frame
    wanted = bulk.owned(unknown.to_frame("address"), connection=tx.connection)
    known = owners(tx, wanted).sort("further", "created_at", "lead", nulls_last=True)
    first = known.unique("address", keep="first", maintain_order=True).select("address", owner="lead")
    found = frame.join(first, on="address", how="left", maintain_order="left")
    return found.with_columns(lead=pl.coalesce("lead", "owner")).drop("owner")


def owners(tx: Transaction, wanted: pl.DataFrame) -> pl.DataFrame:
    """Return the leads with these addresses and when they were created, in two queries.

    In a single query that selects a column outside the index, SQLite reads all leads for each address.
    """
    first = bulk.find(tx.sql, leads, wanted, _ADDRESSED).with_columns(further=pl.lit(value=False))
    others = addresses.owners(tx, wanted).select(*_ADDRESSED).with_columns(further=pl.lit(value=True))
    keys = pl.concat([first, others])
    known = bulk.owned(keys.select("bucket", "lead").unique(), connection=tx.connection)
    return keys.join(bulk.find(tx.sql, leads, known, _SINCE), on="lead", how="left")


def keep(tx: Transaction, frame: pl.DataFrame) -> None:
    """Store unclaimed activities."""
    known = frame.with_columns(pl.col("lead", "address").fill_null(""))
    somebodys = known.filter((pl.col("lead") != "") | (pl.col("address") != ""))
    rows = somebodys.select("lead", "address", *_ACTIVITY).unique(["lead", "address", "id"], keep="last")
    owned = bulk.owned(rows, connection=tx.connection).with_columns(seen=pl.lit(tx.number), since=pl.lit(_now()))
    bulk.upsert(tx.sql, unclaimed, owned, change=[*_ACTIVITY][1:])


def _now() -> int:
    return micros(datetime.now(UTC))


def _claim_by_lead(tx: Transaction, arrived: pl.DataFrame) -> None:
    key = bulk.owned(arrived.select("lead").unique(), connection=tx.connection)
    waiting = bulk.find(tx.sql, unclaimed, key, {"lead": pl.String(), **_ACTIVITY})
    _give(tx, waiting)
    bulk.delete_rows(tx.sql, unclaimed, bulk.owned(waiting.select("lead").unique(), connection=tx.connection))


def _claim_by_address(tx: Transaction, arrived: pl.DataFrame) -> None:
    nobodys = arrived.select(pl.lit("").alias("lead"), "address")
    key = bulk.owned(nobodys, connection=tx.connection)
    waiting = bulk.find(tx.sql, unclaimed, key, {"address": pl.String(), **_ACTIVITY})
    _give(tx, waiting.join(arrived.select("address", "lead"), on="address"))
    bulk.delete_rows(tx.sql, unclaimed, key.join(waiting, on="address", how="semi"))


def _give(tx: Transaction, waiting: pl.DataFrame) -> None:
    """Store activities under their leads, unless they exist already."""
    rows = waiting.select("lead", *_ACTIVITY).unique(["lead", "id"], keep="first", maintain_order=True)
    bulk.upsert(tx.sql, activities, bulk.keyed(rows, connection=tx.connection), change=())
