"""What HubSpot has announced to end, and which settings use it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from connectors.endings import Ending
from connectors.hubspot.portal import Portal, switched_on
from connectors.hubspot.settings import HubSpotSettings

# The changelog of 15 September 2026 names only the month: "After September 2027, these endpoints will be unsupported".
_LEGACY: Final = "https://developers.hubspot.com/changelog/legacy-apis-and-legacy-apps-whats-going-unsupported-and-when"
_V1_TO_V3: Final = date(2027, 9, 1)
_MONTH: Final = "September 2027"
# "18 months after a version originally went into GA, the version will be considered unsupported"; 2026-09 went into GA
# on 8 September 2026.
_VERSIONS: Final = "https://developers.hubspot.com/docs/developer-tooling/platform/versioning"


@dataclass(frozen=True, slots=True)
class Connection:
    """What a connection uses, by its settings and by what its portal offers."""

    settings: HubSpotSettings
    portal: Portal

    def reads_emails(self) -> bool:
        """Return whether events of marketing emails are read."""
        return bool(switched_on(self.settings.activities.email_events)) and self.portal.has("email_events")

    def reads_submissions(self) -> bool:
        """Return whether submissions are read form by form."""
        return self.portal.reads_forms() and self.portal.has("forms")


ENDINGS: Final[tuple[Ending[Connection], ...]] = (
    Ending(
        "the paths of API version 3",
        _V1_TO_V3,
        _MONTH,
        "api",
        lambda use: use.settings.api == "v3",
        "Remove `api: v3`, or set `api: 2026-09`.",
        _LEGACY,
    ),
    Ending(
        "the paths of API version 2026-09",
        date(2028, 3, 8),
        "March 2028",
        "api",
        lambda use: use.settings.api == "2026-09",
        "Install a newer version of leadgauge.",
        _VERSIONS,
    ),
    Ending(
        "events and campaigns of marketing emails in API version 1",
        _V1_TO_V3,
        _MONTH,
        "activities.email_events",
        Connection.reads_emails,
        "HubSpot names no successor yet. Where they stop, derived properties (`derived: auto`) give opens, clicks and"
        " replies, with lower counts.",
        _LEGACY,
    ),
    Ending(
        "submissions form by form in API version 1",
        _V1_TO_V3,
        _MONTH,
        "activities.forms",
        Connection.reads_submissions,
        "HubSpot names no successor but the events API (Enterprise). Where they stop, derived properties"
        " (`derived: auto`) give submissions without the form's name.",
        _LEGACY,
    ),
)
