"""`/sobjects`: describe, and single records by id or external id."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.calls import Call, Reply, nothing, reply
from leadgauge_sandbox.salesforce.conditional import check_unmodified, unless_known
from leadgauge_sandbox.salesforce.errors import SalesforceError, entity_is_deleted, no_external_id, not_found
from leadgauge_sandbox.salesforce.org import View
from leadgauge_sandbox.salesforce.records import as_json
from leadgauge_sandbox.salesforce.schema.field import Field
from leadgauge_sandbox.salesforce.schema.sobject import MASTER_RECORD_TYPE, SObject
from leadgauge_sandbox.salesforce.soql.frames import load
from leadgauge_sandbox.salesforce.soql.parser import parse
from leadgauge_sandbox.salesforce.soql.run import Result, run
from leadgauge_sandbox.salesforce.soql.scope import Column, children_of
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.writer import DuplicateExternalIdError
from leadgauge_sandbox.salesforce.writing import writer_for

import polars as pl  # isort: skip

UPDATED_BACK: Final = timedelta(days=30)
DELETED_BACK: Final = timedelta(days=15)


def describe_global(sandbox: Sandbox, call: Call) -> Reply:
    """List all objects."""
    objects = [each.summary(call.version) for each in call.view(sandbox).all()]
    answer = reply({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})
    return unless_known(call, sandbox.org.described, answer)


def basic(sandbox: Sandbox, call: Call) -> Reply:
    """Return an object's summary and recently viewed records."""
    sobject = call.view(sandbox).required(call["object"])
    return reply({"objectDescribe": sobject.summary(call.version), "recentItems": []})


def describe(sandbox: Sandbox, call: Call) -> Reply:
    """Describe an object with the fields visible to the user."""
    view = call.view(sandbox)
    sobject = view.required(call["object"])
    fields = [_as_allowed(view, sobject, each) for each in view.visible(sobject)]
    answer = reply(sobject.describe(call.version, fields, _children(view, sobject)))
    return unless_known(call, sandbox.org.described, answer)


def _as_allowed(view: View, sobject: SObject, each: Field) -> Field:
    """Return a field as read-only if the user may not edit it."""
    return each if view.edits(sobject, each) else replace(each, createable=False, updateable=False)


def layouts(sandbox: Sandbox, call: Call) -> Reply:
    """Describe the page layout of an object: one section with the fields visible to the user."""
    view = call.view(sandbox)
    sobject = view.required(call["object"])
    fields = view.visible(sobject)
    layout: dict[str, Any] = {
        "id": f"00h{sobject.prefix}00000000000AAA"[:18],
        "detailLayoutSections": [_section(sobject, fields)],
    }
    layout |= {"editLayoutSections": [_section(sobject, [each for each in fields if each.updateable])]}
    empty = ("buttonLayoutSection", "feedView", "highlightsPanelLayoutSection", "offlineLinks", "quickActionList")
    layout |= {**dict.fromkeys(empty), "multirowEditLayoutSections": [], "relatedContent": None, "relatedLists": []}
    mapping = {"available": True, "defaultRecordTypeMapping": True, "layoutId": layout["id"], "master": True}
    mapping |= {"name": "Master", "picklistsForRecordType": [], "recordTypeId": MASTER_RECORD_TYPE}
    return reply({"layouts": [layout], "recordTypeMappings": [mapping], "recordTypeSelectorRequired": [False]})


def _section(sobject: SObject, fields: Sequence[Field]) -> dict[str, Any]:
    return {
        "collapsed": False,
        "columns": 1,
        "heading": f"{sobject.label} Information",
        "layoutRows": [{"layoutItems": [_item(each)], "numItems": 1} for each in fields],
        "rows": len(fields),
        "tabOrder": "LeftToRight",
        "useCollapsibleSection": False,
        "useHeading": True,
    }


def _item(each: Field) -> dict[str, Any]:
    component = {"details": each.describe(), "displayLines": 1, "tabOrder": 1, "type": "Field", "value": each.name}
    return {
        "editableForNew": each.createable,
        "editableForUpdate": each.updateable,
        "label": each.label,
        "layoutComponents": [component],
        "placeholder": False,
        "required": each.createable and not each.nillable,
    }


def _children(view: View, sobject: SObject) -> list[dict[str, Any]]:
    return [
        {
            "cascadeDelete": field.children is not None and not field.nillable,
            "childSObject": each_object.name,
            "deprecatedAndHidden": False,
            "field": field.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": field.children,
            "restrictedDelete": False,
        }
        for each_object in view.all()
        for field in each_object.fields.values()
        if sobject.name in field.reference_to and view.sees(each_object, field)
    ]


