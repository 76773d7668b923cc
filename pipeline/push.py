"""Push: what waits in the outbox onto the CRM, most urgent first."""

from collections.abc import Iterator, Sequence
from typing import Final

from connectors.base import Interrupted
from pipeline.job import Job
from store import Lease, Outbox, Recorded
from vocabulary.writes import Pushed

ROWS: Final = 20_000
"""How many rows are on their way at a time: enough for the CRMs' bulk ways. After a crash, so many are sent again."""

TOGETHER: Final = 1_000
"""How many answers are recorded at a time: a transaction for each batch would cost more than the batch."""


def push(
    job: Job, outbox: Outbox, run: int, lease: Lease, rows_a_minute: int | None = None, *, unread: bool = True
) -> Iterator[Recorded]:
    """Write all pending rows, yielding what the answers came to, many at a time; see `Outbox.pending` for `unread`.

    Every row is noted as being sent before it leaves, so that one whose answer never came is known, not guessed.
    """
    limit, verified = min(ROWS, rows_a_minute or ROWS), False
    while rows := outbox.pending(limit, job.now(), unread=unread):
        outbox.sending(rows, run, lease)
        for answers in _together(job.connector.push(rows)):
            if not verified and any(answer.refusal and answer.refusal.about_fields for answer in answers):
                job.verify_again()
                verified = True
            yield outbox.record(answers, run, lease)
        if rows_a_minute and outbox.pending_count(job.now()):
            _pause(job, 60 * len(rows) / rows_a_minute)


def _together(batches: Iterator[Sequence[Pushed]]) -> Iterator[Sequence[Pushed]]:
    """Yield answers of several batches at a time; where the pushing breaks off, those that came before it too."""
    held: list[Pushed] = []
    try:
        for batch in batches:
            held += batch
            if len(held) >= TOGETHER:
                yield held
                held = []
    except Exception:
        if held:
            yield held
        raise
    if held:
        yield held


def _pause(job: Job, seconds: float) -> None:
    if job.stop.wait(seconds):
        raise Interrupted("Asked to stop between two batches; the next run goes on with the rest.")
