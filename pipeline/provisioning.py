"""Provisioning: the output fields in the CRM, and what the store remembers of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from pipeline.connect import output_fields
from pipeline.giving_back import give_back
from pipeline.job import Job
from pipeline.lease import leased
from pipeline.undo import Undone
from vocabulary.outputs import OUTPUTS, Output
from vocabulary.provisioned import Provisioned


def provision(job: Job, adopt: Collection[str] = (), *, dry_run: bool = False) -> list[Provisioned]:
    """Make the output fields of a connection that are missing.

    What will be new is noted before it is made: whenever this is broken off, the next pass knows that the CRM holds
    nothing of what it was told.
    """
    outputs, fields = output_fields(job.connection.scorecards), job.crm_fields
    known = fields.known()
    planned = job.connector.provision(outputs, known, adopt=adopt, dry_run=True)
    if dry_run:
        return planned
    fields.keep(planned)
    done = planned if _stands(planned) else job.connector.provision(outputs, known, adopt=adopt)
    fields.drop([one.field for one in done if one.action == "clash" and one.field not in known])
    fields.keep(done)
    return done


def remove(job: Job, outputs: Sequence[Output], *, dry_run: bool = False) -> list[Provisioned]:
    """Take the fields of these outputs that leadgauge made out of the CRM, and give back those that it adopted."""
    known = job.crm_fields.known()
    planned = job.connector.remove(outputs, known, dry_run=True) if outputs else []
    if dry_run or not planned:
        return planned
    adopted = {one.output for one in planned if one.action == "released"}
    restored = _give_back(job, adopted) if adopted else {}
    done = [_released(one, restored) for one in job.connector.remove(outputs, known)]
    job.crm_fields.drop([one.field for one in done if one.action in ("removed", "released", "absent")])
    return done


def _give_back(job: Job, adopted: Collection[str]) -> dict[str, Undone]:
    """Write back what adopted fields held; returns how that went by output, of those whose scorecard is there."""
    prefixes = tuple(active.prefix for active in job.scorecards)
    ours = {name for name in adopted if any(name == prefix + each.name for prefix in prefixes for each in OUTPUTS)}
    with leased(job, "remove") as lease:
        return dict.fromkeys(ours, give_back(job, ours, lease)) if ours else {}


def _released(one: Provisioned, restored: Mapping[str, Undone]) -> Provisioned:
    """Say whether an adopted field holds again what it did; one that does not stays remembered."""
    if one.action != "released":
        return one
    undone = restored.get(one.output)
    if undone is None:
        message = "was there before leadgauge. Put its scorecard back to have its values restored"
        return replace(one, action="clash", message=message, origin="adopted")
    if undone.refused:
        message = f"{undone.refused:,} leads did not take back what it held; `leadgauge status` says why"
        return replace(one, action="clash", message=message, origin="adopted")
    return replace(
        one, message=f"was there before leadgauge, and stays; {undone.restored:,} leads got back what they had"
    )


def orphaned(job: Job) -> list[Output]:
    """Return the outputs that no scorecard of the connection writes any more.

    They are those that the store remembers; of a scorecard that left the settings, every output that it may have had.
    """
    current = {output.name for output in output_fields(job.connection.scorecards)}
    remembered = [one.output for one in job.crm_fields.list()]
    prefixes = {outbox.prefix for outbox in job.store.status(job.name).outboxes}
    left = prefixes - {use.prefix for use in job.connection.scorecards}
    names = [*remembered, *(prefix + output.name for prefix in sorted(left) for output in OUTPUTS)]
    return [Output(name, "", "text", "") for name in dict.fromkeys(names) if name not in current]


def _stands(planned: Sequence[Provisioned]) -> bool:
    """Return whether nothing is to be done."""
    return all(one.action in ("unchanged", "clash") for one in planned)
