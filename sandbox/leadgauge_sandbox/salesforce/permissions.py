"""What Salesforce checks when permission sets and the field permissions in them are written through REST.

FieldPermissions and PermissionSet take create, update and delete in the plain API, not in the Tooling API:
https://developer.salesforce.com/docs/platform/api-tooling/references/tooling-objects/tooling-permissionset.html and
https://salesforce.stackexchange.com/questions/208307 (2026-11).
"""

from collections.abc import Mapping
from typing import Any

from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.org import View


def check_permission_set(view: View, values: Mapping[str, Any]) -> None:
    """Refuse a second permission set of a name."""
    if any(each["Name"] == values["Name"] for each in view.org.rows("PermissionSet")):
        message = f"duplicate value found: Name {values['Name']}"
        raise SalesforceError("DUPLICATE_DEVELOPER_NAME", message, fields=["Name"])


def check_field_permission(view: View, values: Mapping[str, Any]) -> None:
    """Refuse a permission for a field that has none, without reading, or given already.

    Field is a restricted picklist of the fields that can be permissioned, which required ones are not.
    """
    sobject = view.org.find(str(values["SobjectType"]))
    owner, _, name = str(values["Field"]).partition(".")
    field = None if sobject is None or owner != sobject.name else sobject.find(name)
    if field is None or not field.permissionable:
        message = f"Field Name: bad value for restricted picklist field: {values['Field']}"
        raise SalesforceError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, fields=["Field"])
    if values.get("PermissionsEdit") and not values.get("PermissionsRead"):
        message = "Edit permission requires read permission on the field"
        raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, fields=["PermissionsEdit"])
    table = view.org.tables["FieldPermissions"]
    if any(table.value(row, "ParentId") == values["ParentId"] for row in table.find("Field", values["Field"])):
        message = "duplicate value found: <unknown> duplicates value on record with id: <unknown>"
        raise SalesforceError("DUPLICATE_VALUE", message, fields=())


def empty_permission_set(view: View, identifier: str) -> None:
    """Delete what a permission set grants before the set itself; refused if it is assigned."""
    if view.org.tables["PermissionSetAssignment"].find("PermissionSetId", identifier):
        message = "This permission set is assigned to users and can not be deleted"
        raise SalesforceError("DEPENDENCY_EXISTS", message)
    for name in ("FieldPermissions", "ObjectPermissions"):
        table = view.org.tables[name]
        table.purged.update(table.find("ParentId", identifier))
