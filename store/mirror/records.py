"""Outcomes, field history and deleted activities of a page."""

from collections.abc import Sequence
from typing import Final

import polars as pl
from sqlalchemy import delete, select

from store.leads import companies, excluding, further, merging, staleness, vanishing
from store.mirror import deals, links
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import activities, deal_leads, field_history, outcomes, unclaimed
from vocabulary.pages import ACCOUNTS_OF, FIELDS_OF, Page

OF_ACCOUNT: Final = f"{ACCOUNTS_OF}:"
"""How the names of accounts begin among what the CRM lacks."""
OF_FIELDS: Final = f"{FIELDS_OF}."
"""The same of fields of a warehouse."""
_KEY: Final = {"lead": pl.String, "id": pl.String}


def save(tx: Transaction, page: Page) -> None:
    """Store the page's outcomes and field history."""
    if len(page.outcomes):
        conversions = _stored(tx, page.outcomes, "occurred_at")
        bulk.upsert(tx.sql, outcomes, conversions.unique(["lead", "id"], keep="last"))
    if len(page.history):
        history = _stored(tx, page.history, "since")
        bulk.upsert(tx.sql, field_history, history.unique(["lead", "field", "since"], keep="last"))


def drop(tx: Transaction, named: pl.DataFrame) -> None:
    """Delete what the CRM lacks, by `lead` (empty if unknown) and `activity`: conversions, accounts and deals too."""
    begins = (OF_ACCOUNT, deals.OF_DEAL, OF_FIELDS)
    of_account, of_deal, of_fields = (pl.col("activity").str.starts_with(one) for one in begins)
    further.drop(tx, named.filter(of_fields)["activity"])
    companies.drop(tx, named.filter(of_account)["activity"].str.strip_prefix(OF_ACCOUNT))
    deals.drop_named(tx, named.filter(of_deal)["activity"])
    rest = named.filter(~of_account & ~of_deal & ~of_fields).rename({"activity": "id"})
    held = bulk.find(tx.sql, deal_leads, bulk.keyed(rest, connection=tx.connection), _KEY)
    deals.drop_leads(tx, held)
    won = bulk.find(tx.sql, outcomes, bulk.owned(rest, connection=tx.connection), _KEY)
    bulk.delete_rows(tx.sql, outcomes, bulk.owned(won, connection=tx.connection))
    done = rest.join(pl.concat([held, won]), on=["lead", "id"], how="anti")
    drop_activities(tx, [(lead or None, id_) for lead, id_ in done.iter_rows()])


def drop_outcomes(tx: Transaction, gone: Sequence[tuple[str, str]]) -> None:
    """Delete conversions by lead and id."""
    if gone:
        rows = pl.DataFrame(list(gone), schema=_KEY, orient="row")
        named = merging.with_survivors(tx, rows)
        bulk.delete_rows(tx.sql, outcomes, bulk.owned(named, connection=tx.connection))


def drop_activities(tx: Transaction, gone: Sequence[tuple[str | None, str]]) -> None:
    """Delete activities by lead and id, or by id alone if the lead is None."""
    if not gone:
        return
    rows = pl.DataFrame(list(gone), schema=_KEY, orient="row")
    named = merging.with_survivors(tx, rows.drop_nulls("lead"))
    without_lead = rows.filter(pl.col("lead").is_null()).select("id")
    _drop(tx, bulk.find(tx.sql, activities, bulk.keyed(named, connection=tx.connection), _KEY))
    _drop(tx, _of_any_lead(tx, without_lead))
    if vanishing.any_known(tx):
        _drop_aside(tx, named, without_lead)
    bulk.delete_rows(tx.sql, unclaimed, bulk.owned(named, connection=tx.connection))
    links.drop_waiting(tx, without_lead)


def _drop(tx: Transaction, found: pl.DataFrame) -> None:
    key = bulk.keyed(found, connection=tx.connection)
    bulk.delete_rows(tx.sql, activities, key)
    staleness.mark(tx, key, "activity")


def _drop_aside(tx: Transaction, named: pl.DataFrame, without_lead: pl.DataFrame) -> None:
    """Delete activities of vanished leads, which may return."""
    bulk.delete_rows(tx.sql, activities, vanishing.aside(bulk.keyed(named, connection=tx.connection)))
    lies_aside = (activities.c.connection == tx.connection, activities.c.bucket < 0)
    tx.sql.execute(delete(activities).where(*lies_aside, links.one_of(activities, without_lead)))


def _of_any_lead(tx: Transaction, ids: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of lead and id, by the index of shared activities or, for other ids, by a scan.

    Maintaining an index of all ids on every page would cost more than this rare scan.
    """
    held, others = links.held(tx, ids), ids.filter(~links.is_shared(pl.col("id")))
    if others.is_empty():
        return held
    here = (activities.c.connection == tx.connection, activities.c.bucket >= 0)
    found = select(activities.c.lead, activities.c.id).where(*here, links.one_of(activities, others))
    return pl.concat([held, bulk.read(tx.sql, found, _KEY)])


def _stored(tx: Transaction, frame: pl.DataFrame, moment: str) -> pl.DataFrame:
    carried = excluding.of_people(tx, merging.with_survivors(tx, frame))
    return bulk.owned(carried.with_columns(pl.col(moment).dt.timestamp("us")), connection=tx.connection)
