"""Restoring adopted fields: write back what they held before leadgauge wrote them."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from pipeline.compute import buckets
from pipeline.equality import same
from pipeline.job import ActiveScorecard, Job
from pipeline.undo import Undone
from store import Lease
from store.sql.schema import OUTPUTS
from vocabulary.writes import Row, Value


def restore(job: Job, fields: Collection[str], lease: Lease) -> Undone:
    """Write back what output fields held before leadgauge wrote them, unless someone else has changed them since.

    This is recorded as a separate run. `fields` are names of outputs, with their prefix.
    """
    undone = Undone()
    number, called = job.runs.start("give back", lease), job.connector.budget().calls
    with job.permit.under(lease):
        for box in job.boxes:
            names = [name for name in OUTPUTS if box.field(name) in fields]
            for some in buckets(job) if names else ():
                rows = list(_rows(job, box, names, some, undone))
                _write(job, box, rows, number, lease, undone)
    undone.calls = job.connector.budget().calls - called
    message = f"Restored what {', '.join(sorted(fields))} held before leadgauge wrote there."
    job.runs.finish(number, "refused" if undone.refused else "done", {**vars(undone)}, lease, message)
    return undone


def _write(job: Job, active: ActiveScorecard, rows: Sequence[Row], number: int, lease: Lease, undone: Undone) -> None:
    if not rows:
        return
    active.outbox.sending(rows, number, lease)
    for answers in job.connector.push(rows, active.of):
        recorded = active.outbox.record(answers, number, lease)
        undone.restored += recorded.written
        undone.refused += recorded.refused


def _rows(job: Job, active: ActiveScorecard, names: Sequence[str], some: range, undone: Undone) -> Iterator[Row]:
    written = {row["lead"]: row for row in active.outbox.last_written(some).iter_rows(named=True)}
    leads = list(written)
    before = active.outbox.before(leads)
    now = job.connector.read(leads, [active.field(name) for name in names], active.of)
    for lead in leads:
        held = {name: now[lead].get(active.field(name)) for name in names} if lead in now else None
        if held is None:
            undone.gone += 1
            continue
        if values := _values(held, written[lead], before.get(lead, {}), undone):
            yield Row(lead, {active.field(name): value for name, value in values.items()})


def _values(
    held: Mapping[str, Value], written: Mapping[str, Value], before: Mapping[str, Value], undone: Undone
) -> dict[str, Value]:
    """Return the values to write back to a lead, for the fields that still hold what leadgauge wrote."""
    due = {name: before.get(name) for name, value in held.items() if not same(value, before.get(name))}
    ours = {name: value for name, value in due.items() if same(held[name], written[name])}
    undone.already += not due
    undone.kept += len(ours) < len(due)
    return ours
