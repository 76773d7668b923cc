"""Reading leads with their activities from the mirror, as frames for scoring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, Select, func, select

from store.leads import belonging, further
from store.mirror import marking, memberships
from store.mirror.fields import unpacked
from store.sql import bulk
from store.sql.bulk import Of
from store.sql.schema import accounts, activities, connections, deal_leads, deals, leads, touchpoints
from vocabulary.fields import ACCOUNT, TIME, FieldType


@dataclass(frozen=True, slots=True)
class Frames:
    """Leads with their activities, in the form that `scoring.score` takes."""

    leads: pl.DataFrame
    """`lead`, `account`, `address`, `created_at` and a column per field; fields the lead lacks are its account's.

    `account` is the one that the lead names or, if accounts are read, belongs to by its domain.
    """
    activities: pl.DataFrame
    """`lead id occurred_at touchpoint seconds value`, and `machine` where some are: why an activity is a machine's."""
    touchpoints: pl.DataFrame
    """`touchpoint kind url name`: all touchpoints of the connection."""
    deals: pl.DataFrame
    """`deal lead account` and a column per field of deals: one row per deal and lead.

    Deals of the leads' accounts that none of these leads has are there once, without a lead.
    """
    accounts: pl.DataFrame | None
    """`account` and a column per field of accounts; None if they are not read."""
    change: int
    """The mirror's change number when this was read. Pass it to `Outbox.stage`, so that later changes stay dirty."""


_LEADS: Final = {
    "lead": pl.String(),
    "account": pl.String(),
    "address": pl.String(),
    "created_at": pl.Int64(),
    "fields": pl.String(),
    "domain": pl.String(),
}
_ACCOUNTS: Final = {"account": pl.String(), "fields": pl.String()}
_DEAL: Final = {"deal": pl.String(), "account": pl.String(), "fields": pl.String()}
_DEALS_OF_LEADS: Final = pl.Schema(
    {"deal": pl.String(), "lead": pl.String(), "account": pl.String(), "fields": pl.String()}
)
_ACTIVITIES: Final = {
    "lead": pl.String(),
    "id": pl.String(),
    "occurred_at": pl.Int64(),
    "touchpoint": pl.UInt32(),
    "seconds": pl.Float64(),
    "value": pl.Float64(),
}
_TOUCHPOINTS: Final = {"touchpoint": pl.UInt32(), "kind": pl.String(), "url": pl.String(), "name": pl.String()}


class Touchpoints:
    """A cache of a connection's touchpoints. Only new ones are read, since a number never changes its meaning."""

    def __init__(self, connection: int) -> None:
        self._connection = connection
        self._frame = pl.DataFrame(schema=_TOUCHPOINTS)

    def read(self, sql: Connection) -> pl.DataFrame:
        """Return all of them."""
        newest = select(func.max(touchpoints.c.touchpoint)).where(touchpoints.c.connection == self._connection)
        known = self._last()
        if (sql.execute(newest).scalar() or 0) > known:
            self._frame = pl.concat([self._frame, bulk.read(sql, self._since(known), _TOUCHPOINTS)])
        return self._frame

    def _last(self) -> int:
        last = self._frame["touchpoint"].max()
        return last if isinstance(last, int) else 0

    def _since(self, last: int) -> Select[Any]:
        columns = select(*(touchpoints.c[name] for name in _TOUCHPOINTS))
        here = (touchpoints.c.connection == self._connection, touchpoints.c.touchpoint > last)
        return columns.where(*here).order_by(touchpoints.c.touchpoint)


