"""Writes the rows of an ingest job one by one."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from leadgauge_sandbox.salesforce.calls import Call
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.job import Failed, Ingested, Written
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.tabular import cells, read_rows
from leadgauge_sandbox.salesforce.writer import Writer
from leadgauge_sandbox.salesforce.writing import make_writer

_XSD: Final = {"int": "int", "datetime": "dateTime", "boolean": "boolean", "date": "date"}

CHUNK: Final = 200
"""Rows of a job that are one transaction:
https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/asynch_api_concepts_limits.htm
(2026-11)."""

Write = Callable[[Writer, SObject, dict[str, Any]], tuple[str, bool]]


def ingest(  # noqa: PLR0913 - all that a job says
    sandbox: Sandbox,
    call: Call,
    *,
    object_name: str,
    operation: str,
    content: bytes,
    delimiter: str,
    external_id: str | None,
    assign: bool,
    half: bool,
) -> Ingested:
    """Write all rows, or half of them; raises an error that fails the whole job."""
    try:
        header, rows = read_rows(content, delimiter)
    except (ValueError, UnicodeDecodeError) as error:
        raise SalesforceError("InvalidBatch", f"Unable to read the CSV: {error}") from None
    sobject = call.view(sandbox).required(object_name)
    _check_header(call, sandbox, sobject, header)
    writer = make_writer(sandbox, call, rules_run=assign, duplicates_allowed=False)
    write = OPERATIONS[operation] if external_id is None else upserting(external_id)
    looked_at = rows[: len(rows) // 2] if half else rows
    done = Ingested(header, unprocessed=rows[len(looked_at) :])
    for number, row in enumerate(looked_at, 1):
        _write_row(done, row, lambda given: write(writer, sobject, given))
        if not number % CHUNK:
            sandbox.org.journal.commit()
    return done


def _check_header(call: Call, sandbox: Sandbox, sobject: SObject, header: list[str]) -> None:
    view = call.view(sandbox)
    for name in header:
        relation, dot, _ = name.partition(".")
        found = sobject.relationship(relation) if dot else sobject.find(name)
        if found is None or not view.sees(sobject, found):
            raise SalesforceError("InvalidBatch", f"Field name not found : {name}")


def _write_row(done: Ingested, row: list[str], write: Callable[[dict[str, Any]], tuple[str, bool]]) -> None:
    if len(row) != len(done.header):
        done.failed.append(Failed("", "INVALID_FIELD:Number of columns does not match the header: --", row))
        return
    given = cells(done.header, row)
    try:
        identifier, created = write(given)
    except SalesforceError as refusal:
        known = next((str(given[name]) for name in ("Id", "id") if given.get(name)), "")
        done.failed.append(Failed(known, _cell(done.header, given, refusal), row))
        return
    done.written.append(Written(identifier, created, row))


def _cell(header: list[str], given: Mapping[str, Any], refusal: SalesforceError) -> str:
    """Format the error for an unreadable value as the Bulk API does: with its column."""
    if refusal.code != "JSON_PARSER_ERROR" or not refusal.fields:
        return refusal.as_bulk()
    name = next((each for each in header if each.lower() == refusal.fields[0].lower()), refusal.fields[0])
    kind = refusal.message.partition("instance of ")[2].partition(" ")[0]
    column = header.index(name) if name in header else 0
    value = given.get(name)
    return (
        f"INVALID_FIELD:Failed to deserialize field at col {column}. Due to, '{value}' is not a valid value for the "
        f"type xsd:{_XSD.get(kind, kind)}:{refusal.fields[0]} --"
    )


def _insert(writer: Writer, sobject: SObject, given: dict[str, Any]) -> tuple[str, bool]:
    return writer.create(sobject, given), True


def _update(writer: Writer, sobject: SObject, given: dict[str, Any]) -> tuple[str, bool]:
    return writer.update(sobject, _id(given, "an update"), given), False


def _delete(writer: Writer, sobject: SObject, given: dict[str, Any]) -> tuple[str, bool]:
    return writer.delete(sobject, _id(given, "a delete")), False


def _purge(writer: Writer, sobject: SObject, given: dict[str, Any]) -> tuple[str, bool]:
    return writer.purge(sobject, _id(given, "a delete")), False


def upserting(key: str) -> Write:
    """Return a function that upserts a row by an external id."""

    def upsert(writer: Writer, sobject: SObject, given: dict[str, Any]) -> tuple[str, bool]:
        value = next((each for name, each in given.items() if name.lower() == key.lower()), None)
        if value is None:
            raise SalesforceError("MISSING_ARGUMENT", f"{key} not specified", fields=())
        rest = {name: each for name, each in given.items() if name.lower() != key.lower()}
        return writer.upsert(sobject, key, value, rest)

    return upsert


def _id(given: Mapping[str, Any], call: str) -> str:
    value = next((each for name, each in given.items() if name.lower() == "id"), None)
    if value is None:
        raise SalesforceError("MISSING_ARGUMENT", f"Id not specified in {call} call", fields=())
    return str(value)


OPERATIONS: Final[dict[str, Write]] = {
    "insert": _insert,
    "update": _update,
    "upsert": _insert,
    "delete": _delete,
    "hardDelete": _purge,
}
"""The function for each operation; upsert uses the external id."""
