"""Erasing a person on request."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from store import bulk, merging
from store.leases import Change
from store.schema import leads, merges, unclaimed, vanished


def forget(change: Change, lead: str) -> bool:
    """Erase a lead, every id that it absorbed, who vanished with its e-mail address, and what waits under that."""
    here = merges.c.connection == change.connection
    carrier = merging.survivors(change, [lead]).get(lead, lead)
    absorbed = change.sql.scalars(select(merges.c.old).where(here, merges.c.survivor == carrier)).all()
    address = _address(change, carrier)
    waiting = _drop_waiting(change, carrier, address)
    found = merging.erase(change, [carrier, *absorbed, *_vanished(change, address)])
    dropped = change.sql.execute(delete(merges).where(here, merges.c.survivor == carrier)).rowcount
    return bool(found or dropped or waiting)


def _address(change: Change, lead: str) -> str | None:
    here = (leads.c.connection == change.connection, leads.c.bucket == bulk.bucket(lead), leads.c.lead == lead)
    away = (vanished.c.connection == change.connection, vanished.c.bucket == bulk.bucket(lead), vanished.c.lead == lead)
    either = select(leads.c.address).where(*here).union(select(vanished.c.address).where(*away))
    return change.sql.execute(either).scalar()


def _vanished(change: Change, address: str | None) -> Sequence[str]:
    """Return leads that left the CRM under this address: a person who was deleted and made again has two ids."""
    if not address:
        return []
    same = (vanished.c.connection == change.connection, vanished.c.address == address)
    return change.sql.scalars(select(vanished.c.lead).where(*same)).all()


def _drop_waiting(change: Change, lead: str, address: str | None) -> bool:
    owners = unclaimed.c.lead == lead
    of_person = owners | (unclaimed.c.address == address) if address else owners
    gone = delete(unclaimed).where(unclaimed.c.connection == change.connection, of_person)
    return bool(change.sql.execute(gone).rowcount)
