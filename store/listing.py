"""Full listings: what a complete listing of the CRM's leads did not bring is gone from the CRM.

Every listing has the number of the change that began it, and every lead the number of the last listing that brought
it. When a listing is complete, these are gone: leads without its number that were here before it began.

Of the activities that wait for a lead by its id, those seen before the listing began are dropped too: their lead
existed then, or it would have done nothing, and the listing did not bring it. Later ones may belong to a new lead.
"""

from datetime import UTC, datetime

import polars as pl
from sqlalchemy import ColumnElement, Select, delete, or_, select, update

from connectors.base import Page
from store import bulk, merging
from store.database import micros
from store.leases import Change
from store.schema import leads, listings, unclaimed


def number(change: Change, name: str | None) -> int | None:
    """Return the number of the listing with this name; its first page begins it."""
    if name is None:
        return None
    row = pl.DataFrame({"listing": [name], "number": [change.number], "started_at": [micros(datetime.now(UTC))]})
    bulk.put(change.sql, listings, bulk.owned(row, connection=change.connection), change=())
    return int(change.sql.execute(select(listings.c.number).where(*_named(change, name))).scalar_one())


def mark(change: Change, brought: pl.Series, listed: int | None) -> None:
    """Note that the listing brought these leads."""
    if listed is not None:
        key = bulk.keys(brought, connection=change.connection)
        bulk.alter(change.sql, leads, key, key.columns, listing=listed)


def close(change: Change, page: Page) -> int:
    """On the last page of a listing, erase the leads that it did not bring; returns how many."""
    listed = number(change, page.listing) if page.listed else None
    if listed is None:
        return 0
    change.sql.execute(
        update(listings).where(*_named(change, page.listing)).values(finished_at=micros(datetime.now(UTC)))
    )
    orphans = (unclaimed.c.connection == change.connection, unclaimed.c.lead != "", unclaimed.c.seen < listed)
    change.sql.execute(delete(unclaimed).where(*orphans))
    return merging.erase(change, list(change.sql.scalars(_missing(change, listed))))


def _missing(change: Change, listed: int) -> Select[tuple[str]]:
    unlisted = or_(leads.c.listing.is_(None), leads.c.listing < listed)
    here = leads.c.connection == change.connection
    return select(leads.c.lead).where(here, unlisted, leads.c.first_seen < listed)


def _named(change: Change, name: str | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return listings.c.connection == change.connection, listings.c.listing == name
