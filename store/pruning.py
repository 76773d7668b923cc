"""Dropping what is too old to matter."""

from datetime import datetime

from sqlalchemy import delete

from store import staleness
from store.database import micros
from store.leases import Change
from store.schema import runs, unclaimed, writes


def prune(change: Change, before: datetime) -> dict[str, int]:
    """Drop writes, finished runs and unclaimed activities from before a moment; returns how many of each."""
    limit = micros(before)
    old_writes = writes.c.outbox.in_(staleness.outboxes_of(change)) & (writes.c.written_at < limit)
    old_runs = (runs.c.connection == change.connection) & (runs.c.finished_at < limit)
    nobodys = (unclaimed.c.connection == change.connection) & (unclaimed.c.occurred_at < limit)
    return {
        table.name: change.sql.execute(delete(table).where(old)).rowcount
        for table, old in ((writes, old_writes), (runs, old_runs), (unclaimed, nobodys))
    }
