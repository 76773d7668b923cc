"""What each stream is read with, so that a change of the settings reads it again (see `Stream.plan`)."""

from dataclasses import replace

from connectors.salesforce.activities import built_in
from connectors.salesforce.settings import SalesforceSettings
from vocabulary.pages import ACCOUNTS_OF, DEALS_OF, HISTORY_OF, Stream, plan_of


def planned(settings: SalesforceSettings, stream: Stream) -> Stream:
    """Return a stream with its plan, unless it has one."""
    if stream.plan:
        return stream
    ids, read_with = _ids(settings, stream.name), _read_with(settings, stream.name)
    return replace(stream, plan=plan_of(read_with), ids=ids)


def _ids(settings: SalesforceSettings, name: str) -> tuple[str, ...]:
    own = {
        "accounts": ACCOUNTS_OF,
        "leads": "conversion:",
        "opportunities": DEALS_OF,
        "history": HISTORY_OF,
        "pardot": "pardot:",
    }
    if source := built_in(settings).get(name):
        return (f"{source.prefix}:",) if source.prefix else ()
    return (own.get(name, f"{name}:"),)


def _read_with(settings: SalesforceSettings, name: str) -> object:
    activities = settings.activities
    mapping = (
        sorted((field, repr(path)) for field, path in settings.fields.items()),
        sorted(settings.accounts.items()),
        *([settings.feedback] if settings.feedback else []),
    )
    scored = settings.objects.Lead.read, settings.objects.Contact.read
    match name:
        case "accounts" | "history":
            return mapping, scored
        case "leads":
            return mapping, settings.objects, settings.outcomes.conversions
        case "opportunities":
            return settings.outcomes.opportunities, sorted(settings.deals.items())
        case "tasks":
            return scored, activities.since, activities.tasks, activities.task_kinds
        case _ if name in type(activities).model_fields:
            return scored, activities.since, getattr(activities, name)
        case _:
            return scored, activities.since, [source for source in activities.sources if source.name == name]
