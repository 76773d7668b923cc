"""Activities that the CRM may give to other leads, such as a call that is moved from one contact to another."""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl
from sqlalchemy import ColumnElement, Select, Table, bindparam, delete, exists, select, text

from store.leads import claiming, merging
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import SHARED, activities, unclaimed

_Conditions = tuple[ColumnElement[bool], ...]
_PAIR: Final = {"lead": pl.String, "id": pl.String}
_KEY: Final = ("connection", "id")
_AT_ONCE: Final = 10_000
_OTHERS: Final = ("event:", "email:", "form:")
"""Beginnings of ids that `SHARED` leaves out."""


def is_shared(identity: pl.Expr) -> pl.Expr:
    """Return whether an activity with this id is in the index of shared activities."""
    return ~pl.any_horizontal(identity.str.starts_with(other) for other in _OTHERS)


def held(tx: Transaction, ids: pl.DataFrame) -> pl.DataFrame:
    """Return `lead` and `id` of the shared activities with these ids that leads of the mirror have."""
    return bulk.ask(tx.sql, _held, bulk.owned(ids.select("id").unique(), connection=tx.connection), _PAIR)


def lost(tx: Transaction, complete: Sequence[str], named: pl.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs of lead and activity that the mirror has of `complete` activities and `named` has not.

    What names its person by an address that nobody has stays with whoever has it, since addresses change.
    """
    if not complete:
        return []
    named = claiming.addressed(tx, named)
    unknown = named.filter(pl.col("lead").is_null())["id"]
    ids = pl.DataFrame({"id": complete}, schema={"id": pl.String}).filter(~pl.col("id").is_in(unknown.implode()))
    known = pl.concat([held(tx, ids), *_waits(tx, ids)])
    now = merging.with_survivors(tx, named.select("lead", "id").drop_nulls())
    return known.join(now, on=["lead", "id"], how="anti").rows()


def drop_waiting(tx: Transaction, ids: pl.DataFrame) -> None:
    """Delete unclaimed activities with these ids, whichever lead or address they name."""
    for these in _waiting(tx, ids):
        tx.sql.execute(delete(unclaimed).where(*these))


def one_of(table: Table, ids: pl.DataFrame) -> ColumnElement[bool]:
    """Return the condition that an activity has one of these ids."""
    return table.c.id.in_(bindparam("ids", ids["id"].to_list(), expanding=True))


def _held(database: str) -> Select[tuple[str, str]]:
    """Query the leads of activities. The condition is that of the index, word for word, so that it is used."""
    asked = bulk.rows(database, activities, _KEY)
    found = select(activities.c.lead, activities.c.id).join_from(activities, asked, bulk.same(activities, asked, _KEY))
    return found.where(activities.c.bucket >= 0, text(SHARED.replace("(id", "(activities.id")))


def _waits(tx: Transaction, ids: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the pairs of these ids among the unclaimed activities that name a lead."""
    for these in _waiting(tx, ids, unclaimed.c.lead > ""):
        yield bulk.read(tx.sql, select(unclaimed.c.lead, unclaimed.c.id).where(*these), _PAIR)


def _waiting(tx: Transaction, ids: pl.DataFrame, *which: ColumnElement[bool]) -> Iterator[_Conditions]:
    """Yield conditions for the unclaimed activities with these ids, one scan each; nothing if there are none."""
    mine = (unclaimed.c.connection == tx.connection, *which)
    if len(ids) and tx.sql.scalar(select(exists().where(*mine))):
        yield from ((*mine, one_of(unclaimed, part)) for part in ids.iter_slices(_AT_ONCE))
