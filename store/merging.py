"""What becomes of a lead that the CRM merged into another, deleted or erased."""

from collections.abc import Iterable, Mapping

import polars as pl
from sqlalchemy import delete, select, update

from store import bulk, claiming, staleness
from store.leases import Change
from store.schema import (
    activities,
    field_history,
    in_flight,
    leads,
    merges,
    outboxes,
    outcomes,
    refused,
    results,
    stale,
    unclaimed,
    writes,
)

_OF_MIRROR = (leads, activities)
_OF_OUTBOX = (stale, results, in_flight, refused, writes)
_OF_LEAD = (unclaimed, outcomes, field_history)
_HELD = {"bucket": pl.Int16, "lead": pl.String, "address": pl.String}


def survivors(change: Change, ids: Iterable[str]) -> dict[str, str]:
    """Return who carries on each of these leads that lost a merge."""
    wanted = bulk.owned(
        pl.DataFrame({"old": list(dict.fromkeys(ids))}, schema={"old": pl.String}), connection=change.connection
    )
    found = bulk.find(change.sql, merges, wanted, {"old": pl.String, "survivor": pl.String})
    return dict(found.iter_rows())


def carried(change: Change, frame: pl.DataFrame) -> pl.DataFrame:
    """Put the survivor wherever a row names a lead that lost a merge."""
    known = survivors(change, frame["lead"].drop_nulls())
    return frame.with_columns(pl.col("lead").replace(known)) if known else frame


def merge(change: Change, merged: Mapping[str, str]) -> int:
    """Join histories under the survivors; returns how many leads of the mirror went up in another."""
    return sum(_merge(change, old, survivor) for old, survivor in merged.items() if old != survivor)


def erase(change: Change, gone: Iterable[str]) -> int:
    """Delete leads with everything that is known of them; returns how many the mirror held."""
    of_connection = bulk.keys(gone, connection=change.connection)
    if of_connection.is_empty():
        return 0
    found = bulk.drop(change.sql, leads, of_connection)
    bulk.drop(change.sql, activities, of_connection)
    for table in _OF_LEAD:
        bulk.drop(change.sql, table, of_connection.select("connection", "lead"))
    for outbox in outboxes_of(change):
        for table in _OF_OUTBOX:
            bulk.drop(change.sql, table, bulk.keys(of_connection["lead"], outbox=outbox))
    return found


def outboxes_of(change: Change) -> list[int]:
    """Return the outboxes of the connection."""
    return list(change.sql.scalars(select(outboxes.c.outbox).where(outboxes.c.connection == change.connection)))


def _merge(change: Change, old: str, survivor: str) -> int:
    known = survivors(change, [old, survivor])
    if known.get(survivor) == old:  # the CRM turned an earlier merge round
        del known[survivor]
    carrier = known.get(survivor, survivor)
    if known.get(old) == carrier:
        return 0
    _remember(change, old, carrier)
    claiming.hand_over(change, old, carrier)
    _hand_over_records(change, old, carrier)
    found = erase(change, [old])
    heir = held(change, [carrier])
    claiming.claim(change, heir)
    staleness.mark(change, heir, "data")
    staleness.mark(change, heir, "activity")
    return found


def held(change: Change, ids: Iterable[str]) -> pl.DataFrame:
    """Return `bucket`, `lead`, `address` of those leads that the mirror holds."""
    return bulk.find(change.sql, leads, bulk.keys(ids, connection=change.connection), _HELD)


def _remember(change: Change, old: str, survivor: str) -> None:
    here = merges.c.connection == change.connection
    change.sql.execute(delete(merges).where(here, merges.c.old == survivor))
    change.sql.execute(update(merges).where(here, merges.c.survivor == old).values(survivor=survivor))
    row = pl.DataFrame({"old": [old], "survivor": [survivor]})
    bulk.put(change.sql, merges, bulk.owned(row, connection=change.connection))


def _hand_over_records(change: Change, old: str, survivor: str) -> None:
    for table in (outcomes, field_history):
        here = (table.c.connection == change.connection) & (table.c.lead == old)
        bulk.copy(change.sql, table, select(table).where(here), lead=survivor)
