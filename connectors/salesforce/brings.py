"""What Salesforce's sources bring, according to the settings."""

from connectors.brought import Brought, brought
from connectors.salesforce.settings import KindOf, SalesforceSettings, Source


def brings(settings: SalesforceSettings) -> list[Brought]:
    """Return what each source brings."""
    told = settings.activities
    tasks, campaigns, emails = told.tasks, told.campaigns, told.emails
    of_tasks = [*told.task_kinds.values(), *tasks.types.values(), *tasks.subjects.values(), tasks.attempts]
    of_events = [told.events.kind, *told.events.outcomes.values()]
    of_campaigns = [*campaigns.responded.values(), *campaigns.added.values(), campaigns.otherwise]
    of_campaigns += [kind for one in campaigns.by_campaign for kind in (one.kind, one.added)]
    of_emails = (emails.sent, emails.received, emails.opened, emails.bounced)
    return [
        brought("tasks", of_tasks if tasks.read else (), "name", "seconds"),
        brought("events", of_events if told.events.read else (), "name", "seconds"),
        brought("campaigns", of_campaigns if campaigns.read else (), "name"),
        brought("emails", of_emails if emails.read else (), "name"),
        *map(_declared, told.sources),
        brought("pardot", told.pardot.kinds.values() if told.pardot else (), "url", "name"),
    ]


def _declared(source: Source) -> Brought:
    kinds = [*source.kind.kinds.values(), source.kind.otherwise] if isinstance(source.kind, KindOf) else [source.kind]
    fields = {"url": source.url, "name": source.title, "seconds": source.seconds, "value": source.value}
    return brought(source.name, kinds, *(name for name, path in fields.items() if path))
