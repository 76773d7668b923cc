"""Merging a lead into another, and erasing leads."""

from collections.abc import Collection, Iterable, Mapping

import polars as pl
from sqlalchemy import Select, and_, select

from store.leads import belonging, claiming, departing, due, entering, inheriting, staleness, vanishing
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import (
    activities,
    addresses,
    crossings,
    deal_leads,
    entrants,
    excluded,
    field_history,
    found,
    further_fields,
    in_flight,
    leads,
    machine_marks,
    mail_tallies,
    memberships,
    merges,
    missing,
    notices,
    outcomes,
    refused,
    results,
    stale,
    to_mark,
    unclaimed,
    writes,
)

_OF_MIRROR = (activities, addresses, deal_leads, machine_marks, mail_tallies, memberships, to_mark)
_OF_OUTBOX = (stale, results, in_flight, refused, writes, found, crossings)
_OF_LEAD = (unclaimed, further_fields, outcomes, field_history, missing, entrants, excluded, notices)
_MERGE = {"old": pl.String, "survivor": pl.String}
_HELD = {"bucket": pl.Int16, "lead": pl.String, "address": pl.String}


def survivors(tx: Transaction, ids: Iterable[str]) -> dict[str, str]:
    """Return the survivor of each of these leads that was merged into another."""
    wanted = _owned(tx, "old", ids)
    found = bulk.find(tx.sql, merges, wanted, _MERGE)
    return dict(found.iter_rows())


def with_survivors(tx: Transaction, frame: pl.DataFrame) -> pl.DataFrame:
    """Replace merged leads by their survivors."""
    known = survivors(tx, frame["lead"].drop_nulls().unique())
    return frame.with_columns(pl.col("lead").replace(known)) if known else frame


def carriers(tx: Transaction, ids: pl.Series) -> pl.DataFrame:
    """Return for each `lead` its `carrier` (itself or its survivor), and the `bucket` if the mirror has it."""
    asked = bulk.keyed(ids.to_frame("lead"), connection=tx.connection)
    absent = bulk.ask(tx.sql, _absent, asked, {"lead": pl.String, "carrier": pl.String})
    lost = absent.drop_nulls("carrier")
    heirs = held(tx, lost["carrier"]).select("bucket", carrier="lead")
    here = asked.join(absent, on="lead", how="anti").select("lead", "bucket", carrier="lead")
    there = absent.with_columns(pl.col("carrier").fill_null(pl.col("lead"))).join(heirs, on="carrier", how="left")
    return pl.concat([here, there.select(here.columns)])


def merge(tx: Transaction, merged: Mapping[str, str], arriving: Collection[str] = ()) -> int:
    """Merge leads into their survivors; return how many leads left the mirror.

    `arriving`: leads that the caller is about to save, of which survivors take over what was computed too.
    """
    found, left = 0, {old: survivor for old, survivor in merged.items() if old != survivor}
    if left:
        _take_results(tx, left, arriving)
    while left:
        known = survivors(tx, {*left, *left.values()})
        news = {old: survivor for old, survivor in left.items() if not _is_known(known, old, survivor)}
        apart = _apart(news, known)
        found += _merge(tx, apart, known)
        left = {old: survivor for old, survivor in news.items() if old not in apart}
    return found


def _take_results(tx: Transaction, merged: Mapping[str, str], arriving: Collection[str]) -> None:
    """Let survivors that are here or arrive, and were not merged themselves, take over what was computed."""
    lost = pl.DataFrame({"lead": list(merged), "survivor": list(merged.values())})
    here = {*held(tx, merged.values())["lead"], *arriving} - survivors(tx, merged.values()).keys()
    inheriting.take_results(tx, lost.filter(pl.col("survivor").is_in(list(here))), "leads")


def erase(tx: Transaction, gone: Iterable[str], *, leaving: departing.Why | None = None) -> int:
    """Delete leads from all tables; return how many the mirror had.

    `leaving`: why they are no longer scored although the CRM has them, so that their fields are to be emptied.
    """
    of_connection = bulk.keys(gone, connection=tx.connection)
    if of_connection.is_empty():
        return 0
    if leaving:
        departing.note(tx, of_connection, leaving)
    else:
        departing.drop(tx, of_connection)
    staleness.mark_left(tx, bulk.find(tx.sql, leads, of_connection, belonging.MEMBER))
    vanished = vanishing.drop(tx, of_connection)
    found = bulk.delete_rows(tx.sql, leads, of_connection)
    for table in _OF_MIRROR:
        bulk.delete_rows(tx.sql, table, of_connection)
    of_leads = of_connection.select("connection", "lead")
    for table in _OF_LEAD:
        bulk.delete_rows(tx.sql, table, of_leads)
    for outbox in staleness.outboxes_of(tx):
        of_outbox = bulk.keys(of_connection["lead"], outbox=outbox)
        for table in _OF_OUTBOX:
            bulk.delete_rows(tx.sql, table, of_outbox)
    return found + vanished


