"""Leads that are no longer scored although the CRM has them: what was written to them is to be emptied."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import orjson
import polars as pl
from sqlalchemy import BigInteger, Double, Integer, Text, func, select

from store.leads import staleness
from store.sql import bulk
from store.sql.database import Database
from store.sql.leases import Lease, Transaction
from store.sql.schema import OUTPUTS, departures, outboxes, results
from vocabulary.writes import Row

Why = Literal["outside", "excluded"]
_KEY: Final = {"bucket": pl.Int16, "lead": pl.String}
_DTYPES: Final[Mapping[Any, Any]] = {Integer: pl.Int64, BigInteger: pl.Int64, Double: pl.Float64, Text: pl.String}
_TOLD: Final = {f"told_{name}": _DTYPES[kind] for name, kind in OUTPUTS.items()}


def note(tx: Transaction, rows: pl.DataFrame, why: Why) -> None:
    """Record which outputs of leads (`bucket`, `lead`) were written, in every outbox."""
    for outbox in staleness.outboxes_of(tx):
        key = bulk.owned(rows.select(*_KEY), outbox=outbox)
        told = bulk.find(tx.sql, results, key, {**_KEY, **_TOLD})
        named = [(row["bucket"], row["lead"], _names(row)) for row in told.iter_rows(named=True)]
        written = [row for row in named if row[-1] != "[]"]
        frame = pl.DataFrame(written, schema={**_KEY, "names": pl.String}, orient="row")
        bulk.upsert(tx.sql, departures, bulk.owned(frame.with_columns(why=pl.lit(why)), outbox=outbox))


def drop(tx: Transaction, rows: pl.DataFrame) -> None:
    """Forget the departure of leads (`bucket`, `lead`) that are scored again."""
    for outbox in staleness.outboxes_of(tx):
        bulk.delete_rows(tx.sql, departures, bulk.owned(rows.select(*_KEY), outbox=outbox))


def _names(row: Mapping[str, Any]) -> str:
    return orjson.dumps([name for name in OUTPUTS if row[f"told_{name}"] is not None]).decode()


class Departures:
    """The leads of one connection whose fields are to be emptied."""

    def __init__(self, database: Database, connection: int) -> None:
        self._database, self._id = database, connection

    def count(self) -> int:
        """Count the leads whose fields are to be emptied."""
        query = select(func.count(departures.c.lead.distinct())).join(outboxes, _MINE)
        here = query.where(outboxes.c.connection == self._id)
        return self._database.read(lambda sql: sql.execute(here).scalar_one())

    def rows(self, limit: int) -> list[tuple[Row, Why]]:
        """Return the next rows to write, which empty what was written, and why the lead departed."""
        columns = select(departures.c.lead, departures.c.names, departures.c.why, outboxes.c.prefix)
        mine = columns.join(outboxes, _MINE).where(outboxes.c.connection == self._id)
        query = mine.order_by(departures.c.lead, outboxes.c.prefix).limit(limit)
        found = self._database.read(lambda sql: sql.execute(query).all())
        return [
            (Row(row.lead, {row.prefix + name: None for name in orjson.loads(row.names)}), row.why) for row in found
        ]

    def settle(self, leads: Iterable[str], lease: Lease) -> None:
        """Record that the fields of these leads hold nothing of ours any more."""
        rows = bulk.keys(leads, connection=self._id).select(*_KEY)

        def write(tx: Transaction) -> None:
            drop(tx, rows)
            nothing = {"told_at": None, "told_by": None, "pending": None, **dict.fromkeys(_TOLD)}
            aside = rows.with_columns((-1 - pl.col("bucket")).cast(pl.Int16).alias("bucket"))
            for outbox in staleness.outboxes_of(tx):
                key = bulk.owned(aside, outbox=outbox)
                bulk.set_columns(tx.sql, results, key, ("outbox", "bucket", "lead"), **nothing)

        lease.write(self._id, write)


_MINE: Final = outboxes.c.outbox == departures.c.outbox
