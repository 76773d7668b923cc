"""Endpoints of CRM objects: list, get, create, update, archive, their batches, merge and privacy deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.answers import Answer, PageNotFound, Refused, batch_answer, invalid, iso
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.portal import PORTAL_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.table import Record, Table

MOST: Final = 100
MOST_WITH_HISTORY: Final = 50
NOT_FOUND: Final = "Could not get some {} objects, they may be deleted or not exist. Check that ids are valid."
KEPT_AFTER_WRITE: Final = (
    *("createdate", "hs_is_unworked", "hs_object_id", "hs_object_source", "hs_object_source_id"),
    *("hs_object_source_label", "hs_pipeline", "lastmodifieddate", "lifecyclestage"),
)


class View:
    """The properties of a type's records in a response."""

    def __init__(
        self, table: Table, wanted: Sequence[str], history: Sequence[str] = (), *, search: bool = False
    ) -> None:
        """Resolve the requested properties; those that do not exist are silently omitted."""
        kind = table.kind
        asked = wanted or ((kind.searched or kind.defaults) if search else kind.defaults)
        known = table.definitions
        names = {name for name in asked if name in known and not known[name].archived} | set(kind.always)
        self.names = sorted(names)
        self.history = [name for name in history if name in known]
        self._url = f"https://app.hubspot.com/contacts/{PORTAL_ID}/record/{kind.id}/"

    def show(self, record: Record, values: dict[str, str] | None = None) -> dict[str, Any]:
        """Return a record as JSON; an empty value is null."""
        held = record.values if values is None else values
        body: dict[str, Any] = {
            "id": held["hs_object_id"],
            "properties": {name: held.get(name) or None for name in self.names},
        }
        if self.history:
            body["propertiesWithHistory"] = {name: past(record, name) for name in self.history}
        return {**body, **stamps(record), "url": f"{self._url}{record.id}"}


def stamps(record: Record) -> dict[str, Any]:
    """Return the timestamps of a record."""
    body = {
        "createdAt": iso(record.created),
        "updatedAt": iso(record.modified),
        "archived": record.archived_at is not None,
    }
    return body if record.archived_at is None else {**body, "archivedAt": iso(record.archived_at)}


def past(record: Record, name: str) -> list[dict[str, Any]]:
    """Return the values a property had, latest first."""
    entries = (record.history or {}).get(name)
    if entries is None:
        value = record.values.get(name)
        entries = [(record.created, value, "CRM_UI")] if value else []
    return [
        {"value": value, "timestamp": iso(moment), "sourceType": source} for moment, value, source in reversed(entries)
    ]


def written(table: Table, record: Record, names: Iterable[str]) -> dict[str, Any]:
    """Return a record as write endpoints do: the changed properties and a few default ones."""
    kept = KEPT_AFTER_WRITE if table.kind.name == "contacts" else (*table.kind.always, "hs_object_source")
    more = {"email": ("hs_email_domain",)} if table.kind.name == "contacts" else {}
    extra = {other for name in names for other in more.get(name, ())}
    shown = {name: record.values[name] for name in (*kept, *extra) if record.values.get(name)}
    body = {
        "id": str(record.id),
        "properties": dict(sorted((shown | {n: record.values.get(n, "") for n in names}).items())),
    }
    return {
        **body,
        **stamps(record),
        "url": f"https://app.hubspot.com/contacts/{PORTAL_ID}/record/{table.kind.id}/{record.id}",
    }


def made(table: Table, record: Record) -> dict[str, Any]:
    """Return a new record with all its properties."""
    held = {name: value for name, value in sorted(record.values.items()) if value}
    url = f"https://app.hubspot.com/contacts/{PORTAL_ID}/record/{table.kind.id}/{record.id}"
    return {"id": str(record.id), "properties": held, **stamps(record), "url": url}


def reading(call: Call, table: Table) -> None:
    """Refuse the call unless its token may read records of the type."""
    call.need(f"crm.objects.{'custom' if table.kind.custom else table.kind.scope}.read")


def writing(call: Call, table: Table) -> None:
    """Refuse the call unless its token may write records of the type."""
    call.need(f"crm.objects.{'custom' if table.kind.custom else table.kind.scope}.write")


