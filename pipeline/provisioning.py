"""Provisioning: create and remove the output fields in the CRM, and keep the store's record of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from pipeline.connect import filled_by_sales, output_fields
from pipeline.job import Job
from pipeline.lease import leased
from pipeline.restoring import restore
from pipeline.undo import Undone
from vocabulary.feedback import FIELD
from vocabulary.outputs import OUTPUTS, Output, field_of, whose
from vocabulary.provisioned import Provisioned


def provision(job: Job, adopt: Collection[str] = (), *, dry_run: bool = False) -> list[Provisioned]:
    """Create the missing output fields of a connection.

    New fields are recorded before they are created. If this is interrupted, the next pass still knows that they are
    empty in the CRM.
    """
    outputs, fields = [*output_fields(job.connection), *filled_by_sales(job.connection)], job.crm_fields
    known = fields.known()
    planned = job.connector.provision(outputs, known, adopt=adopt, dry_run=True)
    if dry_run:
        return planned
    fields.keep(_written(planned))
    done = planned if _is_done(planned) else job.connector.provision(outputs, known, adopt=adopt)
    fields.drop([one.field for one in done if one.action == "clash" and one.field not in known])
    fields.keep(_written(done))
    return done


def _written(provisioned: Sequence[Provisioned]) -> list[Provisioned]:
    """Return the fields that leadgauge writes: one that sales fills is never emptied, restored or removed."""
    return [one for one in provisioned if one.output != FIELD.name]


def remove(job: Job, outputs: Sequence[Output], *, dry_run: bool = False) -> list[Provisioned]:
    """Remove the fields that leadgauge created, and restore those that it adopted."""
    known = job.crm_fields.known()
    planned = job.connector.remove(outputs, known, dry_run=True) if outputs else []
    if dry_run or not planned:
        return planned
    adopted = {one.output for one in planned if one.action == "released"}
    restored = _restore(job, adopted) if adopted else {}
    done = [_released(one, restored) for one in job.connector.remove(outputs, known)]
    job.crm_fields.drop([one.field for one in done if one.action in ("removed", "released", "absent")])
    _ask_again(job, {one.output for one in done if one.action in ("removed", "released")})
    return done


def _ask_again(job: Job, removed: Collection[str]) -> None:
    """Ask before the next write of a scorecard whose last field was removed: it would write everybody again."""
    left = {one.output for one in job.crm_fields.list()}
    for box in job.boxes:
        ours = {box.field(each.name) for each in OUTPUTS}
        if ours & set(removed) and not ours & left:
            box.outbox.allow(allowed=False)


def _restore(job: Job, adopted: Collection[str]) -> dict[str, Undone]:
    """Write back what adopted fields held; return the result by output, for scorecards still in the settings."""
    ours = {box.field(each.name) for box in job.boxes for each in OUTPUTS}.intersection(adopted)
    with leased(job, "remove") as lease:
        return dict.fromkeys(ours, restore(job, ours, lease)) if ours else {}


def _released(one: Provisioned, restored: Mapping[str, Undone]) -> Provisioned:
    """Report whether an adopted field was restored. If not, the store keeps its record."""
    if one.action != "released":
        return one
    undone = restored.get(one.output)
    if undone is None:
        message = "existed before leadgauge. Put its scorecard back into the settings to restore its values"
        return replace(one, action="clash", message=message, origin="adopted")
    if undone.refused:
        message = f"could not be restored on {undone.refused:,} leads; `leadgauge status` says why"
        return replace(one, action="clash", message=message, origin="adopted")
    return replace(
        one, message=f"existed before leadgauge and is kept; its value was restored on {undone.restored:,} leads"
    )


def orphaned(job: Job) -> list[Output]:
    """Return the outputs that no scorecard of the connection writes.

    These are the outputs the store has recorded, and every possible output of scorecards removed from the settings.
    """
    current = {output.name for output in output_fields(job.connection)}
    remembered = [one.output for one in job.crm_fields.list()]
    used = {use.prefix for use in job.connection.scorecards}
    left = [outbox for outbox in job.store.status(job.name).outboxes if outbox.prefix not in used]
    possible = (field_of(output.name, one.of, one.prefix) for one in left for output in OUTPUTS)
    names = dict.fromkeys([*remembered, *possible])
    return [Output(name, "", "text", "", of=whose(name)) for name in names if name not in current]


def _is_done(planned: Sequence[Provisioned]) -> bool:
    """Return whether there is nothing to do."""
    return all(one.action in ("unchanged", "clash") for one in planned)
