"""Endpoints of associations: version 4, its date-based successor, and version 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.answers import Answer, PageNotFound, Refused, batch_answer, invalid
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.links import HUBSPOT, PRIMARY, label, unlabeled
from leadgauge_sandbox.hubspot.objects import association_rows, reading, writing

if TYPE_CHECKING:
    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.table import Table

MOST_READ: Final = 1000
MOST_WRITTEN: Final = 2000
PAGE: Final = 500
V1: Final[dict[int, tuple[str, str]]] = {
    1: ("0-1", "0-2"),
    2: ("0-2", "0-1"),
    3: ("0-3", "0-1"),
    4: ("0-1", "0-3"),
    5: ("0-3", "0-2"),
    6: ("0-2", "0-3"),
}
"""Definition ids of version 1."""


def _ends(portal: Portal, call: Call) -> tuple[Table, Table]:
    return portal.table(call["from"]), portal.table(call["to"])


def _types(kinds: tuple[int, ...]) -> list[dict[str, Any]]:
    return [{"category": HUBSPOT, "typeId": kind, "label": label(kind)} for kind in kinds]


def _target(call: Call, target: int) -> int | str:
    """Return the id of the other record: a number in version 4, a string in date-based versions."""
    return str(target) if call.dated else target


def _rows(portal: Portal, call: Call, pair: tuple[str, str], record_id: int) -> list[dict[str, Any]]:
    return [
        {"toObjectId": _target(call, target), "associationTypes": _types(kinds)}
        for target, kinds in sorted(portal.links.of(pair, record_id).items())
    ]


def batch_read(portal: Portal, call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/read; records without associations are listed in the errors."""
    one, other = _ends(portal, call)
    inputs = call.inputs(MOST_READ)
    reading(call, one)
    started, results, lonely = portal.clock.now(), [], []
    for row in inputs:
        name = str(row.get("id", ""))
        record = one.find(int(name)) if name.isdecimal() else None
        rows = _rows(portal, call, (one.kind.id, other.kind.id), record.id) if record else []
        first = int(str(row.get("after") or 0))
        if rows:
            more = {"paging": {"next": {"after": str(first + PAGE)}}} if first + PAGE < len(rows) else {}
            results.append({"from": {"id": name}, "to": rows[first : first + PAGE], **more})
        else:
            lonely.append(name)
    return batch_answer(portal.clock.now(), started, results, [_lonely(one, other, name) for name in lonely])


def _lonely(one: Table, other: Table, name: str) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {other.kind.singular} is associated with {one.kind.singular} {name}.",
        "context": {
            "fromObjectId": [name],
            "fromObjectType": [one.kind.singular],
            "toObjectType": [other.kind.singular],
        },
    }


