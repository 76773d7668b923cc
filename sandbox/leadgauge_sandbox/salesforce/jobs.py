"""Bulk API 2.0: query and ingest jobs in all their states."""

import base64
import binascii
import time
from typing import Any, Final

from leadgauge_sandbox.salesforce.calls import CSV, Call, Reply, nothing, reply
from leadgauge_sandbox.salesforce.errors import SalesforceError, not_found
from leadgauge_sandbox.salesforce.ingest import OPERATIONS, ingest
from leadgauge_sandbox.salesforce.job import Ingested, Job
from leadgauge_sandbox.salesforce.origins import origin_of
from leadgauge_sandbox.salesforce.queries import shuffled, small_pages
from leadgauge_sandbox.salesforce.schema.field import COMPOUND
from leadgauge_sandbox.salesforce.soql.aggregates import is_aggregate
from leadgauge_sandbox.salesforce.soql.parser import parse
from leadgauge_sandbox.salesforce.soql.run import run
from leadgauge_sandbox.salesforce.soql.tree import Children, Select, TypeOf
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.tabular import (
    DELIMITERS,
    LINE_ENDINGS,
    check_line_ending,
    formatted,
    write_frame,
    write_results,
)

MOST_BYTES: Final = 150_000_000
"""Largest upload, measured in base64 as Salesforce does."""
MOST_QUERIES: Final = 10_000
"""Most query jobs in 24 hours."""
PAGE: Final = 100_000
"""Default rows per result page."""
TERMINAL: Final = frozenset({"JobComplete", "Failed", "Aborted"})
STALLED: Final = 5


def run_due(sandbox: Sandbox) -> None:
    """Run the jobs that are due, polled or not."""
    for job in sandbox.jobs.due():
        _move(sandbox, job)


def _move(sandbox: Sandbox, job: Job) -> None:
    """Advance a ready job one step."""
    if time.monotonic() - job.closed_at < sandbox.jobs.delay or job.stalls:
        job.state = "InProgress"
        return
    job.changed = sandbox.org.clock.second()
    if sandbox.faults.strikes("bulk-failed"):
        job.state, job.error = "Failed", "InternalServerError : Unable to process the job"
        return
    began = time.perf_counter()
    with sandbox.org.journal.transaction(job.origin, job.user):
        _run_query(sandbox, job) if job.kind == "query" else _run_ingest(sandbox, job)
    job.milliseconds = int((time.perf_counter() - began) * 1000)


def _run_query(sandbox: Sandbox, job: Job) -> None:
    assert job.query is not None
    result = run(parse(job.query), sandbox.org.seen_by(job.user), include_deleted=job.operation == "queryAll")
    frame = shuffled(sandbox, result, job.query).frame
    job.result = formatted(frame.select(column.name for column in result.columns))
    job.state = "JobComplete"


def _run_ingest(sandbox: Sandbox, job: Job) -> None:
    call = Call("PATCH", "", user=job.user)
    half = sandbox.faults.strikes("bulk-unprocessed")
    try:
        check_line_ending(job.content or b"", job.line_ending)
        job.ingested = ingest(
            sandbox,
            call,
            object_name=job.object,
            operation=job.operation,
            content=job.content or b"",
            delimiter=job.delimiter,
            external_id=job.external_id,
            assign=job.assignment_rule is not None,
            half=half,
        )
    except SalesforceError as refusal:
        job.state, job.error = "Failed", f"{refusal.code} : {refusal.message}"
        return
    job.state = "Failed" if half else "JobComplete"
    job.error = "InternalServerError : Processing of the batch stopped" if half else None


def create_query(sandbox: Sandbox, call: Call) -> Reply:
    """Create a query job."""
    body = call.fields()
    text = str(body.get("query") or "")
    operation = body.get("operation")
    if operation not in ("query", "queryAll"):
        raise SalesforceError("INVALIDJOB", f"Unable to find operation: {operation}")
    query = parse(text)
    view = call.view(sandbox)
    _check_bulk_query(sandbox, query)
    result_object = run(_empty(query), view).sobject.name
    _check_columns(sandbox, query, call)
    if sandbox.jobs.queries_started >= MOST_QUERIES:
        raise SalesforceError("EXCEEDED_QUOTA", f"Max bulk v2 query jobs ({MOST_QUERIES}) per 24 hrs has been reached")
    sandbox.jobs.queries_started += 1
    job = sandbox.jobs.add(lambda key: _job(sandbox, call, key, "query", operation, result_object, body))
    job.query = text
    _ready(sandbox, job)
    return reply(job.opened())


