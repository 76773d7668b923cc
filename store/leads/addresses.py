"""Further addresses of leads, besides the one in `leads`: only as digests, like that one.

They follow their lead: aside when it vanishes, back when it returns, gone when it is erased.
"""

from typing import Final

import polars as pl
from sqlalchemy import exists, select

from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import addresses

_ADDRESS: Final = {"bucket": pl.Int16, "lead": pl.String, "address": pl.String}


def any_known(tx: Transaction) -> bool:
    """Return whether any lead of the connection has further addresses."""
    return bool(tx.sql.scalar(select(exists().where(addresses.c.connection == tx.connection))))


def save(tx: Transaction, people: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """Store the further addresses (`lead`, `address`) of `people`, who have no others; return the new ones."""
    if given.is_empty() and not any_known(tx):
        return pl.DataFrame(schema=_ADDRESS)
    wanted = people.select("bucket", "lead").join(given.drop_nulls(), on="lead").unique()
    known = of(tx, people)
    gone = known.join(wanted, on=["lead", "address"], how="anti")
    new = wanted.join(known, on=["lead", "address"], how="anti")
    bulk.delete_rows(tx.sql, addresses, bulk.owned(gone, connection=tx.connection))
    bulk.upsert(tx.sql, addresses, bulk.owned(new, connection=tx.connection))
    return new


def of(tx: Transaction, people: pl.DataFrame) -> pl.DataFrame:
    """Return the further addresses of these leads (`bucket`, `lead`)."""
    return bulk.find(tx.sql, addresses, bulk.owned(people.select("bucket", "lead"), connection=tx.connection), _ADDRESS)


def owners(tx: Transaction, wanted: pl.DataFrame) -> pl.DataFrame:
    """Return the leads of the mirror that have one of these addresses (`connection`, `address`) besides their own."""
    return bulk.find(tx.sql, addresses, wanted, _ADDRESS).filter(pl.col("bucket") >= 0)
