"""`/composite/tree`: inserts records with their children, all or none."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

from leadgauge_sandbox.salesforce.calls import Call, Reply, reply
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.org import View
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.soql.scope import children_of
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.writer import Writer
from leadgauge_sandbox.salesforce.writing import writer_for

MOST: Final = 200

Node = tuple[SObject, Mapping[str, Any], dict[str, str]]
"""A record to insert: its object, values, and reference to its parent."""


def create(sandbox: Sandbox, call: Call) -> Reply:
    """Insert trees of records, level by level."""
    view = call.view(sandbox)
    sobject = view.required(call["object"])
    waiting: deque[Node] = deque((sobject, record, {}) for record in _records(call.fields()))
    take_back, writer = sandbox.org.mark(), writer_for(sandbox, call)
    planted: list[dict[str, Any]] = []
    while waiting:
        planted.append(_plant(view, writer, waiting))
        if len(planted) + len(waiting) > MOST:
            take_back()
            raise SalesforceError("INVALID_INPUT", f"A tree can not hold more than {MOST} records")
    failed = [each for each in planted if "errors" in each]
    if not failed:
        return reply({"hasErrors": False, "results": planted}, 201)
    take_back()
    return reply({"hasErrors": True, "results": failed}, 400)


def _records(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    records = node.get("records")
    if not isinstance(records, list) or not records or not all(isinstance(each, dict) for each in records):
        raise SalesforceError("JSON_PARSER_ERROR", "records must be a list of records")
    return records


def _plant(view: View, writer: Writer, waiting: deque[Node]) -> dict[str, Any]:
    """Insert the first queued record and queue its children."""
    sobject, record, link = waiting.popleft()
    attributes = record.get("attributes")
    reference = attributes.get("referenceId") if isinstance(attributes, dict) else None
    if not isinstance(reference, str):
        raise SalesforceError("INVALID_INPUT", "Include a reference ID for each record in the request.")
    nested = {name for name, value in record.items() if isinstance(value, dict) and "records" in value}
    try:
        identifier = writer.create(
            sobject, {name: value for name, value in record.items() if name not in nested} | link
        )
    except SalesforceError as refusal:
        return {"referenceId": reference, "errors": [refusal.as_save_error()]}
    for name in nested:
        waiting.extend(_children(view, sobject, name, record[name], identifier))
    return {"referenceId": reference, "id": identifier}


def _children(view: View, sobject: SObject, name: str, node: Mapping[str, Any], parent: str) -> Iterator[Node]:
    found = children_of(view, sobject, name)
    if found is None:
        raise SalesforceError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
    child, field = found
    return ((child, record, {field.name: parent}) for record in _records(node))
