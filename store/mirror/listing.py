"""Full listings of the CRM's leads, which show what is missing.

A listing has the number of the change that started it, and a lead has the number of the last listing that had it. When
a listing is complete, leads without its number that existed before it started are missing. The CRM may have left them
out by mistake, so nothing is removed here (see `store.mirror.removals`).
"""

from datetime import UTC, datetime

import polars as pl
from sqlalchemy import ColumnElement, Select, or_, select, update

from store.leads import suspicion
from store.sql import bulk
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import leads, listings
from vocabulary.pages import Page


def number(tx: Transaction, name: str | None) -> int | None:
    """Return the number of the listing with this name, starting it with its first page."""
    if name is None:
        return None
    row = pl.DataFrame({"listing": [name], "number": [tx.number], "started_at": [micros(datetime.now(UTC))]})
    bulk.upsert(tx.sql, listings, bulk.owned(row, connection=tx.connection), change=())
    return int(tx.sql.execute(select(listings.c.number).where(*_named(tx, name))).scalar_one())


def mark(tx: Transaction, returned: pl.Series, listed: int | None) -> None:
    """Record that the listing has these leads."""
    if listed is not None:
        key = bulk.keys(returned, connection=tx.connection)
        bulk.set_columns(tx.sql, leads, key, key.columns, listing=listed)


def close(tx: Transaction, page: Page) -> None:
    """On the last page of a listing, record which leads are missing from it."""
    listed = number(tx, page.listing) if page.listed else None
    if listed is None:
        return
    finished = {"finished_at": micros(datetime.now(UTC))}
    tx.sql.execute(update(listings).where(*_named(tx, page.listing)).values(finished))
    suspicion.suspect_all(tx, _missing(tx, listed))


def _missing(tx: Transaction, listed: int) -> Select[tuple[str]]:
    unlisted = or_(leads.c.listing.is_(None), leads.c.listing < listed)
    here = leads.c.connection == tx.connection
    return select(leads.c.lead).where(here, unlisted, leads.c.first_seen < listed)


def _named(tx: Transaction, name: str | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return listings.c.connection == tx.connection, listings.c.listing == name
