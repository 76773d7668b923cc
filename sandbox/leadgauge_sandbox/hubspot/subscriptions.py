"""What an app subscribed to in the journal, and which changes that concerns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.answers import invalid, iso

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from leadgauge_sandbox.hubspot.happenings import Happening

REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "OBJECT": ("objectTypeId", "portalId", "actions"),
    "ASSOCIATION": ("objectTypeId", "portalId", "actions"),
    "GDPR_PRIVACY_DELETION": ("objectTypeId", "portalId", "actions"),
    "APP_LIFECYCLE_EVENT": ("eventTypeId",),
}
"""The types of subscriptions that the sandbox knows, with the fields that each needs.

The description of 2026-09 also calls `objectIds` and `properties` required, but the live API took a subscription
without `objectIds`: https://github.com/usertour/usertour, hubspot-journal-api.ts (2026-09-03).
"""
ACTIONS: Final[dict[str, frozenset[str]]] = {
    "OBJECT": frozenset(
        ("CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE", "ASSOCIATION_ADDED", "ASSOCIATION_REMOVED", "SNAPSHOT")
    ),
    "ASSOCIATION": frozenset(("ASSOCIATION_ADDED", "ASSOCIATION_REMOVED")),
    "GDPR_PRIVACY_DELETION": frozenset(("GDPR_DELETE",)),
}
"""https://developers.hubspot.com/docs/api-reference/latest/webhooks-journal/subscriptions/guide (2026-11)."""
FILTERED: Final = ("CREATE", "UPDATE")
OPERATORS: Final[dict[str, Callable[[str, Mapping[str, Any]], bool]]] = {
    "EQ": lambda held, wish: held == wish.get("value"),
    "N_EQ": lambda held, wish: held != wish.get("value"),
    "LT": lambda held, wish: _compared(held, wish) < 0,
    "LTE": lambda held, wish: _compared(held, wish) <= 0,
    "GT": lambda held, wish: _compared(held, wish) > 0,
    "GTE": lambda held, wish: _compared(held, wish) >= 0,
    "CONTAINS": lambda held, wish: str(wish.get("value")) in held,
    "STARTS_WITH": lambda held, wish: held.startswith(str(wish.get("value"))),
    "ENDS_WITH": lambda held, wish: held.endswith(str(wish.get("value"))),
    "IN": lambda held, wish: held in (wish.get("values") or ()),
    "NOT_IN": lambda held, wish: held not in (wish.get("values") or ()),
    "IS_EMPTY": lambda held, _: not held,
    "IS_NOT_EMPTY": lambda held, _: bool(held),
}


def _compared(held: str, wish: Mapping[str, Any]) -> int:
    """Compare as numbers where both are, otherwise as texts."""
    value = str(wish.get("value"))
    try:
        one, other = float(held), float(value)
    except ValueError:
        return (held > value) - (held < value)
    return (one > other) - (one < other)


@dataclass(slots=True)
class Filter:
    """Conditions that all must hold for an event to be written."""

    number: int
    conditions: list[dict[str, Any]]
    created: int

    def lets(self, values: Mapping[str, str]) -> bool:
        """Return whether a record with these values passes."""
        return all(OPERATORS[each["operator"]](values.get(each["property"], ""), each) for each in self.conditions)

    def told(self) -> dict[str, Any]:
        """Return it in HubSpot's form."""
        return {"id": self.number, "createdAt": self.created, "filter": {"conditions": self.conditions}}


