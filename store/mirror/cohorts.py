"""Cohorts: an account with all of its leads, which some scorecards need to see together."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, Select, func, select

from store.leads import belonging
from store.sql import bulk
from store.sql.schema import accounts, leads

_LEADS: Final = {"account": pl.String, "leads": pl.Int64}
_DOMAINS: Final = {"domain": pl.String, "leads": pl.Int64}
_PLACED: Final = {"lead": pl.String, "created_at": pl.Int64, "account": pl.String, "domain": pl.String}
_ACCOUNTS: Final = {"account": pl.String, "domain": pl.String}


def sizes(sql: Connection, connection: int) -> pl.DataFrame:
    """Return the number of `leads` of every `account`, in the order of the accounts' ids; some have none."""
    known = bulk.read(sql, select(accounts.c.account, accounts.c.domain).where(_of(accounts, connection)), _ACCOUNTS)
    named = bulk.read(sql, _counted(connection, "account"), _LEADS)
    alone = bulk.read(sql, _counted(connection, "domain"), _DOMAINS)
    sole = known.drop_nulls().filter(pl.len().over("domain") == 1).join(alone, on="domain").select(*_LEADS)
    nobody = known.select("account", leads=pl.lit(0, pl.Int64))
    return pl.concat([nobody, named, sole]).group_by("account").agg(pl.col("leads").sum()).sort("account")


def whole(found: pl.DataFrame, most: int) -> Iterator[list[str]]:
    """Yield accounts together that have up to `most` leads, or are themselves that many; a larger one stays alone."""
    chosen: list[str] = []
    held = 0
    for account, people in found.iter_rows():
        if chosen and held + people + len(chosen) >= most:
            yield chosen
            chosen, held = [], 0
        chosen.append(account)
        held += people
    if chosen:
        yield chosen


def people(sql: Connection, connection: int, ids: Sequence[str]) -> list[str]:
    """Return the leads of accounts."""
    return belonging.members(sql, connection, ids)["lead"].sort().to_list()


def alone(sql: Connection, connection: int, buckets: range) -> list[str]:
    """Return the leads in some buckets that belong to no account."""
    columns = select(*(leads.c[name] for name in belonging.MEMBER))
    here = (leads.c.bucket >= buckets.start, leads.c.bucket < buckets.stop, leads.c.account.is_(None))
    found = bulk.read(sql, columns.where(_of(leads, connection), *here), belonging.MEMBER)
    return _without(sql, connection, found)["lead"].to_list()


def split(sql: Connection, connection: int, ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the accounts that these leads belong to, and those of the leads that belong to none."""
    rows = bulk.find(sql, leads, bulk.keys(ids, connection=connection), belonging.MEMBER)
    placed = belonging.with_accounts(sql, connection, rows)
    theirs, none = placed["account"].drop_nulls().unique(), placed.filter(pl.col("account").is_null())["lead"]
    return theirs.sort().to_list(), none.to_list()


def placed(sql: Connection, connection: int) -> pl.DataFrame:
    """Return `lead`, `created_at` in microseconds since 1970, and the `account` that it belongs to, of all leads."""
    columns = select(*(leads.c[name] for name in _PLACED)).where(_of(leads, connection), leads.c.bucket >= 0)
    return belonging.with_accounts(sql, connection, bulk.read(sql, columns, _PLACED)).drop("domain")


def _without(sql: Connection, connection: int, rows: pl.DataFrame) -> pl.DataFrame:
    return belonging.with_accounts(sql, connection, rows).filter(pl.col("account").is_null())


def _counted(connection: int, column: str) -> Select[Any]:
    named = leads.c[column]
    counted = select(named, func.count().label("leads")).where(_of(leads, connection), named.is_not(None))
    return counted.group_by(named)


def _of(table: Any, connection: int) -> Any:
    return table.c.connection == connection
