"""Replays recorded traffic: the sandbox returns HubSpot's statuses, keys, types and headers."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.tests.hubspot.shapes import differences

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.tests.hubspot.conftest import Sandbox

MAY_2025 = 1_748_000_000_000
LATER = {
    "hs_object_source",
    "hs_object_source_id",
    "hs_object_source_label",
    "hs_is_unworked",
    "hs_pipeline",
    "lifecyclestage",
    "createdate",
    "hs_object_id",
}
"""Properties that writes return today and did not in 2022."""


def prepared(sandbox: Sandbox) -> Sandbox:
    """Give the account the custom type and the properties of the recorded one."""
    for name, kind, field in (
        ("text_field", "string", "text"),
        ("number_field", "number", "number"),
        ("date_field", "date", "date"),
    ):
        wish = {"name": name, "label": name, "groupName": "contactinformation", "type": kind, "fieldType": field}
        sandbox.post("/crm/v3/properties/contacts", wish)
    shape = {"type": "string", "fieldType": "text"}
    properties = [{"name": name, "label": name, **shape} for name in ("first_name", "last_name", "text_field")]
    properties.append({"name": "number_field", "label": "Number", "type": "number", "fieldType": "number"})
    properties.append({"name": "grouparoo_object_property", "label": "Key", "hasUniqueValue": True, **shape})
    for name in ("grouparoo_object", "grouparoo_company"):
        labels = {"singular": name, "plural": f"{name}s"}
        wish = {
            "name": name,
            "labels": labels,
            "primaryDisplayProperty": "grouparoo_object_property",
            "properties": properties,
        }
        sandbox.post("/crm-object-schemas/v3/schemas", wish)
    return sandbox


class Replay:
    """Sends the rows of one recording in order, with our ids in place of the recorded ones."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.ids: dict[str, str] = {}
        client = sandbox.portal.tokens.client
        form = {"grant_type": "refresh_token", "client_id": client.client_id, "client_secret": client.secret}
        answer = sandbox.call("POST", "/oauth/v1/token", data={**form, "refresh_token": client.refresh_token})
        self.oauth = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def ours(self, text: str) -> str:
        return re.sub(r"\b\d{5,}\b", lambda match: self.ids.get(match[0], match[0]), text)

    def send(self, row: dict[str, Any]) -> list[str]:
        """Return the differences between our response and the recorded one."""
        if row["status"] == 429:
            self.sandbox.mischief.set("secondly-429", times=1)
        body = row["request"] if row["method"] != "GET" else None
        answer = self.sandbox.call(
            row["method"],
            self.ours(row["path"]),
            data=None if body is None else self.ours(json.dumps(body)),
            headers={
                "Content-Type": "application/json",
                **({} if row["query"] is None or "hapikey" in row["query"] else self.oauth),
            },
        )
        found = [] if answer.status_code == row["status"] else [f"status {answer.status_code}: {answer.text}"]
        recorded = {name.lower() for name in row["headers"]}
        found += [f"header {name} is missing" for name in recorded - {name.lower() for name in answer.headers}]
        found += [f"header {name} is too many" for name in _budget(answer.headers) - recorded]
        if answer.status_code == 204:
            return found + [f"body {answer.text!r}" for _ in range(answer.text != row["response"])]
        assert answer.headers["Content-Type"] == row["headers"]["Content-Type"]
        self.learn(row["response"], answer.json())
        return [*found, *differences(row["response"], answer.json()), *self.properties(row, answer.json())]

    def learn(self, recorded: dict[str, Any], ours: dict[str, Any]) -> None:
        pairs = zip(recorded.get("results") or (), ours.get("results") or (), strict=False)
        for theirs, mine in pairs:
            if isinstance(theirs, dict) and "properties" in theirs and theirs["id"] not in self.ids:
                self.ids[theirs["id"]] = mine["id"]

    def properties(self, row: dict[str, Any], ours: dict[str, Any]) -> list[str]:
        """Compare the properties of the same record; HubSpot may have added some since."""
        if not row["path"].startswith("/crm/v3/objects"):
            return []
        mine = {each["id"]: set(each["properties"]) for each in ours.get("results", ())}
        new = row["path"].endswith("batch/create")
        wrong = []
        for each in row["response"].get("results", ()):
            one, other = set(each["properties"]), mine.get(self.ids.get(each["id"], ""))
            missing, more = (one - other, other - one) if other else (set(), set())
            wrong += [f"property {name} differs" for name in missing | (set() if new else more - LATER)]
        return wrong


def _budget(headers: Any) -> set[str]:
    return {name.lower() for name in headers if name.lower().startswith("x-hubspot-ratelimit")}


