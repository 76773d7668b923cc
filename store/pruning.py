"""Deleting old history."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, select

from store.leads import staleness
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import machine_marks, notices, requests, runs, unclaimed, writes


def prune(tx: Transaction, before: datetime) -> dict[str, int]:
    """Delete writes, runs, unclaimed activities, requests, sent messages and superseded marks older than `before`.

    Return how many of each.
    """
    limit = micros(before)
    old_writes = writes.c.outbox.in_([*staleness.outboxes_of(tx), *staleness.outboxes_of(tx, "accounts")]) & (
        writes.c.written_at < limit
    )
    old_runs = (runs.c.connection == tx.connection) & (runs.c.finished_at < limit)
    old_unclaimed = (unclaimed.c.connection == tx.connection) & (unclaimed.c.occurred_at < limit)
    old_requests = (
        (requests.c.connection == tx.connection) & (requests.c.state == "done") & (requests.c.asked_at < limit)
    )
    old_notices = (notices.c.connection == tx.connection) & (
        func.coalesce(notices.c.sent_at, notices.c.dropped_at) < limit
    )
    tables = (
        (writes, old_writes),
        (runs, old_runs),
        (unclaimed, old_unclaimed),
        (requests, old_requests),
        (notices, old_notices),
        (machine_marks, _superseded(tx, limit)),
    )
    return {table.name: tx.sql.execute(delete(table).where(old)).rowcount for table, old in tables}


def _superseded(tx: Transaction, limit: int) -> ColumnElement[bool]:
    """Return which marks of machines say nothing of any time from a limit on.

    Those are followed by another one before the limit, or take one back before it.
    """
    later = machine_marks.alias()
    same = and_(*(later.c[name] == machine_marks.c[name] for name in ("connection", "bucket", "lead", "id")))
    follows = (later.c.marked_at > machine_marks.c.marked_at) & (later.c.marked_at < limit)
    followed = select(later.c.lead).where(same, follows).exists()
    old = (machine_marks.c.connection == tx.connection) & (machine_marks.c.marked_at < limit)
    return old & ((machine_marks.c.reasons == "") | followed)
