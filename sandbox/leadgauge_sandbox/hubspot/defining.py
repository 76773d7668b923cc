"""Endpoints of property definitions and their groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.answers import Answer, PageNotFound, Refused, batch_answer, invalid, iso
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.properties import NAME, Property, changed, created

if TYPE_CHECKING:
    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.table import Table

TAKEN: Final = "Properties.PROPERTY_WITH_NAME_EXISTS"


def _schema(portal: Portal, call: Call, right: str) -> Table:
    table = portal.table(call["type"])
    kind = "custom" if table.kind.custom else table.kind.scope
    call.need(f"crm.schemas.{kind}.{right}", *([f"crm.objects.{kind}.read"] if right == "read" else []))
    return table


def _one(table: Table, name: str, *, archived: bool = False) -> Property:
    found = table.definitions.get(name)
    if found is None or found.archived != archived:
        raise Refused(
            404, f'Property "{name}" does not exist', "OBJECT_NOT_FOUND", subCategory="Properties.PROPERTY_NOT_FOUND"
        )
    return found


def list_all(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/properties/{type}."""
    table, archived = _schema(portal, call, "read"), call.flag("archived")
    shown = set(call.many("properties"))
    bodies = [each.body for each in table.definitions.values() if each.archived == archived]
    return Answer({"results": [body for body in bodies if not shown or body["name"] in shown]})


def legacy_list(portal: Portal, call: Call) -> Answer:
    """GET /properties/v1/{type}/properties and /companies/v2/properties, which Singer's tap-hubspot discovers with.

    A plain list: https://github.com/singer-io/tap-hubspot/blob/master/tap_hubspot/__init__.py (2026-11).
    """
    call.variables.setdefault("type", "companies")
    table = _schema(portal, call, "read")
    return Answer([each.body for each in table.definitions.values() if not each.archived])


