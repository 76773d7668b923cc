"""Excluded leads: people who must not be scored. Only what recognises them is kept, and why they are left out."""

from collections.abc import Iterable, Mapping
from typing import Final

import orjson
import polars as pl
from sqlalchemy import Connection, delete, exists, func, select, update

from store.leads import addresses, departing, merging
from store.sql import bulk
from store.sql.database import Database
from store.sql.leases import Lease, Transaction
from store.sql.schema import excluded, further_fields, leads, unclaimed

EVERY_FIELD: Final = '["*"]'
"""What is recorded when a lead may have lost its account."""

_FOLLOWED: Final = {"lead": pl.String, "address": pl.String, "account": pl.String, "changed": pl.String}


def any_known(tx: Transaction) -> bool:
    """Return whether the connection has excluded leads."""
    return bool(tx.sql.scalar(select(exists().where(excluded.c.connection == tx.connection))))


def exclude(tx: Transaction, names: pl.DataFrame) -> int:
    """Erase leads (`lead`, and the `name` of the condition) from all tables but this one; return how many."""
    key = bulk.keys(names["lead"], connection=tx.connection)
    people = bulk.find(tx.sql, leads, key, {"bucket": pl.Int16, "lead": pl.String, "account": pl.String})
    known = merging.held(tx, names["lead"])
    named = pl.concat([known.with_columns(pl.col("address").fill_null("")), addresses.of(tx, known)])
    named = named.join(people, on=["bucket", "lead"], how="left")
    merging.erase(tx, known["lead"], leaving="excluded")
    rows = named.join(names, on="lead").select("lead", "address", "name", "account")
    rows = rows.with_columns(seen=pl.lit(tx.number), changed=pl.lit("[]"))
    # No row conflicts, since those of the leads were just erased. An update on conflict would be ambiguous: there,
    # PostgreSQL calls the rejected row `excluded`.
    bulk.upsert(tx.sql, excluded, bulk.owned(rows.unique(["lead", "address"]), connection=tx.connection), change=())
    _drop_waiting(tx)
    return len(known)


def lift(tx: Transaction, ids: Iterable[str]) -> None:
    """Forget that leads were excluded, because they are no longer."""
    rows = bulk.keys(ids, connection=tx.connection)
    bulk.delete_rows(tx.sql, excluded, rows.select("connection", "lead"))
    departing.drop(tx, rows)