def test_recorded_conversations_get_the_same_answers(
    recordings: list[dict[str, Any]], start: Callable[..., Sandbox]
) -> None:
    """Every request recorded in 2022, in order, for each of the recorded test files."""
    conversations = defaultdict(list)
    for row in recordings:
        if row.get("method"):
            conversations[row["source"]].append(row)
    wrong = []
    for rows in conversations.values():
        replay = Replay(prepared(start(reuse=True)))
        for number, row in enumerate(rows):
            wrong += [f"{row['source']} {number} {row['method']} {row['path']}: {each}" for each in replay.send(row)]
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def body(recordings: list[dict[str, Any]]) -> Callable[[str], Any]:
    """Return the recorded body whose file name has this ending."""

    def find(name: str) -> Any:
        (row,) = (row for row in recordings if row["source"].endswith(name))
        return row["response"]

    return find


def same(recorded: Any, ours: Any) -> None:
    found = list(differences(recorded, ours))
    assert not found, "\n".join(found)


def contact(email: str, **more: str) -> dict[str, Any]:
    return {"properties": {"email": email, **more}}


def test_batch_answers_of_2025(body: Callable[[str], Any], empty: Sandbox) -> None:
    """Success, partial success, conflicts, duplicate ids and invalid properties match the recordings."""
    path = "/crm/v3/objects/contacts/batch"
    inputs = [
        contact("one@a.example", firstname="Lily", lastname="Skinner"),
        contact("two@a.example", firstname="Marley"),
    ]
    made = empty.call("POST", f"{path}/create", json={"inputs": inputs})
    assert made.status_code == 201
    same(body("create/contacts/success.json"), made.json())
    clash = empty.call("POST", f"{path}/create", json={"inputs": inputs})
    assert clash.status_code == 409
    same(body("create/contacts/err-conflict.json"), clash.json())
    assert clash.json()["message"] == body("create/contacts/err-conflict.json")["message"]
    traced = [
        {**contact("one@a.example"), "objectWriteTraceId": "0"},
        {**contact("three@a.example", firstname="Siena", lastname="Dyer"), "objectWriteTraceId": "1"},
    ]
    partly = empty.call("POST", f"{path}/create", json={"inputs": traced})
    assert partly.status_code == 207
    same(body("create/contacts/err-partial-success.json"), partly.json())
    unknown = {"inputs": [{"id": "1", "properties": {"first000name": "x", "last000name": "y"}}]}
    for verb in ("create", "update"):
        refused = empty.call("POST", f"{path}/{verb}", json=unknown)
        recorded = body(f"{verb}/contacts/err-many-invalid-properties.json")
        assert refused.status_code == 400
        same(recorded, refused.json())
        assert (
            json.loads(refused.json()["message"].partition(": ")[2])[0]
            == json.loads(recorded["message"].partition(": ")[2])[0]
        )
    change = {"firstname": "x", "lastname": "y"}
    updated = empty.post(f"{path}/update", {"inputs": [{"id": "1", "properties": change}]})
    same(body("update/contacts/success.json"), updated)
    partly = empty.call(
        "POST",
        f"{path}/update",
        json={"inputs": [{"id": "1", "properties": change}, {"id": "x9", "properties": change}]},
    )
    assert partly.status_code == 207
    same(body("update/contacts/err-partial-success.json"), partly.json())
    assert (
        partly.json()["errors"][0]["message"]
        == body("update/contacts/err-partial-success.json")["errors"][0]["message"]
    )
    twice = empty.call("POST", f"{path}/update", json={"inputs": [{"id": "1", "properties": change}] * 2})
    assert twice.status_code == 400
    same(body("err-duplicate-ids.json"), twice.json())
    assert twice.json()["message"] == "Duplicate IDs found in batch input: [1]. IDs must be unique"


