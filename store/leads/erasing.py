"""Erasing a person."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Select, Table, delete, exists, select, union

from store.leads import due, keeping_out, merging
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import addresses, excluded, further_fields, leads, merges, unclaimed, vanished


def forget(tx: Transaction, lead: str, *, stay_out: bool = False, also: frozenset[str] = frozenset()) -> bool:
    """Erase a lead, the leads merged into it, and vanished leads and unclaimed activities with one of its addresses.

    `also`: digests of further addresses of the person, known elsewhere.
    """
    here = merges.c.connection == tx.connection
    carrier = merging.survivors(tx, [lead]).get(lead, lead)
    absorbed = tx.sql.scalars(select(merges.c.old).where(here, merges.c.survivor == carrier)).all()
    known = also | addresses_of(tx.sql, tx.connection, [lead, carrier, *absorbed])
    people = {lead, carrier, *absorbed, *_vanished(tx, known)}
    known |= addresses_of(tx.sql, tx.connection, people)
    waiting = drop_waiting(tx, known, people)
    if stay_out:
        keeping_out.keep_out(tx, people, known)
    due.forget(tx, people)
    found = merging.erase(tx, people)
    dropped = tx.sql.execute(delete(merges).where(here, merges.c.survivor == carrier)).rowcount
    return bool(found or dropped or waiting)


def leave_out(tx: Transaction, ids: Iterable[str]) -> None:
    """Erase leads that turned out to be people who are kept out, and keep their addresses out too."""
    for lead in merging.held(tx, ids)["lead"]:
        keeping_out.keep_out(tx, (), addresses_of(tx.sql, tx.connection, [lead]))
        forget(tx, lead)


def addresses_of(sql: Connection, connection: int, ids: Iterable[str]) -> frozenset[str]:
    """Return the digests of all e-mail addresses of leads, vanished, excluded or not."""
    wanted = {lead: bulk.bucket(lead) for lead in ids}
    found: set[str] = set()
    for lead, bucket in wanted.items():
        places = ((leads, [bucket]), (vanished, [bucket]), (addresses, [bucket, -1 - bucket]), (excluded, None))
        found.update(sql.scalars(union(*(_of_lead(table, buckets, connection, lead) for table, buckets in places))))
    return frozenset(filter(None, found))


def _of_lead(table: Table, buckets: list[int] | None, connection: int, lead: str) -> Select[tuple[str]]:
    mine = select(table.c.address).where(table.c.connection == connection, table.c.lead == lead)
    return mine if buckets is None else mine.where(table.c.bucket.in_(buckets))


def _vanished(tx: Transaction, known: frozenset[str]) -> Sequence[str]:
    """Return vanished leads with one of these addresses: a person who was deleted and recreated has two ids."""
    same = select(vanished.c.lead).where(vanished.c.connection == tx.connection, vanished.c.address.in_(known))
    further = (addresses.c.connection == tx.connection, addresses.c.bucket < 0, addresses.c.address.in_(known))
    return tx.sql.scalars(same.union(select(addresses.c.lead).where(*further))).all() if known else []


def drop_waiting(tx: Transaction, known: frozenset[str], people: Iterable[str] = ()) -> bool:
    """Delete what waits for these addresses and leads; return whether there was any."""
    found = 0
    for table in (unclaimed, further_fields):
        of_person = table.c.lead.in_(people) | table.c.address.in_(known)
        gone = delete(table).where(table.c.connection == tx.connection, of_person)
        found += tx.sql.execute(gone).rowcount
    return bool(found)


def waits(sql: Connection, connection: int, known: frozenset[str]) -> bool:
    """Return whether anything waits for these addresses."""
    waiting = (
        exists().where(table.c.connection == connection, table.c.address.in_(known))
        for table in (unclaimed, further_fields)
    )
    return any(sql.scalar(select(one)) for one in waiting)