@dataclass(slots=True)
class Subscription:
    """What the app wants to be told of one type of records."""

    number: int
    wish: dict[str, Any]
    created: int
    updated: int
    filters: dict[int, Filter] = field(default_factory=dict)

    def event(self, told: Happening) -> dict[str, Any] | None:
        """Return the event of a change, None if this subscription does not want it."""
        if not self._wants(told):
            return None
        event: dict[str, Any] = {
            "type": self._type(told),
            "portalId": self.wish["portalId"],
            "occurredAt": iso(told.at),
            "action": told.action,
            "objectTypeId": told.kind,
            "objectId": told.record,
        }
        if told.action in {"CREATE", "UPDATE", "SNAPSHOT"}:
            event["propertyChanges"] = self._shown(told)
            return event if event["propertyChanges"] or told.action != "UPDATE" else None
        if told.merged:
            event["mergedObjectIds"] = list(told.merged)
        if told.other is not None:
            event |= {"associatedObjectTypeId": told.other[0], "associatedObjectId": told.other[1]}
            event["associationTypeId"] = told.association
        return event

    def _type(self, told: Happening) -> str:
        """Return the type of an event: crmObject, association, or the type of the subscription in lower case."""
        if self.wish["subscriptionType"] == "GDPR_PRIVACY_DELETION":
            return "gdpr_privacy_deletion"
        return "crmObject" if told.other is None else "association"

    def _wants(self, told: Happening) -> bool:
        wish = self.wish
        if told.action not in wish.get("actions", ()) or wish.get("objectTypeId") != told.kind:
            return False
        if wish.get("objectIds") and told.record not in wish["objectIds"]:
            return False
        others = wish.get("associatedObjectTypeIds")
        if told.other is not None and others and told.other[0] not in others:
            return False
        filters = self.filters.values() if told.action in FILTERED else ()
        return not filters or any(each.lets(told.values) for each in filters)

    def _shown(self, told: Happening) -> dict[str, str | None]:
        """Return the subscribed properties among those that changed, all if none is named; a blank is null."""
        names = told.changed if not self.wish.get("properties") else self.wish["properties"]
        return {name: told.changed[name] or None for name in names if name in told.changed}

    def told(self, app: int) -> dict[str, Any]:
        """Return it in HubSpot's form."""
        wish = self.wish
        return {
            "id": self.number,
            "appId": app,
            "subscriptionType": wish["subscriptionType"],
            "objectTypeId": wish.get("objectTypeId") or wish.get("eventTypeId"),
            "portalId": wish.get("portalId"),
            "actions": wish.get("actions") or [],
            "properties": wish.get("properties"),
            "objectIds": wish.get("objectIds"),
            "associatedObjectTypeIds": wish.get("associatedObjectTypeIds"),
            "listIds": None,
            "actionOverrides": {},
            "createdBy": None,
            "createdAt": iso(self.created),
            "updatedAt": iso(self.updated),
            "deletedAt": None,
        }


def checked(wish: Mapping[str, Any], portal_id: int) -> dict[str, Any]:
    """Return the fields of a subscription, or refuse it."""
    kind = wish.get("subscriptionType")
    if kind == "LIST_MEMBERSHIP":
        raise invalid("This sandbox writes no memberships of lists to the journal.")
    if kind not in REQUIRED:
        raise invalid(f"Invalid subscription type provided: {kind}")
    missing = [name for name in REQUIRED[kind] if wish.get(name) in (None, "", [])]
    if missing:
        raise invalid(f"Invalid input JSON: Some required fields were not set: {missing}")
    if kind != "APP_LIFECYCLE_EVENT" and int(wish["portalId"]) != portal_id:
        raise invalid(f"The app is not installed in account {wish['portalId']}.")
    odd = set(wish.get("actions") or ()) - ACTIONS.get(kind, frozenset())
    if odd:
        raise invalid(f"Invalid actions for {kind}: {sorted(odd)}")
    return {**wish, **({"portalId": portal_id} if "portalId" in wish else {})}


def checked_conditions(wish: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the conditions of a filter, or refuse it."""
    conditions = (wish.get("filter") or {}).get("conditions")
    if not isinstance(conditions, list) or not conditions:
        raise invalid("Invalid input JSON: Some required fields were not set: [filter.conditions]")
    for each in conditions:
        if each.get("filterType") != "CRM_OBJECT_PROPERTY" or each.get("operator") not in OPERATORS:
            raise invalid(f"Invalid filter condition: {each}")
    return conditions
