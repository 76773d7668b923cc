"""What HubSpot's sources bring, according to the settings. Whether the portal gives them is for `check` to ask.

No source brings the time on a page or an amount: the events API has no such property of a page view in any recorded
answer, and engagements have no amount.
"""

from typing import Final

from connectors.brought import Brought, brought
from connectors.hubspot.derived import TRACES
from connectors.hubspot.portal import FORM_EVENT, PAGE_EVENT, switched_on
from connectors.hubspot.settings import HubSpotSettings
from meaning.forms import FORMS

_FORM_KINDS: Final = [kind for kind, _ in FORMS]


def brings(settings: HubSpotSettings) -> list[Brought]:
    """Return what each source brings."""
    told = settings.activities
    events = switched_on(told.events)
    pages = [events.get(PAGE_EVENT), *(one.kind for one in told.by_page)] if PAGE_EVENT in events else []
    reads_forms = FORM_EVENT in events or bool(told.forms)
    forms = [events.get(FORM_EVENT, "form_submit"), *_FORM_KINDS, *(one.kind for one in told.by_form)]
    others = [kind for event, kind in events.items() if event not in {PAGE_EVENT, FORM_EVENT}]
    calls = (told.calls, told.call_attempts) if told.calls else ()
    meetings = (told.meetings, told.no_shows) if told.meetings else ()
    return [
        brought("page views", pages, "url", "name"),
        brought("forms", forms if reads_forms else [], "url", "name"),
        brought("other events", others, "url", "name"),
        brought("marketing emails", switched_on(told.email_events).values(), "url", "name"),
        brought("webinars", switched_on(told.webinars).values(), "name", "seconds"),
        brought("calls and meetings", [*calls, *meetings], "name", "seconds"),
        brought("emails", (told.emails, told.email_replies), "name"),
        brought("tasks and messages", (told.tasks, told.communications), "name"),
        brought("notes", (told.notes,)),
        brought("contact properties", (trace.kind for trace in TRACES) if told.derived else (), "url", "name"),
    ]