def create(sandbox: Sandbox, call: Call) -> Reply:
    """Insert a record."""
    sobject = call.view(sandbox).required(call["object"])
    identifier = writer_for(sandbox, call).create(sobject, _body(call, "Id"))
    location = f"/services/data/v{call.version}/sobjects/{sobject.name}/{identifier}"
    return reply({"id": identifier, "success": True, "errors": []}, 201, Location=location)


def _body(call: Call, *named: str) -> dict[str, Any]:
    """Return the values to write, which must not repeat the key in the URL."""
    values = call.fields()
    for name in named:
        if any(each.lower() == name.lower() for each in values):
            raise SalesforceError("INVALID_FIELD", f"The {name} field should not be specified in the sobject data.")
    return values


def read(sandbox: Sandbox, call: Call) -> Reply:
    """Return a record with all visible fields, or those in `?fields=`."""
    view = call.view(sandbox)
    sobject = view.required(call["object"])
    identifier = _live(view, sobject, call["id"])
    answer = _shown(view, call, sobject, identifier)
    changed = _changed(view, sobject, identifier)
    return answer if changed is None else unless_known(call, changed, answer)


def update(sandbox: Sandbox, call: Call) -> Reply:
    """Update a record."""
    sobject = _to_write(call.view(sandbox), call)
    writer_for(sandbox, call).update(sobject, call["id"], _body(call, "Id"))
    return nothing()


def delete(sandbox: Sandbox, call: Call) -> Reply:
    """Move a record to the recycle bin."""
    sobject = _to_write(call.view(sandbox), call)
    writer_for(sandbox, call).delete(sobject, call["id"])
    return nothing()


def _to_write(view: View, call: Call) -> SObject:
    """Return the object of a record, unless the record has changed since the client read it."""
    sobject = view.required(call["object"])
    changed = _changed(view, sobject, call["id"])
    if changed is not None:
        check_unmodified(call, changed)
    return sobject


def _changed(view: View, sobject: SObject, identifier: str) -> datetime | None:
    """Return when a record last changed, None if it is missing or has no timestamp."""
    known = identifiers.normalise(identifier)
    table = view.table(sobject)
    row = None if known is None else table.row_of(known)
    if row is None or "SystemModstamp" not in sobject.fields:
        return None
    changed: datetime | None = table.value(row, "SystemModstamp")
    return changed


def read_by_key(sandbox: Sandbox, call: Call) -> Reply:
    """Return the record that has an external id."""
    view = call.view(sandbox)
    sobject = view.required(call["object"])
    if call["key"].lower() == "id":
        return _shown(view, call, sobject, _live(view, sobject, call["value"]))
    if sobject.find(call["key"]) is None and identifiers.normalise(call["key"]):
        return _related(view, call, sobject)
    writer = writer_for(sandbox, call)
    name = writer.external_id(sobject, call["key"])
    rows = writer.rows_by(sobject, name, call["value"])
    found = [view.table(sobject).identifier(row) for row in rows]
    if not found:
        raise not_found()
    if len(found) > 1:
        return _choices(call, DuplicateExternalIdError(sobject, name, found))
    return _shown(view, call, sobject, found[0])


def _related(view: View, call: Call, sobject: SObject) -> Reply:
    """Return the parent or children of a record over a relationship."""
    identifier, relationship = _live(view, sobject, call["key"]), call["value"]
    reference = sobject.relationship(relationship)
    children = children_of(view, sobject, relationship)
    if reference is not None and view.sees(sobject, reference):
        parent = one_record(view, sobject, identifier, call.version, reference.name)[reference.name]
        target = None if parent is None else view.org.by_prefix(parent)
        if target is None:
            raise not_found()
        return _shown(view, call, target, _live(view, target, parent))
    if children is None:
        raise not_found()
    return _children_of(view, call, *children, identifier)


def _children_of(view: View, call: Call, child: SObject, reference: Field, parent: str) -> Reply:
    fields = call.parameters.get("fields") or ", ".join(each.name for each in view.visible(child))
    query = f"SELECT {fields} FROM {child.name} WHERE {reference.name} = '{parent}'"  # noqa: S608 - SOQL over made-up rows
    result = run(parse(query), view)
    records = as_json(result, result.frame, view, call.version)
    return reply({"totalSize": result.total, "done": True, "records": records})


