"""Endpoints of lists, which HubSpot's pages call segments."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.answers import NO_CONTENT, Answer, Refused, invalid, iso
from leadgauge_sandbox.hubspot.branches import checked
from leadgauge_sandbox.hubspot.calls import Call, Endpoint

if TYPE_CHECKING:
    from leadgauge_sandbox.hubspot.lists import Segment
    from leadgauge_sandbox.hubspot.portal import Portal

MOST: Final = 500
"""Most lists of one search: the OpenAPI specification of `POST /crm/lists/2026-09/search` (2026-08)."""
_READ, _WRITE = "crm.lists.read", "crm.lists.write"


def _body(segment: Segment, *, filters: bool = False) -> dict[str, Any]:
    told = {
        "listId": segment.number,
        "listVersion": 1,
        "createdAt": iso(segment.born),
        "updatedAt": iso(segment.born),
        "filtersUpdatedAt": iso(segment.born),
        "processingStatus": segment.status,
        "createdById": "9000001",
        "updatedById": "9000001",
        "processingType": segment.processing,
        "objectTypeId": segment.kind,
        "name": segment.name,
    }
    return told | ({"filterBranch": segment.branch} if filters and segment.branch else {})


def search(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/lists/search."""
    wish = call.json()
    call.need(_READ)
    words, offset, count = (
        str(wish.get("query") or "").lower(),
        int(wish.get("offset") or 0),
        int(wish.get("count") or 20),
    )
    if count > MOST:
        raise invalid(f"count must be at most {MOST}, but was {count}")
    found = [segment for segment in portal.lists.all() if _is_wanted(segment, wish, words)]
    shown = [_body(one) | {"additionalProperties": _properties(portal, one)} for one in found[offset : offset + count]]
    end = offset + len(shown)
    return Answer({"offset": end, "hasMore": end < len(found), "lists": shown, "total": len(found)})


def _is_wanted(segment: Segment, wish: dict[str, Any], words: str) -> bool:
    given = ((segment.number, "listIds"), (segment.processing, "processingTypes"))
    return words in segment.name.lower() and all(not wish.get(name) or value in wish[name] for value, name in given)


def _properties(portal: Portal, segment: Segment) -> dict[str, str]:
    """Return the additional properties; those without a value are left out (recorded)."""
    portal.lists.settle(segment)
    times = {"hs_last_record_added_at": segment.added, "hs_last_record_removed_at": segment.removed}
    known = {name: str(at) for name, at in times.items() if at is not None}
    return {"hs_list_size": str(len(segment.joined)), "hs_list_reference_count": "0", **known}


