"""Related records: the people of an event, and the records that are deleted with another."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.table import Table


def relate(org: Org, table: Table, row: int, values: Mapping[str, Any], user: str, at: datetime) -> None:
    """Update the relation of an event's `WhoId` after a write.

    An org with Shared Activities has one `EventRelation` for each person on an event, `WhoId` included:
    "The EventRelation record representing the WhoId" is one with `IsParent`:
    https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_eventattendee.htm
    (2026-11).
    """
    if table.sobject.name != "Event" or "WhoId" not in values:
        return
    event, who, relations = table.identifier(row), values["WhoId"], org.tables["EventRelation"]
    stamps = {"LastModifiedById": user, "LastModifiedDate": at, "SystemModstamp": at}
    parents = [
        known
        for known in relations.find("EventId", event)
        if relations.value(known, "IsParent") and not relations.value(known, "IsWhat")
    ]
    relations.purged.update(parents[0 if who is None else 1 :])
    if who is not None and parents:
        relations.update(parents[0], {"RelationId": who, **stamps})
    elif who is not None:
        about = {"EventId": event, "RelationId": who, "IsParent": True, "IsInvitee": False, "IsWhat": False}
        relations.insert({**about, "IsDeleted": False, "CreatedById": user, "CreatedDate": at, **stamps})


def take_along(org: Org, table: Table, row: int, stamps: Mapping[str, Any]) -> None:
    """Delete with a record what belongs to it: the contacts and opportunities of an account, the roles of either.

    Campaign members are erased, as they are never in the recycle bin. That they go with their campaign, which is a
    required lookup, is assumed.
    """
    for children, child in _belonging(org, table, row):
        if not children.sobject.has_bin:
            children.update(child, dict(stamps))
            children.purged.add(child)
        elif not children.value(child, "IsDeleted"):
            children.update(child, {"IsDeleted": True, **stamps})
            take_along(org, children, child, stamps)


def purge_along(org: Org, table: Table, row: int) -> None:
    """Erase with a record what belongs to it, and clear the custom lookups to it, as they do by default.

    https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/relationships_among_objects.htm
    (2026-11).
    """
    for children, child in _belonging(org, table, row):
        children.purged.add(child)
        purge_along(org, children, child)
    lookup, identifier = f"{table.sobject.name}__c", table.identifier(row)
    for custom in (each for each in org.tables.values() if each.sobject.custom and lookup in each.sobject.fields):
        for child in custom.find(lookup, identifier):
            custom.update(child, {lookup: None})


def _belonging(org: Org, table: Table, row: int) -> list[tuple[Table, int]]:
    identifier = table.identifier(row)
    owned = [(org.tables[name], field) for name, field in _BELONGING.get(table.sobject.name, ())]
    return [(children, child) for children, field in owned for child in children.find(field, identifier)]


def bring_along(org: Org, table: Table, row: int, stamps: Mapping[str, Any]) -> None:
    """Restore the records deleted with a record; called before that gets a new timestamp.

    That campaign members return with their person or campaign is assumed.
    """
    deleted = table.value(row, "SystemModstamp")
    for children, child in _belonging(org, table, row):
        if children.value(child, "IsDeleted") and children.value(child, "SystemModstamp") == deleted:
            bring_along(org, children, child, stamps)
            children.update(child, {"IsDeleted": False, **stamps})
    for name, field in _BELONGING.get(table.sobject.name, ()):
        _unpurge(org.tables[name], field, table.identifier(row), deleted, stamps)


def _unpurge(children: Table, field: str, identifier: str, deleted: datetime, stamps: Mapping[str, Any]) -> None:
    """Bring back the records of an object without a bin that were deleted with a record."""
    owners = children.column(field)
    for child in [] if children.sobject.has_bin else sorted(children.purged):
        if owners[child] == identifier and children.value(child, "SystemModstamp") == deleted:
            children.purged.discard(child)
            children.update(child, dict(stamps))


_BELONGING: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Account": (("Contact", "AccountId"), ("Opportunity", "AccountId")),
    "Campaign": (("CampaignMember", "CampaignId"),),
    "Contact": (("OpportunityContactRole", "ContactId"), ("CampaignMember", "ContactId")),
    "Lead": (("CampaignMember", "LeadId"),),
    "Opportunity": (("OpportunityContactRole", "OpportunityId"),),
}
"""The objects whose records are deleted with a record of another, and the lookup to it."""
