"""Endpoints of lists."""

from typing import Any, Final

from leadgauge_sandbox.hubspot.answers import Answer, iso
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.lists import SEGMENTS, Segment
from leadgauge_sandbox.hubspot.portal import Portal

BORN: Final = 1_736_366_431_738


def _body(segment: Segment) -> dict[str, Any]:
    return {
        "listId": segment.number,
        "listVersion": 1,
        "createdAt": iso(BORN),
        "updatedAt": iso(BORN),
        "filtersUpdatedAt": iso(BORN),
        "processingStatus": "COMPLETE",
        "createdById": "9000001",
        "updatedById": "9000001",
        "processingType": "DYNAMIC",
        "objectTypeId": "0-1",
        "name": segment.name,
    }


def search(portal: Portal, call: Call) -> Answer:
    """POST /crm/v3/lists/search."""
    wish = call.json()
    call.need("crm.lists.read")
    words, offset, count = (
        str(wish.get("query") or "").lower(),
        int(wish.get("offset") or 0),
        int(wish.get("count") or 20),
    )
    found = [segment for segment in SEGMENTS if words in segment.name.lower()]
    shown = []
    for segment in found[offset : offset + count]:
        members = portal.lists.members(portal.tables["0-1"], segment.number)
        more = {"hs_list_size": str(len(members)), "hs_list_reference_count": "0"}
        if members:
            more["hs_last_record_added_at"] = str(max(since for _, since in members))
        shown.append({**_body(segment), "additionalProperties": more})
    end = offset + len(shown)
    return Answer({"offset": end, "hasMore": end < len(found), "lists": shown, "total": len(found)})


def many(_: Portal, call: Call) -> Answer:
    """GET /crm/v3/lists, by listIds."""
    call.need("crm.lists.read")
    wanted = call.many("listIds")
    return Answer({"lists": [_body(segment) for segment in SEGMENTS if segment.number in wanted]})


def get(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/lists/{id}."""
    call.need("crm.lists.read")
    return Answer({"list": _body(portal.lists.find(call["id"]))})


def memberships(portal: Portal, call: Call) -> Answer:
    """GET /crm/v3/lists/{id}/memberships, in pages."""
    call.need("crm.lists.read")
    members = portal.lists.members(portal.tables["0-1"], call["id"])
    shown, paging = call.slice(members, 100, 250)
    rows = [{"recordId": str(member), "membershipTimestamp": iso(since)} for member, since in shown]
    return Answer({"results": rows, "total": len(members), **paging})


LISTS: Final = "/crm/v3/lists"
ENDPOINTS: Final = (
    Endpoint("POST", f"{LISTS}/search", search),
    Endpoint("GET", LISTS, many),
    Endpoint("GET", f"{LISTS}/{{id}}", get),
    Endpoint("GET", f"{LISTS}/{{id}}/memberships", memberships),
)
