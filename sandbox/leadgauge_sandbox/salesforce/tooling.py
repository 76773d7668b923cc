"""The part of the Tooling API for custom fields."""

from leadgauge_sandbox.salesforce.calls import Call, Handler, Reply, nothing, reply
from leadgauge_sandbox.salesforce.customs import CustomFields
from leadgauge_sandbox.salesforce.errors import SalesforceError, not_found
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.virtual import custom_field_id, described


def tooling(handler: Handler) -> Handler:
    """Return a handler that also sees the objects of the Tooling API."""

    def handle(sandbox: Sandbox, call: Call) -> Reply:
        call.tooling = True
        return handler(sandbox, call)

    return handle


def create_custom_field(sandbox: Sandbox, call: Call) -> Reply:
    """Create a custom field from `FullName` and `Metadata`."""
    body = call.fields()
    full_name, properties = body.get("FullName"), body.get("Metadata")
    if not isinstance(full_name, str) or not isinstance(properties, dict):
        raise SalesforceError("REQUIRED_FIELD_MISSING", "Required fields are missing: [FullName, Metadata]")
    CustomFields(sandbox.org).save(full_name, properties, create=True, update=False)
    identifier = custom_field_id(sandbox.org.objects, full_name)
    return reply({"id": identifier, "success": True, "errors": [], "warnings": [], "infos": []}, 201)


def delete_custom_field(sandbox: Sandbox, call: Call) -> Reply:
    """Delete a custom field by its id."""
    table = described(sandbox.org.objects, sandbox.org.tooling["CustomField"])
    names = dict(table.frame(["Id", "FullName"]).rows())
    if call["id"] not in names:
        raise not_found()
    CustomFields(sandbox.org).delete(names[call["id"]])
    return nothing()