def without(tx: Transaction, frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out the rows (`lead`, and `address` if it has one) of excluded leads."""
    if frame.is_empty() or not any_known(tx):
        return frame
    rest = _apart(tx, frame, "lead")
    return _apart(tx, rest, "address") if "address" in frame.columns else rest


def of_people(tx: Transaction, frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out the rows of excluded leads, unless the lead has just come back."""
    if not any_known(tx):
        return frame
    is_here = pl.col("lead").is_in(merging.held(tx, frame["lead"].drop_nulls())["lead"].implode()).fill_null(value=True)
    return pl.concat([frame.filter(is_here), without(tx, frame.filter(~is_here))])


def _apart(tx: Transaction, frame: pl.DataFrame, column: str) -> pl.DataFrame:
    asked = frame.filter(pl.col(column) != "").select(column).unique()
    known = bulk.find(tx.sql, excluded, bulk.owned(asked, connection=tx.connection), {column: pl.String})
    return frame.join(known.unique(), on=column, how="anti", maintain_order="left")


def note_changes(tx: Transaction, changes: Mapping[str, Iterable[str]]) -> None:
    """Record which fields of accounts changed, so that their excluded leads are read again."""
    if not changes:
        return
    rows = _of_accounts(tx, changes)
    texts = [
        orjson.dumps(sorted({*orjson.loads(row["changed"]), *changes[row["account"]]})).decode()
        for row in rows.iter_rows(named=True)
    ]
    _note(tx, rows.with_columns(changed=pl.Series(texts, dtype=pl.String)))


def note_left(tx: Transaction, members: Mapping[str, Iterable[str]]) -> None:
    """Record the excluded leads of these accounts that are no members any more, so that they are read again."""
    if not members or not any_known(tx):
        return
    rows = _of_accounts(tx, members)
    known = {account: set(people) for account, people in members.items()}
    left = [row["lead"] not in known[row["account"]] for row in rows.iter_rows(named=True)]
    _note(tx, rows.filter(pl.Series(left, dtype=pl.Boolean)).with_columns(changed=pl.lit(EVERY_FIELD)))


def _of_accounts(tx: Transaction, ids: Iterable[str]) -> pl.DataFrame:
    asked = pl.DataFrame({"account": list(ids)}, schema={"account": pl.String})
    return bulk.find(tx.sql, excluded, bulk.owned(asked, connection=tx.connection), _FOLLOWED)


def _note(tx: Transaction, rows: pl.DataFrame) -> None:
    marked = bulk.owned(rows.select("lead", "address", "changed"), connection=tx.connection)
    bulk.set_columns(tx.sql, excluded, marked, ("connection", "lead", "address"))


def _drop_waiting(tx: Transaction) -> None:
    """Delete what waits for excluded leads."""
    mine = excluded.c.connection == tx.connection
    for column in ("lead", "address"):
        named = select(excluded.c[column]).where(mine, excluded.c[column] != "")
        for table in (unclaimed, further_fields):
            tx.sql.execute(delete(table).where(table.c.connection == tx.connection, table.c[column].in_(named)))


class Excluded:
    """The excluded leads of one connection."""

    def __init__(self, database: Database, connection: int) -> None:
        self._database, self._id = database, connection

    def counts(self) -> Mapping[str, int]:
        """Count them by the name of the condition."""
        return self._database.read(lambda sql: counts(sql, self._id))

    def name_of(self, lead: str) -> str | None:
        """Return the name of the condition that excludes a lead, given by its id or the digest of its address."""
        named = (excluded.c.lead == lead) | (excluded.c.address == lead)
        query = select(excluded.c.name).where(excluded.c.connection == self._id, named)
        return self._database.read(lambda sql: sql.execute(query).scalar())

    def lead_of(self, named: str) -> str | None:
        """Return the excluded lead with this id or this digest of an e-mail address."""
        known = (excluded.c.lead == named) | (excluded.c.address == named)
        query = select(excluded.c.lead).where(excluded.c.connection == self._id, known).order_by(excluded.c.lead)
        return self._database.read(lambda sql: sql.execute(query).scalar())

    def due(self, fields: Iterable[str]) -> list[str]:
        """Return the excluded leads whose account changed in one of these fields, or altogether."""
        query = select(excluded.c.lead, excluded.c.changed).where(
            excluded.c.connection == self._id, excluded.c.changed != "[]"
        )
        asked = {*fields, *orjson.loads(EVERY_FIELD)}
        rows = self._database.read(lambda sql: sql.execute(query).all())
        return sorted({row.lead for row in rows if not asked.isdisjoint(orjson.loads(row.changed))})

    def settle(self, lease: Lease) -> None:
        """Forget which accounts changed: whoever is due was read again."""
        here = (excluded.c.connection == self._id, excluded.c.changed != "[]")
        lease.write(self._id, lambda tx: tx.sql.execute(update(excluded).where(*here).values(changed="[]")))

    def set(self, names: pl.DataFrame, others: Iterable[str], lease: Lease) -> int:
        """Exclude leads (`lead`, `name`), and lift the exclusion of others; return how many left the mirror."""

        def write(tx: Transaction) -> int:
            if any_known(tx):
                lift(tx, others)
                _drop_waiting(tx)
            return exclude(tx, names) if len(names) else 0

        return lease.write(self._id, write)


def counts(sql: Connection, connection: int) -> Mapping[str, int]:
    """Count the excluded leads of a connection by the name of the condition."""
    leads = func.count(excluded.c.lead.distinct()).label("leads")
    query = select(excluded.c.name, leads).where(excluded.c.connection == connection)
    return {row.name: row.leads for row in sql.execute(query.group_by(excluded.c.name).order_by(excluded.c.name))}