def _empty(query: Select) -> Select:
    """Return the query with LIMIT 0, to validate it cheaply."""
    return Select(**{name: getattr(query, name) for name in Select.__slots__} | {"limit": 0})


def _check_bulk_query(sandbox: Sandbox, query: Select) -> None:
    refused = {
        "Aggregate queries (COUNT, GROUP BY) are not supported in Bulk Query": is_aggregate(query),
        "OFFSET is not supported in Bulk Query": query.offset is not None,
        "TYPEOF is not supported in Bulk Query": any(isinstance(each, TypeOf) for each in query.items),
        "Nested queries are not supported in Bulk Query": any(isinstance(each, Children) for each in query.items),
    }
    for message, wrong in refused.items():
        if wrong:
            raise SalesforceError("API_ERROR", message)
    if sandbox.faults.active("no-view-all") is not None and query.source.parts[-1].lower() in ("task", "event"):
        raise SalesforceError("OPERATION_TOO_LARGE", "exceeded 100000 distinct who/what's")


def _check_columns(sandbox: Sandbox, query: Select, call: Call) -> None:
    columns = run(_empty(query), call.view(sandbox)).columns
    if any(column.field.type in COMPOUND for column in columns):
        raise SalesforceError("FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")


def create_ingest(sandbox: Sandbox, call: Call) -> Reply:
    """Create an ingest job."""
    body = call.fields()
    sobject = call.view(sandbox).find(str(body.get("object") or ""))
    if sobject is None:
        raise SalesforceError("INVALIDENTITY", f"Entity '{body.get('object')}' is not supported by the Bulk API.")
    operation = body.get("operation")
    if operation not in OPERATIONS:
        raise SalesforceError("INVALIDJOB", f"Unable to find operation: {operation}")
    if operation == "upsert" and not body.get("externalIdFieldName"):
        raise SalesforceError("INVALIDJOB", "InvalidJob : External ID was blank for upsert operation")
    job = sandbox.jobs.add(lambda key: _job(sandbox, call, key, "ingest", operation, sobject.name, body))
    job.external_id = body.get("externalIdFieldName")
    job.assignment_rule = body.get("assignmentRuleId")
    return reply(job.opened())


def _job(sandbox: Sandbox, call: Call, key: str, kind: str, operation: str, name: str, body: dict[str, Any]) -> Job:
    now = sandbox.org.clock.second()
    line_ending, delimiter = body.get("lineEnding") or "LF", body.get("columnDelimiter") or "COMMA"
    if line_ending not in LINE_ENDINGS or delimiter not in DELIMITERS:
        raise SalesforceError("INVALIDJOB", f"Unknown line ending or delimiter: {line_ending}, {delimiter}")
    if (body.get("contentType") or "CSV") != "CSV":
        raise SalesforceError("INVALIDJOB", "Content type must be CSV")
    origin = origin_of(call)
    return Job(key, kind, operation, name, call.user, now, call.version, origin, line_ending, delimiter, "Open", now)


def _ready(sandbox: Sandbox, job: Job) -> None:
    job.state, job.closed_at = "UploadComplete", time.monotonic()
    stalled = sandbox.faults.active("bulk-stalled")
    job.stalls = 0 if stalled is None else int(stalled.number(STALLED))


def upload(sandbox: Sandbox, call: Call) -> Reply:
    """Accept the rows of an ingest job, once."""
    job = sandbox.jobs.find("ingest", call["job"])
    if job.state != "Open":
        raise SalesforceError("INVALIDJOBSTATE", f"Job is not in state Open but {job.state}")
    if job.content is not None:
        raise SalesforceError("INVALIDBATCH", "Found multiple contents for job, please create a new job")
    if not call.headers.get("content-type", "").startswith(CSV):
        raise SalesforceError("INVALIDCONTENTTYPE", "Content-Type must be text/csv")
    if len(call.body) * 4 / 3 > MOST_BYTES:
        raise SalesforceError("MAX_SIZE_EXCEEDED", "Maximum content size of 150 MB exceeded", status=413)
    job.content = call.body
    return Reply(201)


