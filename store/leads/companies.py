"""Accounts that the CRM deleted or merged, and leads that left theirs: they no longer take fields from it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import polars as pl

from store.leads import domains, excluding, inheriting, staleness
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import (
    accounts,
    deals,
    found,
    in_flight,
    leads,
    refused,
    results,
    stale,
    vanished,
    writes,
)

_MEMBER: Final = {"bucket": pl.Int16, "lead": pl.String, "account": pl.String}
_DEAL: Final = {"deal": pl.String, "account": pl.String}
_DOMAIN: Final = {"account": pl.String, "domain": pl.String}
_OF_OUTBOX: Final = (stale, results, in_flight, refused, writes, found)


def merge(tx: Transaction, merged: Mapping[str, str]) -> None:
    """Give the leads and deals of accounts that lost a merge to their survivors, and drop those accounts.

    A survivor names what it absorbed whenever it is read, so a merge counts only while the mirror has any of the lost
    account: else each reading would write the survivor again, and that write would be read.
    """
    lost = pl.DataFrame({"account": list(merged), "survivor": list(merged.values())})
    if lost.is_empty():
        return
    key = bulk.owned(lost.select("account"), connection=tx.connection)
    had = [bulk.find(tx.sql, accounts, key, {"account": pl.String})["account"]]
    for table in (leads, vanished):
        found_in = bulk.find(tx.sql, table, key, _MEMBER)
        members = _moved(found_in, lost)
        bulk.set_columns(tx.sql, table, bulk.owned(members, connection=tx.connection), ("connection", "bucket", "lead"))
        if table is leads:
            had.append(found_in["account"])
            staleness.mark(tx, members, "data")
    sold = bulk.find(tx.sql, deals, key, _DEAL)
    had.append(sold["account"])
    bulk.set_columns(tx.sql, deals, bulk.owned(_moved(sold, lost), connection=tx.connection), ("connection", "deal"))
    survivors = bulk.owned(lost.select(account="survivor").unique(), connection=tx.connection)
    here = bulk.find(tx.sql, accounts, survivors, {"account": pl.String})["account"]
    inherited = lost.filter(pl.col("survivor").is_in(here.to_list())).rename({"account": "lead"})
    inheriting.take_results(tx, inherited, "accounts")
    drop(tx, merged)
    heirs = lost.filter(pl.col("account").is_in(pl.concat(had).unique().to_list()))["survivor"].unique()
    staleness.mark_accounts(tx, heirs, "data")
    send_again(tx, heirs)


def send_again(tx: Transaction, survivors: Iterable[str]) -> None:
    """Send survivors all their values: a CRM fills their empty fields from the lost account, even with our values."""
    for outbox in staleness.outboxes_of(tx, "accounts"):
        key = bulk.keys(survivors, outbox=outbox)
        bulk.set_columns(tx.sql, results, key, ("outbox", "bucket", "lead"), pending="again")


def drop(tx: Transaction, gone: Iterable[str]) -> None:
    """Erase accounts with their results. Their leads stay, without the fields that they took from them."""
    ids = pl.DataFrame({"account": list(gone)}, schema={"account": pl.String})
    key = bulk.owned(ids, connection=tx.connection)
    known = bulk.find(tx.sql, accounts, key, _DOMAIN)
    if bulk.delete_rows(tx.sql, accounts, key):
        staleness.mark(tx, bulk.find(tx.sql, leads, key, _MEMBER), "data")
        domains.mark(tx, known["domain"])
    for outbox in staleness.outboxes_of(tx, "accounts"):
        of_outbox = bulk.keys(ids["account"], outbox=outbox)
        for table in _OF_OUTBOX:
            bulk.delete_rows(tx.sql, table, of_outbox)
    excluding.note_left(tx, dict.fromkeys(ids["account"], ()))


def regroup(tx: Transaction, members: Mapping[str, Sequence[str]]) -> None:
    """Take the account from leads that are no members of it any more. The leads of the page must have been saved."""
    if not members:
        return
    named = pl.DataFrame(
        [(account, lead) for account, people in members.items() for lead in people],
        {"account": pl.String, "lead": pl.String},
        orient="row",
    )
    ids = pl.DataFrame({"account": list(members)}, schema={"account": pl.String})
    known = bulk.find(tx.sql, leads, bulk.owned(ids, connection=tx.connection), _MEMBER)
    left = known.join(named, on=["account", "lead"], how="anti")
    staleness.mark_accounts(tx, left["account"].unique(), "data")
    domains.release(tx, left.select("bucket", "lead"))
    excluding.note_left(tx, members)
    staleness.mark(tx, left, "data")


def _moved(rows: pl.DataFrame, lost: pl.DataFrame) -> pl.DataFrame:
    moved = rows.join(lost, on="account").drop("account").rename({"survivor": "account"})
    return moved.select(rows.columns)
