"""`/composite/sobjects`: up to 200 records per call, each with its own result."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Final, TypeVar

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.calls import Call, Reply, reply
from leadgauge_sandbox.salesforce.errors import SalesforceError, rolled_back
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.sobjects import one_record
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.table import Table
from leadgauge_sandbox.salesforce.writer import Writer
from leadgauge_sandbox.salesforce.writing import writer_for

MOST: Final = 200
MOST_READ: Final = 2000
MOST_KINDS: Final = 10
"""Most changes of object type between consecutive records."""

Each = TypeVar("Each")
Outcome = dict[str, Any] | SalesforceError
Write = Callable[[Writer, SObject, Mapping[str, Any]], dict[str, Any]]


def create(sandbox: Sandbox, call: Call) -> Reply:
    """Insert records."""
    return _write(sandbox, call, _create)


def update(sandbox: Sandbox, call: Call) -> Reply:
    """Update records."""
    return _write(sandbox, call, _update)


def upsert(sandbox: Sandbox, call: Call) -> Reply:
    """Update the records that have an external id, insert the others."""
    call.view(sandbox).required(call["object"])

    def one(writer: Writer, sobject: SObject, given: Mapping[str, Any]) -> dict[str, Any]:
        key = call["key"]
        value = next((each for name, each in given.items() if name.lower() == key.lower()), None)
        if value is None:
            raise SalesforceError("MISSING_ARGUMENT", f"{key} not specified", fields=())
        rest = {name: each for name, each in given.items() if name.lower() != key.lower()}
        identifier, created = writer.upsert(sobject, key, value, rest)
        return {"id": identifier, "success": True, "errors": [], "created": created}

    return _write(sandbox, call, one)


def delete(sandbox: Sandbox, call: Call) -> Reply:
    """Delete the records named by `?ids=`."""
    wanted = [each.strip() for each in call.parameters.get("ids", "").split(",") if each.strip()]
    _check_count(wanted)
    writer = writer_for(sandbox, call)
    one = partial(_delete, sandbox, writer)
    return _answer(_outcomes(sandbox, wanted, one, all_or_none=call.flag("allOrNone")))


def read(sandbox: Sandbox, call: Call) -> Reply:
    """Return records of one object by id, null for missing ones."""
    if call.method == "POST":
        body = call.fields()
        wanted, fields = body.get("ids") or [], body.get("fields") or []
    else:
        wanted = call.parameters.get("ids", "").split(",")
        fields = call.parameters.get("fields", "").split(",")
    if not fields or not fields[0]:
        raise SalesforceError("MISSING_ARGUMENT", "The fields parameter is required")
    if len(wanted) > MOST_READ:
        raise SalesforceError(
            "EXCEEDED_ID_LIMIT", f"record limit reached. cannot retrieve more than {MOST_READ} records"
        )
    view = call.view(sandbox)
    sobject = view.required(call["object"])
    table = view.table(sobject)
    found = [identifiers.normalise(str(each)) for each in wanted]
    shown = [
        one_record(view, sobject, each, call.version, ",".join(fields)) if each and _is_live(table, each) else None
        for each in found
    ]
    return reply(shown)


def _is_live(table: Table, identifier: str) -> bool:
    row = table.row_of(identifier)
    return row is not None and not table.value(row, "IsDeleted")


def _create(writer: Writer, sobject: SObject, given: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": writer.create(sobject, given), "success": True, "errors": []}


def _update(writer: Writer, sobject: SObject, given: Mapping[str, Any]) -> dict[str, Any]:
    identifier = given.get("id") or given.get("Id")
    if identifier is None:
        raise SalesforceError("MISSING_ARGUMENT", "Id not specified in an update call", fields=())
    return {"id": writer.update(sobject, str(identifier), given), "success": True, "errors": []}


def _delete(sandbox: Sandbox, writer: Writer, identifier: str) -> dict[str, Any]:
    sobject = sandbox.org.by_prefix(identifier)
    if sobject is None:
        raise SalesforceError("MALFORMED_ID", f"malformed id {identifier}", fields=())
    return {"id": writer.delete(sobject, identifier), "success": True, "errors": []}


def _write(sandbox: Sandbox, call: Call, write: Write) -> Reply:
    body = call.fields()
    records = body.get("records")
    if not isinstance(records, list):
        raise SalesforceError("REQUIRED_FIELD_MISSING", "At least 1 record is required")
    _check_count(records)
    _check_kinds(records)
    writer = writer_for(sandbox, call)
    view = writer.view

    def one(record: Mapping[str, Any]) -> dict[str, Any]:
        name = _type_of(record) or call.variables.get("object", "")
        sobject = view.find(str(name))
        if sobject is None:
            message = f"sObject type '{name}' is not supported."
            raise SalesforceError("INVALID_TYPE", message, fields=())
        return write(writer, sobject, record)

    return _answer(_outcomes(sandbox, records, one, all_or_none=bool(body.get("allOrNone"))))


def _outcomes(
    sandbox: Sandbox, records: Sequence[Each], one: Callable[[Each], dict[str, Any]], *, all_or_none: bool
) -> list[Outcome]:
    if all_or_none:
        return _all_or_none(sandbox, records, one)
    return [_attempt(partial(one, record)) for record in records]


def _all_or_none(sandbox: Sandbox, records: Sequence[Each], one: Callable[[Each], dict[str, Any]]) -> list[Outcome]:
    """Write all records; roll everything back if one fails."""
    take_back = sandbox.org.mark()
    outcomes = [_attempt(partial(one, record)) for record in records]
    if not any(isinstance(each, SalesforceError) for each in outcomes):
        return outcomes
    take_back()
    return [each if isinstance(each, SalesforceError) else rolled_back() for each in outcomes]


def _attempt(work: Callable[[], dict[str, Any]]) -> Outcome:
    """Return the result of the work; an unreadable value refuses the whole call."""
    try:
        return work()
    except SalesforceError as refusal:
        if refusal.code == "JSON_PARSER_ERROR":
            raise
        return refusal


def _answer(outcomes: Sequence[Outcome]) -> Reply:
    return reply(
        [
            {"success": False, "errors": [each.as_save_error()]} if isinstance(each, SalesforceError) else each
            for each in outcomes
        ]
    )


def _type_of(record: Mapping[str, Any]) -> Any:
    attributes = record.get("attributes")
    return attributes.get("type") if isinstance(attributes, Mapping) else None


def _check_count(records: Sequence[Any]) -> None:
    if not records:
        raise SalesforceError("REQUIRED_FIELD_MISSING", "At least 1 record is required")
    if len(records) > MOST:
        message = f"record limit reached. cannot submit more than {MOST} records into this call"
        raise SalesforceError("EXCEEDED_ID_LIMIT", message)


def _check_kinds(records: Sequence[Any]) -> None:
    if not all(isinstance(each, dict) for each in records):
        raise SalesforceError("JSON_PARSER_ERROR", "Unexpected type: expected an object at [line:1, column:1]")
    kinds = [_type_of(each) for each in records]
    changes = sum(1 for one, other in pairwise(kinds) if one != other)
    if changes + 1 > MOST_KINDS:
        message = f"Cannot have more than {MOST_KINDS} chunks in a single operation."
        raise SalesforceError("INVALID_INPUT", message)