def _absent(database: str) -> Select[tuple[str, str]]:
    """Query the leads that the mirror does not have, with the survivors of merged ones."""
    asked = bulk.rows(database, leads, ("connection", "bucket", "lead"))
    lost = and_(merges.c.connection == asked.c.connection, merges.c.old == asked.c.lead)
    beside = asked.outerjoin(leads, bulk.same(leads, asked, ("connection", "bucket", "lead"))).outerjoin(merges, lost)
    return select(asked.c.lead, merges.c.survivor).select_from(beside).where(leads.c.lead.is_(None))


def _is_known(known: Mapping[str, str], old: str, survivor: str) -> bool:
    """Return whether the merge is recorded already, even if the survivor was merged since."""
    return known.get(survivor) != old and known.get(old) == known.get(survivor, survivor)


def _apart(merged: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Return merges that share no lead with an earlier one, so that their order does not matter."""
    apart: dict[str, str] = {}
    met: set[str] = set()
    for old, survivor in merged.items():
        touched = {old, survivor, known.get(old, old), known.get(survivor, survivor)}
        if met.isdisjoint(touched):
            apart[old] = survivor
        met |= touched
    return apart


def _merge(tx: Transaction, merged: Mapping[str, str], known: Mapping[str, str]) -> int:
    if not merged:
        return 0
    vanishing.bring_back(tx, merged)
    turned = {survivor for old, survivor in merged.items() if known.get(survivor) == old}
    carriers = {old: new if new in turned else known.get(new, new) for old, new in merged.items()}
    lost = bulk.keys(carriers, connection=tx.connection).with_columns(survivor=pl.Series(carriers.values()))
    _remember(tx, carriers, turned)
    claiming.transfer(tx, lost)
    entering.inherit(tx, lost)
    due.inherit(tx, lost)
    inheriting.inherit(tx, lost)
    for table in (outcomes, field_history):
        bulk.copy_to_survivors(tx.sql, table, table, lost.drop("bucket"))
    found = erase(tx, carriers)
    heirs = held(tx, carriers.values())
    claiming.claim(tx, heirs)
    staleness.mark(tx, heirs, "data")
    staleness.mark(tx, heirs, "activity")
    for outbox in staleness.outboxes_of(tx):
        send_again(tx, outbox, carriers.values())
    return found


def send_again(tx: Transaction, outbox: int, survivors: Iterable[str]) -> None:
    """Send survivors all their values: a CRM fills their empty fields from the lost lead, even with our values."""
    key = bulk.keys(survivors, outbox=outbox)
    bulk.set_columns(tx.sql, results, key, ("outbox", "bucket", "lead"), pending="again")


def held(tx: Transaction, ids: Iterable[str]) -> pl.DataFrame:
    """Return `bucket`, `lead`, `address` of the leads that the mirror has."""
    return bulk.find(tx.sql, leads, bulk.keys(ids, connection=tx.connection), _HELD)


def _remember(tx: Transaction, carriers: Mapping[str, str], turned: Iterable[str]) -> None:
    """Record the survivors, also of leads merged earlier; a reversed merge is removed."""
    bulk.delete_rows(tx.sql, merges, _owned(tx, "old", turned))
    earlier = bulk.find(tx.sql, merges, _owned(tx, "survivor", carriers), _MERGE)
    moved = earlier.with_columns(pl.col("survivor").replace_strict(dict(carriers))) if len(earlier) else earlier
    new = pl.DataFrame({"old": list(carriers), "survivor": list(carriers.values())})
    bulk.upsert(tx.sql, merges, bulk.owned(pl.concat([moved, new]), connection=tx.connection))


def _owned(tx: Transaction, column: str, ids: Iterable[str]) -> pl.DataFrame:
    return bulk.owned(pl.DataFrame({column: list(ids)}, schema={column: pl.String}), connection=tx.connection)
