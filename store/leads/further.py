"""Fields of leads that a warehouse has: kept by the id of a lead, or by the digest of an e-mail address.

They are joined to leads when these are read, so they are there whichever of both comes first.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

import orjson
import polars as pl
from sqlalchemy import Connection, exists, select

from store.leads import claiming, excluding, merging, staleness
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import addresses, further_fields, leads

_KEY: Final = ("lead", "address", "id")
_ROW: Final = {"lead": pl.String, "address": pl.String, "id": pl.String, "changed_at": pl.Int64, "fields": pl.String}
_VALUES: Final = {"lead": pl.String, "address": pl.String, "id": pl.String, "fields": pl.String}
_FURTHER: Final = {"lead": pl.String, "address": pl.String}


def save(tx: Transaction, given: pl.DataFrame) -> None:
    """Store rows (`lead` or `address`, `id`, `changed_at`, `fields`) and mark the leads whose values changed.

    Of each id the row that changed last holds; of two that changed at once, the same one whichever comes first.
    """
    if given.is_empty():
        return
    known_by = given.with_columns(pl.col("lead", "address").fill_null(""))
    rows = excluding.without(tx, known_by).sort("changed_at", "fields").unique(_KEY, keep="last", maintain_order=True)
    owned = bulk.owned(rows.select(*_ROW), connection=tx.connection)
    known = bulk.find(tx.sql, further_fields, owned.select("connection", *_KEY), _ROW)
    both = owned.join(known, on=_KEY, how="left", suffix="_before", maintain_order="left")
    later = pl.col("changed_at") > pl.col("changed_at_before")
    equal = (pl.col("changed_at") == pl.col("changed_at_before")) & (pl.col("fields") > pl.col("fields_before"))
    newer = both.filter(pl.col("changed_at_before").is_null() | later | equal)
    bulk.upsert(tx.sql, further_fields, newer.select(owned.columns), change=("changed_at", "fields"))
    _mark(tx, newer.filter(pl.col("fields").ne_missing(pl.col("fields_before"))))


def drop(tx: Transaction, ids: pl.Series) -> None:
    """Delete rows by id, and mark the leads that had their values."""
    asked = bulk.owned(ids.unique().to_frame("id"), connection=tx.connection)
    gone = bulk.find(tx.sql, further_fields, asked, _ROW)
    _mark(tx, gone)
    bulk.delete_rows(tx.sql, further_fields, bulk.owned(gone.select(*_KEY), connection=tx.connection))


def joined(sql: Connection, connection: int, people: pl.DataFrame) -> pl.DataFrame:
    """Return people (`lead`, `address`, `fields`) with the values of the warehouse among their fields.

    What is known by the id goes before what is known by the first e-mail address, and that before further ones.
    """
    if people.is_empty() or not sql.scalar(select(exists().where(further_fields.c.connection == connection))):
        return people
    values = _values(sql, connection, people)
    if not values:
        return people
    texts = [
        orjson.dumps(orjson.loads(text) | values[lead]).decode() if lead in values else text
        for lead, text in people.select("lead", "fields").iter_rows()
    ]
    return people.with_columns(pl.Series("fields", texts, dtype=pl.String))


def _values(sql: Connection, connection: int, people: pl.DataFrame) -> Mapping[str, dict[str, Any]]:
    """Return the values by lead; the last of several is that of the closest key."""
    by_id = people.select("lead", address=pl.lit(""), carrier="lead", order=pl.lit(2))
    first = people.select(pl.lit("").alias("lead"), "address", carrier="lead", order=pl.lit(1)).drop_nulls()
    others = bulk.find(sql, addresses, bulk.keyed(people.select("lead"), connection=connection), _FURTHER)
    further = others.select(pl.lit("").alias("lead"), "address", carrier="lead", order=pl.lit(0))
    wanted = pl.concat([by_id, first, further])
    asked = bulk.owned(wanted.select("lead", "address").unique(), connection=connection)
    found = wanted.join(bulk.find(sql, further_fields, asked, _VALUES), on=["lead", "address"])
    values: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for lead, text in found.sort("order", "address", "id").select("carrier", "fields").iter_rows():
        values[lead] |= orjson.loads(text)
    return values


def _mark(tx: Transaction, rows: pl.DataFrame) -> None:
    """Mark the leads that these rows are of."""
    if rows.is_empty():
        return
    named = merging.with_survivors(tx, rows.filter(pl.col("lead") != "").select("lead"))["lead"]
    asked = rows.filter(pl.col("address") != "").select("address").unique()
    owners = claiming.owners(tx, bulk.owned(asked, connection=tx.connection)).select("bucket", "lead")
    mirrored = {"bucket": pl.Int16, "lead": pl.String}
    by_id = bulk.find(tx.sql, leads, bulk.keys(named, connection=tx.connection), mirrored)
    staleness.mark(tx, pl.concat([owners, by_id]), "data")