def create(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/lists."""
    wish = call.json()
    call.need(_WRITE)
    missing = [name for name in ("name", "objectTypeId", "processingType") if not wish.get(name)]
    if missing:
        raise Refused(400, f"Invalid input JSON: Some required fields were not set: {missing}", "VALIDATION_ERROR")
    kind = portal.table(str(wish["objectTypeId"])).kind.id
    branch = checked(wish["filterBranch"]) if wish["processingType"] == "DYNAMIC" else None
    made = portal.lists.create(str(wish["name"]), wish["processingType"], branch, kind=kind)
    return Answer({"list": _body(made, filters=True)})


def many(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/lists, by listIds."""
    call.need(_READ)
    wanted, filters = call.many("listIds"), call.flag("includeFilters")
    return Answer({"lists": [_body(one, filters=filters) for one in portal.lists.all() if one.number in wanted]})


def get(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/lists/{id}."""
    call.need(_READ)
    return Answer({"list": _body(portal.lists.find(call["id"]), filters=call.flag("includeFilters"))})


def by_name(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/lists/object-type-id/{type}/name/{name}."""
    call.need(_READ)
    found = portal.lists.named(portal.table(call["type"]).kind.id, call["name"])
    return Answer({"list": _body(found, filters=call.flag("includeFilters"))})


def delete(portal: Portal, call: Call) -> Answer:
    """DELETE /crm/v3/lists/{id}."""
    call.need(_WRITE)
    portal.lists.delete(call["id"])
    return Answer(status=NO_CONTENT)


def restore(portal: Portal, call: Call) -> Answer:
    """PUT /crm/v3/lists/{id}/restore."""
    call.need(_WRITE)
    portal.lists.restore(call["id"])
    return Answer(status=NO_CONTENT)


def memberships(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/lists/{id}/memberships, in pages by record id."""
    call.need(_READ)
    limit, after = call.number("limit", 100, low=1, high=250), _hidden(call.one("after"))
    members = portal.lists.members(call["id"])
    rest = [(member, since) for member, since in members if member > after]
    rows = [{"recordId": str(member), "membershipTimestamp": iso(since)} for member, since in rest[:limit]]
    token = base64.urlsafe_b64encode(rows[-1]["recordId"].encode()).decode() if rows else ""
    paging = {"paging": call.next_page(token)} if len(rest) > limit else {}
    return Answer({"results": rows, "total": len(members), **paging})


def _hidden(token: str | None) -> int:
    try:
        return int(base64.urlsafe_b64decode(token)) if token else 0
    except ValueError:
        raise invalid(f"Invalid paging token: {token}") from None


def change(portal: Portal, call: Call) -> Answer:
    """PUT /crm/v3/lists/{id}/memberships/add, …/remove and …/add-and-remove."""
    call.need(_WRITE)
    body, how = call.any_json(), call["how"]
    wish = {"add": {"recordIdsToAdd": body}, "remove": {"recordIdsToRemove": body}, "add-and-remove": body}.get(how)
    if wish is None:
        raise Refused(404, "resource not found")
    added, missing = portal.lists.add(call["id"], map(int, wish.get("recordIdsToAdd") or ()))
    gone = portal.lists.remove(call["id"], map(int, wish.get("recordIdsToRemove") or ()))
    told = {"recordsIdsAdded": added, "recordIdsRemoved": gone, "recordIdsMissing": missing}
    return Answer({name: list(map(str, ids)) for name, ids in told.items()})


def of_record(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/lists/records/{type}/{record}/memberships."""
    call.need(_READ)
    return Answer({"results": _lists_of(portal, call["type"], call["record"])})


def of_records(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/lists/records/memberships/batch/read."""
    call.need(_READ)
    now = iso(portal.clock.now())
    results = [
        {
            "objectTypeId": one["objectTypeId"],
            "recordId": one["recordId"],
            "recordListMemberships": _lists_of(portal, one["objectTypeId"], one["recordId"]),
        }
        for one in call.inputs()
    ]
    return Answer({"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now})


def _lists_of(portal: Portal, type_: str, record: str) -> list[dict[str, Any]]:
    kind = portal.table(type_).kind.id
    return [
        {
            "listId": segment.number,
            "listVersion": 1,
            "firstAddedTimestamp": iso(since),
            "lastAddedTimestamp": iso(since),
            "isPublicList": False,
        }
        for segment, since in portal.lists.of(kind, int(record))
    ]


LISTS: Final = "/crm/v3/lists"
ENDPOINTS: Final = (
    Endpoint("POST", f"{LISTS}/search", search),
    Endpoint("POST", LISTS, create),
    Endpoint("GET", LISTS, many),
    Endpoint("GET", f"{LISTS}/{{id}}", get),
    Endpoint("DELETE", f"{LISTS}/{{id}}", delete),
    Endpoint("PUT", f"{LISTS}/{{id}}/restore", restore),
    Endpoint("GET", f"{LISTS}/object-type-id/{{type}}/name/{{name}}", by_name),
    Endpoint("GET", f"{LISTS}/{{id}}/memberships", memberships),
    Endpoint("PUT", f"{LISTS}/{{id}}/memberships/{{how}}", change),
    Endpoint("GET", f"{LISTS}/records/{{type}}/{{record}}/memberships", of_record),
    Endpoint("POST", f"{LISTS}/records/memberships/batch/read", of_records),
)
