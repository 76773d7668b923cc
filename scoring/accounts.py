"""The accounts of leads: which one is whose."""

from typing import Final

import polars as pl

from meaning.mailboxes import company_domain
from scoring.card.accounts import ACCOUNT_ID, ByDomain

DOMAIN: Final = "#domain"


def assigned(leads: pl.DataFrame, accounts: pl.DataFrame, by_domain: ByDomain | None) -> pl.Series:
    """Return the account of each lead, null for none: the one that its record names, else the only one of its domain.

    `leads` has `account` and the field with the domain, `accounts` too; an absent column means that all values are
    missing. Domains of free mail are nobody's.
    """
    named = account_ids(leads)
    if by_domain is None:
        return named
    wanted = leads.select(_domain(leads, by_domain.lead)).with_columns(named)
    found = wanted.join(_of_one(accounts, by_domain.account), on=DOMAIN, how="left", maintain_order="left")
    return found.select(pl.coalesce(ACCOUNT_ID, "#found").alias(ACCOUNT_ID)).to_series()


def account_ids(leads: pl.DataFrame) -> pl.Series:
    """Return the account that each lead's record names; null for none."""
    if ACCOUNT_ID not in leads.columns:
        return pl.Series(ACCOUNT_ID, [None], dtype=pl.String).new_from_index(0, leads.height)
    return leads.select(pl.col(ACCOUNT_ID).cast(pl.String).replace("", None)).to_series()


def _of_one(accounts: pl.DataFrame, field: str) -> pl.DataFrame:
    """Return the domains that exactly one account has, with the account."""
    domains = accounts.select(pl.col(ACCOUNT_ID).cast(pl.String).alias("#found"), _domain(accounts, field))
    return domains.drop_nulls().unique().filter(pl.col(DOMAIN).is_unique())


def _domain(frame: pl.DataFrame, field: str) -> pl.Expr:
    """Return a domain in the form to compare; null if it is empty or of free mail."""
    if field not in frame.columns:
        return pl.lit(None, pl.String).alias(DOMAIN)
    return company_domain(pl.col(field).cast(pl.String)).alias(DOMAIN)
