"""Push: write the pending rows of the outbox to the CRM, most urgent first."""

from collections.abc import Iterator, Sequence
from typing import Final

from connectors.base import Interrupted
from pipeline.alerting import alerting_of
from pipeline.job import ActiveScorecard, Job
from store import Lease, Recorded
from vocabulary.writes import Pushed

ROWS: Final = 20_000
"""How many rows are in flight at a time, enough for the CRMs' bulk APIs. After a crash, these are sent again."""

STEP: Final = 1.0
"""Seconds between two moments of a pause in which something else can be done."""

RECORDED: Final = 1_000
"""How many answers are recorded per transaction; one per batch would cost more than the batch."""


def push(
    job: Job,
    box: ActiveScorecard,
    run: int,
    lease: Lease,
    rows_per_minute: int | None = None,
    *,
    unread: bool = True,
    own: bool = False,
) -> Iterator[Recorded]:
    """Write all pending rows of leads or accounts, yielding counts of the answers. See `Outbox.pending` for `unread`.

    `own`: only the rows that this run staged. While it waits, it yields that nothing was recorded.

    Every row is marked as in flight before it is sent, so that rows without an answer are known after a crash.
    """
    outbox, limit, verified = box.outbox, min(ROWS, rows_per_minute or ROWS), False
    alerting = alerting_of(job.connection, box)
    of_run = run if own else None
    while rows := outbox.pending(limit, job.now(), unread=unread, of_run=of_run):
        outbox.sending(rows, run, lease)
        for answers in _regrouped(job.connector.push(rows, box.of)):
            if not verified and any(answer.refusal and answer.refusal.about_fields for answer in answers):
                job.verify_again()
                verified = True
            yield outbox.record(answers, run, lease, alerting=alerting)
        if rows_per_minute and outbox.pending_count(job.now()):
            yield from _pause(job, 60 * len(rows) / rows_per_minute)


def _regrouped(batches: Iterator[Sequence[Pushed]]) -> Iterator[Sequence[Pushed]]:
    """Yield the answers of several batches at a time, including those received before an error."""
    held: list[Pushed] = []
    try:
        for batch in batches:
            held += batch
            if len(held) >= RECORDED:
                yield held
                held = []
    except Exception:
        if held:
            yield held
        raise
    if held:
        yield held


def _pause(job: Job, seconds: float) -> Iterator[Recorded]:
    while seconds > 0:
        if job.stop.wait(min(seconds, STEP)):
            raise Interrupted("Asked to stop between two batches; the next run continues with the rest.")
        seconds -= STEP
        yield Recorded()
