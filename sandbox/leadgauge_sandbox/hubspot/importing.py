"""Endpoints of imports: a file of rows, imported step by step, with an error for every refused row."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

import orjson
from python_multipart import FormParser
from python_multipart.multipart import Field, File, parse_options_header

from leadgauge_sandbox.hubspot.answers import Answer, PageNotFound, Refused, invalid, iso
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.jobs import Import
from leadgauge_sandbox.hubspot.properties import Rejected, normal

if TYPE_CHECKING:
    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.table import Record, Table

ROWS: Final = 1_048_576
SIZE: Final = 512 * 1024 * 1024
CODES: Final = {
    "INVALID_OPTION": "INVALID_ENUMERATION_OPTION",
    "INVALID_INTEGER": "COULD_NOT_PARSE_NUMBER",
    "INVALID_LONG": "COULD_NOT_PARSE_DATE",
    "INVALID_DATE": "COULD_NOT_PARSE_DATE",
    "INVALID_EMAIL": "INVALID_EMAIL",
    "READ_ONLY_VALUE": "FAILED_VALIDATION",
    "VALUE_TOO_LONG": "COLUMN_TOO_LARGE",
}
"""The names imports use for value errors."""


def start(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/imports, multipart."""
    call.need("crm.import")
    fields, files = _parts(call)
    wish = _request(fields.get("importRequest", b""))
    (described,) = wish["files"]
    content = files.get(described.get("fileName", ""))
    if content is None:
        raise invalid(f"File {described.get('fileName')} is missing; the call has {sorted(files)}")
    if len(content) > SIZE:
        raise invalid("The file is larger than 512 MB.")
    rows = _rows(content, described)
    number = 40_000_001 + len(portal.jobs.imports)
    job = Import(number, wish, portal.clock.now(), rows, updated_at=portal.clock.now())
    _table(portal, job)
    portal.jobs.imports[number] = job
    return Answer(_shown(job))


def _parts(call: Call) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the fields and the files of a multipart body."""
    kind, options = parse_options_header(call.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        raise Refused(415, "Unsupported Media Type: imports are multipart/form-data")
    fields: dict[str, bytes] = {}
    files: dict[str, bytes] = {}

    def field(part: Any) -> None:
        assert isinstance(part, Field)
        fields[(part.field_name or b"").decode()] = part.value or b""

    def file(part: Any) -> None:
        assert isinstance(part, File)
        part.file_object.seek(0)
        files[(part.file_name or b"").decode()] = part.file_object.read()

    parser = FormParser(kind.decode(), field, file, boundary=options.get(b"boundary"))
    parser.write(call.body)
    parser.finalize()
    return fields, files


def _request(text: bytes) -> dict[str, Any]:
    try:
        wish = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise invalid(f"Invalid importRequest JSON: {error}") from None
    if not isinstance(wish, dict) or not wish.get("name") or len(wish.get("files") or ()) != 1:
        raise invalid("importRequest needs a name and exactly one file")
    if not _mappings(wish):
        raise invalid("importRequest needs columnMappings")
    return wish


def _mappings(wish: dict[str, Any]) -> list[dict[str, Any]]:
    page = wish["files"][0].get("fileImportPage") or {}
    return list(page.get("columnMappings") or ())


def _rows(content: bytes, described: dict[str, Any]) -> list[tuple[int, list[str], dict[str, str]]]:
    if described.get("fileFormat", "CSV") != "CSV":
        raise invalid(f"This sandbox reads CSV, not {described.get('fileFormat')}.")
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    header = next(reader, [])
    names = {mapping["columnName"] for mapping in described["fileImportPage"]["columnMappings"]}
    if not names <= set(header):
        raise invalid(f"Columns {sorted(names - set(header))} are mapped but not in the file {header}")
    rows = [(reader.line_num, cells, dict(zip(header, cells, strict=False))) for cells in reader]
    if len(rows) > ROWS:
        raise invalid(f"A file may have {ROWS} rows at most.")
    return rows


def _table(portal: Portal, job: Import) -> Table:
    return portal.table(_mappings(job.wish)[0]["columnObjectTypeId"])


def status(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/imports/{id}: each call moves the job one step on."""
    call.need("crm.import")
    job = _job(portal, call["id"])
    answer = _shown(job)
    _advance(portal, job)
    return Answer(answer)


def _job(portal: Portal, name: str) -> Import:
    job = portal.jobs.imports.get(int(name)) if name.isdecimal() else None
    if job is None:
        raise PageNotFound
    return job


def _advance(portal: Portal, job: Import) -> None:
    """Import half of the rows, then the rest."""
    if job.state not in {"STARTED", "PROCESSING"}:
        return
    share = len(job.rows) // 2 if job.state == "STARTED" else len(job.rows)
    now, job.rows = job.rows[:share], job.rows[share:]
    for line, cells, values in now:
        _take(portal, job, line, cells, values)
    job.state = "PROCESSING" if job.state == "STARTED" else "DONE"
    job.updated_at = portal.clock.now()


def _count(job: Import, name: str, by: int = 1) -> None:
    job.counters[name] = job.counters.get(name, 0) + by


def _take(portal: Portal, job: Import, line: int, cells: list[str], row: dict[str, str]) -> None:
    """Create or update the record of one row."""
    table = _table(portal, job)
    _count(job, "TOTAL_ROWS")
    try:
        values = _values(table, job, row)
        record = _target(table, job, row, values)
        _put(portal, table, job, record, values)
    except (Rejected, Refused) as error:
        code = error.code if isinstance(error, Rejected) else "INVALID_CUSTOM_PROPERTY_VALIDATION"
        job.errors.append(_error(portal, job, line, cells, CODES.get(code, code), str(error)))