def v3_read(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/associations/{from}/{to}/batch/read."""
    one, other = _ends(portal, call)
    inputs = call.inputs(MOST_READ)
    reading(call, one)
    started, results, lonely = portal.clock.now(), [], []
    for row in inputs:
        name = str(row.get("id", ""))
        linked = portal.links.of((one.kind.id, other.kind.id), int(name)) if name.isdecimal() else {}
        if linked:
            results.append(
                {"from": {"id": name}, "to": association_rows(one.kind.singular, other.kind.singular, linked)}
            )
        else:
            lonely.append(name)
    return batch_answer(portal.clock.now(), started, results, [_lonely(one, other, name) for name in lonely])


def listed(portal: Portal, call: Call) -> Answer:
    """GET /crm/v4/objects/{from}/{id}/associations/{to}, in pages of 500."""
    one, other = _ends(portal, call)
    reading(call, one)
    record = one.find(int(call["id"])) if call["id"].isdecimal() else None
    if record is None:
        raise PageNotFound
    rows = _rows(portal, call, (one.kind.id, other.kind.id), record.id)
    shown, paging = call.slice(rows, PAGE, PAGE)
    return Answer({"results": shown, **paging})


def batch_create(portal: Portal, call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/create."""
    one, other = _ends(portal, call)
    inputs = call.inputs(MOST_WRITTEN)
    writing(call, one)
    started, results, errors = portal.clock.now(), [], []
    for row in inputs:
        fault = _unfit(one, other, row)
        if fault:
            errors.append(fault)
            continue
        ends = int(row["from"]["id"]), int(row["to"]["id"])
        for kind in row.get("types") or ():
            _associate(portal, one, other, ends, int(kind["associationTypeId"]))
        results.append(_made(portal, one, other, ends))
    return batch_answer(portal.clock.now(), started, results, errors, done=201)


def _unfit(one: Table, other: Table, row: dict[str, Any]) -> dict[str, Any] | None:
    """Return why two records cannot be associated."""
    for table, end in ((one, "from"), (other, "to")):
        name = str((row.get(end) or {}).get("id", ""))
        if not name.isdecimal():
            return {
                "status": "error",
                "category": "VALIDATION_ERROR",
                "subCategory": "crm.associations.INVALID_IDENTIFIER",
                "message": f"{name} is not a valid ID",
                "context": {"id": [name]},
            }
        if table.find(int(name)) is None:
            message = f"{table.kind.singular} {name} does not exist"
            return {"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"id": [name]}}
    if one is other and row["from"]["id"] == row["to"]["id"]:
        name = row["from"]["id"]
        message = f"Object {name} cannot be associated to itself ({name})"
        return {"status": "error", "category": "VALIDATION_ERROR", "message": message}
    return None


def _associate(portal: Portal, one: Table, other: Table, ends: tuple[int, int], type_id: int) -> None:
    pair = (one.kind.id, other.kind.id)
    if type_id not in portal.association_types(pair):
        raise invalid(f"Association type {type_id} does not lead from {one.kind.id} to {other.kind.id}.")
    portal.associate(pair, *ends, type_id)


def _made(portal: Portal, one: Table, other: Table, ends: tuple[int, int]) -> dict[str, Any]:
    kinds = portal.links.of((one.kind.id, other.kind.id), ends[0]).get(ends[1], ())
    return {
        "fromObjectTypeId": one.kind.id,
        "fromObjectId": ends[0],
        "toObjectTypeId": other.kind.id,
        "toObjectId": ends[1],
        "labels": [name for kind in kinds if (name := label(kind))],
    }


def batch_archive(portal: Portal, call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/archive."""
    one, other = _ends(portal, call)
    inputs = call.inputs(MOST_WRITTEN)
    writing(call, one)
    for row in inputs:
        for target in row.get("to") or ():
            portal.part((one.kind.id, other.kind.id), int(row["from"]["id"]), int(target["id"]))
    return Answer(status=204)


def batch_default(portal: Portal, call: Call) -> Answer:
    """POST /crm/v4/associations/{from}/{to}/batch/associate/default."""
    one, other = _ends(portal, call)
    inputs = call.inputs(MOST_WRITTEN)
    writing(call, one)
    started = portal.clock.now()
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for row in inputs:
        if fault := _unfit(one, other, row):
            errors.append(fault)
        else:
            results += _join(portal, one, other, (int(row["from"]["id"]), int(row["to"]["id"])))
    return batch_answer(portal.clock.now(), started, results, errors)


def _join(portal: Portal, one: Table, other: Table, ends: tuple[int, int]) -> list[dict[str, Any]]:
    """Associate two records without a label, and return both directions.

    "The response will describe the association from both ends", the other end first:
    https://developers.hubspot.com/docs/api-reference/2026-03/crm/objects/line-items/guide (2026-11).
    """
    pair = one.kind.id, other.kind.id
    portal.associate(pair, *ends, unlabeled(pair))
    there = {"from": {"id": str(ends[0])}, "to": {"id": str(ends[1])}, "associationSpec": _spec(unlabeled(pair))}
    back = {"from": there["to"], "to": there["from"], "associationSpec": _spec(unlabeled(pair[::-1]))}
    return [back, there]


def _spec(type_id: int) -> dict[str, Any]:
    return {"associationCategory": HUBSPOT, "associationTypeId": type_id}


def put(portal: Portal, call: Call) -> Answer:
    """PUT /crm/v4/objects/{from}/{id}/associations/{to}/{target}."""
    one, other = _ends(portal, call)
    kinds = call.any_json()
    writing(call, one)
    ends = _fitting(one, other, call)
    for kind in kinds:
        _associate(portal, one, other, ends, int(kind["associationTypeId"]))
    return Answer(_made(portal, one, other, ends), 201)


def _fitting(one: Table, other: Table, call: Call) -> tuple[int, int]:
    """Return the ids in a path, or refuse the call if the records cannot be associated."""
    fault = _unfit(one, other, {"from": {"id": call["id"]}, "to": {"id": call["target"]}})
    if fault is not None:
        raise Refused(400 if fault["category"] == "VALIDATION_ERROR" else 404, fault["message"], fault["category"])
    return int(call["id"]), int(call["target"])


def put_default(portal: Portal, call: Call) -> Answer:
    """PUT /crm/v4/objects/{from}/{id}/associations/default/{to}/{target}."""
    one, other = _ends(portal, call)
    writing(call, one)
    now = portal.clock.now()
    return batch_answer(now, now, _join(portal, one, other, _fitting(one, other, call)), [])


def delete(portal: Portal, call: Call) -> Answer:
    """DELETE /crm/v4/objects/{from}/{id}/associations/{to}/{target}."""
    one, other = _ends(portal, call)
    writing(call, one)
    portal.part((one.kind.id, other.kind.id), int(call["id"]), int(call["target"]))
    return Answer(status=204)


def labels(portal: Portal, call: Call) -> Answer:
    """GET /crm/v4/associations/{from}/{to}/labels."""
    one, other = _ends(portal, call)
    pair = (one.kind.id, other.kind.id)
    kinds = sorted(portal.association_types(pair), key=lambda kind: kind != PRIMARY.get(pair))
    return Answer({"results": _types(tuple(kinds))})


def _v1(call: Call) -> tuple[str, str]:
    number = call.variables.get("definition") or str(call.json().get("definitionId", ""))
    pair = V1.get(int(number)) if number.isdecimal() else None
    if pair is None:
        raise invalid(f"definitionId {number} is not known")
    return pair


def v1_list(portal: Portal, call: Call) -> Answer:
    """GET /crm-associations/v1/associations/{id}/HUBSPOT_DEFINED/{definition}."""
    pair = _v1(call)
    reading(call, portal.tables[pair[0]])
    limit, offset = call.number("limit", 100, low=1, high=100), call.number("offset", 0)
    ids = [target for target in sorted(portal.links.of(pair, int(call["id"]))) if target > offset]
    return Answer({"results": ids[:limit], "hasMore": len(ids) > limit, "offset": ids[:limit][-1] if ids else 0})


def v1_put(portal: Portal, call: Call) -> Answer:
    """PUT /crm-associations/v1/associations."""
    pair, body = _v1(call), call.json()
    writing(call, portal.tables[pair[0]])
    portal.associate(pair, int(body["fromObjectId"]), int(body["toObjectId"]), PRIMARY.get(pair))
    return Answer(status=204)


def v1_delete(portal: Portal, call: Call) -> Answer:
    """PUT /crm-associations/v1/associations/delete."""
    pair, body = _v1(call), call.json()
    writing(call, portal.tables[pair[0]])
    portal.part(pair, int(body["fromObjectId"]), int(body["toObjectId"]))
    return Answer(status=204)


V4: Final = "/crm/v4/associations/{from}/{to}"
OF_RECORD: Final = "/crm/v4/objects/{from}/{id}/associations"
ENDPOINTS: Final = (
    Endpoint("POST", f"{V4}/batch/read", batch_read),
    Endpoint("POST", "/crm/v3/associations/{from}/{to}/batch/read", v3_read),
    Endpoint("POST", f"{V4}/batch/create", batch_create),
    Endpoint("POST", f"{V4}/batch/archive", batch_archive),
    Endpoint("POST", f"{V4}/batch/associate/default", batch_default),
    Endpoint("GET", f"{V4}/labels", labels),
    Endpoint("GET", f"{OF_RECORD}/{{to}}", listed),
    Endpoint("PUT", f"{OF_RECORD}/{{to}}/{{target}}", put),
    Endpoint("PUT", f"{OF_RECORD}/default/{{to}}/{{target}}", put_default),
    Endpoint("DELETE", f"{OF_RECORD}/{{to}}/{{target}}", delete),
    Endpoint("GET", "/crm-associations/v1/associations/{id}/HUBSPOT_DEFINED/{definition}", v1_list),
    Endpoint("PUT", "/crm-associations/v1/associations", v1_put),
    Endpoint("PUT", "/crm-associations/v1/associations/delete", v1_delete),
)
