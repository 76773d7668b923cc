"""Deals with the fields that scorecards use, and whose deals they are."""

from collections.abc import Iterable
from typing import Final

import polars as pl

from store.leads import belonging, excluding, merging, staleness
from store.mirror import fields
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import deal_leads, deals
from vocabulary.pages import DEALS_OF, Page
from vocabulary.rows import DEALS

OF_DEAL: Final = f"{DEALS_OF}:"
"""How the names of deals begin among what the CRM lacks."""
_DEAL: Final = {
    "deal": pl.String,
    "account": pl.String,
    "created_at": pl.Int64,
    "won_at": pl.Int64,
    "for_account": pl.Boolean,
    "fields": pl.String,
}
_LEAD: Final = {"bucket": pl.Int16, "lead": pl.String, "id": pl.String, "deal": pl.String}
_KEY: Final = {"bucket": pl.Int16, "lead": pl.String}
_PAIR: Final = ["lead", "id"]


def save(tx: Transaction, page: Page) -> None:
    """Store the page's deals and their leads, and drop those that are gone."""
    if len(page.deals):
        _save_deals(tx, page.deals)
    if len(page.deal_leads):
        _save_leads(tx, page.deal_leads)
    drop(tx, page.gone_deals)


def drop(tx: Transaction, gone: Iterable[str]) -> None:
    """Erase deals. Whose they were stays, because a CRM may restore a deal without telling that again."""
    key = bulk.owned(pl.DataFrame({"deal": list(gone)}, schema={"deal": pl.String}), connection=tx.connection)
    known = bulk.find(tx.sql, deals, key, {"deal": pl.String, "account": pl.String})
    bulk.delete_rows(tx.sql, deals, key.join(known, on="deal", how="semi"))
    _touch(tx, known["deal"], known["account"])


def drop_named(tx: Transaction, named: pl.Series) -> None:
    """Erase deals that the CRM lacks, by their names (`vocabulary.rows.PRESENT`), unless their account has changed."""
    parts = named.str.split_exact(":", 2).struct.unnest()
    gone = parts.select(deal="field_1", account="field_2")
    key = bulk.owned(gone.select("deal"), connection=tx.connection)
    held = bulk.find(tx.sql, deals, key, {"deal": pl.String, "account": pl.String})
    drop(tx, held.join(gone, on=["deal", "account"], how="semi", nulls_equal=True)["deal"])


def drop_leads(tx: Transaction, gone: pl.DataFrame) -> None:
    """Take deals from leads, by `lead` and `id`."""
    key = bulk.keyed(gone.select(*_PAIR), connection=tx.connection)
    bulk.delete_rows(tx.sql, deal_leads, key)
    staleness.mark_held(tx, key, "data")


def drop_all(tx: Transaction) -> None:
    """Erase all deals, because they are read in another way from now on, or no longer."""
    owners = (
        deal_leads.select()
        .where(deal_leads.c.connection == tx.connection)
        .with_only_columns(deal_leads.c.bucket, deal_leads.c.lead)
    )
    staleness.mark_held(tx, bulk.read(tx.sql, owners.distinct(), _KEY), "data")
    for table in (deals, deal_leads):
        tx.sql.execute(table.delete().where(table.c.connection == tx.connection))


def _save_deals(tx: Transaction, frame: pl.DataFrame) -> None:
    given = bulk.owned(_rows(frame).unique("deal", keep="last", maintain_order=True), connection=tx.connection)
    known = bulk.find(tx.sql, deals, given.select("connection", "deal"), _DEAL)
    changed = given.join(known, on=list(_DEAL), how="anti", nulls_equal=True)
    bulk.upsert(tx.sql, deals, changed)
    before = known.join(changed, on="deal", how="semi")
    _touch(tx, changed["deal"], pl.concat([changed["account"], before["account"]]))


def _rows(frame: pl.DataFrame) -> pl.DataFrame:
    texts = fields.packed(frame.drop(DEALS.names()))
    return frame.select("deal", "account", pl.col("created_at", "won_at").dt.timestamp("us"), "for_account", texts)


def _touch(tx: Transaction, ids: pl.Series, accounts: pl.Series) -> None:
    """Mark the leads of deals as changed, and accounts with their leads, whose figures may count the deals."""
    owners = bulk.owned(ids.to_frame("deal"), connection=tx.connection)
    staleness.mark_held(tx, bulk.find(tx.sql, deal_leads, owners, _KEY), "data")
    firms = accounts.drop_nulls().unique()
    staleness.mark(tx, belonging.members(tx.sql, tx.connection, firms), "data")
    staleness.mark_accounts(tx, firms, "data")


def _save_leads(tx: Transaction, frame: pl.DataFrame) -> None:
    """Store whose deals they are, and take them from leads that the frame does not name with the same id any more."""
    people = excluding.of_people(tx, merging.with_survivors(tx, frame)).drop_nulls("lead")
    given = bulk.keyed(people.select("lead", "id", "deal").unique(_PAIR, keep="last"), connection=tx.connection)
    told = bulk.owned(frame.select("deal").unique(), connection=tx.connection)
    known = bulk.find(tx.sql, deal_leads, told, _LEAD).join(frame.select("id").unique(), on="id", how="semi")
    new = given.join(known, on=[*_PAIR, "deal"], how="anti")
    bulk.upsert(tx.sql, deal_leads, new)
    staleness.mark_held(tx, new, "data")
    drop_leads(tx, known.join(given, on=_PAIR, how="anti"))