def _values(table: Table, job: Import, row: dict[str, str]) -> dict[str, str]:
    """Return the values of the mapped columns; an empty cell leaves the property unchanged."""
    values = {}
    for mapping in _mappings(job.wish):
        name, cell = mapping.get("propertyName"), row.get(mapping["columnName"], "")
        if not cell or mapping.get("idColumnType") == "HUBSPOT_OBJECT_ID":
            continue
        if name not in table.definitions:
            raise Rejected("INVALID_COLUMN_CONFIGURATION", f"Property {name} does not exist.")
        values[name] = normal(table.definitions[name], cell)
    return values


def _target(table: Table, job: Import, row: dict[str, str], values: dict[str, str]) -> Record | None:
    """Return the record that a row refers to, None for a new one."""
    mapped = next((each for each in _mappings(job.wish) if each.get("idColumnType")), None)
    operation = (job.wish.get("importOperations") or {}).get(table.kind.id, "UPSERT")
    record = None
    if mapped is not None and mapped["idColumnType"] == "HUBSPOT_OBJECT_ID":
        cell = row.get(mapped["columnName"], "")
        record = table.find(int(cell)) if cell.isdecimal() else None
        if record is None:
            raise Rejected("INVALID_RECORD_ID", f"There is no {table.kind.singular} with id {cell}.")
    elif table.kind.unique and values.get(table.kind.unique):
        record = table.find_by(table.kind.unique, values[table.kind.unique])
    if record is None and operation == "UPDATE":
        raise Rejected("UPDATE_ONLY_IMPORT", "The row matches no record, and the import only updates.")
    if record is not None and operation == "CREATE":
        raise Rejected("CREATE_ONLY_IMPORT", "The row matches a record, and the import only creates.")
    return record


def _put(portal: Portal, table: Table, job: Import, record: Record | None, values: dict[str, str]) -> None:
    if values.get("email") in portal.blocked_emails:
        raise Rejected("GDPR_BLACKLISTED_EMAIL", f"{values['email']} was deleted for privacy.")
    if record is not None and record.id in job.seen:
        raise Rejected("DUPLICATE_RECORD_ID", f"Record {record.id} stands twice in the file.")
    if record is None:
        record = portal.create(table, values, "IMPORT")
        _count(job, "CREATED_OBJECTS")
    else:
        portal.obey(table, record.id, values)
        portal.change(table, record, values, "IMPORT")
        _count(job, "UPDATED_OBJECTS")
    job.seen.add(record.id)
    _count(job, "PROPERTY_VALUES_EMITTED", len(values))
    job.counters["UNIQUE_OBJECTS_WRITTEN"] = len(job.seen)


def _error(portal: Portal, job: Import, line: int, cells: list[str], code: str, message: str) -> dict[str, Any]:
    kind = _table(portal, job).kind
    return {
        "id": str(job.number * 1000 + len(job.errors)),
        "createdAt": portal.clock.now(),
        "errorType": code,
        "errorMessage": message,
        "objectTypeId": kind.id,
        "objectType": kind.singular.upper(),
        "sourceData": {
            "fileId": job.number + 5_000_000,
            "lineNumber": line,
            "rowData": cells,
            "containsEncryptedProperties": False,
        },
    }


def _shown(job: Import) -> dict[str, Any]:
    return {
        "state": job.state,
        "createdAt": iso(job.created_at),
        "updatedAt": iso(job.updated_at),
        "id": str(job.number),
        "importName": job.wish["name"],
        "importRequestJson": job.wish,
        "importSource": "API",
        "mappedObjectTypeIds": sorted({each["columnObjectTypeId"] for each in _mappings(job.wish)}),
        "metadata": {"objectLists": [], "counters": dict(job.counters), "fileIds": [str(job.number + 5_000_000)]},
        "optOutImport": False,
    }


def errors(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/imports/{id}/errors, in pages."""
    call.need("crm.import")
    job = _job(portal, call["id"])
    hidden = set() if call.flag("includeErrorMessage") else {"errorMessage"}
    shown, paging = call.slice(job.errors, 100, 1000)
    return Answer({"results": [{key: row[key] for key in row if key not in hidden} for row in shown], **paging})


def listed(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/imports."""
    call.need("crm.import")
    shown, paging = call.slice(list(portal.jobs.imports.values()), 100, 100)
    return Answer({"results": [_shown(job) for job in shown], **paging})


def cancel(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/imports/{id}/cancel: imported rows stay."""
    call.need("crm.import")
    job = _job(portal, call["id"])
    if job.state in {"STARTED", "PROCESSING"}:
        job.state, job.rows, job.updated_at = "CANCELED", [], portal.clock.now()
    moment = iso(job.updated_at)
    return Answer({"status": "CANCELED", "requestedAt": moment, "startedAt": moment, "completedAt": moment})


IMPORTS: Final = "/crm/v3/imports"
ENDPOINTS: Final = (
    Endpoint("POST", IMPORTS, start),
    Endpoint("GET", IMPORTS, listed),
    Endpoint("GET", f"{IMPORTS}/{{id}}", status),
    Endpoint("GET", f"{IMPORTS}/{{id}}/errors", errors),
    Endpoint("POST", f"{IMPORTS}/{{id}}/cancel", cancel),
)
