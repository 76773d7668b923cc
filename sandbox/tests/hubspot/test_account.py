"""Tokens, limits, values, deletions and other behaviour of an account."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from leadgauge_sandbox.hubspot.contacts import BadFile, load_csv
from sandbox.tests.hubspot.conftest import NOW, Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = "/crm/v3/objects/contacts"
DATA = Path(__file__).parents[3].parent / "shared" / "data"


@pytest.mark.parametrize("shape", ["bearer {}", "Bearer  {}", "Token {}", "{}", "Bearer {}x", "Bearer "])
def test_the_authorization_header_must_be_exact(full: Sandbox, shape: str) -> None:
    answer = full.call("GET", PAGE, headers={"Authorization": shape.format(full.portal.tokens.static).rstrip()})
    assert answer.status_code == 401
    assert answer.json()["category"] == "INVALID_AUTHENTICATION"


def test_checks_come_in_hubspots_order(full: Sandbox) -> None:
    """The order is credential, object type, body, scope, record."""
    full.portal.tokens.add("narrow", frozenset({"forms"}))
    narrow = {"Authorization": "Bearer narrow"}

    def status(path: str, headers: dict[str, str], **more: Any) -> int:
        return full.call("POST", path, headers=headers, **more).status_code

    assert status("/crm/v3/objects/butterflies/batch/read", {"Authorization": "no"}, data="{") == 401
    assert status("/crm/v3/objects/butterflies/batch/read", narrow, data="{") == 400
    assert "JSON" in full.call("POST", f"{PAGE}/batch/read", headers=narrow, data="{").json()["message"]
    assert status(f"{PAGE}/batch/read", narrow, json={"inputs": []}) == 403
    assert full.call("OPTIONS", PAGE).status_code == 401


@pytest.mark.parametrize("path", ["/oauth/v1/token", "/oauth/2026-03/token", "/oauth/2026-09/token"])
def test_oauth_tokens_expire_and_are_refreshed(full: Sandbox, path: str) -> None:
    client = full.portal.tokens.client
    form = {"grant_type": "refresh_token", "client_id": client.client_id, "client_secret": client.secret}
    issued = full.call("POST", path, data={**form, "refresh_token": client.refresh_token}).json()
    header = {"Authorization": f"Bearer {issued['access_token']}"}
    answer = full.call("GET", PAGE, headers=header)
    assert answer.status_code == 200
    assert "X-HubSpot-RateLimit-Daily" not in answer.headers
    full.portal.clock.advance(issued["expires_in"] * 1000 + 1)
    late = full.call("GET", PAGE, headers=header)
    assert late.status_code == 401
    assert late.json()["category"] == "EXPIRED_AUTHENTICATION"
    assert full.call("POST", path, data={**form, "refresh_token": "wrong"}).status_code == 400


def test_the_burst_budget(start: Callable[..., Sandbox]) -> None:
    """The headers count down; a call over the limit is refused with the policy's name."""
    sandbox = start(10, rate_limit=True)
    sandbox.portal.limits.burst = 5
    answers = [sandbox.call("GET", PAGE) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert [answer.headers["X-HubSpot-RateLimit-Remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0"]
    assert answers[-1].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    assert "category" not in answers[-1].json()


def test_search_has_its_own_clock(start: Callable[..., Sandbox]) -> None:
    """Five per second, outside the burst limit, with its own 429 format and only the daily headers."""
    sandbox = start(10, rate_limit=True)
    answers = [sandbox.call("POST", f"{PAGE}/search", json={}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].json()["message"] == "You have reached your secondly limit."
    assert "policyName" not in answers[-1].json()
    assert "X-HubSpot-RateLimit-Remaining" not in answers[0].headers
    assert sandbox.call("GET", PAGE).headers["X-HubSpot-RateLimit-Remaining"] == "189"


@pytest.mark.parametrize(
    ("name", "given", "stored"),
    [
        ("budget", "007.50", "7.50"),
        ("budget", "1E+3", "1000"),
        ("budget", 12, "12"),
        ("jobtitle", "  CEO ", "CEO"),
        ("jobtitle", "", None),
        ("email", "Zoë@Example.COM", "zoë@example.com"),
        ("purchase_by", "2026-03-01", "2026-03-01"),
        ("purchase_by", "1772323200000", "2026-03-01"),
        ("is_student", True, "true"),
        ("hs_buying_role", "CHAMPION;BLOCKER", "CHAMPION;BLOCKER"),
        ("lifecyclestage", "customer", "customer"),
    ],
)
def test_values_are_stored_as_hubspot_does(full: Sandbox, name: str, given: Any, stored: str | None) -> None:
    full.call("PATCH", f"{PAGE}/1", json={"properties": {name: given}}).raise_for_status()
    assert full.get(f"{PAGE}/1", properties=name)["properties"][name] == stored


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        ("budget", "1,000", "INVALID_INTEGER"),
        ("lifecyclestage", "Customer", "INVALID_OPTION"),
        ("purchase_by", "2026-03-01T10:00:00Z", "INVALID_DATE"),
        ("purchase_by", "soon", "INVALID_LONG"),
        ("email", "nobody", "INVALID_EMAIL"),
        ("hs_analytics_num_page_views", "5", "READ_ONLY_VALUE"),
        ("nonsense", "5", "PROPERTY_DOESNT_EXIST"),
    ],
)
def test_values_that_are_refused(full: Sandbox, name: str, given: str, code: str) -> None:
    answer = full.call("PATCH", f"{PAGE}/1", json={"properties": {name: given}})
    assert answer.status_code == 400
    assert answer.json()["errors"][0] == {
        "message": answer.json()["errors"][0]["message"],
        "code": code,
        "context": {"propertyName": [name]},
    }


def test_writing_the_same_value_is_no_modification(full: Sandbox) -> None:
    before = full.get(f"{PAGE}/1", properties="email")
    full.call("PATCH", f"{PAGE}/1", json={"properties": {"email": before["properties"]["email"]}}).raise_for_status()
    assert full.get(f"{PAGE}/1", properties="email") == before


def test_archived_contacts_are_listed_apart(full: Sandbox) -> None:
    assert full.call("POST", f"{PAGE}/batch/archive", json={"inputs": [{"id": "1"}, {"id": "51"}]}).status_code == 204
    assert len(full.all(PAGE, limit=100)) == 298
    gone = full.all(PAGE, archived="True")
    assert [row["id"] for row in gone] == ["1", "51"]
    assert gone[0]["archived"] is True
    assert "archivedAt" in gone[0]
    assert full.call("GET", f"{PAGE}/1").status_code == 404
    refused = full.call("GET", "/crm/v3/objects/meetings", params={"archived": "true"})
    assert refused.status_code == 400


def test_a_restored_contact_comes_back_with_what_it_had_as_changed_now(full: Sandbox) -> None:
    """Its id, values, company and calls are restored; only its time of change is new."""
    company = next(row["id"] for row in full.all("/crm/v3/objects/companies"))
    full.call("PUT", f"/crm/v4/objects/contacts/1/associations/default/companies/{company}").raise_for_status()
    before, linked = full.get(f"{PAGE}/1"), full.get("/crm/v4/objects/contacts/1/associations/companies")
    full.post("/_sandbox/delete", {"contact": 1})
    assert full.call("GET", f"{PAGE}/1").status_code == 404
    full.post("/_sandbox/clock", {"advance": 60_000})
    full.post("/_sandbox/restore", {"contact": 1})
    after = full.get(f"{PAGE}/1")
    assert after["updatedAt"] > before["updatedAt"]
    assert after["properties"] | {"lastmodifieddate": ""} == before["properties"] | {"lastmodifieddate": ""}
    assert full.get("/crm/v4/objects/contacts/1/associations/companies") == linked


def test_privacy_deletion_is_for_good(full: Sandbox) -> None:
    """The contact and its events are removed, and its address cannot be used again."""
    email = full.get(f"{PAGE}/1")["properties"]["email"]
    assert full.call("POST", f"{PAGE}/gdpr-delete", json={"objectId": email, "idProperty": "email"}).status_code == 204
    assert full.all(PAGE, archived="true") == []
    assert all(row["objectId"] != "1" for row in full.all("/events/v3/events", limit=1000))
    assert full.call("POST", PAGE, json={"properties": {"email": email}}).status_code == 400


def test_a_merge_joins_events_and_associations(full: Sandbox) -> None:
    events = full.all("/events/v3/events", limit=1000)
    other = events[0]["objectId"]
    primary = next(row["objectId"] for row in events if row["objectId"] != other)
    mine = [row["id"] for row in events if row["objectId"] in {other, primary}]
    made = full.post(f"{PAGE}/merge", {"primaryObjectId": primary, "objectIdToMerge": other})["id"]
    assert made not in {other, primary}
    joined = full.all("/events/v3/events", objectId=made, objectType="contact", limit=100)
    assert sorted(row["id"] for row in joined) == sorted(mine)
    assert {row["objectId"] for row in joined} == {made}


def test_merged_companies_become_a_new_one_with_the_people_and_values_of_both(full: Sandbox) -> None:
    """The primary's values come first; a contact's primary company is the new one, under which old ids are answered."""
    companies = "/crm/v3/objects/companies"
    ids = [
        full.post(companies, {"properties": values})["id"]
        for values in ({"name": "Kept"}, {"name": "Lost", "industry": "Retail"})
    ]
    for contact, company in zip((1, 51), ids, strict=True):
        full.portal.associate(("0-1", "0-2"), contact, int(company), 1)
    made = full.post(f"{companies}/merge", {"primaryObjectId": ids[0], "objectIdToMerge": ids[1]})["id"]
    assert made not in ids
    for old in ids:
        row = full.get(f"{companies}/{old}", properties="name,industry,hs_merged_object_ids,num_associated_contacts")
        assert row["id"] == made
        assert row["properties"]["hs_merged_object_ids"] == ";".join(ids)
        told = {name: row["properties"][name] for name in ("name", "industry", "num_associated_contacts")}
        assert told == {"name": "Kept", "industry": "Retail", "num_associated_contacts": "2"}
    for contact in ("1", "51"):
        row = full.get(f"{PAGE}/{contact}", properties="associatedcompanyid")
        assert row["properties"]["associatedcompanyid"] == made


def test_pages_of_events_have_no_gap_in_either_order(full: Sandbox) -> None:
    up = full.all("/events/v3/events", limit=70, sort="occurredAt")
    down = full.all("/events/event-occurrences/2026-09", limit=130, sort="-occurredAt")
    assert [row["id"] for row in up] == [row["id"] for row in reversed(down)]
    assert [row["occurredAt"] for row in up] == sorted(row["occurredAt"] for row in up)
    middle = up[len(up) // 2]["occurredAt"]
    late = full.all("/events/v3/events", limit=500, occurredAfter=middle)
    early = full.all("/events/v3/events", limit=500, occurredBefore=middle)
    assert {row["id"] for row in late} | {row["id"] for row in early} == {row["id"] for row in up}


def test_email_events_page_by_offset(full: Sandbox) -> None:
    seen: list[dict[str, Any]] = []
    offset = None
    while True:
        page = full.get("/email/public/v1/events", eventType="OPEN", limit=50, **({"offset": offset} if offset else {}))
        seen += page["events"]
        if not page["hasMore"]:
            break
        offset = page["offset"]
    assert len({row["id"] for row in seen}) == len(seen) == len(full.portal.streams["OPEN"])
    assert [row["created"] for row in seen] == sorted((row["created"] for row in seen), reverse=True)
    human = full.get("/email/public/v1/events", eventType="OPEN", limit=1000, excludeFilteredEvents="true")["events"]
    assert len(human) == sum(not row["filteredEvent"] for row in seen) < len(seen)


def test_derived_properties_agree_with_the_activities(full: Sandbox) -> None:
    """Page views, opens, clicks and submissions are counted; mail scanners are not."""
    names = "hs_analytics_num_page_views,hs_email_open,num_conversion_events,hs_analytics_last_timestamp"
    contacts = {row["id"]: row["properties"] for row in full.all(PAGE, limit=100, properties=names)}
    views: dict[str, list[str]] = {}
    for row in full.all("/events/v3/events", eventType="e_visited_page", limit=1000):
        views.setdefault(row["objectId"], []).append(row["occurredAt"])
    for number, properties in contacts.items():
        assert int(properties["hs_analytics_num_page_views"] or 0) == len(views.get(number, []))
        assert properties["hs_analytics_last_timestamp"] == (max(views[number]) if number in views else None)


def test_an_activity_changes_the_contact(full: Sandbox) -> None:
    """A demo request made now appears in events, submissions, derived properties and search."""
    full.portal.clock.advance(60_000)
    full.post("/_sandbox/activities", {"contact": "1", "kind": "demo_request"})
    (event,) = full.all("/events/v3/events", eventType="e_form_submission_v2", occurredAfter=full.portal.clock.now())
    forms = {row["id"]: row["name"] for row in full.all("/marketing/v3/forms/", limit=5)}
    assert forms[event["properties"]["hs_form_id"]] == "Request a demo"
    latest = full.get(f"/form-integrations/v1/submissions/forms/{event['properties']['hs_form_id']}")["results"][0]
    assert latest["submittedAt"] == full.portal.clock.now()
    row = full.get(f"{PAGE}/1", properties="recent_conversion_event_name")
    assert row["properties"]["recent_conversion_event_name"] == "Request a demo"
    assert row["updatedAt"] == event["occurredAt"]


def test_the_population_lives_on_the_same_for_the_same_seed(start: Callable[..., Sandbox]) -> None:
    """Steps create, edit, merge and delete; two sandboxes with one seed stay equal."""
    one, other = start(400), start(400)
    for sandbox in (one, other):
        for _ in range(8):
            sandbox.post("/_sandbox/step", {"by": 10 * 86_400_000})
    rows = [each.all(PAGE, limit=100, properties="jobtitle,budget,hs_merged_object_ids") for each in (one, other)]
    assert rows[0] == rows[1]
    assert any(row["properties"]["hs_merged_object_ids"] for row in rows[0])
    assert any(one.all(f"/crm/v3/objects/{kind}", limit=100, archived="true") for kind in ("contacts", "companies"))
    assert one.portal.tables["0-1"].next_id > 1 + 50 * 400


def test_users_change_a_contact_that_is_named_and_records_that_a_seed_picks(full: Sandbox) -> None:
    contact = next(full.portal.tables["0-1"].live())
    full.post("/_sandbox/change", {"contact": contact.id, "values": {"jobtitle": "Head of Sales"}})
    assert contact.values["jobtitle"] == "Head of Sales"
    calls = full.portal.tables["0-48"]
    before = len(calls.records)
    for seed in range(20):
        full.post("/_sandbox/deeds", {"kind": "log_engagement", "seed": seed})
    assert len(calls.records) > before
    refused = full.call("POST", "/_sandbox/deeds", json={"kind": "draw"})
    assert (refused.status_code, "log_engagement" in refused.json()["message"]) == (400, True)


def test_the_control_endpoints_count_calls(full: Sandbox) -> None:
    full.call("DELETE", "/_sandbox/stats")
    full.all(PAGE, limit=100)
    full.call("GET", f"{PAGE}/999")
    stats = full.get("/_sandbox/stats")
    assert stats["total"] == 4
    assert stats["calls"]["GET /crm/v3/objects/{type}"] == 3
    assert stats["statuses"] == {"200": 3, "404": 1}


def test_the_web_pages_order_by_priority_and_escape(full: Sandbox) -> None:
    """leadgauge's fields come first on a record page; values are escaped in HTML."""
    full.post("/crm/v3/properties/contacts/groups", {"name": "lg", "label": "Lead scoring"})
    for name, kind, field in (("lead_priority", "string", "text"), ("lead_priority_index", "number", "number")):
        wish = {"name": name, "label": name, "type": kind, "fieldType": field, "groupName": "lg"}
        full.post("/crm/v3/properties/contacts", wish)
    values = [("101", "P2", "90"), ("51", "P1", "40"), ("1", "P1", "77")]
    inputs = [
        {
            "id": number,
            "properties": {
                "lead_priority": band,
                "lead_priority_index": index,
                "jobtitle": "<script>alert(1)</script>",
            },
        }
        for number, band, index in values
    ]
    full.post(f"{PAGE}/batch/update", {"inputs": inputs})
    page = full.call("GET", "/").text
    assert page.index("/contacts/1") < page.index("/contacts/51") < page.index("/contacts/101")
    assert "<script>" not in page
    record = full.call("GET", "/contacts/51").text
    assert record.index("What leadgauge wrote") < record.index("Timeline") < record.index("Email Domain")
    assert full.call("GET", "/contacts/7").status_code == 404


def test_gzip_where_it_is_asked_for(full: Sandbox) -> None:
    plain = full.call("GET", PAGE, headers={"Accept-Encoding": "identity"}, params={"limit": 100})
    packed = full.call("GET", PAGE, headers={"Accept-Encoding": "gzip"}, params={"limit": 100})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.json() == plain.json()


def test_contacts_from_any_table(empty: Sandbox, tmp_path: Path) -> None:
    """Columns become properties with valid names; odd values are unchanged."""
    file = tmp_path / "people.csv"
    file.write_text(
        'E-Mail,2nd Name,Total,Total,emp.var.rate\nA@b.example,"Zoë, ""Z""",1e308,,🚀\nnone,,,,\n', encoding="utf-8"
    )
    assert load_csv(empty.portal, file) == 2
    names = "email,c_2nd_name,total,total_2,emp_var_rate"
    rows = empty.get(PAGE, properties=names)["results"]
    shown = {key: value for key, value in rows[0]["properties"].items() if key in names.split(",")}
    assert shown == {
        "email": "a@b.example",
        "c_2nd_name": 'Zoë, "Z"',
        "total": "1e308",
        "total_2": None,
        "emp_var_rate": "🚀",
    }
    assert rows[1]["properties"]["email"] is None
    file.write_text("")
    with pytest.raises(BadFile):
        load_csv(empty.portal, file)


@pytest.mark.parametrize("name", ["xeducation_truncated_rows.csv"])
def test_real_leads_go_in(empty: Sandbox, name: str) -> None:
    """Every row of the file becomes a contact; cells change only by stripping."""
    file = DATA / name
    if not file.exists():
        pytest.skip(f"{file} is not here")
    count = load_csv(empty.portal, file)
    assert count == len(empty.portal.tables["0-1"].records) > 100


def test_dates_follow_the_accounts_clock(full: Sandbox) -> None:
    answer = full.call("GET", PAGE)
    assert answer.headers["Date"] == "Wed, 18 Nov 2026 11:06:40 GMT"
    assert full.get("/_sandbox/clock") == {"now": NOW}
    full.post("/_sandbox/clock", {"advance": 1000})
    assert full.call("GET", PAGE).headers["Date"] == "Wed, 18 Nov 2026 11:06:41 GMT"


def test_a_chain_of_merges_is_told_whole_by_the_merged_ids_alone(full: Sandbox) -> None:
    """The last one names all ids that lead to it; its vids name only those that were merged into itself."""
    first = full.post(f"{PAGE}/merge", {"primaryObjectId": "51", "objectIdToMerge": "1"})["id"]
    last = full.post(f"{PAGE}/merge", {"primaryObjectId": "101", "objectIdToMerge": first})["id"]
    row = full.get(f"{PAGE}/1", properties="hs_merged_object_ids,hs_calculated_merged_vids")
    assert row["id"] == last
    assert row["properties"]["hs_merged_object_ids"] == f"51;1;101;{first}"
    vids = [each.partition(":")[0] for each in row["properties"]["hs_calculated_merged_vids"].split(";")]
    assert vids == ["101", first]


def test_two_ids_of_one_merged_contact_are_duplicates(full: Sandbox) -> None:
    """A batch with two ids that lead to one contact is refused as a whole."""
    made = full.post(f"{PAGE}/merge", {"primaryObjectId": "1", "objectIdToMerge": "51"})["id"]
    inputs = [{"id": number, "properties": {"jobtitle": "Twice"}} for number in ("1", "51")]
    answer = full.call("POST", f"{PAGE}/batch/update", json={"inputs": inputs})
    assert answer.status_code == 400
    assert answer.json()["context"] == {"ids": [made]}


def test_batch_results_come_in_the_order_of_ids(full: Sandbox) -> None:
    inputs = [{"id": number, "properties": {"jobtitle": "Sorted"}} for number in ("101", "1", "51")]
    results = full.post(f"{PAGE}/batch/update", {"inputs": inputs})["results"]
    assert [row["id"] for row in results] == ["1", "51", "101"]


def test_tokens_tell_their_scopes(full: Sandbox) -> None:
    full.portal.tokens.add("narrow", frozenset({"forms"}))
    assert full.get("/oauth/v1/access-tokens/narrow")["scopes"] == ["forms"]
    info = full.post("/oauth/v2/private-apps/get/access-token-info", {"tokenKey": full.portal.tokens.static})
    assert "crm.objects.contacts.write" in info["scopes"]


def test_associations_of_version_3(full: Sandbox) -> None:
    listed = full.all(PAGE, limit=100, properties="associatedcompanyid")
    number = next(row["id"] for row in listed if row["properties"]["associatedcompanyid"])
    rows = full.get(f"{PAGE}/{number}/associations/companies")["results"]
    assert {row["type"] for row in rows} == {"contact_to_company", "contact_to_company_unlabeled"}
    read = full.post("/crm/v3/associations/contacts/companies/batch/read", {"inputs": [{"id": number}]})
    assert read["results"][0]["to"] == rows


def test_a_malformed_call_is_a_400_that_says_so(full: Sandbox) -> None:
    answer = full.call(
        "POST", "/crm/v4/associations/contacts/companies/batch/archive", json={"inputs": [{"to": [{"id": "1"}]}]}
    )
    assert answer.status_code == 400
    assert "Invalid input JSON" in answer.json()["message"]
    assert full.call("GET", PAGE, params={"properties": "x" * 17_000}).status_code == 414


def test_companies_count_their_contacts(full: Sandbox) -> None:
    """The roll-up follows deletions, merges, new contacts and associations, and modifies the company."""
    for _ in range(6):
        full.post("/_sandbox/step", {"by": 20 * 86_400_000})
    links, companies = full.portal.links, full.portal.tables["0-2"]
    counted = {record.id: record.values["num_associated_contacts"] for record in companies.live()}
    assert counted == {number: str(len(links.of(("0-2", "0-1"), number))) for number in counted}
    busy = next(number for number, count in counted.items() if int(count))
    contact = next(iter(links.of(("0-2", "0-1"), busy)))
    before = companies.records[busy].modified
    full.portal.clock.advance(1000)
    full.call("DELETE", f"{PAGE}/{contact}")
    assert companies.records[busy].values["num_associated_contacts"] == str(int(counted[busy]) - 1)
    assert companies.records[busy].modified > before


def test_leads_have_the_pipeline_that_every_portal_has(full: Sandbox) -> None:
    (pipeline,) = full.get("/crm/v3/pipelines/leads")["results"]
    assert pipeline["id"] == "lead-pipeline-id"
    closed = [stage["id"] for stage in pipeline["stages"] if stage["metadata"]["isClosed"] == "true"]
    assert closed == ["qualified-stage-id", "unqualified-stage-id"]
