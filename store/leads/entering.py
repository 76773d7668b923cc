"""Entrants: leads that the CRM had before the mirror did, so that the streams have passed their activities.

A filter lets them in later, they come back from the recycle bin, or they were forgotten and seen again. A row is `new`
until everything that can be read by lead was read, then `listing` if there are streams that can only be listed.
"""

from collections.abc import Iterable
from typing import Final, Literal

import polars as pl
from sqlalchemy import ColumnElement, delete, func, select

from store.sql import bulk
from store.sql.database import Database
from store.sql.leases import Lease, Transaction
from store.sql.schema import entrants, leads

State = Literal["new", "listing"]
NEW: Final = "new"
LISTING: Final = "listing"


def note(tx: Transaction, ids: Iterable[str]) -> None:
    """Record leads whose earlier activities must be read."""
    rows = pl.DataFrame({"lead": list(ids)}, schema={"lead": pl.String}).unique()
    if len(rows):
        bulk.upsert(tx.sql, entrants, bulk.owned(rows, connection=tx.connection).with_columns(state=pl.lit(NEW)))


def inherit(tx: Transaction, lost: pl.DataFrame) -> None:
    """Make the survivors (`survivor`) of entrants (`lead`) entrants."""
    known = bulk.find(tx.sql, entrants, bulk.owned(lost.select("lead"), connection=tx.connection), {"lead": pl.String})
    note(tx, lost.join(known, on="lead", how="semi")["survivor"])


def drop(tx: Transaction, ids: pl.Series) -> None:
    """Forget entrants that left the mirror: when they return, they enter again."""
    bulk.delete_rows(tx.sql, entrants, bulk.owned(ids.to_frame("lead"), connection=tx.connection))


class Entrants:
    """The entrants of one connection."""

    def __init__(self, database: Database, connection: int) -> None:
        self._database, self._id = database, connection

    def waiting(self, limit: int) -> list[str]:
        """Return the next leads of the mirror that are still to be read by lead."""
        query = select(entrants.c.lead).join(leads, _SAME).where(*self._in(NEW)).order_by(entrants.c.lead).limit(limit)
        return self._database.read(lambda sql: list(sql.scalars(query)))

    def count(self, state: State = NEW) -> int:
        """Count the entrants in a state."""
        query = select(func.count()).select_from(entrants).where(*self._in(state))
        return self._database.read(lambda sql: sql.execute(query).scalar_one())

    def read(self, ids: Iterable[str], lease: Lease, *, unlisted: bool) -> None:
        """Record that these leads were read by lead; `unlisted`: some streams have yet to be listed for them."""
        rows = pl.DataFrame({"lead": list(ids)}, schema={"lead": pl.String})

        def write(tx: Transaction) -> None:
            key = bulk.owned(rows, connection=tx.connection)
            if unlisted:
                bulk.set_columns(tx.sql, entrants, key, key.columns, state=LISTING)
            else:
                bulk.delete_rows(tx.sql, entrants, key)

        lease.write(self._id, write)

    def clear(self, lease: Lease, state: State | None = None) -> None:
        """Forget the entrants, or those in a state, because streams were listed for them."""
        mine = [entrants.c.connection == self._id] if state is None else self._in(state)
        lease.write(self._id, lambda tx: tx.sql.execute(delete(entrants).where(*mine)))

    def _in(self, state: State) -> list[ColumnElement[bool]]:
        return [entrants.c.connection == self._id, entrants.c.state == state]


_SAME: Final = (leads.c.connection == entrants.c.connection) & (leads.c.lead == entrants.c.lead)
