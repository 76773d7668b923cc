"""The webhooks journal is that of HubSpot's pages and of its description of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import requests

from leadgauge_sandbox.hubspot.answers import iso
from leadgauge_sandbox.hubspot.journal import KEPT, LIFETIME, MOST_EVENTS
from leadgauge_sandbox.hubspot.links import PRIMARY
from sandbox.tests.hubspot.conftest import NOW
from sandbox.tests.hubspot.journals import (
    BATCH,
    POINTER,
    PORTAL,
    ROOT,
    SCOPES,
    SNAPSHOT_STATUS,
    SUBSCRIPTION,
    App,
    token,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.tests.hubspot.conftest import Sandbox

CONTACTS = "/crm/v3/objects/contacts"
SUBSCRIPTIONS = "/subscriptions/2026-03"


def contact(sandbox: Sandbox, **values: str) -> int:
    """Create a contact over the API."""
    return int(sandbox.post(CONTACTS, {"properties": values})["id"])


def change(sandbox: Sandbox, record: int, **values: str) -> None:
    assert sandbox.call("PATCH", f"{CONTACTS}/{record}", json={"properties": values}).ok


# Tokens ---------------------------------------------------------------------------------------------------------


def test_client_credentials_give_a_token_that_is_not_refreshed(empty: Sandbox) -> None:
    issued = token(empty).json()
    assert {"access_token", "expires_in", "token_type", "token_use"} == issued.keys()
    assert (issued["expires_in"], issued["token_type"], issued["token_use"]) == (1800, "bearer", "client_credentials")


def test_a_token_of_the_app_expires(empty: Sandbox) -> None:
    app = App(empty)
    empty.portal.clock.advance(1_801_000)
    assert app.call("GET", SUBSCRIPTIONS).json()["category"] == "EXPIRED_AUTHENTICATION"


def test_a_wrong_secret_gets_no_token(empty: Sandbox) -> None:
    form = {"grant_type": "client_credentials", "client_id": empty.portal.tokens.client.client_id}
    answer = requests.post(f"{empty.url}/oauth/2026-09/token", data={**form, "client_secret": "x"}, timeout=20)
    assert (answer.status_code, answer.json()["status"]) == (400, "BAD_CLIENT_SECRET")


def test_the_old_path_of_tokens_may_know_no_client_credentials(empty: Sandbox) -> None:
    assert token(empty, path="/oauth/v1/token").ok
    empty.mischief.set("old-token-path")
    assert token(empty, path="/oauth/v1/token").json()["status"] == "BAD_GRANT_TYPE"
    assert token(empty).ok


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        (SCOPES[0], "GET", "/journal/2026-03/earliest"),
        (SCOPES[0], "GET", "/journal-local/2026-03/latest"),
        (SCOPES[1], "GET", SUBSCRIPTIONS),
        (SCOPES[2], "POST", SUBSCRIPTIONS),
        (SCOPES[2], "DELETE", f"{SUBSCRIPTIONS}/1"),
        (SCOPES[4], "POST", "/snapshots/2026-03/crm"),
    ],
)
def test_a_missing_scope_is_403(empty: Sandbox, scope: str, method: str, path: str) -> None:
    app = App(empty, *(each for each in SCOPES if each != scope))
    answer = app.call(method, path, json={})
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert answer.json()["errors"][0]["context"]["requiredGranularScopes"] == [scope]


def test_a_static_token_is_refused(empty: Sandbox) -> None:
    assert empty.call("GET", f"{ROOT}/journal-local/2026-03/latest").status_code == 403


def test_a_token_of_the_app_reads_no_records(empty: Sandbox) -> None:
    app = App(empty, *SCOPES, "crm.objects.contacts.read")
    assert requests.get(empty.url + CONTACTS, headers=app.headers, timeout=20).status_code == 403


def test_the_app_needs_the_scope_of_the_records(empty: Sandbox) -> None:
    empty.mischief.set("missing-scope", "crm.objects.deals.read")
    wish = {"subscriptionType": "OBJECT", "objectTypeId": "0-3", "portalId": PORTAL, "actions": ["CREATE"]}
    assert App(empty).call("POST", SUBSCRIPTIONS, json=wish).status_code == 403


# Subscriptions --------------------------------------------------------------------------------------------------


def test_subscriptions_are_created_listed_and_deleted(empty: Sandbox) -> None:
    app = App(empty)
    made = app.subscribe(properties=["email"])
    jsonschema.validate(made, SUBSCRIPTION)
    assert app.call("GET", SUBSCRIPTIONS).json() == {"results": [made]}
    assert app.call("GET", f"{SUBSCRIPTIONS}/{made['id']}").json() == made
    assert app.call("DELETE", f"{SUBSCRIPTIONS}/{made['id']}").status_code == 204
    assert app.call("DELETE", f"{SUBSCRIPTIONS}/{made['id']}").status_code == 404


def test_a_second_subscription_to_the_same_type_updates_the_first(empty: Sandbox) -> None:
    app = App(empty)
    first, second = app.subscribe(properties=["email"]), app.subscribe(properties=["phone"])
    assert (second["id"], second["properties"]) == (first["id"], ["phone"])


def test_all_subscriptions_of_an_account_are_deleted_at_once(empty: Sandbox) -> None:
    app = App(empty)
    app.subscribe("0-1")
    app.subscribe("0-2")
    assert app.call("DELETE", f"{SUBSCRIPTIONS}/portals/{PORTAL}").status_code == 204
    assert app.call("GET", SUBSCRIPTIONS).json()["results"] == []


@pytest.mark.parametrize(
    "wrong",
    [{"subscriptionType": "X"}, {"actions": []}, {"actions": ["X"]}, {"portalId": 1}, {"objectTypeId": None}],
)
def test_a_wrong_subscription_is_refused(empty: Sandbox, wrong: dict[str, Any]) -> None:
    wish = {"subscriptionType": "OBJECT", "objectTypeId": "0-1", "portalId": PORTAL, "actions": ["CREATE"]}
    answer = App(empty).call("POST", SUBSCRIPTIONS, json={**wish, **wrong})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_only_what_was_subscribed_to_comes(empty: Sandbox) -> None:
    app = App(empty)
    app.subscribe(actions=["UPDATE"], properties=["jobtitle", "phone"])
    record = contact(empty, email="a@x.example")
    change(empty, record, jobtitle="CFO", firstname="Ada")
    change(empty, record, firstname="Grace")
    assert [event["propertyChanges"] for event in app.events()] == [{"jobtitle": "CFO"}]


def test_only_some_records_can_be_subscribed_to(empty: Sandbox) -> None:
    one, other = contact(empty, email="a@x.example"), contact(empty, email="b@x.example")
    app = App(empty)
    app.subscribe(objectIds=[other])
    change(empty, one, phone="1")
    change(empty, other, phone="2")
    assert app.actions() == [("UPDATE", other)]


def test_conditions_of_a_filter_all_hold_and_one_filter_is_enough(empty: Sandbox) -> None:
    app = App(empty)
    made, ids = app.subscribe(), []
    for title, city in (("CFO", "Rome"), ("CTO", "")):
        conditions = [{"filterType": "CRM_OBJECT_PROPERTY", "property": "jobtitle", "operator": "EQ", "value": title}]
        if city:
            conditions.append(
                {"filterType": "CRM_OBJECT_PROPERTY", "property": "city", "operator": "EQ", "value": city}
            )
        wish = {"subscriptionId": made["id"], "filter": {"conditions": conditions}}
        ids.append(app.call("POST", f"{SUBSCRIPTIONS}/filters", json=wish).json()["filterId"])
    wanted = [contact(empty, jobtitle="CFO", city="Rome"), contact(empty, jobtitle="CTO")]
    contact(empty, jobtitle="CFO", city="Bonn")
    assert [record for _, record in app.actions()] == wanted
    assert [each["id"] for each in app.call("GET", f"{SUBSCRIPTIONS}/filters/subscription/{made['id']}").json()] == ids
    assert app.call("DELETE", f"{SUBSCRIPTIONS}/filters/{ids[0]}").status_code == 204
    assert app.call("GET", f"{SUBSCRIPTIONS}/filters/{ids[0]}").status_code == 404


# The journal ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["journal/2026-03", "journal-local/2026-03", "journal/2026-09"])
def test_a_pointer_leads_to_a_file(empty: Sandbox, family: str) -> None:
    app = App(empty)
    app.subscribe(properties=["email"])
    record = contact(empty, email="a@x.example")
    pointer = app.call("GET", f"/{family}/earliest").json()
    jsonschema.validate(pointer, POINTER)
    event = {
        "type": "crmObject",
        "portalId": PORTAL,
        "occurredAt": iso(NOW),
        "action": "CREATE",
        "objectTypeId": "0-1",
        "objectId": record,
        "propertyChanges": {"email": "a@x.example"},
    }
    wanted = {"offset": pointer["currentOffset"], "journalEvents": [event], "publishedAt": iso(NOW)}
    assert app.file(pointer) == wanted


def test_an_empty_journal_is_204(empty: Sandbox) -> None:
    app = App(empty)
    answers = [app.pointer("earliest"), app.pointer("latest")]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b""), (204, b"")]


def test_what_happened_before_the_subscription_never_comes(empty: Sandbox) -> None:
    contact(empty, email="a@x.example")
    app = App(empty)
    app.subscribe()
    assert app.pointer().status_code == 204


def test_the_journal_is_walked_from_its_earliest_file_to_its_latest(empty: Sandbox) -> None:
    app, offsets = App(empty), []
    app.subscribe()
    for number in range(3):
        contact(empty, email=f"a{number}@x.example")
        offsets.append(app.pointer("latest").json()["currentOffset"])
    assert app.pointer("earliest").json()["currentOffset"] == offsets[0]
    assert app.after(offsets[0]).json()["currentOffset"] == offsets[1]
    assert app.after(offsets[2]).status_code == 204


def test_several_files_are_found_at_once(empty: Sandbox) -> None:
    app, offsets = App(empty), []
    app.subscribe()
    for number in range(4):
        contact(empty, email=f"a{number}@x.example")
        offsets.append(app.pointer("latest").json()["currentOffset"])

    def found(path: str) -> list[str]:
        answer = app.pointer(f"batch/{path}").json()
        jsonschema.validate(answer, BATCH)
        return [each["currentOffset"] for each in answer["results"]]

    assert found("earliest/2") == offsets[:2]
    assert found("latest/2") == offsets[2:]
    assert found(f"{offsets[0]}/next/100") == offsets[1:]
    assert app.pointer("batch/earliest/101").status_code == 400
    unknown = "00000000-0000-4000-8000-000000000000"
    answer = app.call("POST", "/journal-local/2026-03/batch/read", json={"inputs": [offsets[1], unknown]})
    assert (answer.status_code, answer.json()["numErrors"]) == (207, 1)
    assert [each["currentOffset"] for each in answer.json()["results"]] == [offsets[1]]


def test_an_offset_older_than_three_days_is_404(empty: Sandbox) -> None:
    app = App(empty)
    app.subscribe()
    contact(empty, email="a@x.example")
    offset = app.pointer().json()["currentOffset"]
    empty.portal.clock.advance(KEPT + 1)
    app.headers = App(empty).headers
    assert app.after(offset).json()["category"] == "OBJECT_NOT_FOUND"
    assert app.after("00000000-0000-4000-8000-000000000000").status_code == 404
    assert app.pointer().status_code == 204


def test_a_url_expires_as_those_of_s3_do(empty: Sandbox) -> None:
    app = App(empty)
    app.subscribe()
    contact(empty, email="a@x.example")
    url = app.pointer().json()["url"]
    assert requests.get(url, timeout=20).ok
    assert requests.get(url[:-1] + "?", timeout=20).status_code == 403
    assert requests.get(url, headers=app.headers, timeout=20).status_code == 400
    empty.portal.clock.advance(LIFETIME + 1)
    late = requests.get(url, timeout=20)
    assert late.status_code == 403
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in late.text


def test_a_file_has_no_more_events_than_allowed(empty: Sandbox) -> None:
    app = App(empty)
    app.subscribe(properties=["email"])
    contacts = empty.portal.tables["0-1"]
    for number in range(MOST_EVENTS + 1):
        contacts.add({"email": f"a{number}@x.example"}, NOW)
    first = app.pointer().json()
    assert len(app.file(first)["journalEvents"]) == MOST_EVENTS
    assert len(app.file(app.after(first["currentOffset"]).json())["journalEvents"]) == 1


def test_another_account_has_nothing(empty: Sandbox) -> None:
    app = App(empty)
    app.subscribe()
    contact(empty, email="a@x.example")
    assert app.pointer("earliest?installPortalId=1").status_code == 204
    assert app.pointer(f"earliest?installPortalId={PORTAL}").status_code == 200


def test_changes_take_the_time_that_the_sandbox_is_told(empty: Sandbox) -> None:
    app = App(empty)
    app.subscribe()
    requests.post(f"{empty.url}/_sandbox/journal", json={"delay": 5}, timeout=20)
    contact(empty, email="a@x.example")
    assert app.pointer().status_code == 204
    empty.portal.clock.advance(5000)
    assert app.pointer().status_code == 200


def test_the_journal_has_limits_of_its_own(start: Callable[..., Sandbox]) -> None:
    sandbox = start(rate_limit=True)
    app = App(sandbox)
    answers = [app.call("GET", SUBSCRIPTIONS) for _ in range(120)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert "X-HubSpot-RateLimit-Max" not in answers[0].headers
    assert sandbox.portal.limits.used == 0


# What happens ---------------------------------------------------------------------------------------------------


def test_deletions_restores_and_erasures_come(empty: Sandbox) -> None:
    app = App(empty)
    app.subscribe(actions=["DELETE", "RESTORE"])
    app.subscribe(actions=["GDPR_DELETE"], subscriptionType="GDPR_PRIVACY_DELETION")
    record = contact(empty, email="a@x.example")
    assert empty.call("DELETE", f"{CONTACTS}/{record}").status_code == 204
    for deed in ("restore", "erase"):
        assert requests.post(f"{empty.url}/_sandbox/{deed}", json={"contact": record}, timeout=20).ok
    assert app.actions() == [
        ("DELETE", record),
        ("RESTORE", record),
        ("DELETE", record),
        ("GDPR_DELETE", record),
    ]


def test_who_is_erased_from_the_recycle_bin_is_not_deleted_again(empty: Sandbox) -> None:
    app, record = App(empty), contact(empty, email="a@x.example")
    empty.call("DELETE", f"{CONTACTS}/{record}")
    app.subscribe(actions=["DELETE"])
    app.subscribe(actions=["GDPR_DELETE"], subscriptionType="GDPR_PRIVACY_DELETION")
    requests.post(f"{empty.url}/_sandbox/erase", json={"contact": record}, timeout=20)
    assert app.actions() == [("GDPR_DELETE", record)]


def test_a_merge_names_the_new_record_and_those_merged_into_it(empty: Sandbox) -> None:
    app = App(empty)
    one, other = contact(empty, email="a@x.example"), contact(empty, email="b@x.example", phone="1")
    app.subscribe()
    merged = empty.post(f"{CONTACTS}/merge", {"primaryObjectId": str(one), "objectIdToMerge": str(other)})
    merge, deletion = app.events()
    assert (merge["action"], merge["objectId"], merge["mergedObjectIds"]) == ("MERGE", int(merged["id"]), [one, other])
    assert (deletion["action"], deletion["objectId"]) == ("DELETE", other)


def test_associations_come_from_the_end_subscribed_to(empty: Sandbox) -> None:
    app, record = App(empty), contact(empty, email="a@x.example")
    company = int(empty.post("/crm/v3/objects/companies", {"properties": {"name": "X"}})["id"])
    both = ["ASSOCIATION_ADDED", "ASSOCIATION_REMOVED"]
    app.subscribe(actions=both, subscriptionType="ASSOCIATION", associatedObjectTypeIds=["0-2"])
    path = f"/crm/v4/objects/contacts/{record}/associations/companies/{company}"
    kind = PRIMARY["0-1", "0-2"]
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind}]
    assert empty.call("PUT", path, json=spec).ok
    assert empty.call("DELETE", path).ok
    events = app.events()
    assert [event["action"] for event in events] == both
    for event in events:
        assert (event["type"], event["objectId"]) == ("association", record)
        assert (event["associatedObjectTypeId"], event["associatedObjectId"]) == ("0-2", company)
        assert event["associationTypeId"] == kind


def test_the_primary_company_of_a_contact_is_a_property_that_changes(empty: Sandbox) -> None:
    app, record = App(empty), contact(empty, email="a@x.example")
    company = int(empty.post("/crm/v3/objects/companies", {"properties": {"name": "X"}})["id"])
    app.subscribe(actions=["UPDATE"], properties=["associatedcompanyid"])
    empty.portal.associate(("0-1", "0-2"), record, company)
    assert [event["propertyChanges"] for event in app.events()] == [{"associatedcompanyid": str(company)}]


def test_an_activity_changes_properties_of_its_contact(full: Sandbox) -> None:
    app = App(full)
    app.subscribe(actions=["UPDATE"], properties=["recent_conversion_date", "num_conversion_events"])
    record = next(full.portal.tables["0-1"].live()).id
    full.portal.clock.advance(1000)
    wish = {"contact": record, "kind": "demo_request"}
    assert requests.post(f"{full.url}/_sandbox/activities", json=wish, timeout=20).ok
    (event,) = app.events()
    assert event["objectId"] == record
    assert event["propertyChanges"].keys() == {"recent_conversion_date", "num_conversion_events"}


@pytest.mark.parametrize(("kind", "type_id"), [("call", "0-48"), ("meeting", "0-47"), ("sales_email", "0-49")])
def test_an_engagement_comes_as_a_record(full: Sandbox, kind: str, type_id: str) -> None:
    app = App(full)
    app.subscribe(type_id, ["CREATE"])
    app.subscribe(type_id, ["ASSOCIATION_ADDED"], subscriptionType="ASSOCIATION")
    record = next(full.portal.tables["0-1"].live()).id
    requests.post(f"{full.url}/_sandbox/activities", json={"contact": record, "kind": kind}, timeout=20)
    created, linked = app.events()
    assert (created["action"], created["objectTypeId"]) == ("CREATE", type_id)
    assert linked["associatedObjectId"] == record


def test_a_blank_value_is_null(empty: Sandbox) -> None:
    app, record = App(empty), contact(empty, email="a@x.example", phone="1")
    app.subscribe(properties=["phone"])
    change(empty, record, phone="")
    assert app.events()[0]["propertyChanges"] == {"phone": None}


def test_every_change_of_a_living_account_is_told(full: Sandbox) -> None:
    """Who follows the journal alone knows every contact as it is after weeks of a living account."""
    app, contacts = App(full), full.portal.tables["0-1"]
    known = {record.id: dict(record.values) for record in contacts.live()}
    app.subscribe()
    for _ in range(10):
        requests.post(f"{full.url}/_sandbox/step", json={"by": 3 * 86_400_000 - 1}, timeout=60)
        app.headers = App(full).headers
        for event in app.events():
            if event["action"] == "DELETE":
                known.pop(event["objectId"], None)
            elif event["action"] in {"MERGE", "RESTORE"}:
                for gone in event.get("mergedObjectIds", ()):
                    known.pop(gone, None)
                found = contacts.find(event["objectId"])
                if found is not None:
                    known[found.id] = dict(found.values)
            elif event["objectId"] in known or event["action"] == "CREATE":
                values = {name: value or "" for name, value in event["propertyChanges"].items()}
                known[event["objectId"]] = known.get(event["objectId"], {}) | values
    live = {record.id: record.values for record in contacts.live()}
    assert known.keys() == live.keys()
    own = {"lastmodifieddate"}
    for number, values in live.items():
        assert {name: known[number].get(name, "") for name in values if name not in own} == {
            name: value for name, value in values.items() if name not in own
        }


def test_snapshots_write_records_as_they_are(empty: Sandbox) -> None:
    app, record = App(empty), contact(empty, email="a@x.example")
    wish = {"portalId": PORTAL, "objectTypeId": "0-1", "properties": ["email"]}
    requests_ = [{**wish, "objectId": record}, {**wish, "objectId": 999}]
    answers = app.call("POST", "/snapshots/2026-03/crm", json={"snapshotRequests": requests_}).json()
    told = [each["snapshotStatusId"] for each in answers["snapshotResponses"]]
    statuses = [app.call("GET", f"/journal-local/2026-03/status/{each}").json() for each in told]
    for status in statuses:
        jsonschema.validate(status, SNAPSHOT_STATUS)
    assert [status["status"] for status in statuses] == ["SUCCESS", "FAILED"]
    assert [(event["action"], event["propertyChanges"]) for event in app.events()] == [
        ("SNAPSHOT", {"email": "a@x.example"})
    ]


# Faults ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def fed(empty: Sandbox) -> App:
    """An app with a subscription to contacts."""
    app = App(empty)
    app.subscribe()
    return app


def test_a_silent_feed_tells_everything_later(fed: App) -> None:
    fed.sandbox.mischief.set("silent-feed", 60)
    record = contact(fed.sandbox, email="a@x.example")
    assert fed.pointer().status_code == 204
    fed.sandbox.portal.clock.advance(60_000)
    assert fed.actions() == [("CREATE", record)]


def test_a_gap_swallows_events_for_good(fed: App) -> None:
    fed.sandbox.mischief.set("feed-gap", 2)
    ids = [contact(fed.sandbox, email=f"a{number}@x.example") for number in range(3)]
    assert fed.actions() == [("CREATE", ids[2])]


def test_who_looks_too_late_has_lost_what_is_older_than_three_days(fed: App) -> None:
    contact(fed.sandbox, email="a@x.example")
    offset = fed.pointer().json()["currentOffset"]
    contact(fed.sandbox, email="b@x.example")
    fed.sandbox.portal.clock.advance(KEPT // 2)
    record = contact(fed.sandbox, email="c@x.example")
    fed.sandbox.portal.clock.advance(KEPT // 2 + 1)
    fed.headers = App(fed.sandbox).headers
    assert fed.after(offset).status_code == 404
    assert fed.actions() == [("CREATE", record)]


def test_a_merge_may_be_told_of_the_primary_record(fed: App) -> None:
    fed.sandbox.mischief.set("merge-by-primary")
    one, other = (contact(fed.sandbox, email=f"{name}@x.example") for name in "ab")
    fed.sandbox.post(f"{CONTACTS}/merge", {"primaryObjectId": str(one), "objectIdToMerge": str(other)})
    merge = fed.events()[2]
    assert (merge["objectId"], merge["mergedObjectIds"]) == (one, [other])


def test_the_ends_of_an_association_may_have_other_names(fed: App) -> None:
    fed.sandbox.mischief.set("from-to-associations")
    fed.subscribe(actions=["ASSOCIATION_ADDED"], subscriptionType="ASSOCIATION")
    one, other = (contact(fed.sandbox, email=f"{name}@x.example") for name in "ab")
    fed.sandbox.portal.associate(("0-1", "0-1"), one, other)
    ends = [(event["fromObjectId"], event["toObjectId"]) for event in fed.events()[2:]]
    assert ends == [(one, other), (other, one)]


def test_computed_values_may_not_be_told(fed: App) -> None:
    fed.sandbox.mischief.set("calculated-unheard")
    record = contact(fed.sandbox, email="a@x.example")
    requests.post(
        f"{fed.sandbox.url}/_sandbox/activities", json={"contact": record, "kind": "demo_request"}, timeout=20
    )
    assert fed.actions() == [("CREATE", record)]


def test_an_event_comes_twice(fed: App) -> None:
    fed.sandbox.mischief.set("duplicate-events", times=1)
    record = contact(fed.sandbox, email="a@x.example")
    assert fed.actions() == [("CREATE", record)] * 2


def test_events_of_a_file_come_in_reversed_order(fed: App) -> None:
    fed.sandbox.mischief.set("reversed-events")
    ids = [contact(fed.sandbox, email=f"a{number}@x.example") for number in range(3)]
    assert [record for _, record in fed.actions()] == ids[::-1]


def test_the_clock_of_events_may_be_another(fed: App) -> None:
    fed.sandbox.mischief.set("event-clock", -60)
    contact(fed.sandbox, email="a@x.example")
    assert fed.events()[0]["occurredAt"] == iso(NOW - 60_000)


def test_an_offset_and_a_url_may_expire_early(fed: App) -> None:
    contact(fed.sandbox, email="a@x.example")
    pointer = fed.pointer().json()
    fed.sandbox.mischief.set("expired-offset", times=1)
    fed.sandbox.mischief.set("expired-url", times=1)
    assert [fed.after(pointer["currentOffset"]).status_code for _ in range(2)] == [404, 204]
    assert [requests.get(pointer["url"], timeout=20).status_code for _ in range(2)] == [403, 200]


@pytest.mark.parametrize("how", ["truncated", "html", "empty", "no-events", "null-events", "odd-events"])
def test_a_file_may_be_malformed(fed: App, how: str) -> None:
    contact(fed.sandbox, email="a@x.example")
    pointer = fed.pointer().json()
    fed.sandbox.mischief.set("malformed-file", how, times=1)
    broken, whole = (requests.get(pointer["url"], timeout=20) for _ in range(2))
    assert broken.status_code == whole.status_code == 200
    assert broken.content != whole.content
    assert len(whole.json()["journalEvents"]) == 1


def test_an_unknown_malformation_is_refused(fed: App) -> None:
    answer = requests.post(
        f"{fed.sandbox.url}/_sandbox/faults", json={"name": "malformed-file", "argument": "x"}, timeout=20
    )
    assert answer.status_code == 400
    assert "truncated" in answer.text


def test_the_journal_may_refuse_for_its_limit(fed: App) -> None:
    fed.sandbox.mischief.set("journal-429", times=1)
    answers = [fed.pointer() for _ in range(2)]
    assert [answer.status_code for answer in answers] == [429, 204]
    assert int(answers[0].headers["Retry-After"]) > 0