def list_page(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/objects/{type}."""
    table = portal.table(call["type"])
    reading(call, table)
    archived, history = call.flag("archived"), call.many("propertiesWithHistory")
    if archived and not table.kind.lists_archived:
        raise invalid(f"Paging through deleted objects is not yet supported for object type {table.kind.id}")
    limit = call.number("limit", 10, low=1, high=MOST_WITH_HISTORY if history else MOST)
    records, after = table.page(call.number("after", 0), limit, archived=archived)
    if records and table.ids[0] < records[0].id and portal.faults.strikes("duplicate-rows", call.path):
        records = [*table.page_before(records[0].id, archived=archived), *records]
    view = View(table, call.many("properties"), history)
    rows = [view.show(record) for record in records]
    _with_associations(portal, call, table, records, rows)
    body: dict[str, Any] = {"results": rows}
    return Answer(body if after is None else {**body, "paging": call.next_page(str(after))})


def associated(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/objects/{type}/{id}/associations/{to}, in the format of version 3."""
    table, other = portal.table(call["type"]), portal.table(call["to"]).kind
    reading(call, table)
    record = _named(table, call)
    linked = portal.links.of((table.kind.id, other.id), record.id)
    return Answer({"results": association_rows(table.kind.singular, other.singular, linked)})


def association_rows(one: str, other: str, linked: Mapping[int, tuple[int, ...]]) -> list[dict[str, Any]]:
    """Return associations in the format of version 3, one row per association type."""
    return [
        {"id": str(target), "type": _association_name(one, other, kind)}
        for target, kinds in linked.items()
        for kind in sorted(kinds)
    ]


def _with_associations(
    portal: Portal, call: Call, table: Table, records: Sequence[Record], rows: Sequence[dict[str, Any]]
) -> None:
    """Add the requested associations, under the plural name of the other type; omitted if there are none."""
    for name in call.many("associations"):
        other = portal.table(name).kind
        for record, row in zip(records, rows, strict=True):
            linked = portal.links.of((table.kind.id, other.id), record.id)
            if linked:
                entries = association_rows(table.kind.singular, other.singular, linked)
                row.setdefault("associations", {})[other.name] = {"results": entries}


def _association_name(one: str, other: str, type_id: int) -> str:
    return f"{one}_to_{other}" if type_id in {1, 2} else f"{one}_to_{other}_unlabeled"


def get(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/objects/{type}/{id}."""
    table = portal.table(call["type"])
    reading(call, table)
    record = _named(table, call, archived=call.flag("archived"))
    row = View(table, call.many("properties"), call.many("propertiesWithHistory")).show(record)
    _with_associations(portal, call, table, [record], [row])
    return Answer(row)


def _named(table: Table, call: Call, *, archived: bool = False) -> Record:
    """Return the record in a path, by id or unique property."""
    property_name = call.one("idProperty")
    if property_name and property_name != "hs_object_id":
        record = table.find_by(property_name, call["id"])
    elif not call["id"].isdecimal():
        raise Refused(404, "Object not found.  objectId are usually numeric.", "OBJECT_NOT_FOUND")
    else:
        record = table.find(int(call["id"]), archived=archived)
    if record is None:
        raise PageNotFound
    return record


def create(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/objects/{type}."""
    table = portal.table(call["type"])
    body = call.json()
    writing(call, table)
    (values,) = portal.checked(table, [_given(body)])
    clash = _clash(table, values)
    if clash is not None:
        raise Refused(409, f"{table.kind.singular.capitalize()} already exists. Existing ID: {clash.id}", "CONFLICT")
    _unblocked(portal, values)
    record = portal.create(table, values)
    _associate(portal, table, record, body)
    return Answer(made(table, record), 201)


def _given(row: dict[str, Any]) -> dict[str, Any]:
    properties = row.get("properties")
    if not isinstance(properties, dict):
        raise Refused(400, "Invalid input JSON: Some required fields were not set: [properties]", "VALIDATION_ERROR")
    return properties


def _clash(table: Table, values: dict[str, str]) -> Record | None:
    """Return the record that already has one of the unique values."""
    for name in table.keys:
        found = table.find_by(name, values[name]) if values.get(name) else None
        if found is not None:
            return found
    return None


def _unblocked(portal: Portal, values: dict[str, str]) -> None:
    if values.get("email") in portal.blocked_emails:
        raise invalid(
            f"Email address {values['email']} is blocklisted: it belongs to a contact that was deleted for privacy."
        )


def _associate(portal: Portal, table: Table, record: Record, body: dict[str, Any]) -> None:
    for link in body.get("associations") or ():
        for kind in link.get("types") or ():
            other = _other_end(portal, table.kind.id, int(kind["associationTypeId"]), int(link["to"]["id"]))
            portal.associate((table.kind.id, other), record.id, int(link["to"]["id"]), int(kind["associationTypeId"]))


def _other_end(portal: Portal, kind: str, type_id: int, target: int) -> str:
    """Return the target type of an association type; refuses one that does not exist."""
    for other, table in portal.tables.items():
        if type_id in portal.association_types((kind, other)) and table.find(target) is not None:
            return other
    raise invalid(
        f"No association type {type_id} leads from {kind} to a record {target}.", subCategory="crm.associations.INVALID"
    )


def update(portal: Portal, call: Call) -> Answer:
    """PATCH /crm/v3/objects/{type}/{id}."""
    table = portal.table(call["type"])
    body = call.json()
    writing(call, table)
    record = _named(table, call)
    (values,) = portal.checked(table, [_given(body)])
    _keep_unique(table, record, values)
    portal.obey(table, record.id, values)
    portal.change(table, record, values)
    return Answer(written(table, record, values))


def _keep_unique(table: Table, record: Record, values: dict[str, str]) -> None:
    clash = _clash(table, values)
    if clash is not None and clash is not record:
        raise Refused(409, f"{table.kind.singular.capitalize()} already exists. Existing ID: {clash.id}", "CONFLICT")


def archive(portal: Portal, call: Call) -> Answer:
    """DELETE /crm/v3/objects/{type}/{id}; an already deleted record is not an error."""
    table = portal.table(call["type"])
    writing(call, table)
    record = table.find(int(call["id"])) if call["id"].isdecimal() else None
    if record is not None:
        portal.archive(table, record)
    return Answer(status=204)


def batch_read(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/objects/{type}/batch/read."""
    table = portal.table(call["type"])
    body, inputs = call.json(), call.inputs()
    reading(call, table)
    history = body.get("propertiesWithHistory") or []
    if history and len(inputs) > MOST_WITH_HISTORY:
        raise invalid("The maximum number of inputs supported in a batch request for property histories is 50")
    view, started = View(table, body.get("properties") or (), history), portal.clock.now()
    archived = call.flag("archived")
    found, missing = _look_up(table, inputs, body.get("idProperty"), archived=archived)
    unique = {record.id: record for record in found}
    return batch_answer(
        portal.clock.now(), started, [view.show(record) for record in unique.values()], _missing(table, missing)
    )


def _look_up(
    table: Table, inputs: Sequence[dict[str, Any]], id_property: str | None, *, archived: bool = False
) -> tuple[list[Record], list[str]]:
    found: list[Record] = []
    missing: list[str] = []
    for row in inputs:
        record = _find(table, str(row.get("id", "")), row.get("idProperty") or id_property, archived=archived)
        if record is None:
            missing.append(str(row.get("id", "")))
        else:
            found.append(record)
    return found, missing


def _find(table: Table, name: str, id_property: str | None, *, archived: bool = False) -> Record | None:
    if id_property and id_property != "hs_object_id":
        if id_property not in table.keys:
            raise invalid(f"Property '{id_property}' is not a unique identifier of {table.kind.name}.")
        return table.find_by(id_property, name)
    return table.find(int(name), archived=archived) if name.isdecimal() else None


def _missing(table: Table, ids: list[str]) -> list[dict[str, Any]]:
    """Return one error for all ids that were not found, in HubSpot's format."""
    if not ids:
        return []
    message = NOT_FOUND.format(table.kind.singular.upper())
    return [{"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"ids": ids}}]


def batch_update(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/objects/{type}/batch/update; the results are in order of ids, not of inputs."""
    table = portal.table(call["type"])
    inputs = call.inputs()
    writing(call, table)
    _no_duplicates(inputs)
    started = portal.clock.now()
    clean = portal.checked(table, [_given(row) for row in inputs])
    targets = [_find(table, str(row.get("id", "")), row.get("idProperty")) for row in inputs]
    found = [(record, values) for record, values in zip(targets, clean, strict=True) if record is not None]
    _no_duplicates([{"id": record.id} for record, _ in found])
    for record, values in found:
        _keep_unique(table, record, values)
        portal.obey(table, record.id, values)
    for record, values in found:
        portal.change(table, record, values)
    found.sort(key=lambda pair: pair[0].id)
    results = [written(table, record, values) for record, values in found]
    missing = [str(row.get("id", "")) for row, record in zip(inputs, targets, strict=True) if record is None]
    return batch_answer(portal.clock.now(), started, results, _missing(table, missing))


def _no_duplicates(inputs: Sequence[dict[str, Any]]) -> None:
    ids = [str(row.get("id", "")) for row in inputs]
    twice = sorted({name for name in ids if ids.count(name) > 1}) if len(set(ids)) < len(ids) else []
    if twice:
        raise invalid(
            f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique", context={"ids": twice}
        )


def batch_create(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/objects/{type}/batch/create; a conflict refuses all unless every input has a trace id."""
    table = portal.table(call["type"])
    inputs = call.inputs()
    writing(call, table)
    started = portal.clock.now()
    clean = portal.checked(table, [_given(row) for row in inputs])
    traced = all(row.get("objectWriteTraceId") for row in inputs)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    clashes = [_clash(table, values) for values in clean]
    if any(clashes) and not traced:
        raise Refused(409, f"{table.kind.singular.capitalize()} already exists", "CONFLICT")
    for row, values, clash in zip(inputs, clean, clashes, strict=True):
        found = clash or _clash(table, values)
        if found is not None:
            errors.append(_conflict(table, found, row))
            continue
        _unblocked(portal, values)
        record = portal.create(table, values)
        _associate(portal, table, record, row)
        results.append(made(table, record))
    return batch_answer(portal.clock.now(), started, results, errors, done=201)


def _conflict(table: Table, found: Record, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "CONFLICT",
        "message": f"{table.kind.singular.capitalize()} already exists. Existing ID: {found.id}",
        "context": {"objectWriteTraceId": [str(row.get("objectWriteTraceId", ""))], "existingId": [str(found.id)]},
    }


def batch_upsert(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/objects/{type}/batch/upsert, by a unique property."""
    table = portal.table(call["type"])
    inputs = call.inputs()
    writing(call, table)
    _no_duplicates(inputs)
    started = portal.clock.now()
    clean = portal.checked(table, [_given(row) for row in inputs])
    results = []
    for row, values in zip(inputs, clean, strict=True):
        name = row.get("idProperty") or ""
        record = _find(table, str(row.get("id", "")), name or None)
        if record is None and (not name or name == "hs_object_id"):
            raise invalid("batch upsert needs an idProperty that names a unique property")
        new = record is None
        if record is None:
            record = portal.create(table, {**values, name: values.get(name) or str(row["id"])})
        else:
            portal.obey(table, record.id, values)
            portal.change(table, record, values)
        results.append({**(made(table, record) if new else written(table, record, values)), "new": new})
    return batch_answer(portal.clock.now(), started, results, [])


def batch_archive(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/objects/{type}/batch/archive."""
    table = portal.table(call["type"])
    inputs = call.inputs()
    writing(call, table)
    for record in _look_up(table, inputs, None)[0]:
        if record.archived_at is None:
            portal.archive(table, record)
    return Answer(status=204)


def merge(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/objects/{type}/merge."""
    table = portal.table(call["type"])
    body = call.json()
    writing(call, table)
    ids = [str(body.get(key, "")) for key in ("primaryObjectId", "objectIdToMerge")]
    records = [table.find(int(name)) if name.isdecimal() else None for name in ids]
    survivor, loser = records
    if survivor is None or loser is None:
        raise Refused(404, "Object not found", "OBJECT_NOT_FOUND", context={"ids": ids})
    if survivor is loser:
        raise invalid("A record cannot be merged with itself.", context={"ids": ids})
    return Answer(View(table, ()).show(portal.merge(table, survivor, loser)))


def gdpr_delete(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/objects/{type}/gdpr-delete: permanent; an unknown e-mail address is blocked too."""
    table = portal.table(call["type"])
    body = call.json()
    writing(call, table)
    name = str(body.get("objectId", ""))
    record = _find(table, name, body.get("idProperty"))
    if record is None and body.get("idProperty") != "email":
        raise Refused(404, "Object not found", "OBJECT_NOT_FOUND", context={"ids": [name]})
    if record is None:
        portal.blocked_emails.add(name.lower())
    else:
        portal.erase(table, record)
    return Answer(status=204)


OBJECTS: Final = "/crm/v3/objects/{type}"
ENDPOINTS: Final = (
    Endpoint("GET", OBJECTS, list_page),
    Endpoint("POST", OBJECTS, create),
    Endpoint("GET", f"{OBJECTS}/{{id}}", get),
    Endpoint("PATCH", f"{OBJECTS}/{{id}}", update),
    Endpoint("DELETE", f"{OBJECTS}/{{id}}", archive),
    Endpoint("GET", f"{OBJECTS}/{{id}}/associations/{{to}}", associated),
    Endpoint("POST", f"{OBJECTS}/batch/read", batch_read),
    Endpoint("POST", f"{OBJECTS}/batch/update", batch_update),
    Endpoint("POST", f"{OBJECTS}/batch/create", batch_create),
    Endpoint("POST", f"{OBJECTS}/batch/upsert", batch_upsert),
    Endpoint("POST", f"{OBJECTS}/batch/archive", batch_archive),
    Endpoint("POST", f"{OBJECTS}/merge", merge),
    Endpoint("POST", f"{OBJECTS}/gdpr-delete", gdpr_delete),
)
