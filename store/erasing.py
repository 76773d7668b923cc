"""Erasing a person on request."""

from sqlalchemy import delete, select

from store import bulk, merging
from store.leases import Change
from store.schema import leads, merges, unclaimed


def forget(change: Change, lead: str) -> bool:
    """Erase a lead, every id that it absorbed, and what waits under its e-mail address."""
    here = merges.c.connection == change.connection
    carrier = merging.survivors(change, [lead]).get(lead, lead)
    absorbed = change.sql.scalars(select(merges.c.old).where(here, merges.c.survivor == carrier)).all()
    waiting = _drop_waiting(change, carrier)
    found = merging.erase(change, [carrier, *absorbed])
    dropped = change.sql.execute(delete(merges).where(here, merges.c.survivor == carrier)).rowcount
    return bool(found or dropped or waiting)


def _drop_waiting(change: Change, lead: str) -> bool:
    here = (leads.c.connection == change.connection, leads.c.bucket == bulk.bucket(lead), leads.c.lead == lead)
    address = change.sql.execute(select(leads.c.address).where(*here)).scalar()
    owners = unclaimed.c.lead == lead
    of_person = owners | (unclaimed.c.address == address) if address else owners
    gone = delete(unclaimed).where(unclaimed.c.connection == change.connection, of_person)
    return bool(change.sql.execute(gone).rowcount)
