"""The domains by which leads without an account belong to one: kept beside leads and accounts if a scorecard asks."""

from collections.abc import Mapping
from typing import Final

import orjson
import polars as pl
from sqlalchemy import Connection, Table, select, update

from meaning.mailboxes import company_domain
from store.leads import belonging, staleness
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import accounts, connections, leads, vanished

ByDomain = Mapping[str, str]
"""The names of the fields with the domain: of the `lead` and of the `account`."""

_LEAD: Final = {"bucket": pl.Int16(), "lead": pl.String(), "account": pl.String(), "fields": pl.String()}
_ACCOUNT: Final = {"account": pl.String(), "fields": pl.String()}


def declared(sql: Connection, connection: int) -> ByDomain | None:
    """Return the fields with the domains; None if leads belong only to the account that they name."""
    text = sql.scalar(select(connections.c.by_domain).where(connections.c.connection == connection))
    found: ByDomain | None = orjson.loads(text) if text else None
    return found


def declare(tx: Transaction, wanted: ByDomain | None) -> None:
    """Set the fields with the domains; if they change, take the domains of all leads and accounts from them."""
    if wanted == declared(tx.sql, tx.connection):
        return
    text = None if wanted is None else orjson.dumps(dict(wanted)).decode()
    here = update(connections).where(connections.c.connection == tx.connection)
    tx.sql.execute(here.values(by_domain=text))
    for bucket in range(bulk.BUCKETS):
        held = bulk.read_of(tx.sql, leads, bucket, _LEAD, connection=tx.connection)
        if held.is_empty():
            continue
        _fill(tx, leads, ("bucket", "lead"), held.with_columns(_of_leads(held, wanted)))
    for table, schema in ((vanished, _LEAD), (accounts, _ACCOUNT)):
        columns = select(*(table.c[name] for name in schema)).where(table.c.connection == tx.connection)
        held = bulk.read(tx.sql, columns, schema)
        domain = _of_accounts(held, wanted) if table is accounts else _of_leads(held, wanted)
        _fill(tx, table, ("account",) if table is accounts else ("bucket", "lead"), held.with_columns(domain))


def of_leads(sql: Connection, connection: int, rows: pl.DataFrame) -> pl.Series:
    """Return the `domain` of leads (`account`, `fields`) that name no account."""
    return _of_leads(rows, declared(sql, connection))


def of_accounts(sql: Connection, connection: int, rows: pl.DataFrame) -> pl.Series:
    """Return the `domain` of accounts (`fields`)."""
    return _of_accounts(rows, declared(sql, connection))


def mark(tx: Transaction, changed: pl.Series) -> None:
    """Mark who has one of these domains: which account they belong to, or who belongs to them, may have changed."""
    known = changed.drop_nulls().unique()
    if known.is_empty():
        return
    staleness.mark(tx, belonging.named_by_domain(tx.sql, tx.connection, known), "data")
    staleness.mark_accounts(tx, belonging.sharing(tx.sql, tx.connection, known), "data")


def release(tx: Transaction, people: pl.DataFrame) -> None:
    """Take their account from leads (`bucket`, `lead`), which may belong to one by their domain from now on."""
    key = bulk.owned(people, connection=tx.connection)
    held = bulk.find(tx.sql, leads, key, _LEAD).with_columns(account=pl.lit(None, pl.String))
    rows = held.with_columns(of_leads(tx.sql, tx.connection, held)).select("bucket", "lead", "account", "domain")
    bulk.set_columns(tx.sql, leads, bulk.owned(rows, connection=tx.connection), key.columns)


def _fill(tx: Transaction, table: Table, key: tuple[str, ...], rows: pl.DataFrame) -> None:
    named = bulk.owned(rows.select(*key, "domain"), connection=tx.connection)
    bulk.set_columns(tx.sql, table, named, ("connection", *key))


def _of_leads(rows: pl.DataFrame, by: ByDomain | None) -> pl.Series:
    domain = _domains(rows["fields"], by["lead"] if by else None)
    return rows.select(pl.when(pl.col("account").is_null()).then(domain).alias("domain")).to_series()


def _of_accounts(rows: pl.DataFrame, by: ByDomain | None) -> pl.Series:
    return _domains(rows["fields"], by["account"] if by else None)


def _domains(texts: pl.Series, name: str | None) -> pl.Series:
    if name is None:
        return pl.Series("domain", [None], pl.String).new_from_index(0, len(texts))
    values = [orjson.loads(text).get(name) for text in texts]
    given = pl.Series("domain", values, dtype=pl.String, strict=False)
    return given.to_frame().select(company_domain(pl.col("domain")).alias("domain")).to_series()
