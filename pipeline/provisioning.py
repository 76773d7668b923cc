"""Provisioning: the output fields in the CRM, and what the store remembers of them."""

from collections.abc import Collection, Sequence

from connectors.base import Output, Provisioned
from pipeline.connect import output_fields
from pipeline.job import Job
from vocabulary.outputs import OUTPUTS


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
    """Take the fields of these outputs that leadgauge made out of the CRM."""
    done = job.connector.remove(outputs, job.crm_fields.known(), dry_run=dry_run) if outputs else []
    if not dry_run:
        job.crm_fields.drop([one.field for one in done if one.action in ("removed", "released", "absent")])
    return done


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
