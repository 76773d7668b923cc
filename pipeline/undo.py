"""Undo: what the fields held before a run, written back where nobody has changed them since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.base import Row, Value
from pipeline.job import Job, Judgement
from pipeline.push import ROWS
from pipeline.values import same
from store import Lease, Write


class NothingToUndo(Exception):  # noqa: N818 - named for what the caller learns
    """The run does not exist, or wrote nothing that is still known."""

    exit_code = 2


@dataclass
class Undone:
    """What an undo came to."""

    restored: int = 0
    refused: int = 0
    kept: int = 0
    """Leads of which somebody else has changed a field since: that field stays as it is."""


def undo(job: Job, run: int, lease: Lease) -> Undone:
    """Write back what a run replaced, and hold the outbox so that the next pass does not write it again.

    The hold ends with another scorecard, or with `--accept`.
    """
    writes = {judgement.prefix: judgement.outbox.writes_of(run) for judgement in job.judgements}
    if not any(writes.values()):
        raise NothingToUndo(
            f"{job.name}: run {run} wrote nothing that could be undone. `leadgauge status` lists the runs."
        )
    undone = Undone()
    with job.permit.under(lease):
        for judgement in job.judgements:
            if writes[judgement.prefix]:
                _undo_one(job, judgement, run, writes[judgement.prefix], lease, undone)
    return undone


def _undo_one(job: Job, judgement: Judgement, run: int, writes: Sequence[Write], lease: Lease, undone: Undone) -> None:
    number = job.runs.start("undo", lease)
    judgement.outbox.hold(
        number, f"Run {run} was undone. Change the scorecard, or let it write with `--accept`.", lease
    )
    for start in range(0, len(writes), ROWS):
        rows = list(_rows(job, judgement.prefix, writes[start : start + ROWS], undone))
        _write(job, judgement, number, rows, lease, undone)
    counts = {"of": run, **vars(undone), "undone": {judgement.prefix: judgement.label}}
    job.runs.finish(number, "refused" if undone.refused else "done", counts, lease, f"Run {run} was undone.")


def _write(job: Job, judgement: Judgement, number: int, rows: Sequence[Row], lease: Lease, undone: Undone) -> None:
    if not rows:
        return
    judgement.outbox.sending(rows, number, lease)
    for answers in job.connector.push(rows):
        recorded = judgement.outbox.record(answers, number, lease)
        undone.restored += recorded.written
        undone.refused += recorded.refused


def _rows(job: Job, prefix: str, writes: Sequence[Write], undone: Undone) -> Iterator[Row]:
    """Yield what to write back: each field that still holds what the run wrote."""
    names = sorted({prefix + name for write in writes for name in write.after})
    now = job.connector.read([write.lead for write in writes], names)
    for write in writes:
        held = now.get(write.lead)
        if held is None:
            undone.kept += 1
            continue
        ours = {
            name: write.before.get(name) for name in write.after if same(held.get(prefix + name), write.after[name])
        }
        undone.kept += len(ours) < len(write.after)
        if ours:
            yield Row(write.lead, _prefixed(prefix, ours))


def _prefixed(prefix: str, values: Mapping[str, Value]) -> dict[str, Value]:
    return {prefix + name: value for name, value in values.items()}
