"""What the survivor of a merge takes over from the lead that lost, beside its activities and conversions: deals."""

from typing import Final

import polars as pl

from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import deal_leads

_DEAL: Final = {"lead": pl.String, "id": pl.String, "deal": pl.String}


def inherit(tx: Transaction, lost: pl.DataFrame) -> None:
    """Copy what leads (`connection`, `bucket`, `lead`) have to their `survivor`; the caller erases the originals."""
    held = bulk.find(tx.sql, deal_leads, lost.drop("survivor"), _DEAL)
    taken = held.join(lost.select("lead", "survivor"), on="lead").drop("lead").rename({"survivor": "lead"})
    bulk.upsert(tx.sql, deal_leads, bulk.keyed(taken.unique(["lead", "id"]), connection=tx.connection), change=())
