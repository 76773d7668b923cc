"""Erasing a person."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, union

from store.leads import keeping_out, merging
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import addresses, leads, merges, unclaimed, vanished


def forget(tx: Transaction, lead: str, *, stay_out: bool = False) -> bool:
    """Erase a lead, the leads merged into it, and vanished leads and unclaimed activities with one of its addresses."""
    here = merges.c.connection == tx.connection
    carrier = merging.survivors(tx, [lead]).get(lead, lead)
    absorbed = tx.sql.scalars(select(merges.c.old).where(here, merges.c.survivor == carrier)).all()
    known = addresses_of(tx.sql, tx.connection, carrier)
    waiting = _drop_waiting(tx, carrier, known)
    if stay_out:
        keeping_out.keep_out(tx, [lead, carrier, *absorbed], known)
    found = merging.erase(tx, [carrier, *absorbed, *_vanished(tx, known)])
    dropped = tx.sql.execute(delete(merges).where(here, merges.c.survivor == carrier)).rowcount
    return bool(found or dropped or waiting)


def addresses_of(sql: Connection, connection: int, lead: str) -> frozenset[str]:
    """Return the digests of all e-mail addresses of a lead, vanished or not."""
    bucket = bulk.bucket(lead)
    places = ((leads, (bucket,)), (vanished, (bucket,)), (addresses, (bucket, -1 - bucket)))
    found = (
        select(table.c.address).where(
            table.c.connection == connection, table.c.bucket.in_(buckets), table.c.lead == lead
        )
        for table, buckets in places
    )
    return frozenset(filter(None, sql.scalars(union(*found))))


def _vanished(tx: Transaction, known: frozenset[str]) -> Sequence[str]:
    """Return vanished leads with one of these addresses: a person who was deleted and recreated has two ids."""
    same = select(vanished.c.lead).where(vanished.c.connection == tx.connection, vanished.c.address.in_(known))
    further = (addresses.c.connection == tx.connection, addresses.c.bucket < 0, addresses.c.address.in_(known))
    return tx.sql.scalars(same.union(select(addresses.c.lead).where(*further))).all() if known else []


def _drop_waiting(tx: Transaction, lead: str, known: frozenset[str]) -> bool:
    of_person = (unclaimed.c.lead == lead) | unclaimed.c.address.in_(known)
    gone = delete(unclaimed).where(unclaimed.c.connection == tx.connection, of_person)
    return bool(tx.sql.execute(gone).rowcount)
