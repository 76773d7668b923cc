"""Where a connection stands, for people and programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, func, select

from store.leads import suspicion
from store.mirror.mirror import Counts
from store.outbox.outbox import Held, held
from store.sql.database import moment, now
from store.sql.runs import Run
from store.sql.schema import connections, cursors, notes, outboxes, refused, results, stale, vanished


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """How one scorecard's results stand."""

    prefix: str
    leads: int
    dirty: int
    pending: int
    """Rows that wait to be written, refused ones among them."""
    refused: int
    held: Held | None


@dataclass(frozen=True, slots=True)
class LeaseStatus:
    """Who works on the connection."""

    holder: str
    purpose: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """Where a connection stands."""

    connection: str
    counts: Counts
    cursors: Mapping[str, datetime]
    """When each stream last moved."""
    totals: Mapping[str, int]
    """How many leads the CRM said there are, by stream."""
    lease: LeaseStatus | None
    runs: tuple[Run, ...]
    outboxes: tuple[OutboxStatus, ...]
    notes: Mapping[str, str]
    """Remarks by name, such as why changed settings are refused."""
    removals_held: Mapping[suspicion.Subject, int]
    """How many leads and activities are missing from the CRM's answers and wait for a person."""
    vanished: int
    """Leads that left the CRM and whose history is kept for a while."""


def read(sql: Connection, connection: int, counts: Counts, runs: tuple[Run, ...]) -> Status:
    """Return the status of a connection, on one state of the database."""
    streams = sql.execute(select(cursors).where(cursors.c.connection == connection).order_by(cursors.c.stream)).all()
    mine = (
        select(outboxes.c.outbox, outboxes.c.prefix)
        .where(outboxes.c.connection == connection)
        .order_by(outboxes.c.prefix)
    )
    remarks = select(notes.c.name, notes.c.text).where(notes.c.connection == connection).order_by(notes.c.name)
    return Status(
        connection=sql.execute(select(connections.c.name).where(connections.c.connection == connection)).scalar_one(),
        counts=counts,
        cursors={row.stream: moment(row.moved_at) for row in streams},
        totals={row.stream: row.total for row in streams if row.total is not None},
        lease=_lease(sql, connection),
        runs=runs,
        outboxes=tuple(_outbox(sql, row.outbox, row.prefix) for row in sql.execute(mine)),
        notes={row.name: row.text for row in sql.execute(remarks)},
        removals_held=suspicion.held(sql, connection),
        vanished=sql.execute(
            select(func.count()).select_from(vanished).where(vanished.c.connection == connection)
        ).scalar_one(),
    )


def _lease(sql: Connection, connection: int) -> LeaseStatus | None:
    row = sql.execute(select(connections).where(connections.c.connection == connection)).one()
    if row.holder is None or row.until <= now(sql):
        return None
    return LeaseStatus(row.holder, row.purpose, moment(row.until))


def _outbox(sql: Connection, outbox: int, prefix: str) -> OutboxStatus:
    present = (results.c.outbox == outbox, results.c.bucket >= 0)
    waiting = select(func.count()).select_from(results).where(*present, results.c.pending.is_not(None))
    return OutboxStatus(
        prefix=prefix,
        leads=_scored(sql, outbox),
        dirty=_count(sql, stale, outbox),
        pending=sql.execute(waiting).scalar_one(),
        refused=_count(sql, refused, outbox),
        held=held(sql, outbox),
    )


def _scored(sql: Connection, outbox: int) -> int:
    present = (results.c.outbox == outbox, results.c.bucket >= 0)
    return sql.execute(select(func.count()).select_from(results).where(*present)).scalar_one()


def _count(sql: Connection, table: Table, outbox: int) -> int:
    return sql.execute(select(func.count()).select_from(table).where(table.c.outbox == outbox)).scalar_one()
