"""Erasing a person."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from store.leads import merging
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import leads, merges, unclaimed, vanished


def forget(tx: Transaction, lead: str) -> bool:
    """Erase a lead, the leads merged into it, and vanished leads and unclaimed activities with its e-mail address."""
    here = merges.c.connection == tx.connection
    carrier = merging.survivors(tx, [lead]).get(lead, lead)
    absorbed = tx.sql.scalars(select(merges.c.old).where(here, merges.c.survivor == carrier)).all()
    address = _address(tx, carrier)
    waiting = _drop_waiting(tx, carrier, address)
    found = merging.erase(tx, [carrier, *absorbed, *_vanished(tx, address)])
    dropped = tx.sql.execute(delete(merges).where(here, merges.c.survivor == carrier)).rowcount
    return bool(found or dropped or waiting)


def _address(tx: Transaction, lead: str) -> str | None:
    here = (leads.c.connection == tx.connection, leads.c.bucket == bulk.bucket(lead), leads.c.lead == lead)
    away = (vanished.c.connection == tx.connection, vanished.c.bucket == bulk.bucket(lead), vanished.c.lead == lead)
    either = select(leads.c.address).where(*here).union(select(vanished.c.address).where(*away))
    return tx.sql.execute(either).scalar()


def _vanished(tx: Transaction, address: str | None) -> Sequence[str]:
    """Return vanished leads with this address: a person who was deleted and recreated has two ids."""
    if not address:
        return []
    same = (vanished.c.connection == tx.connection, vanished.c.address == address)
    return tx.sql.scalars(select(vanished.c.lead).where(*same)).all()


def _drop_waiting(tx: Transaction, lead: str, address: str | None) -> bool:
    owners = unclaimed.c.lead == lead
    of_person = owners | (unclaimed.c.address == address) if address else owners
    gone = delete(unclaimed).where(unclaimed.c.connection == tx.connection, of_person)
    return bool(tx.sql.execute(gone).rowcount)
