"""Lists: what search says of them follows their members, by page, by name and by record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadgauge_sandbox.hubspot.branches import having, joined

if TYPE_CHECKING:
    from sandbox.tests.hubspot.conftest import Sandbox

LISTS = "/crm/lists/2026-09"


def contacts(sandbox: Sandbox, *names: str) -> list[str]:
    made = [{"properties": {"email": f"{name}@lists.example"}} for name in names]
    return [str(sandbox.post("/crm/v3/objects/contacts", one)["id"]) for one in made]


def made(sandbox: Sandbox, name: str, **more: Any) -> str:
    wish = {"objectTypeId": "0-1", "processingType": "MANUAL", "name": name, **more}
    return str(sandbox.post(LISTS, wish)["list"]["listId"])


def told(sandbox: Sandbox, number: str) -> dict[str, Any]:
    wish = {"listIds": [number], "processingTypes": [], "additionalProperties": [], "offset": 0, "count": 500}
    (found,) = sandbox.post(f"{LISTS}/search", wish)["lists"]
    return dict(found["additionalProperties"])


def members(sandbox: Sandbox, number: str) -> list[str]:
    return [row["recordId"] for row in sandbox.all(f"{LISTS}/{number}/memberships", limit=2)]


def test_a_static_list_tells_its_size_and_when_records_came_and_went(empty: Sandbox) -> None:
    number, ids = made(empty, "VIPs"), contacts(empty, "a", "b", "c")
    assert told(empty, number) == {"hs_list_size": "0", "hs_list_reference_count": "0"}
    changed = empty.call("PUT", f"{LISTS}/{number}/memberships/add", json=[*ids, "999"]).json()
    assert (changed["recordsIdsAdded"], changed["recordIdsMissing"]) == (ids, ["999"])
    assert members(empty, number) == ids
    empty.call("PUT", f"{LISTS}/{number}/memberships/remove", json=ids[:1])
    assert told(empty, number).keys() >= {"hs_last_record_added_at", "hs_last_record_removed_at"}
    assert told(empty, number)["hs_list_size"] == "2"


def test_deleted_records_leave_their_lists_and_deleted_lists_can_be_restored(empty: Sandbox) -> None:
    number, ids = made(empty, "Guests"), contacts(empty, "a", "b")
    empty.call("PUT", f"{LISTS}/{number}/memberships/add", json=ids)
    empty.call("DELETE", f"/crm/v3/objects/contacts/{ids[0]}")
    assert members(empty, number) == ids[1:]
    empty.call("DELETE", f"{LISTS}/{number}")
    assert empty.call("GET", f"{LISTS}/{number}").status_code == 404
    empty.call("PUT", f"{LISTS}/{number}/restore")
    assert members(empty, number) == ids[1:]


def test_a_dynamic_list_follows_properties_and_other_lists(empty: Sandbox) -> None:
    first, second = contacts(empty, "a", "b")
    inner = made(empty, "Bakers", processingType="DYNAMIC", filterBranch=having("jobtitle", "Baker"))
    nested = joined({"filterType": "IN_LIST", "operator": "IN_LIST", "listId": inner})
    outer = made(empty, "Bakers again", processingType="DYNAMIC", filterBranch=nested)
    assert members(empty, outer) == []
    empty.call("PATCH", f"/crm/v3/objects/contacts/{first}", json={"properties": {"jobtitle": "Baker"}})
    assert members(empty, inner) == members(empty, outer) == [first]
    (found,) = empty.get(LISTS, listIds=outer, includeFilters="true")["lists"]
    assert found["filterBranch"]["filterBranches"][0]["filters"][0]["listId"] == inner
    asked = {"inputs": [{"objectTypeId": "0-1", "recordId": one} for one in (first, second)]}
    answer = empty.post(f"{LISTS}/records/memberships/batch/read", asked)["results"]
    assert [[one["listId"] for one in row["recordListMemberships"]] for row in answer] == [["3", inner, outer], ["3"]]


def test_a_list_is_found_by_its_name_in_any_letter_case(empty: Sandbox) -> None:
    assert empty.get(f"{LISTS}/object-type-id/0-1/name/customers")["list"]["listId"] == "4"
    missing = empty.call("GET", f"{LISTS}/object-type-id/0-1/name/nobody")
    assert (missing.status_code, missing.json()["subCategory"]) == (404, "ListError.LIST_NOT_FOUND")