NO_FIELDS: Final[Mapping[str, FieldType]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Beside:
    """What is read beside leads and their activities."""

    of_deals: Mapping[str, FieldType]
    """The fields of deals."""
    of_accounts: Mapping[str, FieldType] | None = None
    """The fields of accounts; None to leave accounts out."""
    accounts: Sequence[str] | None = None
    """Which accounts to read; None for those that the leads belong to."""
    known_at: datetime | None = None
    """The time of which the marks of machine traffic are taken; None for those that hold."""


def people(sql: Connection, connection: int, of: Of, fields: Mapping[str, FieldType]) -> pl.DataFrame:
    """Read leads with their fields, and without their activities."""
    return _people(sql, connection, of, fields).drop("domain")


def frames(
    sql: Connection, connection: int, of: Of, fields: Mapping[str, FieldType], beside: Beside, numbers: Touchpoints
) -> Frames:
    """Read leads by bucket, range of buckets, or ids, from one snapshot of the database."""
    change = sql.execute(select(connections.c.changes).where(connections.c.connection == connection)).scalar_one()
    found = _people(sql, connection, of, fields)
    if beside.of_accounts is not None:
        found = belonging.with_accounts(sql, connection, found)
    firms = found["account"].drop_nulls().unique() if beside.accounts is None else pl.Series(beside.accounts)
    return Frames(
        leads=found.drop("domain"),
        activities=_activities(sql, connection, of, beside.known_at),
        touchpoints=numbers.read(sql),
        deals=_deals(sql, connection, of, found, firms, beside.of_deals),
        accounts=_accounts(sql, connection, firms, beside.of_accounts),
        change=change,
    )


def _activities(sql: Connection, connection: int, of: Of, known_at: datetime | None) -> pl.DataFrame:
    found = bulk.read_of(sql, activities, of, _ACTIVITIES, connection=connection).cast({"occurred_at": TIME})
    marks = marking.of_leads(sql, connection, of, known_at).select("lead", "id", machine="reasons")
    if marks.is_empty():
        return found
    return found.join(marks, on=["lead", "id"], how="left", maintain_order="left")


def _people(sql: Connection, connection: int, of: Of, fields: Mapping[str, FieldType]) -> pl.DataFrame:
    found = further.joined(sql, connection, bulk.read_of(sql, leads, of, _LEADS, connection=connection))
    plain = {name: kind for name, kind in fields.items() if kind != "member_of"}
    listed = memberships.lists(sql, connection, of, fields, found)
    companies = _companies(sql, connection, found["account"].drop_nulls().unique())
    return _with_fields(found, companies, plain).with_columns(*listed)


def _accounts(
    sql: Connection, connection: int, ids: pl.Series, fields: Mapping[str, FieldType] | None
) -> pl.DataFrame | None:
    """Read accounts with their fields."""
    if fields is None:
        return None
    found = _companies(sql, connection, ids)
    own = unpacked(found["fields"], {ACCOUNT + name: kind for name, kind in fields.items()})
    return found.select("account").hstack(own.rename(lambda name: name.removeprefix(ACCOUNT)).get_columns())


def _deals(
    sql: Connection, connection: int, of: Of, people: pl.DataFrame, firms: pl.Series, fields: Mapping[str, FieldType]
) -> pl.DataFrame:
    """Read the deals of leads, and those of accounts that none of the leads has; none without fields."""
    if not fields:
        return _DEALS_OF_LEADS.to_frame().drop("fields")
    pairs = bulk.read_of(sql, deal_leads, of, {"lead": pl.String(), "deal": pl.String()}, connection=connection)
    own = pairs.join(people, on="lead", how="semi").unique()
    accounts_of = bulk.owned(firms.cast(pl.String).to_frame("account"), connection=connection)
    shared = bulk.find(sql, deals, accounts_of, _DEAL).join(own, on="deal", how="anti")
    known = bulk.find(sql, deals, bulk.owned(own.select("deal").unique(), connection=connection), _DEAL)
    held = own.join(known, on="deal").select(*_DEALS_OF_LEADS)
    both = pl.concat([held, shared.with_columns(lead=pl.lit(None, pl.String)).select(*_DEALS_OF_LEADS)])
    return both.drop("fields").hstack(unpacked(both["fields"], fields).get_columns())


def _companies(sql: Connection, connection: int, ids: pl.Series) -> pl.DataFrame:
    wanted = bulk.owned(ids.cast(pl.String).to_frame("account"), connection=connection)
    return bulk.find(sql, accounts, wanted, _ACCOUNTS)


def _with_fields(people: pl.DataFrame, companies: pl.DataFrame, fields: Mapping[str, FieldType]) -> pl.DataFrame:
    """Add the fields of each lead, taking those it lacks from its account."""
    own = unpacked(people["fields"], fields)
    shared = people.select("account").join(companies, on="account", how="left", maintain_order="left")
    inherited = unpacked(shared["fields"].fill_null("{}"), fields)
    values = [own[name].zip_with(own[name].is_not_null(), inherited[name]) for name in fields]
    return people.drop("fields").cast({"created_at": TIME}).with_columns(values)
