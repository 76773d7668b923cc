"""The part of the Tooling API for custom fields."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from leadgauge_sandbox.salesforce.calls import Call, Handler, Reply, nothing, reply
from leadgauge_sandbox.salesforce.customs import CustomFields, as_list
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.virtual import custom_field_id, described

# The sample of a PATCH in the Salesforce Tooling API samples lists every attribute; an absent one is null (2026-11).
_ATTRIBUTES: Final = (
    *("businessOwnerGroup", "businessOwnerUser", "businessStatus", "caseSensitive", "complianceGroup"),
    *("customDataType", "defaultValue", "deleteConstraint", "deprecated", "description", "displayFormat"),
    *("displayLocationInDecimal", "encryptionScheme", "escapeMarkup", "externalDeveloperName", "externalId"),
    *("formula", "formulaTreatBlanksAs", "inlineHelpText", "isAIPredictionField", "isConvertLeadDisabled"),
    *("isFilteringDisabled", "isNameField", "isSortingDisabled", "label", "length", "lookupFilter", "maskChar"),
    *("maskType", "metadataRelationshipControllingField", "mktDataLakeFieldAttributes", "populateExistingRows"),
    *("precision", "readOnlyProxy", "referenceTargetField", "referenceTo", "relationshipLabel", "relationshipName"),
    *("relationshipOrder", "reparentableMasterDetail", "required", "restrictedAdminField", "scale"),
    *("securityClassification", "startingNumber", "stripMarkup", "summarizedField", "summaryFilterItems"),
    *("summaryForeignKey", "summaryOperation", "trackFeedHistory", "trackHistory", "trackTrending", "translateData"),
    *("type", "unique", "urls", "valueSet", "visibleLines", "writeRequiresMasterRead"),
)


def tooling(handler: Handler) -> Handler:
    """Return a handler that also sees the objects of the Tooling API."""

    def handle(sandbox: Sandbox, call: Call) -> Reply:
        call.tooling = True
        return handler(sandbox, call)

    return handle


def customizing(handler: Callable[[Sandbox, Call], Reply]) -> Handler:
    """Return a handler that needs the permission `Customize Application`."""

    def handle(sandbox: Sandbox, call: Call) -> Reply:
        if sandbox.faults.active("no-customize") is not None:
            raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        return handler(sandbox, call)

    return handle


@customizing
def create_custom_field(sandbox: Sandbox, call: Call) -> Reply:
    """Create a custom field from `FullName` and `Metadata`; it is hidden until field-level security grants it."""
    body = call.fields()
    full_name, properties = body.get("FullName"), body.get("Metadata")
    if not isinstance(full_name, str) or not isinstance(properties, dict):
        raise SalesforceError("REQUIRED_FIELD_MISSING", "Required fields are missing: [FullName, Metadata]", fields=())
    CustomFields(sandbox.org).save(full_name, _as_component(properties), create=True, update=False)
    identifier = custom_field_id(sandbox.org.objects, full_name)
    return reply({"id": identifier, "success": True, "errors": [], "warnings": [], "infos": []}, 201)


@customizing
def read_custom_field(sandbox: Sandbox, call: Call) -> Reply:
    """Return a custom field with its whole definition."""
    row = _row(sandbox, call["id"])
    component = CustomFields(sandbox.org).read(row["FullName"]) or {}
    url = f"/services/data/v{call.version}/tooling/sobjects/CustomField/{row['Id']}"
    shown = {"attributes": {"type": "CustomField", "url": url}, **row, "Metadata": _as_metadata(component)}
    return reply(shown)


@customizing
def update_custom_field(sandbox: Sandbox, call: Call) -> Reply:
    """Replace the definition of a custom field."""
    name, properties = _row(sandbox, call["id"])["FullName"], call.fields().get("Metadata")
    if not isinstance(properties, dict):
        raise SalesforceError("REQUIRED_FIELD_MISSING", "Required fields are missing: [Metadata]", fields=())
    CustomFields(sandbox.org).save(name, _as_component(properties), create=False, update=True)
    return nothing()


@customizing
def delete_custom_field(sandbox: Sandbox, call: Call) -> Reply:
    """Delete a custom field by its id.

    Setup keeps it for 15 days under another name, with `_del` at its end, so the name is free:
    https://help.salesforce.com/s/articleView?id=platform.fields_managing_deleted_fields.htm&type=5 (2026-11).
    """
    CustomFields(sandbox.org).delete(_row(sandbox, call["id"])["FullName"])
    return nothing()


def _row(sandbox: Sandbox, identifier: str) -> dict[str, Any]:
    """Return the row of a custom field. A missing one is an invalid cross reference, as for records."""
    table = described(sandbox.org.objects, sandbox.org.tooling["CustomField"])
    names = [name for name in table.sobject.fields if name != "EntityDefinitionId"]
    for row in table.frame(names).to_dicts():
        if row["Id"][:15] == identifier[:15]:
            return row
    raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=(), status=404)


def _as_component(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties as the Metadata API names them: a choice is `valueName` here and `fullName` there."""
    unknown = [name for name in properties if name not in _ATTRIBUTES]
    if unknown:
        raise SalesforceError("JSON_PARSER_ERROR", f'Unrecognized field "{unknown[0]}" at [line:1, column:1]')
    given = {name: value for name, value in properties.items() if value is not None}
    definition = (given.get("valueSet") or {}).get("valueSetDefinition")
    if definition:
        values = [_choice(each) for each in as_list(definition.get("value"))]
        given["valueSet"] = {**given["valueSet"], "valueSetDefinition": {**definition, "value": values}}
    return given


def _choice(value: Mapping[str, Any]) -> dict[str, Any]:
    if not value.get("valueName"):
        raise SalesforceError("REQUIRED_FIELD_MISSING", "Required fields are missing: [valueName]", fields=())
    shown = {"fullName": value["valueName"], "default": value.get("default", False), "label": value.get("label")}
    return shown | {"description": value.get("description"), "color": value.get("color")}


def _as_metadata(component: Mapping[str, Any]) -> dict[str, Any]:
    """Return a component with every attribute, null where it has none."""
    shown = {name: component.get(name) for name in _ATTRIBUTES}
    if "valueSet" not in component:
        return shown
    values = [
        {
            "color": each.get("color"),
            "default": each["default"],
            "description": each.get("description"),
            "isActive": None,
        }
        | {"label": each["label"], "urls": None, "valueName": each["fullName"]}
        for each in component["valueSet"]["valueSetDefinition"]["value"]
    ]
    definition = {"sorted": False, "value": values}
    value_set = {"controllingField": None, "restricted": component["valueSet"]["restricted"]}
    shown["valueSet"] = value_set | {"valueSetDefinition": definition, "valueSetName": None, "valueSettings": []}
    return shown
