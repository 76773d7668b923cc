"""The scopes that HubSpot's token needs, for what, and what goes without them; `docs/hubspot.md` has the same table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from connectors.hubspot.portal import FORM_EVENT, PAGE_EVENT, switched_on
from connectors.hubspot.settings import COMPANY, HubSpotSettings


@dataclass(frozen=True, slots=True)
class Scope:
    """Scopes that are needed together."""

    names: tuple[str, ...]
    lets: str
    without: str
    needed: Callable[[HubSpotSettings, bool], bool]
    """Whether settings need it; told too whether results of accounts are written."""


def _always(_: HubSpotSettings, _writes_accounts: bool) -> bool:  # noqa: FBT001 - as in `Scope.needed`
    return True


def _companies(settings: HubSpotSettings, writes: bool) -> bool:  # noqa: FBT001 - as above
    return writes or bool(settings.accounts) or any(COMPANY in path for path in settings.fields.values())


SCOPES: Final = (
    Scope(
        ("crm.objects.contacts.read",),
        "contacts, and calls, meetings, emails, notes, tasks",
        "nothing can be read",
        _always,
    ),
    Scope(("crm.objects.contacts.write",), "writing the results", "nothing can be written", _always),
    Scope(
        ("crm.schemas.contacts.read", "crm.schemas.contacts.write"),
        "`check` and `provision`",
        "properties must be created by hand",
        _always,
    ),
    Scope(
        ("crm.objects.companies.read",),
        "`accounts`, and fields that begin with `company.`",
        "such fields are an error in `check`",
        _companies,
    ),
    Scope(
        ("crm.objects.companies.write",),
        "writing results of accounts",
        "`check` and a run end with 2",
        lambda _, writes: writes,
    ),
    Scope(
        (
            "crm.objects.leads.read",
            "crm.objects.leads.write",
            "crm.schemas.leads.read",
            "crm.schemas.leads.write",
        ),
        "`lead_object: auto`",
        "open leads get no copies",
        lambda settings, _: settings.lead_object == "auto",
    ),
    Scope(
        ("crm.schemas.companies.read", "crm.schemas.companies.write"),
        "`check` and `provision`, if results of accounts are written",
        "properties must be created by hand",
        lambda _, writes: writes,
    ),
    Scope(
        ("crm.objects.deals.read", "crm.schemas.deals.read"),
        "`deals`, which the scorecards that ship use; `outcomes: {opportunities: true}` needs the first",
        "`deals` is an error in `check`; conversions are not read",
        lambda settings, _: bool(settings.deals) or settings.outcomes.opportunities,
    ),
    Scope(
        ("crm.lists.read",),
        "`member_of`",
        "`check` warns; memberships stay as they were last read",
        lambda settings, _: bool(settings.member_of),
    ),
    Scope(
        ("business-intelligence",),
        "page views and submissions from the events API (Enterprise)",
        "derived properties and forms are used instead",
        lambda settings, _: bool({PAGE_EVENT, FORM_EVENT} & switched_on(settings.activities.events).keys()),
    ),
    Scope(
        ("content",),
        "opens and clicks of marketing emails",
        "derived properties are used instead",
        lambda settings, _: bool(switched_on(settings.activities.email_events)),
    ),
    Scope(
        ("forms",),
        "submissions form by form; form names",
        "submissions without names, or none",
        lambda settings, _: bool(settings.activities.forms),
    ),
    Scope(
        ("crm.objects.marketing_events.read",),
        "webinars",
        "webinars are not read",
        lambda settings, _: bool(switched_on(settings.activities.webinars)),
    ),
    Scope(
        ("crm.export", "crm.import"),
        "`exports`, `imports` on very large portals",
        "pages and batches are used",
        lambda settings, _: settings.exports != "never" or settings.imports != "never",
    ),
)
