"""Finding the lead that a person means."""

from connectors.records import address_digest
from pipeline.job import Job


class UnknownLead(Exception):  # noqa: N818 - named for what is the matter
    """No lead of the mirror has this id or e-mail address."""

    exit_code = 1


def lead_of(job: Job, named: str) -> str:
    """Return the lead with this id or e-mail address: by the mirror, or by asking the CRM for an address."""
    found = _by_address(job, named) if "@" in named else named
    lead = job.mirror.resolve(found) if found else None
    if lead is None:
        raise UnknownLead(f"{job.name} has no lead '{named}'. If it is new in the CRM, the next pass brings it.")
    return lead


def _by_address(job: Job, address: str) -> str | None:
    digest = address_digest(address)
    assert digest is not None, "an address with an @ is not blank"
    return job.mirror.lead_of_address(digest) or job.connector.find(address)
