"""How many leads passes by the feed moved in a day, for the guard: each of them is too small to be judged by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping, func, select, update

from store.sql.database import Database, micros
from store.sql.leases import Lease, Transaction
from store.sql.schema import outboxes, results

WINDOW: Final = timedelta(days=1)
"""How long the moves of passes by the feed are added up. A release of the outbox begins anew, too."""


@dataclass(frozen=True, slots=True)
class Fed:
    """What passes by the feed did since the window began."""

    moved: int
    """How many leads they moved to another grade or priority; one that moved twice counts twice."""
    known: int
    """How many leads had ever been written when they were last counted."""


def read(database: Database, connection: int, outbox: int, lease: Lease, at: datetime) -> Fed:
    """Return what is counted; begin a new window if the last one is over, or begins after `at` by a wrong clock."""
    row = database.read(lambda sql: _row(sql, outbox))
    if row["fed_since"] is not None and 0 <= micros(at) - row["fed_since"] < micros_of(WINDOW):
        return Fed(row["fed_moved"], row["fed_known"])
    begin = update(outboxes).where(outboxes.c.outbox == outbox).values(fed_since=micros(at), fed_moved=0)
    lease.write(connection, lambda tx: tx.sql.execute(begin))
    return Fed(0, row["fed_known"])


def micros_of(span: timedelta) -> int:
    """Return a span in microseconds."""
    return span // timedelta(microseconds=1)


def add(tx: Transaction, outbox: int, moved: int) -> None:
    """Count leads that a pass by the feed moves."""
    if moved:
        more = update(outboxes).where(outboxes.c.outbox == outbox).values(fed_moved=outboxes.c.fed_moved + moved)
        tx.sql.execute(more)


def recount(tx: Transaction, outbox: int) -> int:
    """Count the leads that were ever written."""
    written = (results.c.outbox == outbox, results.c.bucket >= 0, results.c.told_at.is_not(None))
    known = tx.sql.execute(select(func.count()).select_from(results).where(*written)).scalar_one()
    tx.sql.execute(update(outboxes).where(outboxes.c.outbox == outbox).values(fed_known=known))
    return known


def _row(sql: Connection, outbox: int) -> RowMapping:
    columns = (outboxes.c.fed_since, outboxes.c.fed_moved, outboxes.c.fed_known)
    return sql.execute(select(*columns).where(outboxes.c.outbox == outbox)).mappings().one()
