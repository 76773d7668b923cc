"""What each stream is read with, so that a change of the settings reads it again (see `Stream.plan`)."""

from collections.abc import Mapping
from dataclasses import replace

from connectors.hubspot.portal import FORM_EVENT, PAGE_EVENT
from connectors.hubspot.settings import ActivitySettings, HubSpotSettings
from connectors.marked import sources
from vocabulary.pages import ACCOUNTS_OF, DEALS_OF, HISTORY_OF, Stream, plan_of

_IDS: Mapping[str, tuple[str, ...]] = {
    "companies": (ACCOUNTS_OF,),
    "contacts": ("customer:",),
    "events": ("event:",),
    "email_events": ("email:",),
    "forms": ("form:",),
    "webinars": ("webinar:",),
    "opportunities": (DEALS_OF,),
    "history": (HISTORY_OF,),
    "deletions": (),
}
"""How the ids of a stream's rows begin, where not with its name."""


_SEVERAL: Mapping[str, tuple[str, ...]] = {
    "forms": ("forms", "by_form"),
    "calls": ("calls", "call_attempts", "unreached"),
    "meetings": ("meetings", "no_shows"),
    "emails": ("emails", "email_replies"),
}
"""The settings that decide about a stream, where they are several."""


def planned(settings: HubSpotSettings, stream: Stream) -> Stream:
    """Return a stream with its plan. The recycle bin has none: nothing changes it. Some have their own."""
    name, _, type_ = stream.name.partition(".")
    if name == "deletions" or stream.plan:
        return stream
    ids = _IDS.get(name, (f"{name}:",))
    # What a trace of the past proved cannot be read again, so it goes only when the traces are switched off.
    ids += ("derived:",) if name == "contacts" and not settings.activities.derived else ()
    return replace(stream, plan=plan_of(settings.api, _read_with(settings, name, type_)), ids=ids)


def _read_with(settings: HubSpotSettings, name: str, type_: str) -> object:
    mapping = (
        sorted(settings.fields.items()),
        sorted(settings.accounts.items()),
        *([settings.feedback] if settings.feedback else []),
    )
    match name:
        case "companies" | "history":
            return mapping
        case "contacts":
            return mapping, settings.outcomes.customer, settings.activities.derived
        case "opportunities":
            return settings.outcomes.opportunities, sorted(settings.deals.items())
        case _:
            return settings.activities.since, _kinds(settings.activities, name, type_)


def _kinds(activities: ActivitySettings, name: str, type_: str) -> object:
    match name:
        case "events":
            patterns = {PAGE_EVENT: activities.by_page, FORM_EVENT: activities.by_form}
            return activities.events.get(type_), patterns.get(type_)
        case "email_events":
            return {str(type_): kind for type_, kind in activities.email_events.items()}.get(type_)
        case _ if name in _SEVERAL:
            return tuple(getattr(activities, one) for one in _SEVERAL[name])
        case _ if name in type(activities).model_fields:
            return getattr(activities, name)
        case _:
            return [value for _, value, _ in sources(activities)]
