"""Bulk API 1.0 in JSON, still used by old clients: jobs of batches, each processed when next polled."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import polars as pl

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.calls import Call, Reply, Route, reply, route
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.ingest import CHUNK, OPERATIONS, upserting
from leadgauge_sandbox.salesforce.old_jobs import Batch, OldJob
from leadgauge_sandbox.salesforce.records import TIME_FORMAT
from leadgauge_sandbox.salesforce.schema.field import TIME
from leadgauge_sandbox.salesforce.soql.parser import parse
from leadgauge_sandbox.salesforce.soql.run import run
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.writing import make_writer

MOST_ROWS: Final = 10_000
READING: Final = ("query", "queryAll")


OldHandler = Callable[[Sandbox, Call], Reply]


def _signed_in(handler: OldHandler) -> OldHandler:
    """Return a handler that reads the session from this API's header and formats errors as it does."""

    @wraps(handler)
    def handle(sandbox: Sandbox, call: Call) -> Reply:
        user = sandbox.sessions.user_of(call.headers.get("x-sfdc-session", ""))
        if user is None:
            return reply({"exceptionCode": "InvalidSessionId", "exceptionMessage": "Invalid session id"}, 400)
        call.user = user
        try:
            return handler(sandbox, call)
        except SalesforceError as refusal:
            return reply({"exceptionCode": refusal.code, "exceptionMessage": refusal.message}, 400)

    return handle


def _job(sandbox: Sandbox, call: Call) -> OldJob:
    job = sandbox.old_jobs.get(identifiers.normalise(call["job"]) or "")
    if job is None:
        raise SalesforceError("InvalidJob", f"Unable to find job for id: {call['job']}")
    return job


def _batch(sandbox: Sandbox, call: Call) -> tuple[OldJob, Batch]:
    job = _job(sandbox, call)
    batch = next((each for each in job.batches if each.identifier == call["batch"]), None)
    if batch is None:
        raise SalesforceError("InvalidBatch", f"Unable to find batch for id: {call['batch']}")
    if batch.state == "Queued":
        _work(sandbox, job, batch)
    return job, batch


@_signed_in
def create(sandbox: Sandbox, call: Call) -> Reply:
    """Create a job."""
    wish = call.fields()
    sobject = call.view(sandbox).find(str(wish.get("object")))
    operation = str(wish.get("operation"))
    if sobject is None:
        raise SalesforceError("InvalidEntity", f"Entity '{wish.get('object')}' is not supported by the Bulk API.")
    if operation not in (*OPERATIONS, *READING):
        raise SalesforceError("InvalidJob", f"Unable to find operation: {operation}")
    identifier = identifiers.encode("751", len(sandbox.old_jobs) + 1)
    made = sandbox.org.clock.second().strftime(TIME_FORMAT)
    external_id = wish.get("externalIdFieldName")
    job = OldJob(identifier, operation, sobject.name, call.user, made, call.version, external_id)
    sandbox.old_jobs[identifier] = job
    return reply(job.info(), 201)


@_signed_in
def get(sandbox: Sandbox, call: Call) -> Reply:
    """Return the state of a job."""
    return reply(_job(sandbox, call).info())


@_signed_in
def set_state(sandbox: Sandbox, call: Call) -> Reply:
    """Close or abort a job."""
    job = _job(sandbox, call)
    wanted = call.fields().get("state")
    if wanted not in ("Closed", "Aborted"):
        raise SalesforceError("InvalidJobState", f"Unable to set the state to {wanted}")
    job.state = str(wanted)
    return reply(job.info())


@_signed_in
def add_batch(sandbox: Sandbox, call: Call) -> Reply:
    """Add a batch: rows in JSON, or a query as text."""
    job = _job(sandbox, call)
    if job.state != "Open":
        raise SalesforceError("InvalidJobState", "Job is closed")
    batch = Batch(identifiers.encode("752", len(job.batches) + 1), call.body)
    job.batches.append(batch)
    return reply(job.batch_info(batch), 201)