def set_state(sandbox: Sandbox, call: Call) -> Reply:
    """Close a job to start processing, or abort it."""
    kind = call["kind"].lower()
    job = sandbox.jobs.find(kind, call["job"])
    wanted = call.fields().get("state")
    if wanted == "Aborted" and job.state not in TERMINAL:
        job.state, job.changed = "Aborted", sandbox.org.clock.second()
    elif wanted == "UploadComplete" and kind == "ingest" and job.state == "Open":
        if job.content is None:
            raise SalesforceError("INVALIDJOBSTATE", "The job has no content")
        _ready(sandbox, job)
    else:
        raise SalesforceError("INVALIDJOBSTATE", f"Aborting or closing a job in state {job.state} is not allowed")
    return reply(job.short())


def get(sandbox: Sandbox, call: Call) -> Reply:
    """Return the state of a job."""
    job = sandbox.jobs.find(call["kind"].lower(), call["job"])
    sandbox.jobs.poll(job)
    return reply(job.info())


def query_listing(sandbox: Sandbox, _call: Call) -> Reply:
    """List the query jobs."""
    return _listing(sandbox, "query")


def ingest_listing(sandbox: Sandbox, _call: Call) -> Reply:
    """List the ingest jobs."""
    return _listing(sandbox, "ingest")


def _listing(sandbox: Sandbox, kind: str) -> Reply:
    return reply({"done": True, "nextRecordsUrl": None, "records": [job.info() for job in sandbox.jobs.of(kind)]})


def delete(sandbox: Sandbox, call: Call) -> Reply:
    """Delete a job that has ended."""
    job = sandbox.jobs.find(call["kind"].lower(), call["job"])
    if job.state not in TERMINAL:
        raise SalesforceError("INVALIDJOBSTATE", f"Deleting a job in state {job.state} is not allowed")
    job.state, job.result, job.ingested, job.content = "Deleted", None, None, None
    return nothing()


def query_results(sandbox: Sandbox, call: Call) -> Reply:
    """Return a page of a query job's rows."""
    job = sandbox.jobs.find("query", call["job"])
    if job.result is None or job.state != "JobComplete":
        raise SalesforceError("INVALIDJOBSTATE", f"The job has no results: it is in state {job.state}")
    offset, size = _offset(call), min(_size(call), small_pages(sandbox) or PAGE)
    rows = job.result.slice(offset, size)
    after = offset + rows.height
    more = after < job.result.height
    headers = {
        "Sforce-NumberOfRecords": str(rows.height),
        "Sforce-Locator": base64.urlsafe_b64encode(str(after).encode()).decode().rstrip("=") if more else "null",
    }
    return Reply(200, write_frame(rows, job.delimiter, job.line_ending), _media(sandbox), headers)


def _size(call: Call) -> int:
    text = call.parameters.get("maxRecords") or str(PAGE)
    if not text.isdecimal() or not int(text):
        raise SalesforceError("INVALID_INPUT", f"maxRecords must be a whole number above 0: {text}")
    return int(text)


def _offset(call: Call) -> int:
    locator = call.parameters.get("locator")
    if not locator or locator == "null":
        return 0
    try:
        return int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
    except (ValueError, binascii.Error):
        raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator") from None


def _media(sandbox: Sandbox) -> str:
    return CSV if sandbox.faults.active("no-charset") is not None else f"{CSV};charset=UTF-8"


def ingest_results(sandbox: Sandbox, call: Call) -> Reply:
    """Return the rows of an ingest job that were written, refused or not processed."""
    job = sandbox.jobs.find("ingest", call["job"])
    done = job.ingested or Ingested.untouched(job.content or b"", job.delimiter)
    match call["which"].lower():
        case "successfulresults":
            first = {
                "sf__Id": [each.identifier for each in done.written],
                "sf__Created": ["true" if each.created else "false" for each in done.written],
            }
            rows = [each.row for each in done.written]
        case "failedresults":
            first = {
                "sf__Id": [each.identifier for each in done.failed],
                "sf__Error": [each.error for each in done.failed],
            }
            rows = [each.row for each in done.failed]
        case "unprocessedrecords":
            first, rows = {}, done.unprocessed
        case _:
            raise not_found()
    content = write_results(first, done.header, rows, job.delimiter, job.line_ending)
    return Reply(200, content, _media(sandbox))
