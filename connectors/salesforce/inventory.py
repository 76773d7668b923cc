"""What Salesforce is asked for, by these settings."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

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
    SETUP,
    Inventory,
    Read,
    Right,
    merged,
    of_records,
)
from connectors.salesforce.activities import built_in, named_fields
from connectors.salesforce.fields import field_name
from connectors.salesforce.opportunities import mapped_on_deals, opportunities
from connectors.salesforce.parts import StreamObject
from connectors.salesforce.people import Mapped, accounts, mapped, mapped_on_accounts, people, targets
from connectors.salesforce.settings import SalesforceSettings, Source
from connectors.salesforce.signin import sign_in_address
from vocabulary.fields import ACCOUNT, FieldType
from vocabulary.outputs import Output

_JOINS: Final = frozenset(
    {"AccountId", "ContactId", "LeadId", "WhoId", "RelationId", "OpportunityId", "ConvertedContactId", "CampaignId"}
)
_IDS: Final = frozenset({"Id", "IsDeleted", "SystemModstamp", "MasterRecordId", "CreatedDate", "IsConverted"})
_OUTCOMES: Final = frozenset({"ConvertedDate", "CloseDate", "IsWon", "IsClosed"})
SETUP_READS: Final[Mapping[str, Sequence[str]]] = {
    "CustomField": ("Id", "DeveloperName", "TableEnumOrId"),
    "PermissionSet": ("Id", "Description"),
    "FieldPermissions": ("Id", "Field", "PermissionsEdit"),
    "PermissionSetAssignment": ("Id",),
}
_PARDOT: Final = ("id", "type", "campaignId", "prospectId", "createdAt", "url", "details")


def inventory(
    settings: SalesforceSettings,
    wanted: Mapping[str, FieldType],
    of_deals: Mapping[str, FieldType],
    outputs: Sequence[Output],
) -> Inventory:
    """Return what is read, which rights that needs, and the addresses that are called."""
    writes_accounts = any(output.of == "accounts" for output in outputs)
    fields = _fields(settings, wanted, of_deals)
    reads = [*fields, *_system(_objects(settings, wanted, of_deals, writes_accounts=writes_accounts), fields)]
    reads += [read for source in settings.activities.sources for read in _declared(source)]
    if settings.activities.tasks.read:
        reads.append(Read("Task", "Type", ACTIVITIES, NOT_KEPT))  # `check` counts them
    if settings.activities.pardot:
        reads += of_records("visitor activities (Account Engagement)", _PARDOT, ACTIVITIES, AS_ACTIVITY)
    reads += [read for name, columns in SETUP_READS.items() for read in of_records(name, columns, SETUP, NOT_KEPT)]
    reads += [
        Read(target, field_name(output.name), OURS, "`results`, as the value that was told")
        for output in outputs
        for target in targets(settings, output.of)
    ]
    return Inventory(merged(reads), _rights(settings, outputs), _hosts(settings))


def _objects(
    settings: SalesforceSettings,
    wanted: Mapping[str, FieldType],
    of_deals: Mapping[str, FieldType],
    *,
    writes_accounts: bool,
) -> list[StreamObject]:
    """Return what the streams read, as they do, except for objects that the settings declare."""
    since = datetime.now(UTC) - settings.activities.since
    firms = accounts(settings, wanted) if writes_accounts or mapped_on_accounts(settings, wanted) else []
    made = [part for source in built_in(settings).values() for part in source.make(settings, since)]
    return [*people(settings, wanted), *firms, *opportunities(settings, of_deals), *made]


def _fields(
    settings: SalesforceSettings, wanted: Mapping[str, FieldType], of_deals: Mapping[str, FieldType]
) -> list[Read]:
    found = [
        _mapped(kind, one, "leads", one.name)
        for kind in targets(settings, "leads")
        for one in _of(settings, wanted, kind)
    ]
    found += [
        _mapped("Account", one, "accounts", one.name.removeprefix(ACCOUNT))
        for one in mapped_on_accounts(settings, wanted)
    ]
    found += [_mapped("Opportunity", one, "deals", one.name) for one in mapped_on_deals(settings, of_deals)]
    return [read for reads in found for read in reads]


def _of(settings: SalesforceSettings, wanted: Mapping[str, FieldType], kind: str) -> list[Mapped]:
    assert kind in {"Lead", "Contact"}, "leads are leads and contacts"
    return mapped(settings, wanted, "Lead" if kind == "Lead" else "Contact")


def _mapped(object_: str, field: Mapped, table: str, column: str) -> list[Read]:
    feeds = f"deals.{field.name}" if table == "deals" else field.name
    return [Read(object_, path, FIELD, f"`{table}.fields`, as {column}", (feeds,)) for path in field.columns]


def _system(parts: Sequence[StreamObject], fields: Sequence[Read]) -> Iterator[Read]:
    """Yield the columns that no scorecard asks for, each with what it is read for."""
    known = {(read.object, read.field) for read in fields}
    for part in parts:
        for column in (*part.selected, *(f"{parent}.{part.stamp}" for parent in part.parents)):
            if (part.object, column) not in known:
                yield Read(part.object, column, *_purpose(column))


def _purpose(column: str) -> tuple[str, str]:
    name = column.rpartition(".")[2]
    if name == "Email":
        return JOINING, DIGEST
    if name in _JOINS:
        return JOINING, AS_ID
    if name in _IDS:
        return IDENTITY, AS_ID
    return (OUTCOMES, "`outcomes`, `deals`") if name in _OUTCOMES else (ACTIVITIES, AS_ACTIVITY)


def _declared(source: Source) -> Iterator[Read]:
    """Yield the columns of an object that the settings declare."""
    whose = [*source.lead, *(f"{path.removesuffix('__c')}__r.ConvertedContactId" for path in source.lead)]
    yield from of_records(source.object, whose, JOINING, AS_ID)
    if source.address:
        yield Read(source.object, source.address, JOINING, DIGEST)
    named = [name for name in named_fields(source) if name not in {*whose, source.address}]
    yield from of_records(source.object, named, ACTIVITIES, AS_ACTIVITY)
    yield from of_records(source.object, ("Id", "IsDeleted", "SystemModstamp", "CurrencyIsoCode"), IDENTITY, AS_ID)


def _hosts(settings: SalesforceSettings) -> list[str]:
    hosts = [settings.base_url or sign_in_address(settings)]
    if settings.base_url is None:
        hosts.append("the address of the org that the sign-in names, within salesforce.com or salesforce.mil")
    if settings.activities.pardot:
        hosts.append(settings.activities.pardot.host)
    if settings.feed:
        hosts.append(settings.feed.endpoint)
    return hosts


def _rights(settings: SalesforceSettings, outputs: Sequence[Output]) -> list[Right]:
    told, accounts_too = settings.activities, any(output.of == "accounts" for output in outputs)
    return [
        Right(("API Enabled",), "every call", "nothing can be read", needed=True),
        Right(("read on Lead and Contact",), "leads", "nothing can be read", needed=True),
        Right(("edit on Lead and Contact",), "writing the results", "nothing can be written", needed=True),
        Right(("read on Account",), "fields of accounts", "they count as missing", needed=True),
        Right(("edit on Account",), "results of accounts", "a run ends with 2", needed=accounts_too),
        Right(
            ("read on Opportunity",),
            "deals and conversions",
            "`deals` is an error in `check`",
            needed=bool(settings.deals) or settings.outcomes.opportunities != "off",
        ),
        Right(
            ("read on Task", "read on Event"),
            "calls and meetings",
            "they are not read",
            needed=told.tasks.read or told.events.read,
        ),
        Right(
            ("read on Campaign",),
            "campaigns and `member_of`",
            "they are not read",
            needed=told.campaigns.read or bool(settings.member_of),
        ),
        *(
            Right((f"read on {one.object}",), f"the source {one.name}", "it is not read", needed=True)
            for one in told.sources
        ),
        Right(("the app's scope pardot_api",), "Account Engagement", "it is not read", needed=told.pardot is not None),
        Right(
            ("View All Data",),
            "listing activities of more than 100,000 leads; events of the feed",
            "Salesforce refuses to list them; the feed lacks what the user does not see",
            needed=settings.feed is not None,
        ),
        Right(
            (
                "Customize Application",
                "View Setup and Configuration",
                "Manage Profiles and Permission Sets",
                "Assign Permission Sets",
            ),
            "`provision`",
            "an administrator runs `provision` instead",
            needed=False,
        ),
    ]
