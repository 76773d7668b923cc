"""The status of a connection."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, func, select

from store.leads import excluding, suspicion
from store.leads.due import FEED, Waiting, waiting
from store.mirror.mirror import Counts
from store.mirror.waiting import Waiting as Unclaimed
from store.mirror.waiting import waiting as unclaimed
from store.notices.queue import SinkState, state
from store.outbox.box import Box
from store.outbox.crm_fields import unwritten
from store.outbox.outbox import Held, held
from store.sql import bulk
from store.sql.database import moment, now
from store.sql.runs import Fed, Run
from store.sql.schema import PENDING, connections, cursors, notes, outboxes, refused, results, stale, vanished
from vocabulary.outputs import Of


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """The status of one scorecard's results of leads or of accounts."""

    prefix: str
    of: Of
    leads: int
    """How many leads or accounts were scored."""
    dirty: int
    pending: int
    """Rows that wait to be written, including refused ones."""
    refused: int
    held: Held | None


@dataclass(frozen=True, slots=True)
class LeaseStatus:
    """Which process holds the connection."""

    holder: str
    purpose: str
    until: datetime


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """What the CRM's feed has told."""

    heard_at: datetime | None
    """When it last told of something; None if it never did."""
    due: Waiting
    passes: Fed
    """The passes over what it told, in the last day."""


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a connection."""

    connection: str
    counts: Counts
    cursors: Mapping[str, datetime]
    """When each stream's cursor last changed."""
    totals: Mapping[str, int]
    """How many leads the CRM reported, by stream."""
    lease: LeaseStatus | None
    runs: tuple[Run, ...]
    outboxes: tuple[OutboxStatus, ...]
    notes: Mapping[str, str]
    """Notes by name, such as why changed settings are refused."""
    removals_held: Mapping[suspicion.Subject, int]
    """How many missing leads and activities wait for a person to decide."""
    excluded: Mapping[str, int]
    """How many leads each condition of `exclude` leaves out."""
    vanished: int
    """How many leads left the CRM while their history is still kept."""
    waiting: tuple[Unclaimed, ...]
    """Activities of leads that the mirror does not have."""
    unwritten: tuple[str, ...]
    """CRM fields that leadgauge wrote before and no longer writes."""
    feed: FeedStatus
    alerts: tuple[SinkState, ...] = ()
    """What waits for each sink of `notify`, and what could not be sent."""


@dataclass(frozen=True, slots=True)
class BoxState:
    """What holds the results of leads or of accounts of a scorecard."""

    prefix: str
    of: Of
    refused: int
    held: Held | None


@dataclass(frozen=True, slots=True)
class State:
    """What a connection does and waits for, as far as no large table must be counted for it."""

    lease: LeaseStatus | None
    boxes: tuple[BoxState, ...]
    notes: Mapping[str, str]
    removals_held: Mapping[suspicion.Subject, int]
    unwritten: tuple[str, ...]
    alerts: tuple[SinkState, ...]


def state_of(sql: Connection, connection: int) -> State:
    """Return what a connection does and waits for."""
    return State(
        lease=holder(sql, connection),
        boxes=tuple(_state(sql, box) for box in _boxes(sql, connection)),
        notes=_notes(sql, connection),
        removals_held=suspicion.held(sql, connection),
        unwritten=unwritten(sql, connection),
        alerts=state(sql, connection),
    )


def _state(sql: Connection, box: Box) -> BoxState:
    return BoxState(box.prefix, box.of, _count(sql, refused, box.number), held(sql, box.number))


def _boxes(sql: Connection, connection: int) -> list[Box]:
    mine = (
        select(outboxes.c.outbox, outboxes.c.prefix, outboxes.c.of)
        .where(outboxes.c.connection == connection)
        .order_by(outboxes.c.prefix, outboxes.c.of.desc())
    )
    return [Box(*row) for row in sql.execute(mine)]


def _notes(sql: Connection, connection: int) -> dict[str, str]:
    remarks = select(notes.c.name, notes.c.text).where(notes.c.connection == connection).order_by(notes.c.name)
    return {row.name: row.text for row in sql.execute(remarks)}


def _vanished(sql: Connection, connection: int) -> int:
    here = select(func.count()).select_from(vanished).where(vanished.c.connection == connection)
    return sql.execute(here).scalar_one()


def read(sql: Connection, connection: int, counts: Counts, runs: tuple[Run, ...], fed: Fed) -> Status:
    """Return the status of a connection, from one snapshot of the database."""
    moved = sql.execute(select(cursors).where(cursors.c.connection == connection).order_by(cursors.c.stream)).all()
    streams = [row for row in moved if row.stream != FEED]
    heard_at = next((moment(row.moved_at) for row in moved if row.stream == FEED), None)
    return Status(
        connection=sql.execute(select(connections.c.name).where(connections.c.connection == connection)).scalar_one(),
        counts=counts,
        cursors={row.stream: moment(row.moved_at) for row in streams},
        totals={row.stream: row.total for row in streams if row.total is not None},
        lease=holder(sql, connection),
        runs=runs,
        outboxes=tuple(_outbox(sql, box) for box in _boxes(sql, connection)),
        notes=_notes(sql, connection),
        removals_held=suspicion.held(sql, connection),
        excluded=excluding.counts(sql, connection),
        vanished=_vanished(sql, connection),
        waiting=unclaimed(sql, connection),
        unwritten=unwritten(sql, connection),
        feed=FeedStatus(heard_at, waiting(sql, connection), fed),
        alerts=state(sql, connection),
    )


def holder(sql: Connection, connection: int) -> LeaseStatus | None:
    """Return which process holds the connection now."""
    row = sql.execute(select(connections).where(connections.c.connection == connection)).one()
    if row.holder is None or row.until <= now(sql):
        return None
    return LeaseStatus(row.holder, row.purpose, moment(row.until))


def _outbox(sql: Connection, box: Box) -> OutboxStatus:
    outbox = box.number
    mine = (results.c.outbox == outbox, results.c.bucket >= 0, results.c.pending.is_not(None))
    waiting = bulk.by_index(select(func.count()).select_from(results).where(*mine), PENDING)
    return OutboxStatus(
        prefix=box.prefix,
        of=box.of,
        leads=_scored(sql, outbox),
        dirty=_count(sql, stale, outbox),
        pending=sql.execute(waiting).scalar_one(),
        refused=_count(sql, refused, outbox),
        held=held(sql, outbox),
    )


def _scored(sql: Connection, outbox: int) -> int:
    mine = (results.c.outbox == outbox, results.c.bucket >= 0)
    return sql.execute(select(func.count()).select_from(results).where(*mine)).scalar_one()


def _count(sql: Connection, table: Table, outbox: int) -> int:
    return sql.execute(select(func.count()).select_from(table).where(table.c.outbox == outbox)).scalar_one()
