"""The messages that wait to be sent to people: each is claimed, then sent, delayed or dropped."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
import polars as pl
from sqlalchemy import Connection, Row, Select, Table, and_, func, or_, select, update

from store.notices import reading
from store.notices.reading import About, First
from store.sql import bulk
from store.sql.database import Database, micros, moment, now
from store.sql.schema import notices
from vocabulary.outside import clean

TOGETHER: Final = 8
"""How many messages of a kind are claimed, and so may be sent as one, at a time: as many as fit whole into any sink."""
SHOWN: Final = timedelta(days=7)
"""How long `status` counts dropped messages."""

_WAITS: Final = and_(notices.c.sent_at.is_(None), notices.c.dropped_at.is_(None))


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one sink: what it is about, and how often it was tried."""

    sink: str
    key: str
    kind: str
    outbox: int | None
    lead: str | None
    facts: Mapping[str, Any]
    queued_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class New:
    """A message to be queued that is about no single lead."""

    sink: str
    key: str
    kind: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SinkState:
    """What waits for a sink, since when, what was dropped in the last week, and why attempts failed."""

    sink: str
    waiting: int = 0
    oldest: datetime | None = None
    dropped: int = 0
    error: str = ""


def add(sql: Connection, connection: int, new: Sequence[New], at: datetime) -> None:
    """Queue messages, except those that were queued before."""
    rows = [(connection, one.sink, one.key, one.kind, orjson.dumps(one.facts).decode(), micros(at)) for one in new]
    columns = ("connection", "sink", "key", "kind", "facts", "queued_at")
    if rows:
        frame = pl.DataFrame(rows, columns, orient="row").with_columns(due_at="queued_at")
        bulk.insert_new(sql, notices, frame)


class Notices:
    """The messages of one connection. They need no lease: a claim keeps two processes from sending the same."""

    def __init__(self, database: Database, connection: int) -> None:
        self._database, self._id = database, connection

    def add(self, new: Sequence[New], at: datetime) -> None:
        """Queue messages, except those that were queued before."""
        if new:
            self._database.write(lambda sql: add(sql, self._id, new, at))

    def is_known(self, sink: str, key: str) -> bool:
        """Return whether a message was queued, and not forgotten since."""
        here = select(func.count()).where(self._mine(sink), notices.c.key == key)
        return self._database.read(lambda sql: bool(sql.scalar(here)))

    def claim(self, sink: str, now: datetime, hold: timedelta, kinds: Collection[str]) -> list[Notice]:
        """Return the oldest messages of one of these kinds that are due, which nobody else gets before `hold`."""
        if not self._database.read(lambda sql: sql.scalar(self._due(sink, now, kinds).limit(1))):
            return []  # looking takes no lock
        return self._database.write(lambda sql: self._claim(sql, sink, now, hold, kinds))

    def sent(self, claimed: Sequence[Notice], at: datetime) -> None:
        """Record that messages were sent, or had nothing left to say."""
        self._set(claimed, sent_at=micros(at), error=None)

    def delay(self, claimed: Sequence[Notice], until: datetime, error: str) -> None:
        """Record that messages could not be sent, and when they are tried again."""
        said = clean(error, limit=300)
        self._set(claimed, due_at=micros(until), error=said, attempts=notices.c.attempts + 1)

    def delay_all(self, sink: str, until: datetime) -> None:
        """Let everything wait that a sink is to be sent before this time: it is down, or asked to wait."""
        earlier = update(notices).where(self._mine(sink), _WAITS, notices.c.due_at < micros(until))
        self._database.write(lambda sql: sql.execute(earlier.values(due_at=micros(until))))

    def drop(self, older: datetime, now: datetime) -> int:
        """Give up what was queued before a time, for whatever sink; return how many."""
        old = and_(notices.c.connection == self._id, _WAITS, notices.c.queued_at < micros(older))
        if not self._database.read(lambda sql: sql.scalar(select(func.count()).where(old))):
            return 0  # looking takes no lock
        dropped = update(notices).where(old).values(dropped_at=micros(now))
        return self._database.write(lambda sql: int(sql.execute(dropped).rowcount))

    def about(self, claimed: Sequence[Notice], field: str | None) -> list[About]:
        """Return what is known now of the leads of messages that the CRM was told; `field` holds their owner."""
        wanted = [(one.outbox, one.lead) for one in claimed if one.outbox is not None and one.lead is not None]
        return self._database.read(lambda sql: reading.about(sql, self._id, wanted, field))

    def crossed(self, since: datetime, until: datetime, field: str | None) -> list[About]:
        """Return the leads that reached the first priority in this time and were news."""
        return self._database.read(lambda sql: reading.crossed(sql, self._id, since, until, field))

    def cooling(self, first: First, until: datetime, now: datetime, field: str | None) -> list[About]:
        """Return the leads and accounts of the first priority that lose it before a time."""
        return self._database.read(lambda sql: reading.cooling(sql, self._id, first, (now, until), field))

    def state(self) -> tuple[SinkState, ...]:
        """Return the state of each sink that something waits for, or was dropped for."""
        return self._database.read(lambda sql: state(sql, self._id))

    def _mine(self, sink: str) -> Any:
        return and_(notices.c.connection == self._id, notices.c.sink == sink)

    def _due(self, sink: str, now: datetime, kinds: Collection[str]) -> Select[Any]:
        due = (_WAITS, notices.c.due_at <= micros(now), notices.c.kind.in_(kinds))
        return select(notices).where(self._mine(sink), *due)

    def _claim(
        self, sql: Connection, sink: str, now: datetime, hold: timedelta, kinds: Collection[str]
    ) -> list[Notice]:
        due = self._due(sink, now, kinds)
        order = due.order_by(notices.c.queued_at, notices.c.key).with_for_update(skip_locked=True)
        rows = sql.execute(order.limit(TOGETHER)).all()
        alike = [row for row in rows if row.kind == rows[0].kind]
        found = [_notice(row) for row in (alike if alike and alike[0].lead is not None else alike[:1])]
        if found:
            held = update(notices).where(self._these(found))
            sql.execute(held.values(due_at=micros(now + hold)))
        return found

    def _these(self, claimed: Sequence[Notice]) -> Any:
        keys = or_(*(and_(notices.c.sink == one.sink, notices.c.key == one.key) for one in claimed))
        return and_(notices.c.connection == self._id, keys)

    def _set(self, claimed: Sequence[Notice], **values: Any) -> None:
        if claimed:
            self._database.write(lambda sql: sql.execute(update(notices).where(self._these(claimed)).values(**values)))


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        row.sink,
        row.key,
        row.kind,
        row.outbox,
        row.lead,
        orjson.loads(row.facts),
        moment(row.queued_at),
        row.attempts,
    )


def state(sql: Connection, connection: int) -> tuple[SinkState, ...]:
    """Return the state of each sink that something waits for, or was dropped for."""
    table: Table = notices
    waiting = func.count().filter(_WAITS)
    was_dropped = table.c.dropped_at >= now(sql) - SHOWN // timedelta(microseconds=1)
    dropped = func.count().filter(was_dropped)
    oldest = func.min(table.c.queued_at).filter(_WAITS)
    error = func.coalesce(func.max(table.c.error).filter(_WAITS), func.max(table.c.error).filter(was_dropped))
    rows = select(table.c.sink, waiting, oldest, dropped, error).where(
        table.c.connection == connection, or_(_WAITS, was_dropped)
    )
    found = sql.execute(rows.group_by(table.c.sink).order_by(table.c.sink)).all()
    return tuple(SinkState(s, w, None if o is None else moment(o), d, e or "") for s, w, o, d, e in found)
