"""Comparing the stored activities, conversions, accounts or deals of a stream with those of the CRM now, by ids only.

Some activities are removed without a trace in any answer: Salesforce erases campaign members at once, and a meeting
that is given to another lead is only a change of the meeting. What is compared are pairs of a lead and a record. An
activity belongs to a record if its id is that of the record, or continues it after a colon.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, Table, func, literal, null, select

from store.leads import claiming, merging, suspicion
from store.sql import bulk
from store.sql.database import Database, moment
from store.sql.leases import Lease, Transaction
from store.sql.schema import accounts, activities, deal_leads, deals, further_fields, leads, outcomes
from vocabulary.pages import ACCOUNTS_OF, DEALS_OF, Compared

if TYPE_CHECKING:
    from datetime import datetime

_STORED: Final = {"lead": pl.String(), "id": pl.String(), "occurred_at": pl.Int64()}
_PARTS: Final = 8
"""In how many parts the buckets of a large mirror are read, so that none takes much memory."""

_LEADS_OF_A_PART: Final = 50_000
"""A mirror with fewer leads is read in one part: each part costs a query and a frame."""

_AFTER_COLON: Final = ";"
"""The character after the colon, as the end of a range of ids."""

_RECORD: Final = r"^([^:]*:[^:]*)"
"""The record in the id of an activity."""

_OF_DEAL: Final = f"{DEALS_OF}:"

_OF_RECORD: Final = pl.col("record").hash()
_OF_PAIR: Final = pl.concat_str("carrier", "record", separator="\n").hash()


class Comparison:
    """The rows of one stream in the mirror, while the CRM says which of them it has.

    Pairs are kept as digests of 64 bits: two million take 16 MB, and the chance that any two are confused is below one
    in a million.
    """

    def __init__(self, database: Database, connection: int, prefix: str, compares: Compared = "activities") -> None:
        """`prefix`: the part of the rows' ids before the colon."""
        self._database, self._id, self._prefix, self._compares = database, connection, prefix, compares
        self.oldest: datetime | None = None
        """When the oldest stored activity or conversion happened."""
        self._pairs = pl.Series(dtype=pl.UInt64)
        self._records = pl.Series(dtype=pl.UInt64)
        self._seen: list[pl.Series] = []
        self._anybodys: list[pl.Series] = []
        self._read()

    def add(self, present: pl.DataFrame) -> list[str]:
        """Note what the CRM has (`vocabulary.rows.PRESENT`); return the records that the mirror lacks.

        A record that names its person by address only stays with whoever has it, since addresses change.
        """
        by_address = pl.col("lead").is_null()
        self._anybodys.append(_digests(present.filter(by_address), _OF_RECORD))
        placed = self._database.read(partial(self._placed, present.with_columns(nameless=by_address)))
        self._seen.append(_digests(placed, _OF_PAIR))
        known = placed.select(
            pair=_OF_PAIR.is_in(self._pairs.implode()), record=_OF_RECORD.is_in(self._records.implode())
        )
        is_known = pl.when(placed["nameless"]).then(known["record"]).otherwise(known["pair"])
        is_ours = pl.col("bucket").is_not_null() | (pl.col("nameless") & pl.col("address").is_null())
        return placed.filter(is_ours & ~is_known)["record"].unique(maintain_order=True).to_list()

    def finish(self, lease: Lease) -> int:
        """Once the CRM has listed everything, record what it lacks as missing; return how many activities.

        What is recorded as missing from an earlier answer, and is there now, is no longer suspected.
        """
        lost = self._lost()
        lease.write(self._id, lambda tx: self._record(tx, lost))
        return len(lost)

    def _read(self) -> None:
        oldest = []
        pairs, records = [self._pairs], [self._records]
        for stored in self._stored():
            pairs.append(_digests(stored, _OF_PAIR))
            records.append(_digests(stored, _OF_RECORD))
            oldest.append(stored["occurred_at"].min())
        self._pairs, self._records = pl.concat(pairs).unique(), pl.concat(records).unique()
        times = [time for time in oldest if isinstance(time, int)]
        self.oldest = moment(min(times)) if times else None

    def _stored(self) -> Iterator[pl.DataFrame]:
        """Yield the rows of the stream: `carrier`, `record`, `id`, `occurred_at`."""
        for query in self._queries():
            found = self._database.read(partial(_read, query))
            yield found.select("occurred_at", "id", carrier="lead", record=_record_of("id"))

    def _queries(self) -> Iterator[Select[Any]]:
        match self._compares:
            case "activities":
                step = bulk.BUCKETS // self._parts()
                for start in range(0, bulk.BUCKETS, step):
                    yield self._of(activities).where(activities.c.bucket.between(start, start + step - 1))
            case "fields":
                mine = (further_fields.c.connection == self._id, *self._begins(further_fields))
                columns: Any = (literal("").label("lead"), further_fields.c.id, null().label("occurred_at"))
                yield select(*columns).where(*mine)
            case "outcomes":
                yield self._of(outcomes)
            case "deals":
                mine = (deal_leads.c.connection == self._id, *self._begins(deal_leads))
                yield select(deal_leads.c.lead, deal_leads.c.id, null().label("occurred_at")).where(*mine)
                account = func.coalesce(literal(":") + deals.c.account, "")
                yield self._unowned(deals, literal(f"{DEALS_OF}:") + deals.c.deal + account)
            case "accounts":
                yield self._unowned(accounts, literal(f"{ACCOUNTS_OF}:") + accounts.c.account)

    def _parts(self) -> int:
        count = select(func.count()).select_from(leads).where(leads.c.connection == self._id)
        known = self._database.read(lambda sql: sql.execute(count).scalar_one())
        return 1 if known < _LEADS_OF_A_PART else _PARTS

    def _of(self, table: Table) -> Select[Any]:
        mine = (table.c.connection == self._id, *self._begins(table))
        return select(*(table.c[name] for name in _STORED)).where(*mine)

    def _begins(self, table: Table) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return table.c.id >= f"{self._prefix}:", table.c.id < self._prefix + _AFTER_COLON

    def _unowned(self, table: Table, name: ColumnElement[str]) -> Select[Any]:
        """Query records that are no lead's."""
        columns: Any = (literal("").label("lead"), name.label("id"), null().label("occurred_at"))
        return select(*columns).where(table.c.connection == self._id)

    def _placed(self, present: pl.DataFrame, sql: Connection) -> pl.DataFrame:
        """Add who carries each record in the mirror: `carrier`, and its `bucket` if the mirror has it."""
        tx = Transaction(sql, self._id, 0)
        named = claiming.addressed(tx, present)
        carriers = merging.carriers(tx, named["lead"].drop_nulls().unique())
        return named.join(carriers, on="lead", how="left", maintain_order="left")

    def _lost(self) -> list[tuple[str, str]]:
        """Return the stored activities whose pair or record the CRM lacks."""
        seen, anybodys = pl.concat([self._pairs[:0], *self._seen]), pl.concat([self._records[:0], *self._anybodys])
        if self._pairs.is_in(seen.implode()).all():
            return []
        is_here = _OF_PAIR.is_in(seen.implode()) | _OF_RECORD.is_in(anybodys.implode())
        return [pair for stored in self._stored() for pair in stored.filter(~is_here).select("carrier", "id").rows()]

    def _record(self, tx: Transaction, lost: Sequence[tuple[str, str]]) -> None:
        if suspicion.any_known(tx):
            suspicion.clear(tx, self._found_again(tx))
        suspicion.suspect(tx, (), lost)

    def _found_again(self, tx: Transaction) -> pl.DataFrame:
        """Return the activities that were missing and are there now."""
        known = pl.concat([suspicion.known(tx, state, of_leads=False) for state in ("new", "held")])
        pairs = known.select("lead", "activity", carrier="lead", record=_record_of("activity"))
        is_here = _OF_PAIR.is_in(pl.concat([self._pairs[:0], *self._seen]).implode())
        if self._compares != "activities":
            is_here |= _OF_RECORD.is_in(pl.concat([self._records[:0], *self._anybodys]).implode())
        return pairs.filter(is_here)


def _record_of(name: str) -> pl.Expr:
    """Return the record in the id of an activity; the id of a deal, with its account, is its record."""
    identity = pl.col(name)
    return pl.when(identity.str.starts_with(_OF_DEAL)).then(identity).otherwise(identity.str.extract(_RECORD))


def _read(query: Select[Any], sql: Connection) -> pl.DataFrame:
    return bulk.read(sql, query, _STORED)


def _digests(frame: pl.DataFrame, digest: pl.Expr) -> pl.Series:
    return frame.select(digest.alias("digest")).to_series().drop_nulls()
