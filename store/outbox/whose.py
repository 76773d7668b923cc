"""Whom the results of an outbox are of, as the mirror has them: leads or accounts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import polars as pl
from sqlalchemy import ColumnElement, Table, and_, null

from store.leads import companies, merging, vanishing
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import accounts, leads
from vocabulary.outputs import Of

_LEAD: Final = {"lead": pl.String()}


def present(tx: Transaction, ids: pl.Series, of: Of) -> pl.DataFrame:
    """Return those of these leads or accounts (`lead`) that the mirror has."""
    if of == "leads":
        return bulk.find(tx.sql, leads, bulk.keys(ids, connection=tx.connection), _LEAD)
    key = bulk.owned(ids.to_frame("account"), connection=tx.connection)
    return bulk.find(tx.sql, accounts, key, {"account": pl.String()}).rename({"account": "lead"})


def beside(tx: Transaction, rows: Table, of: Of) -> tuple[Table, ColumnElement[bool]]:
    """Return the table with what the mirror knows about the leads or accounts of some rows, and how to join it."""
    if of == "leads":
        return leads, and_(leads.c.connection == tx.connection, bulk.same(leads, rows, ("bucket", "lead")))
    return accounts, and_(accounts.c.connection == tx.connection, accounts.c.account == rows.c.lead)


def read_by(of: Of) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the numbers of the changes that read what the fields hold: `listing` and `first_seen`."""
    if of == "leads":
        return leads.c.listing, leads.c.first_seen
    return null().label("listing"), accounts.c.read_by.label("first_seen")


def note_read(tx: Transaction, ids: pl.Series, of: Of) -> None:
    """Record that the fields of accounts were read; for leads, the mirror records it."""
    if of == "accounts":
        key = bulk.owned(ids.unique().to_frame("account"), connection=tx.connection)
        bulk.set_columns(tx.sql, accounts, key, key.columns, read_by=tx.number)


def leave(tx: Transaction, gone: Iterable[str], of: Of, at: datetime) -> None:
    """Take leads or accounts that the CRM no longer has out of the mirror."""
    if of == "leads":
        vanishing.vanish(tx, gone, "deleted", at)
    else:
        companies.drop(tx, gone)


def merge(tx: Transaction, merged: Mapping[str, str], of: Of) -> None:
    """Merge leads or accounts into their survivors."""
    if of == "leads":
        merging.merge(tx, merged)
    else:
        companies.merge(tx, merged)
