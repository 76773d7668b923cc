"""What feeds said has changed, until it was read: `due` has a row for each lead or record of a stream.

The cursor of a feed is kept among those of the streams, under a name that no stream has.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import orjson
import polars as pl
from sqlalchemy import Connection, delete, exists, func, or_, select

from store.sql import bulk
from store.sql.database import Database, micros, moment
from store.sql.leases import Lease, Transaction
from store.sql.schema import cursors, due
from vocabulary.feeds import DUE, Heard
from vocabulary.pages import Cursor

FEED: Final = "*feed"
"""The name of a feed among the streams' cursors."""

TAKEN: Final = pl.Schema({**DUE, "heard_at": DUE["changed_at"], "number": pl.Int64()})
"""What is due, when it was first heard, and the number of the change that marked it last."""

_KEY: Final = ("connection", "stream", "by", "id")
_STORED: Final = {name: pl.Int64() if dtype == DUE["changed_at"] else dtype for name, dtype in TAKEN.items()}
_KNOWN: Final = {name: _STORED[name] for name in ("stream", "by", "id", "changed_at", "heard_at")}
OF_LEAD: Final = "lead"
"""What a row is `by` whose id is that of a lead."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much is due, and since when the oldest of it is."""

    rows: int = 0
    oldest: datetime | None = None


class Due:
    """What is due on one connection."""

    def __init__(self, database: Database, connection: int) -> None:
        self._database, self._id = database, connection

    def cursor(self) -> Cursor | None:
        """Return the cursor to resume the feed from; None if it begins now."""
        here = (cursors.c.connection == self._id, cursors.c.stream == FEED)
        text = self._database.read(lambda sql: sql.scalar(select(cursors.c.cursor).where(*here)))
        cursor: Cursor | None = orjson.loads(text) if text else None
        return cursor

    def hear(self, heard: Heard, lease: Lease, at: datetime) -> None:
        """Store what a feed said at a time: what is due, and the cursor that resumes after it."""

        def write(tx: Transaction) -> None:
            mark(tx, heard.due, at)
            _save_cursor(tx, heard.cursor)

        lease.write(self._id, write)

    def mark(self, rows: pl.DataFrame, lease: Lease, at: datetime) -> None:
        """Mark rows (`DUE`) as due, without moving the feed's cursor."""
        lease.write(self._id, lambda tx: mark(tx, rows, at))

    def begin_anew(self, lease: Lease) -> None:
        """Forget the feed's cursor, so that it begins with what happens from now on."""
        old = delete(cursors).where(cursors.c.connection == self._id, cursors.c.stream == FEED)
        lease.write(self._id, lambda tx: tx.sql.execute(old))

    def switch_off(self, lease: Lease) -> None:
        """Forget what is due and the feed's cursor, since no feed is heard any more: the streams bring all of it."""
        mine, heard = (due.c.connection == self._id), (cursors.c.connection == self._id, cursors.c.stream == FEED)
        known = select(or_(exists().where(mine), exists().where(*heard)))
        if self._database.read(lambda sql: sql.scalar(known)):
            old = (delete(due).where(mine), delete(cursors).where(*heard))
            lease.write(self._id, lambda tx: [tx.sql.execute(each) for each in old])

    def outdate(self, before: datetime, lease: Lease) -> int:
        """Forget what has been due since before a time, since the streams have brought it; return how much."""
        oldest = self.waiting().oldest
        if oldest is None or oldest >= before:
            return 0
        old = delete(due).where(due.c.connection == self._id, due.c.heard_at < micros(before))
        return lease.write(self._id, lambda tx: tx.sql.execute(old).rowcount)

    def take(self, limit: int) -> pl.DataFrame:
        """Return up to this many rows (`TAKEN`), the longest known first. They stay due until they are `done`."""
        mine = select(*(due.c[name] for name in TAKEN)).where(due.c.connection == self._id)
        oldest = mine.order_by(due.c.heard_at, due.c.stream, due.c.by, due.c.id).limit(limit)
        return self._database.read(lambda sql: bulk.read(sql, oldest, _STORED)).cast(TAKEN)

    def waiting(self) -> Waiting:
        """Return how much is due."""
        return self._database.read(lambda sql: waiting(sql, self._id))


def waiting(sql: Connection, connection: int) -> Waiting:
    """Return how much is due on a connection."""
    counted = select(func.count(), func.min(due.c.heard_at)).where(due.c.connection == connection)
    rows, oldest = sql.execute(counted).one()
    return Waiting(rows, None if oldest is None else moment(oldest))


def mark(tx: Transaction, rows: pl.DataFrame, at: datetime) -> None:
    """Mark rows (`DUE`) as due. What is due already keeps its earliest times, and is done only once it is read anew."""
    stored = rows.with_columns(pl.col("changed_at").dt.timestamp("us"), heard_at=pl.lit(micros(at)))
    _put(tx, stored.select(list(_KNOWN)))


def _put(tx: Transaction, rows: pl.DataFrame) -> None:
    if rows.is_empty():
        return
    each = rows.group_by("stream", "by", "id", maintain_order=True).agg(pl.col("changed_at", "heard_at").min())
    given = bulk.owned(each, connection=tx.connection)
    known = bulk.find(tx.sql, due, given.select(_KEY), _KNOWN)
    both = given.join(known, on=["stream", "by", "id"], how="left", suffix="_before", maintain_order="left")
    earliest = [pl.min_horizontal(name, f"{name}_before").alias(name) for name in ("changed_at", "heard_at")]
    marked = both.with_columns(earliest).select(given.columns)
    bulk.upsert(tx.sql, due, marked.with_columns(number=pl.lit(tx.number)))


def done(tx: Transaction, taken: pl.DataFrame) -> None:
    """Take away what was read (`TAKEN`), except for what was marked again since it was taken."""
    bulk.delete_rows(tx.sql, due, bulk.owned(taken.select("stream", "by", "id", "number"), connection=tx.connection))


def inherit(tx: Transaction, lost: pl.DataFrame) -> None:
    """Make the survivors (`survivor`) of leads that are due (`lead`) due instead."""
    mine = select(*(due.c[name] for name in _KNOWN)).where(due.c.connection == tx.connection, due.c.by == OF_LEAD)
    held = bulk.read(tx.sql, mine, _KNOWN).join(lost.select("survivor", id="lead"), on="id")
    forget(tx, held["id"])
    _put(tx, held.with_columns(id="survivor").select(list(_KNOWN)))


def forget(tx: Transaction, ids: Iterable[str]) -> None:
    """Forget that these leads are due."""
    rows = pl.DataFrame({"id": list(ids)}, schema={"id": pl.String}).with_columns(by=pl.lit(OF_LEAD))
    bulk.delete_rows(tx.sql, due, bulk.owned(rows, connection=tx.connection))


def _save_cursor(tx: Transaction, cursor: Cursor) -> None:
    row = pl.DataFrame({"stream": [FEED], "cursor": [orjson.dumps(dict(cursor)).decode()]})
    owned = bulk.owned(row, connection=tx.connection).with_columns(moved_at=pl.lit(micros(datetime.now(UTC))))
    bulk.upsert(tx.sql, cursors, owned, change=("cursor", "moved_at"))
