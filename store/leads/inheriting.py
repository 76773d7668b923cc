"""What the survivor of a merge takes over from the lead that lost, beside its activities and conversions."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl
from sqlalchemy import Table

from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import deal_leads, memberships

_DEAL: Final = {"lead": pl.String, "id": pl.String, "deal": pl.String}
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
