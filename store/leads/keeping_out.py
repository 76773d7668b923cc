"""People who must not be read again. Only a digest of their id and that of their e-mail address are kept."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
from sqlalchemy import exists, select

from store.sql import bulk
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import kept_out
from vocabulary.pages import Page


def digest_of(lead: str) -> str:
    """Return the digest of a lead's id."""
    return hashlib.blake2b(f"lead:{lead}".encode(), digest_size=16).hexdigest()


def keep_out(tx: Transaction, ids: Iterable[str], addresses: Iterable[str]) -> None:
    """Do not store these leads, and leads with these digests of an address, any more."""
    digests = sorted({*map(digest_of, ids), *addresses})
    rows = pl.DataFrame({"digest": digests, "since": [micros(datetime.now(UTC))] * len(digests)})
    bulk.upsert(tx.sql, kept_out, bulk.owned(rows, connection=tx.connection), change=())


def without(tx: Transaction, page: Page) -> Page:
    """Return a page without the people who are kept out."""
    if not tx.sql.scalar(select(exists().where(kept_out.c.connection == tx.connection))):
        return page
    leads = _without(tx, page.leads)
    gone = set(page.leads["lead"]) - set(leads["lead"])
    return replace(
        page,
        leads=leads,
        addresses=page.addresses.filter(~pl.col("lead").is_in(sorted(gone))),
        outputs=page.outputs.filter(~pl.col("lead").is_in(sorted(gone))),
        activities=_without(tx, page.activities),
        outcomes=_without(tx, page.outcomes),
        history=_without(tx, page.history),
    )


def _without(tx: Transaction, frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out rows whose lead or address is kept out."""
    ids = {lead: digest_of(lead) for lead in frame["lead"].drop_nulls().unique()}
    asked = [*ids.values(), *(frame["address"].drop_nulls().unique() if "address" in frame.columns else ())]
    key = bulk.owned(pl.DataFrame({"digest": asked}, schema={"digest": pl.String}), connection=tx.connection)
    known = set(bulk.find(tx.sql, kept_out, key, {"digest": pl.String})["digest"])
    if not known:
        return frame
    leads = [lead for lead, digest in ids.items() if digest in known]
    rest = frame.filter(~pl.col("lead").is_in(leads).fill_null(value=False))
    if "address" not in frame.columns:
        return rest
    return rest.filter(~pl.col("address").is_in(sorted(known)).fill_null(value=False))