def test_reads_of_2024_to_2026(body: Callable[[str], Any], full: Sandbox, start: Callable[..., Sandbox]) -> None:
    """List, batch read, search and its second page, events, forms, marketing events, lists and account match."""
    same(body("objects-api/contacts-response.json"), full.get("/crm/v3/objects/contacts", limit=3))
    read = full.post("/crm/v3/objects/contacts/batch/read", {"inputs": [{"id": "1"}, {"id": "51"}], "properties": []})
    same(body("objects-api/contacts-batch.json"), read)
    assert set(read["results"][0]["properties"]) == set(body("contacts-batch.json")["results"][0]["properties"])
    in_2025 = start(300, now=MAY_2025)  # the recorded requests ask for what changed until 2025
    for name in ("since-until", "since", "until"):
        request = body(f"contacts-req-payload-{name}.json")
        found = in_2025.search(request)
        assert {"total", "results"} == found.keys() - {"paging"}
        assert set(found["results"][0]["properties"]) == {"createdate", "email", "hs_object_id", "lastmodifieddate"}
    first = full.search({"limit": 1})
    same(body("search/contacts/1-first-page.json"), first)
    assert set(first["results"][0]["properties"]) == set(
        body("search/contacts/1-first-page.json")["results"][0]["properties"]
    )
    wrong = full.call("POST", "/crm/v3/objects/butterflies/search", json={})
    assert wrong.status_code == 400
    same(body("error-invalid-object.json"), wrong.json())
    same(
        body("events/e_visited_page.json"), _without_paging(full.get("/events/v3/events/", eventType="e_visited_page"))
    )
    same(body("read/marketing-events.json"), _plain_event(full.get("/marketing/marketing-events/2026-03", limit=1)))
    same(body("read/marketing-forms.json"), full.get("/marketing/forms/2026-09-beta", limit=1))
    same(body("read-lists-1-first-page.json"), full.post("/crm/v3/lists/search", {"count": 2}))
    same(body("post-auth/account-info.json"), full.get("/account-info/v3/details"))
    same(body("metadata-contacts-external-pipelines.json"), full.get("/crm/v3/pipelines/contacts"))
    same(body("metadata-deals-external-pipelines.json"), full.get("/crm/v3/pipelines/deals"))
    same(body("metadata-contacts-properties-sampled.json"), full.get("/crm/v3/properties/contacts"))
    same(body("contacts-schema-resp.json"), full.get("/crm-object-schemas/v3/schemas/contacts"))


def _without_paging(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "paging"}


def _plain_event(answer: dict[str, Any]) -> dict[str, Any]:
    """Clear the fields that are empty in the recorded marketing event."""
    for row in answer["results"]:
        row.update(dict.fromkeys(("eventType", "startDateTime", "endDateTime", "eventUrl", "eventDescription")))
    return answer


def test_associations_of_2026(body: Callable[[str], Any], full: Sandbox) -> None:
    """Reading lists records without associations in the errors; writing reports the error of each pair."""
    contacts = full.all("/crm/v3/objects/contacts", limit=100)
    path = "/crm/v4/associations/contacts/companies/batch"
    answer = full.call("POST", f"{path}/read", json={"inputs": [{"id": row["id"]} for row in contacts]})
    assert answer.status_code == 207
    same(body("contacts-to-companies.json"), answer.json())
    companies = full.get("/crm/v3/objects/companies", limit=1)["results"]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    made = full.post(
        f"{path}/create", {"inputs": [{"from": {"id": "1"}, "to": {"id": companies[0]["id"]}, "types": types}]}
    )
    same(body("contact-to-company-resp.json"), made)
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 449}]
    pairs = [
        {"from": {"id": "1"}, "to": {"id": "unknown_id"}, "types": types},
        {"from": {"id": "1"}, "to": {"id": "1"}, "types": types},
    ]
    refused = full.post("/crm/v4/associations/contacts/contacts/batch/create", {"inputs": pairs})
    recorded = body("err-contact-to-contact.json")
    same(recorded, refused)
    assert [set(error) for error in refused["errors"]] == [set(error) for error in recorded["errors"]]


def test_definitions_of_2026(body: Callable[[str], Any], empty: Sandbox) -> None:
    """The recorded calls that create and update properties and their group."""
    path = "/crm/v3/properties/contacts"
    group = empty.post(f"{path}/groups", body("1-payload-create-property-group.json"))
    same(body("2-response-create-property-group.json"), group)
    same(body("1-read-property-group.json"), empty.get(f"{path}/groups/integrationcreatedproperties"))
    made = empty.call("POST", f"{path}/batch/create", json=body("create/3-payload-batch-create-properties.json"))
    assert made.status_code == 201
    same(body("create/4-response-batch-create-properties.json"), made.json())
    partly = empty.call("POST", f"{path}/batch/create", json=body("update/2-payload-batch-create-properties.json"))
    assert partly.status_code == 207
    same(body("update/3-response-batch-create-properties.json"), partly.json())
    assert partly.json()["errors"] == body("update/3-response-batch-create-properties.json")["errors"]
    for number, name in ((4, "age"), (6, "interests")):
        answer = empty.call(
            "PATCH", f"{path}/{name}__c", json=body(f"update/{number}-payload-update-property-{name}.json")
        )
        same(body(f"update/{number + 1}-response-update-property-{name}.json"), answer.json())


def test_scopes_that_the_schemas_lack(body: Callable[[str], Any], empty: Sandbox) -> None:
    """Schemas have their own message for a missing scope."""
    empty.portal.tokens.add("narrow", frozenset({"forms"}))
    answer = empty.call("GET", "/crm/v3/schemas", headers={"Authorization": "Bearer narrow"})
    assert answer.status_code == 403
    same(body("metadata-err-schemas-scope.json"), answer.json())
