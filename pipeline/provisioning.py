"""Provisioning: the output fields in the CRM, and what the store remembers of them."""

from collections.abc import Collection, Sequence

from connectors.base import Output, Provisioned
from pipeline.connect import output_fields
from pipeline.job import Job


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


def remove(job: Job, outputs: Sequence[Output] | None = None, *, dry_run: bool = False) -> list[Provisioned]:
    """Take the fields that leadgauge made out of the CRM: all outputs of the scorecards, or these."""
    wanted = output_fields(job.connection.scorecards) if outputs is None else outputs
    done = job.connector.remove(wanted, job.crm_fields.known(), dry_run=dry_run)
    if not dry_run:
        job.crm_fields.drop([one.field for one in done if one.action in ("removed", "released", "absent")])
    return done


def _stands(planned: Sequence[Provisioned]) -> bool:
    """Return whether nothing is to be done."""
    return all(one.action in ("unchanged", "clash") for one in planned)