@_signed_in
def batches(sandbox: Sandbox, call: Call) -> Reply:
    """List a job's batches."""
    job = _job(sandbox, call)
    return reply({"batchInfo": [job.batch_info(batch) for batch in job.batches]})


@_signed_in
def batch_info(sandbox: Sandbox, call: Call) -> Reply:
    """Return the state of a batch."""
    job, batch = _batch(sandbox, call)
    return reply(job.batch_info(batch))


@_signed_in
def request(sandbox: Sandbox, call: Call) -> Reply:
    """Return the request of a batch."""
    return Reply(200, _batch(sandbox, call)[1].request)


@_signed_in
def results(sandbox: Sandbox, call: Call) -> Reply:
    """Return one result per row, or the ids of a query's result pages."""
    job, batch = _batch(sandbox, call)
    return reply([f"{batch.identifier}R1"] if job.operation in READING else batch.results)


@_signed_in
def page(sandbox: Sandbox, call: Call) -> Reply:
    """Return a query's rows."""
    return reply(_batch(sandbox, call)[1].results)


def _work(sandbox: Sandbox, job: OldJob, batch: Batch) -> None:
    """Process a batch; an error in the whole batch fails it."""
    try:
        batch.results = _read(sandbox, job, batch) if job.operation in READING else _write(sandbox, job, batch)
    except SalesforceError as refusal:
        batch.state, batch.message = "Failed", f"InvalidBatch : {refusal.code}: {refusal.message}"
    else:
        batch.state = "Completed"


def _read(sandbox: Sandbox, job: OldJob, batch: Batch) -> list[dict[str, Any]]:
    query = parse(batch.request.decode("utf-8", "replace"))
    result = run(query, sandbox.org.seen_by(job.user), include_deleted=job.operation == "queryAll")
    frame = result.frame.select(column.name for column in result.columns)
    times = [name for name, dtype in frame.schema.items() if dtype == TIME]
    rows = frame.with_columns(pl.col(name).dt.epoch("ms") for name in times).to_dicts()
    base = f"/services/data/v{job.version}/sobjects/{result.sobject.name}"
    return [{"attributes": {"type": result.sobject.name, "url": f"{base}/{row.get('Id')}"}, **row} for row in rows]


def _write(sandbox: Sandbox, job: OldJob, batch: Batch) -> list[dict[str, Any]]:
    rows = Call("POST", "", body=batch.request).json()
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise SalesforceError("ExceededQuota", f"A batch holds a list of at most {MOST_ROWS} rows")
    sobject = sandbox.org.objects[job.object]
    call = Call("POST", "", user=job.user)
    writer = make_writer(sandbox, call, rules_run=False, duplicates_allowed=False)
    write = OPERATIONS[job.operation] if job.external_id is None else upserting(job.external_id)
    done: list[dict[str, Any]] = []
    for number, row in enumerate(rows, 1):
        if not number % CHUNK:
            sandbox.org.journal.commit()
        try:
            identifier, created = write(writer, sobject, row)
        except SalesforceError as refusal:
            error = {**refusal.as_save_error(), "extendedErrorDetails": None}
            done.append({"success": False, "created": False, "id": None, "errors": [error]})
        else:
            done.append({"success": True, "created": created, "id": identifier, "errors": []})
    return done


def routes(base: str) -> tuple[Route, ...]:
    """Return the routes of this API."""
    job = f"{base}/job/{{job}}"
    batch = f"{job}/batch/{{batch}}"
    return (
        route(f"{base}/job", post=create),
        route(job, get=get, post=set_state),
        route(f"{job}/batch", get=batches, post=add_batch),
        route(batch, get=batch_info),
        route(f"{batch}/request", get=request),
        route(f"{batch}/result", get=results),
        route(f"{batch}/result/{{result}}", get=page),
    )
