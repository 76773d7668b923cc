"""What the survivor of a merge takes over from what lost, beside activities and conversions."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl
from sqlalchemy import Select, Table, literal, select

from store.leads import staleness
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import deal_leads, memberships, results
from vocabulary.outputs import Of

_DEAL: Final = {"lead": pl.String, "id": pl.String, "deal": pl.String}
_LEVEL: Final = {"lead": pl.String, "level": pl.Int64}
_SEGMENT: Final = {"lead": pl.String, "segment": pl.String, "read_at": pl.Int64}


def inherit(tx: Transaction, lost: pl.DataFrame) -> None:
    """Copy the deals and memberships of leads (`connection`, `bucket`, `lead`) to their `survivor`.

    The caller erases the originals.
    """
    _copy(tx, deal_leads, lost, _DEAL, "id")
    _copy(tx, memberships, lost, _SEGMENT, "segment")


def _copy(tx: Transaction, table: Table, lost: pl.DataFrame, columns: Mapping[str, Any], by: str) -> None:
    held = bulk.find(tx.sql, table, lost.drop("survivor"), columns)
    taken = held.join(lost.select("lead", "survivor"), on="lead").drop("lead").rename({"survivor": "lead"})
    bulk.upsert(tx.sql, table, bulk.keyed(taken.unique(["lead", by]), connection=tx.connection), change=())


def take_results(tx: Transaction, lost: pl.DataFrame, of: Of) -> None:
    """Give a `survivor` without results those of the `lead` (or account) with the best priority that it absorbed.

    HubSpot makes a new record of two: that would look like one that has just come, whose priority rose.
    The caller erases the originals.
    """
    for outbox in staleness.outboxes_of(tx, of):
        held = bulk.find(tx.sql, results, bulk.keys(lost["lead"], outbox=outbox), _LEVEL)
        known = bulk.find(tx.sql, results, bulk.keys(lost["survivor"], outbox=outbox), {"lead": pl.String})["lead"]
        heirs = held.join(lost.filter(~pl.col("survivor").is_in(known.to_list())), on="lead")
        best = heirs.sort("level", "lead", nulls_last=True).unique("survivor", keep="first", maintain_order=True)
        for lead, survivor in best.select("lead", "survivor").iter_rows():
            bulk.copy(tx.sql, results, _results_as(outbox, lead, survivor))


def _results_as(outbox: int, lead: str, survivor: str) -> Select[Any]:
    """Query the results of a lead as those of its survivor."""
    key = {"bucket": bulk.bucket(survivor), "lead": survivor}
    columns = [
        literal(key[column.name], column.type).label(column.name) if column.name in key else column
        for column in results.c
    ]
    of_lead = (results.c.outbox == outbox, results.c.bucket == bulk.bucket(lead), results.c.lead == lead)
    return select(*columns).where(*of_lead)
