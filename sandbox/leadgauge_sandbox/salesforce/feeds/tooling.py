"""The channels of change events in the Tooling API."""

from typing import Any

from leadgauge_sandbox.salesforce.calls import Call, Handler, Reply, Route, nothing, reply, route
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.feeds.channels import CHANNEL, MEMBER
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.tooling import customizing

# The bodies: https://developer.salesforce.com/docs/platform/change-data-capture/guide/cdc-filter-tooling-api-add-filter.html
# (2026-11).


@customizing
def create_channel(sandbox: Sandbox, call: Call) -> Reply:
    """Create a custom channel from `FullName` and `Metadata`."""
    name, given = _body(call)
    identifier = sandbox.feed.channels.add_channel(name, str(given.get("label") or name), str(given.get("channelType")))
    return _created(identifier)


@customizing
def create_member(sandbox: Sandbox, call: Call) -> Reply:
    """Select an object for a channel from `FullName` and `Metadata`."""
    name, given = _body(call)
    enriched, expression = _details(given)
    channel, event = str(given.get("eventChannel")), str(given.get("selectedEntity"))
    channels = sandbox.feed.channels
    identifier = channels.add_member(channel, event, name=name, enriched=enriched, expression=expression)
    return _created(identifier)


@customizing
def update_member(sandbox: Sandbox, call: Call) -> Reply:
    """Set the enriched fields and the filter of a member; channel and object must stay the same."""
    given = call.fields().get("Metadata")
    if not isinstance(given, dict):
        raise _missing("Metadata")
    known = sandbox.feed.channels.metadata(MEMBER, call["id"])
    if any(given.get(name, known[name]) != known[name] for name in ("eventChannel", "selectedEntity")):
        message = "EventChannel and SelectedEntity can't be updated."
        raise SalesforceError("INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=())
    sandbox.feed.channels.change_member(call["id"], *_details(given))
    return nothing()


def _read(kind: str) -> Handler:
    def read(sandbox: Sandbox, call: Call) -> Reply:
        """Return a channel or member with its definition."""
        channels = sandbox.feed.channels
        table, row = channels.row(kind, call["id"])
        names = [name for name in table.sobject.fields if name != "IsDeleted"]
        url = f"/services/data/v{call.version}/tooling/sobjects/{kind}/{table.identifier(row)}"
        shown = {"attributes": {"type": kind, "url": url}, **{name: table.value(row, name) for name in names}}
        return reply({**shown, "Metadata": channels.metadata(kind, call["id"])})

    return read


def _delete(kind: str) -> Handler:
    @customizing
    def delete(sandbox: Sandbox, call: Call) -> Reply:
        """Delete a channel or member."""
        sandbox.feed.channels.remove(kind, call["id"])
        return nothing()

    return delete


def routes(base: str) -> tuple[Route, ...]:
    """Return the routes of channels and members."""
    return (
        route(f"{base}/{CHANNEL}", post=create_channel),
        route(f"{base}/{CHANNEL}/{{id}}", get=_read(CHANNEL), delete=_delete(CHANNEL)),
        route(f"{base}/{MEMBER}", post=create_member),
        route(f"{base}/{MEMBER}/{{id}}", get=_read(MEMBER), patch=update_member, delete=_delete(MEMBER)),
    )


def _body(call: Call) -> tuple[str, dict[str, Any]]:
    body = call.fields()
    name, given = body.get("FullName"), body.get("Metadata")
    if not isinstance(name, str) or not isinstance(given, dict):
        raise _missing("FullName, Metadata")
    return name, given


def _details(given: dict[str, Any]) -> tuple[tuple[str, ...], str | None]:
    """Return the enriched fields and the filter of a definition."""
    enriched = tuple(str(each["name"]) for each in given.get("enrichedFields") or ())
    return enriched, given.get("filterExpression") or None


def _missing(names: str) -> SalesforceError:
    return SalesforceError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{names}]", fields=())


def _created(identifier: str) -> Reply:
    return reply({"id": identifier, "success": True, "errors": [], "warnings": [], "infos": []}, 201)
