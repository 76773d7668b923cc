"""Looking up a lead by its id or e-mail address, or an account by its id."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from config import ConfigError
from connectors.base import ConfigurationError
from pipeline.job import Job
from store.mirror.mirror import Vanished
from store.mirror.removals import KEEP_VANISHED
from vocabulary.outputs import Of
from vocabulary.rows import address_digest

PAGE: Final = re.compile(r"https?://[^?#]*/(?P<lead>(?!view\b)\w+)(?:/view)?/?(?:[?#].*)?$")
"""The address of a lead's page in the CRM."""


class UnknownLead(Exception):  # noqa: N818 - named for the problem
    """No lead of the mirror has this id or e-mail address."""

    exit_code = 1


class UnknownAccount(Exception):  # noqa: N818 - named for the problem
    """No account of the mirror has this id."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Named:
    """A lead, or an account."""

    id: str
    of: Of = "leads"


def named_by(job: Job, named: str, *, account: bool = False) -> Named:
    """Return the lead or account with this id, e-mail address or page; raise `UnknownLead` or `UnknownAccount`.

    Of a lead and an account with one id, it is the lead, unless the page or `account` says otherwise.
    """
    page = PAGE.match(named)
    id_ = page["lead"] if page else named
    theirs = account or (page is not None and _shows_account(job, named, id_))
    if theirs:
        if not job.mirror.has_account(id_):
            raise UnknownAccount(f"{job.name} has no account '{named}'. If it is new, the next pass will read it.")
        return Named(id_, "accounts")
    try:
        return Named(lead_of(job, named))
    except UnknownLead:
        if not job.mirror.has_account(id_):
            raise
    return Named(id_, "accounts")


def _shows_account(job: Job, page: str, id_: str) -> bool:
    """Return whether the address of a page is that of an account's."""
    known = job.mirror.links().of(id_, "accounts")
    return known is not None and urlsplit(page).path.startswith(urlsplit(known).path.removesuffix("/view"))


def lead_of(job: Job, named: str) -> str:
    """Return the lead with this id, e-mail address or page in the CRM; raise `UnknownLead`.

    The CRM is asked about unknown addresses, if there is a token.
    """
    unasked = ""
    try:
        lead = _here(job, named)
    except (ConfigError, ConfigurationError) as error:
        lead, unasked = None, f" The CRM could not be asked about the address: {error}"
    if lead is not None:
        return lead
    if name := job.excluded.name_of(_digest_or_id(named)):
        raise UnknownLead(f"{named} is excluded by `{name}` in the settings: not scored, and nothing about it is kept.")
    gone = vanished(job, named)
    if gone is None:
        new = "If it is new in the CRM, the next pass will read it."
        raise UnknownLead(f"{job.name} has no lead '{named}'. {new}{unasked}")
    why = "was deleted in the CRM" if gone.why == "deleted" else "is outside the filter of the settings"
    raise UnknownLead(
        f"{job.name} has no lead '{named}': it {why} (noticed on {gone.since:%Y-%m-%d}). Its history is kept until"
        f" {gone.since + KEEP_VANISHED:%Y-%m-%d} in case it returns; `leadgauge forget` erases it now."
    )


def vanished(job: Job, named: str) -> Vanished | None:
    """Return the lead with this id or e-mail address that left the CRM and whose history is kept."""
    return job.mirror.vanished(_digest_or_id(named))


def _digest_or_id(named: str) -> str:
    return address_digest(named) or named if "@" in named else named


def _here(job: Job, named: str) -> str | None:
    if page := PAGE.match(named):
        return job.mirror.resolve(page["lead"])
    found = _by_address(job, named) if "@" in named else named
    return job.mirror.resolve(found) if found else None


def _by_address(job: Job, address: str) -> str | None:
    digest = address_digest(address)
    assert digest is not None, "an address with an @ is not blank"
    return job.mirror.lead_of_address(digest) or job.connector.find(address)