def upsert(sandbox: Sandbox, call: Call) -> Reply:
    """Update the record that has an external id, or insert one."""
    sobject = call.view(sandbox).required(call["object"])
    try:
        written = writer_for(sandbox, call).upsert(sobject, call["key"], call["value"], _body(call, "Id", call["key"]))
    except DuplicateExternalIdError as several:
        return _choices(call, several)
    identifier, created = written
    status = 201 if created else 200
    return reply({"id": identifier, "success": True, "errors": [], "created": created}, status)


def delete_by_key(sandbox: Sandbox, call: Call) -> Reply:
    """Delete the record that has an external id."""
    view = call.view(sandbox)
    sobject = view.required(call["object"])
    writer = writer_for(sandbox, call)
    rows = writer.rows_by(sobject, writer.external_id(sobject, call["key"]), call["value"])
    if not rows:
        raise not_found()
    writer.delete(sobject, view.table(sobject).identifier(rows[0]))
    return nothing()


def updated(sandbox: Sandbox, call: Call) -> Reply:
    """List the ids of records changed in a span of time."""
    sobject, start, end = _span(sandbox, call, UPDATED_BACK)
    changed = (pl.col("SystemModstamp") >= start) & (pl.col("SystemModstamp") < end) & ~pl.col("IsDeleted")
    frame = _stamps(call.view(sandbox), sobject).filter(changed)
    return reply({"ids": frame["Id"].to_list(), "latestDateCovered": _stamp(min(end, sandbox.org.clock.second()))})


def deleted(sandbox: Sandbox, call: Call) -> Reply:
    """List the records deleted in a span of time."""
    sobject, start, end = _span(sandbox, call, DELETED_BACK)
    gone = (pl.col("SystemModstamp") >= start) & (pl.col("SystemModstamp") < end) & pl.col("IsDeleted")
    stamps = _stamps(call.view(sandbox), sobject)
    records = [
        {"deletedDate": _stamp(at), "id": key} for key, at in stamps.filter(gone).select("Id", "SystemModstamp").rows()
    ]
    covered = {
        "earliestDateAvailable": _stamp(sandbox.org.clock.second() - DELETED_BACK),
        "latestDateCovered": _stamp(min(end, sandbox.org.clock.second())),
    }
    return reply({"deletedRecords": records, **covered})


def _stamps(view: View, sobject: SObject) -> pl.DataFrame:
    return view.table(sobject).frame(["Id", "SystemModstamp", "IsDeleted"])


def _span(sandbox: Sandbox, call: Call, back: timedelta) -> tuple[SObject, datetime, datetime]:
    sobject = call.view(sandbox).required(call["object"])
    if not {"IsDeleted", "SystemModstamp"} <= sobject.fields.keys():
        raise SalesforceError("INVALID_REPLICATION_ENTITY", f"{sobject.name} can not be replicated")
    start, end = (_moment(call.parameters.get(name, ""), name) for name in ("start", "end"))
    if start < sandbox.org.clock.now() - back:
        raise SalesforceError("INVALID_REPLICATION_DATE", f"startDate before {back.days} days ago")
    if end <= start + timedelta(minutes=1):
        raise SalesforceError("INVALID_REPLICATION_DATE", "endDate must be more than one minute after startDate")
    return sobject, start, end


def _moment(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise SalesforceError("INVALID_REPLICATION_DATE", f"invalid {name} date: {text}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _live(view: View, sobject: SObject, identifier: str) -> str:
    """Return the full id of a record that exists and is not in the recycle bin."""
    known = identifiers.normalise(identifier)
    if known is None:
        raise no_external_id(identifier)
    table = view.table(sobject)
    row = table.row_of(known)
    if row is None:
        raise not_found()
    if table.value(row, "IsDeleted"):
        raise not_found() if sobject.name not in ("Task", "Event") else entity_is_deleted()
    return known


def _shown(view: View, call: Call, sobject: SObject, identifier: str) -> Reply:
    return reply(one_record(view, sobject, identifier, call.version, call.parameters.get("fields")))


def one_record(view: View, sobject: SObject, identifier: str, version: str, fields: str | None) -> dict[str, Any]:
    """Return one record as JSON."""
    if fields is None:
        chosen = view.visible(sobject)
    else:
        chosen = [view.field(sobject, name.strip()) for name in fields.split(",")]
    columns = tuple(Column(each.name, each) for each in chosen)
    row = view.table(sobject).row_of(identifier)
    frame = load(view, sobject, {column.name for column in columns} | {"Id"}, row=row)
    return as_json(Result(sobject, frame, columns), frame, view, version)[0]


def _choices(call: Call, several: DuplicateExternalIdError) -> Reply:
    base = f"/services/data/v{call.version}/sobjects/{several.sobject.name}"
    return reply([f"{base}/{identifier}" for identifier in several.found], 300)
