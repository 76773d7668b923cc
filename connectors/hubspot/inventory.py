"""What HubSpot is asked for, by these settings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from connectors.hubspot import contacts, deals
from connectors.hubspot.brings import brings
from connectors.hubspot.derived import TRACES
from connectors.hubspot.engagements import ENGAGEMENTS, Engagement
from connectors.hubspot.events import EVENT_PROPERTIES
from connectors.hubspot.mapping import TYPES, Fields, Type
from connectors.hubspot.open_leads import CONTACT, OPEN
from connectors.hubspot.scopes import SCOPES
from connectors.hubspot.settings import HubSpotSettings
from connectors.inventory import (
    ACTIVITIES,
    AS_ACTIVITY,
    AS_ID,
    DIGEST,
    FIELD,
    IDENTITY,
    JOINING,
    NOT_KEPT,
    OURS,
    OUTCOMES,
    Inventory,
    Read,
    Right,
    merged,
    of_records,
)
from vocabulary.fields import ACCOUNT, FieldType
from vocabulary.outputs import Output

RECORD: Final = ("hs_object_id", "hs_merged_object_ids", "hs_createdate", "hs_lastmodifieddate")
_ADDRESSES: Final = ("email", "hs_additional_emails")
_PREFIX: Final[Mapping[Type, str]] = {"contact": "", "company": "", "deal": "deals."}
_TABLE: Final[Mapping[Type, str]] = {"contact": "leads", "company": "accounts", "deal": "deals"}
_BY_OTHER_PATHS: Final = {
    "marketing emails": ("recipient", "type", "created", "emailCampaignId"),
    "forms": ("submittedAt", "pageUrl", "values.email"),
    "webinars": ("contactId", "email", "attendanceState", "attendanceDurationSeconds", "occurredAt"),
}
"""Sources that are no objects with properties; what is used of each answer."""


def inventory(
    settings: HubSpotSettings,
    wanted: Mapping[str, FieldType],
    of_deals: Mapping[str, FieldType],
    outputs: Sequence[Output],
) -> Inventory:
    """Return what is read, which scopes that needs, and the address that is called."""
    writes_accounts = any(output.of == "accounts" for output in outputs)
    rights = [Right(one.names, one.lets, one.without, one.needed(settings, writes_accounts)) for one in SCOPES]
    reads = [
        *_mapped(Fields.of(settings, wanted, of_deals)),
        *_people(settings),
        *_outcomes(settings, reads_deals=bool(of_deals)),
        *_activities(settings),
        *_written(settings, outputs),
    ]
    hosts = [
        settings.base_url,
        *(["the https address of each file that HubSpot exports"] if _exports(settings) else []),
    ]
    return Inventory(merged(reads), rights, hosts)


def _exports(settings: HubSpotSettings) -> bool:
    return settings.exports != "never" or settings.feed is not None


def _mapped(fields: Fields) -> Iterator[Read]:
    for type_ in TYPES:
        for name, (source, _) in fields.mapped(type_).items():
            for path in source.paths:
                table = _TABLE["company"] if name.startswith(ACCOUNT) else _TABLE[type_]
                kept = f"`{table}.fields`, as {name.removeprefix(ACCOUNT)}"
                yield Read(TYPES[type_], path, FIELD, kept, (f"{_PREFIX[type_]}{name}",))


def _people(settings: HubSpotSettings) -> Iterator[Read]:
    yield from of_records("contacts", _ADDRESSES, JOINING, DIGEST)
    yield from of_records("contacts", ["associatedcompanyid"], JOINING, AS_ID)
    own = [name for name in contacts.OWN if name not in {*_ADDRESSES, "associatedcompanyid"}]
    yield from of_records("contacts", [*own, "hs_object_id", "lastmodifieddate"], IDENTITY, AS_ID)
    yield from of_records("companies", RECORD, IDENTITY, AS_ID)
    if settings.lead_object == "auto":
        yield from of_records("leads", [OPEN, CONTACT, *RECORD], JOINING, NOT_KEPT)


def _outcomes(settings: HubSpotSettings, *, reads_deals: bool) -> Iterator[Read]:
    if settings.outcomes.customer:
        yield Read("contacts", settings.outcomes.customer, OUTCOMES, "`outcomes`")
    if settings.outcomes.opportunities or reads_deals:
        yield from of_records("deals", deals.OWN, OUTCOMES, "`outcomes`, `deals`")
        yield from of_records("deals", RECORD, IDENTITY, AS_ID)


def _activities(settings: HubSpotSettings) -> Iterator[Read]:
    for each in ENGAGEMENTS:
        yield from of_records(each.type, _of(each), ACTIVITIES, AS_ACTIVITY)
        yield from of_records(each.type, RECORD, IDENTITY, AS_ID)
    on = {source.source for source in brings(settings) if source.kinds}
    for source, names in _BY_OTHER_PATHS.items():
        if source in on:
            yield from (Read(source, name, *_said(name)) for name in names)
    if {"page views", "forms", "other events"} & on:
        yield from of_records(
            "events", ["objectId", "eventType", "occurredAt", *EVENT_PROPERTIES], ACTIVITIES, AS_ACTIVITY
        )
    if settings.activities.derived:
        traces = [name for one in TRACES for name in (one.time, one.counter, one.name, one.url) if name]
        yield from of_records("contacts", traces, ACTIVITIES, AS_ACTIVITY)


def _said(name: str) -> tuple[str, str]:
    return (
        (JOINING, DIGEST)
        if ("email" in name.lower() and "Campaign" not in name) or name == "recipient"
        else (ACTIVITIES, AS_ACTIVITY)
    )


def _of(engagement: Engagement) -> list[str]:
    return [*engagement.time, *([engagement.name] if engagement.name else []), *engagement.read]


def _written(settings: HubSpotSettings, outputs: Sequence[Output]) -> Iterator[Read]:
    for output in outputs:
        for object_ in _targets(settings, output):
            yield Read(object_, output.name, OURS, "`results`, as the value that was told")


def _targets(settings: HubSpotSettings, output: Output) -> list[str]:
    if output.of == "accounts":
        return ["companies"]
    return ["contacts", *(["leads"] if settings.lead_object == "auto" else [])]
