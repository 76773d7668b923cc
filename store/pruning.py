"""Deleting old history."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, func, select

from store.leads import staleness
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.runs import FEED
from store.sql.schema import machine_marks, notices, outboxes, requests, results, runs, unclaimed, writes

KEEP_FED: Final = timedelta(days=1)
"""How long the many short runs are kept that read what a feed said."""


def prune(tx: Transaction, before: datetime, at: datetime) -> dict[str, int]:
    """Delete writes, runs, unclaimed activities, requests, sent messages and superseded marks older than `before`.

    Of the runs that read what a feed said, those that are a day old at `at`. Return how many of each.
    """
    limit = micros(before)
    old_writes = writes.c.outbox.in_([*staleness.outboxes_of(tx), *staleness.outboxes_of(tx, "accounts")]) & (
        writes.c.written_at < limit
    )
    old_runs = (runs.c.connection == tx.connection) & ((runs.c.finished_at < limit) | _fed(tx, at))
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


def _fed(tx: Transaction, at: datetime) -> ColumnElement[bool]:
    """Return which runs by the feed are old, unless they hold an outbox or staged what still waits."""
    mine = [*staleness.outboxes_of(tx), *staleness.outboxes_of(tx, "accounts")]
    holding = select(outboxes.c.held_run).where(outboxes.c.outbox.in_(mine), outboxes.c.held_run.is_not(None))
    staging = select(results.c.run).where(
        results.c.outbox.in_(mine), results.c.pending.is_not(None), results.c.run.is_not(None)
    )
    old = (runs.c.kind == FEED) & (runs.c.finished_at < micros(at - KEEP_FED))
    return old & runs.c.run.not_in(holding) & runs.c.run.not_in(staging)


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
