"""People who must not be read again. Only digests of their ids and of their e-mail addresses are kept."""

import hashlib
from collections.abc import Iterable, Mapping
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
    rows = pl.DataFrame({"digest": digests}, schema={"digest": pl.String})
    rows = rows.with_columns(since=pl.lit(micros(datetime.now(UTC))))
    bulk.upsert(tx.sql, kept_out, bulk.owned(rows, connection=tx.connection), change=())


def without(tx: Transaction, page: Page) -> tuple[Page, list[str]]:
    """Return a page without the people who are kept out, and the ids by which the page names these.

    Whoever has one of their addresses is one of them, and so is the other side of a merge. All addresses of such a
    lead are kept out from now on, and the ids that a merge names.
    """
    if not tx.sql.scalar(select(exists().where(kept_out.c.connection == tx.connection))):
        return page, []
    named = _named(page)
    known = _known(tx, [*named["digest"], *_addresses_in(page)])
    met = set(named.filter(pl.col("digest").is_in(known))["lead"])
    merged = _merged_with(page.merged, met)
    out = sorted(met | merged)
    keep_out(tx, merged, named.filter(pl.col("is_address") & pl.col("lead").is_in(out))["digest"])
    return _sifted(page, out, known), out


def _named(page: Page) -> pl.DataFrame:
    """Return `lead`, `digest` and `is_address` for every id on the page, and for every address of a lead."""
    frames = (page.leads, page.activities, page.outcomes, page.history, page.deal_leads, page.memberships, page.further)
    ids = {one for frame in frames for one in frame["lead"].drop_nulls().unique()}
    ids |= {*page.merged, *page.merged.values()}
    own = pl.DataFrame({"lead": sorted(ids)}, schema={"lead": pl.String})
    digests = pl.Series("digest", [digest_of(lead) for lead in own["lead"]], dtype=pl.String)
    addresses = pl.concat([page.leads.select("lead", "address"), page.addresses.select("lead", "address")])
    return pl.concat(
        [
            own.with_columns(digests, is_address=pl.lit(value=False)),
            addresses.drop_nulls().select("lead", digest="address", is_address=pl.lit(value=True)),
        ]
    )


def _addresses_in(page: Page) -> pl.Series:
    """Return the addresses that activities and fields of a warehouse name."""
    return pl.concat([page.activities["address"], page.further["address"]]).drop_nulls().unique()


def _known(tx: Transaction, digests: list[str]) -> list[str]:
    """Return those of the digests that are kept out."""
    asked = pl.DataFrame({"digest": digests}, schema={"digest": pl.String}).unique()
    found = bulk.find(tx.sql, kept_out, bulk.owned(asked, connection=tx.connection), {"digest": pl.String})
    return found["digest"].to_list()


def _merged_with(merged: Mapping[str, str], met: set[str]) -> set[str]:
    """Return the leads that were merged with one of those met, directly or through others, with those met."""
    found: set[str] = set()
    while new := {one for pair in merged.items() if not (met | found).isdisjoint(pair) for one in pair} - found:
        found |= new
    return found


def _sifted(page: Page, out: list[str], known: list[str]) -> Page:
    """Return the page without the rows of these leads, or of what is known by an address only."""
    addressed = pl.col("address").is_in(known).fill_null(value=False)
    gone = set(out)
    return replace(
        page,
        leads=_without(page.leads, out),
        addresses=_without(page.addresses, out),
        outputs=_without(page.outputs, out),
        activities=_without(page.activities, out).filter(~addressed),
        further=_without(page.further, out).filter(~addressed),
        outcomes=_without(page.outcomes, out),
        history=_without(page.history, out),
        memberships=_without(page.memberships, out),
        deal_leads=page.deal_leads.with_columns(lead=pl.when(~pl.col("lead").is_in(out)).then("lead")),
        merged={old: new for old, new in page.merged.items() if gone.isdisjoint((old, new))},
    )


def _without(frame: pl.DataFrame, out: list[str]) -> pl.DataFrame:
    return frame.filter(~pl.col("lead").is_in(out).fill_null(value=False))