def get(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/properties/{type}/{name}."""
    return Answer(_one(_schema(portal, call, "read"), call["name"], archived=call.flag("archived")).body)


def _create(portal: Portal, table: Table, wish: dict[str, Any]) -> Property:
    definition = created(wish, table.groups, portal.clock.now())
    table.definitions[definition.name] = definition
    if definition.body["hasUniqueValue"]:
        table.make_unique(definition.name)
    return definition


def create(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/properties/{type}.

    Creating a property under the name of an archived one restores it, with the new definition and the old
    `createdAt`: seen by scopiousdigital/kalup on a developer account on 2026-09-29 (its notes on the properties API).
    HubSpot's pages do not document it; with the fault `archived-name-taken` the name stays taken.
    """
    table, wish = _schema(portal, call, "write"), call.json()
    known = table.definitions.get(str(wish.get("name")))
    if known is not None and known.archived and portal.faults.active("archived-name-taken") is None:
        return Answer(_restore(portal, table, known, wish).body, 201)
    if known is not None:
        raise Refused(
            409,
            f"A property named '{wish['name']}' already exists.",
            "OBJECT_ALREADY_EXISTS",
            subCategory=TAKEN,
            context={"name": [wish["name"]]},
        )
    return Answer(_create(portal, table, wish).body, 201)


def _restore(portal: Portal, table: Table, known: Property, wish: dict[str, Any]) -> Property:
    """Restore an archived property; whether its values return is unknown, and here they do not."""
    restored = _create(portal, table, wish)
    restored.body = {**restored.body, "createdAt": known.body["createdAt"]}
    return restored


def batch_create(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/properties/{type}/batch/create: existing names fail singly, any other error refuses all."""
    table, inputs = _schema(portal, call, "write"), call.inputs()
    started = portal.clock.now()
    fresh = [wish for wish in inputs if wish.get("name") not in table.definitions]
    for wish in fresh:
        created(wish, table.groups, started)
    results = [_brief(_create(portal, table, wish)) for wish in fresh]
    errors = [
        {
            "status": "error",
            "category": "OBJECT_ALREADY_EXISTS",
            "subCategory": TAKEN,
            "message": f"A property named '{wish['name']}' already exists.",
            "context": {"name": [wish["name"]]},
        }
        for wish in inputs
        if wish not in fresh
    ]
    return batch_answer(portal.clock.now(), started, results, errors, done=201)


def _brief(definition: Property) -> dict[str, Any]:
    """Return a definition as the batch endpoint does: without times and users."""
    left_out = {"updatedAt", "createdAt", "createdUserId", "updatedUserId", "archived"}
    return {key: value for key, value in definition.body.items() if key not in left_out}


def batch_read(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/properties/{type}/batch/read."""
    table, inputs = _schema(portal, call, "read"), call.inputs()
    started, names = portal.clock.now(), [str(row.get("name")) for row in inputs]
    archived = bool(call.json().get("archived"))
    found = [each.body for name in names if (each := table.definitions.get(name)) and each.archived == archived]
    missing = [name for name in names if name not in {body["name"] for body in found}]
    errors = [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "subCategory": "Properties.PROPERTY_NOT_FOUND",
            "message": f"Could not find properties: {missing}",
            "context": {"name": missing},
        }
    ]
    return batch_answer(portal.clock.now(), started, found, errors if missing else [])


def update(portal: Portal, call: Call) -> Answer:
    """PATCH /crm/v3/properties/{type}/{name}."""
    table, wish = _schema(portal, call, "write"), call.json()
    definition = changed(_one(table, call["name"]), wish, table.groups, portal.clock.now())
    table.definitions[definition.name] = definition
    return Answer(definition.body)


def _check_unused(portal: Portal, name: str) -> None:
    """Refuse to archive a property in use, with the message that scopiousdigital/kalup saw on 2026-09-29."""
    used = portal.faults.active("property-in-use")
    if used is not None and (used.argument or "lead_score") == name:
        raise invalid(
            f"Property {name} is currently used in 2 places and cannot be deleted",
            subCategory="PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE",
        )


def _archive(portal: Portal, table: Table, name: str) -> None:
    definition = table.definitions.get(name)
    if definition is None or definition.archived:
        return
    if definition.body.get("hubspotDefined"):
        raise invalid(f"Property '{name}' is defined by HubSpot and cannot be deleted.")
    _check_unused(portal, name)
    definition.body = {**definition.body, "archived": True, "archivedAt": iso(portal.clock.now())}
    for record in table.records.values():
        if name in record.values:
            record.values = {key: value for key, value in record.values.items() if key != name}


def archive(portal: Portal, call: Call) -> Answer:
    """DELETE /crm/v3/properties/{type}/{name}; the name stays taken."""
    table = _schema(portal, call, "write")
    _one(table, call["name"])
    _archive(portal, table, call["name"])
    return Answer(status=204)


def batch_archive(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/properties/{type}/batch/archive."""
    table, inputs = _schema(portal, call, "write"), call.inputs()
    for row in inputs:
        _archive(portal, table, str(row.get("name")))
    return Answer(status=204)


def groups(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/properties/{type}/groups."""
    return Answer({"results": list(_schema(portal, call, "read").groups.values())})


def group(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/properties/{type}/groups/{group}."""
    return Answer(_group(_schema(portal, call, "read"), call["group"]))


def _group(table: Table, name: str) -> dict[str, Any]:
    if name not in table.groups:
        raise PageNotFound
    return table.groups[name]


def create_group(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/properties/{type}/groups."""
    table, wish = _schema(portal, call, "write"), call.json()
    name = str(wish.get("name") or "")
    if not NAME.fullmatch(name) or not wish.get("label"):
        raise invalid("Invalid input JSON: a group needs a name (lower-case letters, digits, underscores) and a label.")
    if name in table.groups:
        raise Refused(
            409,
            f"A property group named '{name}' already exists.",
            "OBJECT_ALREADY_EXISTS",
            subCategory="Properties.GROUP_WITH_NAME_EXISTS",
            context={"name": [name]},
        )
    order = wish.get("displayOrder", len(table.groups))
    table.groups[name] = {"name": name, "label": wish["label"], "displayOrder": order, "archived": False}
    return Answer(table.groups[name], 201)


def update_group(portal: Portal, call: Call) -> Answer:
    """PATCH /crm/v3/properties/{type}/groups/{group}."""
    table, wish = _schema(portal, call, "write"), call.json()
    body = _group(table, call["group"]) | {key: wish[key] for key in ("label", "displayOrder") if key in wish}
    table.groups[call["group"]] = body
    return Answer(body)


def archive_group(portal: Portal, call: Call) -> Answer:
    """DELETE /crm/v3/properties/{type}/groups/{group}; refused while it has properties."""
    table = _schema(portal, call, "write")
    _group(table, call["group"])
    if any(each.body["groupName"] == call["group"] and not each.archived for each in table.definitions.values()):
        raise invalid(
            f"Property group '{call['group']}' still has properties.", subCategory="Properties.GROUP_NOT_EMPTY"
        )
    del table.groups[call["group"]]
    return Answer(status=204)


PROPERTIES: Final = "/crm/v3/properties/{type}"
ENDPOINTS: Final = (
    Endpoint("GET", PROPERTIES, list_all),
    Endpoint("GET", "/properties/v1/{type}/properties", legacy_list),
    Endpoint("GET", "/companies/v2/properties", legacy_list),
    Endpoint("POST", PROPERTIES, create),
    Endpoint("POST", f"{PROPERTIES}/batch/create", batch_create),
    Endpoint("POST", f"{PROPERTIES}/batch/read", batch_read),
    Endpoint("POST", f"{PROPERTIES}/batch/archive", batch_archive),
    Endpoint("GET", f"{PROPERTIES}/groups", groups),
    Endpoint("POST", f"{PROPERTIES}/groups", create_group),
    Endpoint("GET", f"{PROPERTIES}/groups/{{group}}", group),
    Endpoint("PATCH", f"{PROPERTIES}/groups/{{group}}", update_group),
    Endpoint("DELETE", f"{PROPERTIES}/groups/{{group}}", archive_group),
    Endpoint("GET", f"{PROPERTIES}/{{name}}", get),
    Endpoint("PATCH", f"{PROPERTIES}/{{name}}", update),
    Endpoint("DELETE", f"{PROPERTIES}/{{name}}", archive),
)
