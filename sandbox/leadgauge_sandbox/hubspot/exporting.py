"""Endpoints of exports: started here, written in the background, fetched from a signed URL."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from leadgauge_sandbox.hubspot.answers import Answer, PageNotFound, Refused, invalid, iso
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.jobs import Export
from leadgauge_sandbox.hubspot.limits import ZONE
from leadgauge_sandbox.hubspot.searching import find_all
from leadgauge_sandbox.hubspot.signing import address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.properties import Property
    from leadgauge_sandbox.hubspot.table import Record, Table

REQUIRED: Final = ("exportType", "format", "exportName", "language", "objectType", "objectProperties")
A_DAY: Final = 86_400_000
MOST_A_DAY: Final = 30
ASSOCIATES: Final = 1000
"""Associated ids per row, unless the call lifts the limit."""


def start(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/exports/export/async."""
    wish = call.json()
    call.need("crm.export")
    missing = [name for name in REQUIRED if wish.get(name) in (None, "", [])]
    if missing:
        raise invalid(f"Invalid input JSON: Some required fields were not set: {missing}")
    if wish["exportType"] not in {"VIEW", "LIST"}:
        raise invalid(f"exportType {wish['exportType']} must be VIEW or LIST")
    if wish["format"] != "CSV":
        raise invalid(f"This sandbox writes CSV, not {wish['format']}.")
    table = portal.table(wish["objectType"])
    unknown = [name for name in wish["objectProperties"] if name not in table.definitions]
    if unknown:
        raise invalid(f"Properties do not exist: {unknown}", context={"properties": unknown})
    now, exports = portal.clock.now(), portal.jobs.exports
    if sum(job.requested_at > now - A_DAY for job in exports.values()) >= MOST_A_DAY:
        raise Refused(429, f"You have reached your limit of {MOST_A_DAY} exports in 24 hours.", "RATE_LIMITS")
    job = exports.setdefault(len(exports) + 1, Export(len(exports) + 1, wish, now))
    status = f"{call.base}{call.path.rstrip('/')}/tasks/{job.number}/status"
    return Answer({"id": str(job.number), "links": {"status": status}}, 202)


def _job(portal: Portal, name: str) -> Export:
    job = portal.jobs.exports.get(int(name)) if name.isdecimal() else None
    if job is None:
        raise PageNotFound
    return job


def status(portal: Portal, call: Call) -> Answer:
    """GET …/export/async/tasks/{id}/status: each call moves the job one step on."""
    call.need("crm.export")
    job = _job(portal, call["id"])
    body: dict[str, Any] = {"status": job.state, "requestedAt": iso(job.requested_at)}
    body["startedAt"] = iso(job.started_at or job.requested_at)
    body["completedAt"] = iso(job.completed_at or job.requested_at)
    if job.state == "COMPLETE":
        body["result"] = address(portal, job, call.base)
    _advance(portal, job)
    return Answer(body)


def _advance(portal: Portal, job: Export) -> None:
    """Advance one step; exports run one at a time."""
    now = portal.clock.now()
    earlier = (other for other in portal.jobs.exports.values() if other.number < job.number)
    if job.state == "PENDING" and not any(other.state == "PROCESSING" for other in earlier):
        job.state, job.started_at = "PROCESSING", now
    elif job.state == "PROCESSING":
        _write(portal, job)
        job.state, job.completed_at = "COMPLETE", portal.clock.now()


def describe(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/exports/export/{id}."""
    call.need("crm.export")
    job = _job(portal, call["id"])
    state = {"PENDING": "ENQUEUED", "PROCESSING": "PROCESSING", "COMPLETE": "DONE"}[job.state]
    body = {
        "id": str(job.number),
        "createdAt": iso(job.requested_at),
        "updatedAt": iso(job.completed_at or job.started_at or job.requested_at),
        "exportName": job.wish["exportName"],
        "exportState": state,
        "exportType": job.wish["exportType"],
        "objectType": job.wish["objectType"],
        "objectProperties": job.wish["objectProperties"],
    }
    return Answer(body | ({"recordCount": job.rows} if state == "DONE" else {}))


def _write(portal: Portal, job: Export) -> None:
    """Write the file, or a zip of several if there are many rows."""
    table = portal.table(job.wish["objectType"])
    records = _records(portal, table, job.wish)
    header, row = _columns(portal, table, job.wish)
    job.rows, most = len(records), portal.export_zip_rows
    if len(records) <= most:
        job.content = _csv(header, map(row, records))
        return
    archive, job.suffix = io.BytesIO(), "zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for part, first in enumerate(range(0, len(records), most), 1):
            packed.writestr(
                f"{job.wish['exportName']}-{part}.csv", _csv(header, map(row, records[first : first + most]))
            )
    job.content = archive.getvalue()


def _records(portal: Portal, table: Table, wish: dict[str, Any]) -> list[Record]:
    if wish["exportType"] == "LIST":
        members = {member for member, _ in portal.lists.members(str(wish.get("listId", "")))}
        return [record for record in table.live() if record.id in members]
    return find_all(portal, table, wish.get("publicCrmSearchRequest") or {})


def _columns(portal: Portal, table: Table, wish: dict[str, Any]) -> tuple[list[str], Callable[[Record], list[str]]]:
    """Return the header and a function that turns a record into a row."""
    internal = set(wish.get("exportInternalValuesOptions") or ())
    shown = [table.definitions[name] for name in wish["objectProperties"]]
    labels = [each.name if "NAMES" in internal else str(each.body["label"]) for each in shown]
    others = _others(portal, wish)
    most = None if wish.get("overrideAssociatedObjectsPerDefinitionPerRowLimit") else ASSOCIATES
    header = ["Record ID", *labels, *(f"Associated {other.kind.singular.capitalize()} IDs" for other in others)]

    def row(record: Record) -> list[str]:
        values = [_cell(each, record.values.get(each.name, ""), internal) for each in shown]
        linked = (portal.links.of((table.kind.id, other.kind.id), record.id) for other in others)
        return [str(record.id), *values, *(";".join(str(target) for target in sorted(ids)[:most]) for ids in linked)]

    return header, row


def _others(portal: Portal, wish: dict[str, Any]) -> list[Table]:
    named = wish.get("associatedObjectType") or []
    return [portal.table(name) for name in ([named] if isinstance(named, str) else named) if name]


def _cell(definition: Property, value: str, internal: set[str]) -> str:
    if not value or "VALUES" in internal:
        return value
    if definition.type == "datetime":
        moment = datetime.fromisoformat(value).astimezone(UTC)
        return moment.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M")
    names = {option["value"]: option["label"] for option in definition.body["options"]}
    return ";".join(names.get(part, part) for part in value.split(";")) if names else value


def _csv(header: Sequence[str], rows: Iterator[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


EXPORTS: Final = "/crm/v3/exports/export"
ENDPOINTS: Final = (
    Endpoint("POST", f"{EXPORTS}/async", start),
    Endpoint("GET", f"{EXPORTS}/async/tasks/{{id}}/status", status),
    Endpoint("GET", f"{EXPORTS}/{{id}}", describe),
)
