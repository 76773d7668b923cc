"""Every path of HubSpot's API that leadgauge calls, by API version. A new version needs one entry here.

v1 to v3 become unsupported in September 2027
(https://developers.hubspot.com/changelog/legacy-apis-and-legacy-apps-whats-going-unsupported-and-when, 2026-11). What
ends when is in `endings`.
"""

from collections.abc import Mapping
from typing import Final

_TOKEN: Final = "/oauth/2026-09/token"  # noqa: S105 - an address
"""Version 1 ends on 16 February 2027: https://developers.hubspot.com/changelog/v1-oauth-api-deprecation (2026-11)."""
_ASSOCIATIONS: Final = "/crm/associations/2026-09/{type}/{to}/batch/read"
"""Dated in every version, because v4 becomes unsupported on 30 March 2027, before the v3 that it belongs to:
https://developers.hubspot.com/changelog/deprecating-support-for-hubspot-v4-apis (2026-11)."""
_ALIKE: Final[Mapping[str, str]] = {
    "email_events": "/email/public/v1/events",
    "campaign": "/email/public/v1/campaigns/{id}",
    "submissions": "/form-integrations/v1/submissions/forms/{form}",
}
"""Endpoints without a date-based successor. The events API lacks marketing emails:
https://developers.hubspot.com/docs/guides/api/analytics-and-events/event-analytics (2026-11)."""


def _journal(version: str) -> Mapping[str, str]:
    """Return the paths of the webhooks journal of one account, and of the subscriptions that decide what it tells."""
    journal, subscriptions = f"/webhooks-journal/journal-local/{version}", f"/webhooks-journal/subscriptions/{version}"
    return {
        "journal_earliest": f"{journal}/batch/earliest/{{count}}",
        "journal_latest": f"{journal}/latest",
        "journal_next": f"{journal}/batch/{{offset}}/next/{{count}}",
        "subscriptions": subscriptions,
    }


PATHS: Final[Mapping[str, Mapping[str, str]]] = {
    "v3": {
        "objects": "/crm/v3/objects/{type}",
        "object": "/crm/v3/objects/{type}/{id}",
        "read": "/crm/v3/objects/{type}/batch/read",
        "update": "/crm/v3/objects/{type}/batch/update",
        "search": "/crm/v3/objects/{type}/search",
        "properties": "/crm/v3/properties/{type}",
        "property": "/crm/v3/properties/{type}/{name}",
        "create_properties": "/crm/v3/properties/{type}/batch/create",
        "groups": "/crm/v3/properties/{type}/groups",
        "group": "/crm/v3/properties/{type}/groups/{name}",
        "associations": _ASSOCIATIONS,
        "events": "/events/v3/events",
        "event_types": "/events/v3/events/event-types",
        "forms": "/marketing/v3/forms/",
        "marketing_events": "/marketing/v3/marketing-events/",
        "participations": "/marketing/v3/marketing-events/participations/{event}/breakdown",
        "contact_participations": "/marketing/v3/marketing-events/participations/contacts/{contact}/breakdown",
        "pipelines": "/crm/v3/pipelines/deals",
        "list_search": "/crm/v3/lists/search",
        "lists": "/crm/v3/lists",
        "list_by_name": "/crm/v3/lists/object-type-id/{type}/name/{name}",
        "list_members": "/crm/v3/lists/{id}/memberships",
        "lists_of_records": "/crm/v3/lists/records/memberships/batch/read",
        "account": "/account-info/v3/details",
        "usage": "/account-info/v3/api-usage/daily/private-apps",
        "export": "/crm/v3/exports/export/async",
        "export_status": "/crm/v3/exports/export/async/tasks/{task}/status",
        "imports": "/crm/v3/imports/",
        "import": "/crm/v3/imports/{task}",
        "import_errors": "/crm/v3/imports/{task}/errors",
        "token": _TOKEN,
        **_journal("2026-03"),
        **_ALIKE,
    },
    "2026-09": {
        "objects": "/crm/objects/2026-09/{type}",
        "object": "/crm/objects/2026-09/{type}/{id}",
        "read": "/crm/objects/2026-09/{type}/batch/read",
        "update": "/crm/objects/2026-09/{type}/batch/update",
        "search": "/crm/objects/2026-09/{type}/search",
        "properties": "/crm/properties/2026-09/{type}",
        "property": "/crm/properties/2026-09/{type}/{name}",
        "create_properties": "/crm/properties/2026-09/{type}/batch/create",
        "groups": "/crm/properties/2026-09/{type}/groups",
        "group": "/crm/properties/2026-09/{type}/groups/{name}",
        "associations": _ASSOCIATIONS,
        "events": "/events/event-occurrences/2026-09",
        "event_types": "/events/event-occurrences/2026-09/event-types",
        "forms": "/marketing/forms/2026-09-beta",
        "marketing_events": "/marketing/marketing-events/2026-09",
        "participations": "/marketing/marketing-events/2026-09/participations/{event}/breakdown",
        "contact_participations": "/marketing/marketing-events/2026-09/participations/contacts/{contact}/breakdown",
        "pipelines": "/crm/pipelines/2026-09/deals",
        "list_search": "/crm/lists/2026-09/search",
        "lists": "/crm/lists/2026-09",
        "list_by_name": "/crm/lists/2026-09/object-type-id/{type}/name/{name}",
        "list_members": "/crm/lists/2026-09/{id}/memberships",
        "lists_of_records": "/crm/lists/2026-09/records/memberships/batch/read",
        "account": "/account-info/2026-09/details",
        "usage": "/account-info/2026-09/api-usage/daily/private-apps",
        "export": "/crm/exports/2026-09/export/async",
        "export_status": "/crm/exports/2026-09/export/async/tasks/{task}/status",
        "imports": "/crm/imports/2026-09",
        "import": "/crm/imports/2026-09/{task}",
        "import_errors": "/crm/imports/2026-09/{task}/errors",
        "token": _TOKEN,
        **_journal("2026-09"),
        **_ALIKE,
    },
}

UNCOUNTED: Final = frozenset(_journal(""))
"""Endpoints that neither the limit of the day nor that of ten seconds covers, as their specification says:
https://github.com/HubSpot/HubSpot-public-api-spec-collection (2026-11, `x-hubspot-rate-limit-exemptions`)."""
