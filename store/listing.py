"""Full listings: what a complete listing of the CRM's leads did not bring is missing.

Every listing has the number of the change that began it, and every lead the number of the last listing that brought
it. When a listing is complete, these are missing: leads without its number that were here before it began. An answer
may lack them by mistake, so nothing is removed here (see `store.removals`).
"""

from datetime import UTC, datetime

import polars as pl
from sqlalchemy import ColumnElement, Select, or_, select, update

from connectors.base import Page
from store import bulk, suspicion
from store.database import micros
from store.leases import Change
from store.schema import leads, listings


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


def close(change: Change, page: Page) -> None:
    """On the last page of a listing, note which leads it did not bring."""
    listed = number(change, page.listing) if page.listed else None
    if listed is None:
        return
    finished = {"finished_at": micros(datetime.now(UTC))}
    change.sql.execute(update(listings).where(*_named(change, page.listing)).values(finished))
    suspicion.suspect_all(change, _missing(change, listed))


def _missing(change: Change, listed: int) -> Select[tuple[str]]:
    unlisted = or_(leads.c.listing.is_(None), leads.c.listing < listed)
    here = leads.c.connection == change.connection
    return select(leads.c.lead).where(here, unlisted, leads.c.first_seen < listed)


def _named(change: Change, name: str | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return listings.c.connection == change.connection, listings.c.listing == name
