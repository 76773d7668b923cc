"""Which account a lead belongs to: the one that its record names, else the only one with its domain.

`leads.domain` is empty for leads that name an account, so that whoever has a domain may belong to an account by it.
"""

from collections.abc import Iterable
from typing import Final

import polars as pl
from sqlalchemy import Connection

from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import accounts, leads

MEMBER: Final = {"bucket": pl.Int16, "lead": pl.String, "account": pl.String, "domain": pl.String}
_DOMAIN: Final = {"domain": pl.String, "account": pl.String}


def with_accounts(sql: Connection, connection: int, people: pl.DataFrame) -> pl.DataFrame:
    """Fill the `account` of leads that belong to one by their `domain`."""
    alone = people.filter(pl.col("account").is_null())["domain"].drop_nulls().unique()
    if alone.is_empty():
        return people
    found = _sole(sql, connection, alone).rename({"account": "by_domain"})
    joined = people.join(found, on="domain", how="left", maintain_order="left")
    return joined.with_columns(account=pl.coalesce("account", "by_domain")).drop("by_domain")


def members(sql: Connection, connection: int, ids: Iterable[str]) -> pl.DataFrame:
    """Return the leads of accounts: `bucket`, `lead`, and the `account` that they belong to."""
    wanted = bulk.owned(pl.DataFrame({"account": list(ids)}, {"account": pl.String}), connection=connection)
    named = bulk.find(sql, leads, wanted, MEMBER)
    known = bulk.find(sql, accounts, wanted, _DOMAIN).drop_nulls()
    sole = _sole(sql, connection, known["domain"].unique()).join(known, on=list(_DOMAIN), how="semi")
    return pl.concat([named, _of_domains(sql, connection, sole)]).drop("domain")


def sharing(sql: Connection, connection: int, domains: pl.Series) -> pl.Series:
    """Return the accounts that have one of these domains."""
    wanted = bulk.owned(domains.drop_nulls().unique().to_frame("domain"), connection=connection)
    return bulk.find(sql, accounts, wanted, _DOMAIN)["account"]


def named_by_domain(sql: Connection, connection: int, domains: pl.Series) -> pl.DataFrame:
    """Return the leads with one of these domains, which name no account."""
    wanted = bulk.owned(domains.drop_nulls().unique().to_frame("domain"), connection=connection)
    return bulk.find(sql, leads, wanted, MEMBER)


def of_leads(tx: Transaction, touched: pl.DataFrame) -> pl.Series:
    """Return the accounts that leads of the mirror (`bucket`, `lead`) belong to."""
    key = bulk.owned(touched.select("bucket", "lead").unique(), connection=tx.connection)
    return accounts_of(tx, bulk.find(tx.sql, leads, key, MEMBER))


def accounts_of(tx: Transaction, people: pl.DataFrame) -> pl.Series:
    """Return the accounts that these rows of leads (`account`, `domain`) belong to."""
    return with_accounts(tx.sql, tx.connection, people)["account"].drop_nulls().unique()


def _sole(sql: Connection, connection: int, domains: pl.Series) -> pl.DataFrame:
    """Return the account of each domain that only one account has."""
    wanted = bulk.owned(domains.to_frame("domain"), connection=connection)
    found = bulk.find(sql, accounts, wanted, _DOMAIN)
    return found.filter(pl.len().over("domain") == 1)


def _of_domains(sql: Connection, connection: int, sole: pl.DataFrame) -> pl.DataFrame:
    wanted = bulk.owned(sole.select("domain"), connection=connection)
    found = bulk.find(sql, leads, wanted, MEMBER).drop("account").join(sole, on="domain")
    return found.select(*MEMBER)
