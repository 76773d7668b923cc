"""Related records: the people of an event, and the records deleted with an account."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

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
    """Delete the contacts and opportunities of a deleted account with it."""
    if table.sobject.name != "Account":
        return
    for name in ("Contact", "Opportunity"):
        children = org.tables[name]
        for child in children.find("AccountId", table.identifier(row)):
            children.update(child, {"IsDeleted": True, **stamps})


def bring_along(org: Org, table: Table, row: int, stamps: Mapping[str, Any]) -> None:
    """Restore the records deleted with an account; called before the account gets a new timestamp."""
    if table.sobject.name != "Account":
        return
    deleted = table.value(row, "SystemModstamp")
    for name in ("Contact", "Opportunity"):
        children = org.tables[name]
        for child in children.find("AccountId", table.identifier(row)):
            if children.value(child, "IsDeleted") and children.value(child, "SystemModstamp") == deleted:
                children.update(child, {"IsDeleted": False, **stamps})
