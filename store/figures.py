"""What waits for the CRM or for a person, for monitoring: cheap enough to be read after every pass."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from store.leads import suspicion
from store.sql import bulk
from store.sql.database import moment
from store.sql.schema import PENDING, notes, outboxes, refused, results, runs


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one connection."""

    pending: int
    """Rows that wait to be written, including refused ones."""
    refused: int
    held: int
    """Scorecards whose writes wait for a person."""
    leads_held: int
    """Missing leads whose removal waits for a person."""
    activities_held: int
    oldest_unwritten: datetime | None
    """When the run started that staged the oldest row that is still pending."""
    notes: frozenset[str]
    """The names of the notes that `status` shows."""


def read(sql: Connection, connection: int) -> Figures:
    """Return the figures of a connection."""
    mine = select(outboxes.c.outbox).where(outboxes.c.connection == connection)
    here = (results.c.outbox.in_(mine), results.c.bucket >= 0, results.c.pending.is_not(None))
    waiting = bulk.by_index(select(func.count(), func.min(results.c.run)).where(*here), PENDING)
    rows = sql.execute(waiting).one()
    missing = suspicion.held(sql, connection)
    return Figures(
        pending=rows[0],
        refused=sql.execute(select(func.count()).select_from(refused).where(refused.c.outbox.in_(mine))).scalar_one(),
        held=sql.execute(
            select(func.count()).where(outboxes.c.connection == connection, outboxes.c.held_run.is_not(None))
        ).scalar_one(),
        leads_held=missing.get("leads", 0),
        activities_held=missing.get("activities", 0),
        oldest_unwritten=_started(sql, rows[1]),
        notes=frozenset(sql.scalars(select(notes.c.name).where(notes.c.connection == connection))),
    )


def _started(sql: Connection, run: int | None) -> datetime | None:
    at = sql.scalar(select(runs.c.started_at).where(runs.c.run == run)) if run is not None else None
    return None if at is None else moment(at)
