"""Endpoints of object schemas: custom record types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.answers import Answer, PageNotFound, Refused, invalid, iso
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.links import unlabeled
from leadgauge_sandbox.hubspot.portal import PORTAL_ID
from leadgauge_sandbox.hubspot.properties import created
from leadgauge_sandbox.hubspot.types import ObjectType

if TYPE_CHECKING:
    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.table import Table

SEARCHABLE: Final = {
    "contacts": ("firstname", "lastname", "email", "phone", "mobilephone", "company"),
    "companies": ("name", "domain", "website", "phone"),
}
DISPLAYED: Final = {"contacts": ("firstname", ["lastname", "email", "phone"]), "companies": ("name", ["domain"])}
FIRST_CUSTOM: Final = 3_604_285


def _need(call: Call) -> None:
    """Refuse the call with the message of this API, which differs from all others."""
    scopes = {"crm.schemas.custom.read", "crm.objects.custom.read", "crm.schemas.contacts.read", "oauth"}
    if call.scopes is not None and not call.scopes & scopes:
        context = {"requiredGranularScopes": ["custom-object-read"], "links": ["https://developers.hubspot.com/scopes"]}
        raise Refused(403, "One or more of the following scopes are required.", "MISSING_SCOPES", context=context)


def _body(portal: Portal, table: Table) -> dict[str, Any]:
    kind = table.kind
    shown, more = DISPLAYED.get(kind.name, (kind.unique or next(iter(table.definitions)), []))
    labels = portal.labels.get(kind.id) or {
        "singular": kind.singular.replace("_", " ").title(),
        "plural": kind.name.replace("_", " ").title(),
    }
    name = kind.singular if kind.custom else kind.singular.upper()
    return {
        "labels": labels,
        "requiredProperties": [kind.unique] if kind.custom and kind.unique else [],
        "searchableProperties": list(SEARCHABLE.get(kind.name, (shown,))),
        "primaryDisplayProperty": shown,
        "secondaryDisplayProperties": more,
        "description": labels["plural"],
        "allowsSensitiveProperties": False,
        "archived": False,
        "restorable": True,
        "metaType": "PORTAL_SPECIFIC" if kind.custom else "HUBSPOT",
        "id": kind.id.partition("-")[2],
        "fullyQualifiedName": f"p{PORTAL_ID}_{kind.singular}" if kind.custom else name,
        "createdAt": "1970-01-01T00:00:00Z" if not kind.custom else iso(portal.opened),
        "updatedAt": iso(portal.opened),
        "createdByUserId": None,
        "updatedByUserId": None,
        "objectTypeId": kind.id,
        "properties": [each.body for each in table.definitions.values() if not each.archived],
        "associations": [_association(kind, other.kind) for other in portal.tables.values() if other is not table],
        "name": name,
    }


def _association(kind: ObjectType, other: ObjectType) -> dict[str, Any]:
    return {
        "fromObjectTypeId": kind.id,
        "toObjectTypeId": other.id,
        "name": f"{kind.singular}_to_{other.singular}".upper(),
        "cardinality": "ONE_TO_MANY",
        "inverseCardinality": "ONE_TO_MANY",
        "hasUserEnforcedMaxToObjectIds": False,
        "hasUserEnforcedMaxFromObjectIds": False,
        "maxToObjectIds": 10000,
        "maxFromObjectIds": 10000,
        "id": str(unlabeled((kind.id, other.id))),
        "createdAt": None,
        "updatedAt": None,
    }


def listed(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/schemas: the custom types."""
    _need(call)
    return Answer({"results": [_body(portal, table) for table in portal.tables.values() if table.kind.custom]})


def get(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/schemas/{type}."""
    _need(call)
    try:
        return Answer(_body(portal, portal.table(call["type"])))
    except Refused:
        raise PageNotFound from None


def create(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/schemas: a custom type with its first properties."""
    wish = call.json()
    call.need("crm.schemas.custom.write")
    name, labels, shown = wish.get("name"), wish.get("labels") or {}, wish.get("primaryDisplayProperty")
    if not name or not labels or not wish.get("properties"):
        raise invalid("Invalid input JSON: Some required fields were not set: [name, labels, properties]")
    count = sum(table.kind.custom for table in portal.tables.values())
    kind = ObjectType(f"2-{FIRST_CUSTOM + count}", f"p_{name}", name, "custom", 860_000_000 + count, 97, custom=True)
    table = portal.open(kind)
    portal.labels[kind.id] = labels
    group = next(iter(table.groups))
    for each in wish["properties"]:
        definition = created({"groupName": group, **each}, table.groups, portal.clock.now())
        table.definitions[definition.name] = definition
        if definition.body["hasUniqueValue"]:
            table.make_unique(definition.name)
    if shown not in table.definitions:
        raise invalid(f"primaryDisplayProperty {shown} is not one of the properties")
    return Answer(_body(portal, table), 201)


ENDPOINTS: Final = (
    Endpoint("GET", "/crm/v3/schemas", listed),
    Endpoint("POST", "/crm/v3/schemas", create),
    Endpoint("GET", "/crm/v3/schemas/{type}", get),
)
