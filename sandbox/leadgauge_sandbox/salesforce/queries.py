"""`/query`, `/queryAll` and the pages after the first one."""

import re
from typing import Any, Final

from leadgauge_sandbox.salesforce.calls import Call, Reply, reply
from leadgauge_sandbox.salesforce.cursors import Cursor
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.records import as_json
from leadgauge_sandbox.salesforce.soql.parser import parse
from leadgauge_sandbox.salesforce.soql.run import Result, run
from leadgauge_sandbox.salesforce.state import Sandbox

PAGE: Final = 2000
SMALLEST: Final = 200
MAX_URL: Final = 16_384
_BATCH_SIZE: Final = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


def query(sandbox: Sandbox, call: Call) -> Reply:
    """GET /query?q=."""
    return _first_page(sandbox, call, include_deleted=False)


def query_all(sandbox: Sandbox, call: Call) -> Reply:
    """GET /queryAll?q=: includes the recycle bin and archived records."""
    return _first_page(sandbox, call, include_deleted=True)


def more(sandbox: Sandbox, call: Call) -> Reply:
    """GET /query/<locator>."""
    if sandbox.faults.strikes("expired-locator", call.path):
        sandbox.cursors.close()
    cursor, offset = sandbox.cursors.find(call["locator"], sandbox.org.clock.now())
    return reply(_page(sandbox, call, cursor.result, offset, cursor.size, cursor))


def explain(sandbox: Sandbox, call: Call) -> dict[str, Any]:
    """Return a query plan for `?explain=`."""
    result = run(parse(call.parameters["explain"]), call.view(sandbox))
    plan = {
        "cardinality": result.total,
        "fields": [],
        "leadingOperationType": "TableScan",
        "notes": [],
        "relativeCost": 1.0,
        "sobjectCardinality": len(sandbox.org.tables[result.sobject.name]),
        "sobjectType": result.sobject.name,
    }
    return {"plans": [plan], "sourceQuery": call.parameters["explain"]}


def _first_page(sandbox: Sandbox, call: Call, *, include_deleted: bool) -> Reply:
    if len(call.query) > MAX_URL:
        raise SalesforceError("URI_TOO_LONG", "The request URI is too long", status=414)
    if "explain" in call.parameters:
        return reply(explain(sandbox, call))
    text = call.parameters.get("q")
    if not text:
        raise SalesforceError("MALFORMED_QUERY", "SOQL statements cannot be empty or null")
    if sandbox.faults.strikes("query-timeout", call.path):
        raise SalesforceError("QUERY_TIMEOUT", "Your query request was running for too long.")
    result = run(parse(text), call.view(sandbox), include_deleted=include_deleted)
    if result.sobject.name == "CustomField":
        _check_custom_fields(sandbox, result)
    return reply(_page(sandbox, call, shuffled(sandbox, result, text), 0, page_size(sandbox, call)))


def _check_custom_fields(sandbox: Sandbox, result: Result) -> None:
    """Refuse what the Tooling API refuses: a user who may not customize, and definitions of several fields at once.

    https://www.pablogonzalez.io/parallel-salesforce-metadata-retrieval-with-promise-all-array-map-and-the-composite-api/
    (2026-11).
    """
    if sandbox.faults.active("no-customize") is not None:
        raise SalesforceError("INVALID_TYPE", "sObject type 'CustomField' is not supported.")
    if result.total > 1 and any(column.name in ("FullName", "Metadata") for column in result.columns):
        raise SalesforceError(
            "MALFORMED_QUERY",
            "When retrieving results with Metadata or FullName fields, the query qualifications must specify no more "
            f"than one row for retrieval. Result size: {result.total}",
        )


def page_size(sandbox: Sandbox, call: Call) -> int:
    """Return the rows per page: the client's hint, within bounds."""
    if small := small_pages(sandbox):
        return small
    hint = _BATCH_SIZE.search(call.headers.get("sforce-query-options", ""))
    return PAGE if hint is None else min(PAGE, max(SMALLEST, int(hint[1])))


def small_pages(sandbox: Sandbox) -> int | None:
    """Return the rows per page under the fault."""
    small = sandbox.faults.active("small-pages")
    return None if small is None else max(1, int(small.number(SMALLEST)))


def shuffled(sandbox: Sandbox, result: Result, text: str) -> Result:
    """Shuffle unordered rows if the fault is on."""
    if sandbox.faults.active("unordered") is None or re.search(r"\border\s+by\b", text, re.IGNORECASE):
        return result
    frame = result.frame.sample(fraction=1, shuffle=True, seed=sandbox.faults.seed_of())
    return Result(
        result.sobject, frame, result.columns, result.aggregate, result.counted, result.children, result.types
    )


def _page(
    sandbox: Sandbox, call: Call, result: Result, offset: int, size: int, cursor: Cursor | None = None
) -> dict[str, Any]:
    rows = as_json(result, result.frame.slice(offset, size), call.view(sandbox), call.version)
    done = offset + size >= result.frame.height
    body: dict[str, Any] = {"totalSize": result.total, "done": done}
    if not done:
        cursor = cursor or sandbox.cursors.open(result, size, sandbox.org.clock.now())
        tooling = "tooling/" if call.tooling else ""
        body["nextRecordsUrl"] = f"/services/data/v{call.version}/{tooling}query/{cursor.identifier}-{offset + size}"
    return body | {"records": rows}
