"""Leads with their activities out of the mirror, as frames for the scoring core."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, Select, func, select

from store.mirror.fields import unpacked
from store.sql import bulk
from store.sql.bulk import Of
from store.sql.schema import accounts, activities, connections, leads, touchpoints
from vocabulary.fields import TIME, FieldType


@dataclass(frozen=True, slots=True)
class Frames:
    """Leads with their activities, as `scoring.score` takes them."""

    leads: pl.DataFrame
    """`lead`, `account`, `address`, `created_at` and a column per field, from the account where the lead has none."""
    activities: pl.DataFrame
    """`lead id occurred_at touchpoint seconds value`."""
    touchpoints: pl.DataFrame
    """`touchpoint kind url name`: all touchpoints of the connection."""
    change: int
    """How far the mirror had come when this was read; `Outbox.stage` takes it, so that later changes stay dirty."""


_LEADS: Final = {
    "lead": pl.String(),
    "account": pl.String(),
    "address": pl.String(),
    "created_at": pl.Int64(),
    "fields": pl.String(),
}
_ACCOUNTS: Final = {"account": pl.String(), "fields": pl.String()}
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
    """The touchpoints of a connection, read once and then only what came since: a number never changes its meaning."""

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


def frames(sql: Connection, connection: int, of: Of, fields: Mapping[str, FieldType], numbers: Touchpoints) -> Frames:
    """Read the leads of a bucket, or the named leads, on one state of the database."""
    change = sql.execute(select(connections.c.changes).where(connections.c.connection == connection)).scalar_one()
    people = bulk.read_of(sql, leads, of, _LEADS, connection=connection)
    return Frames(
        leads=_with_fields(people, _companies(sql, connection, people["account"]), fields),
        activities=bulk.read_of(sql, activities, of, _ACTIVITIES, connection=connection).cast({"occurred_at": TIME}),
        touchpoints=numbers.read(sql),
        change=change,
    )


def _companies(sql: Connection, connection: int, ids: pl.Series) -> pl.DataFrame:
    wanted = bulk.owned(ids.drop_nulls().unique().to_frame("account"), connection=connection)
    return bulk.find(sql, accounts, wanted, _ACCOUNTS)


def _with_fields(people: pl.DataFrame, companies: pl.DataFrame, fields: Mapping[str, FieldType]) -> pl.DataFrame:
    """Give each lead its fields: its own value, or where it has none, its account's."""
    own = unpacked(people["fields"], fields)
    shared = people.select("account").join(companies, on="account", how="left", maintain_order="left")
    lent = unpacked(shared["fields"].fill_null("{}"), fields)
    values = [own[name].zip_with(own[name].is_not_null(), lent[name]) for name in fields]
    return people.drop("fields").cast({"created_at": TIME}).with_columns(values)
