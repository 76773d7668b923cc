"""The behaviour of records when written, deleted, merged, converted or archived."""

from typing import Any

import pytest

from leadgauge_sandbox.catalogue import PLACES
from leadgauge_sandbox.salesforce import create_app
from leadgauge_sandbox.salesforce.clock import Clock
from sandbox.tests.salesforce.conftest import NOW, Api, population


def first_lead(api: Api) -> Any:
    return api.query("SELECT Id, OwnerId FROM Lead WHERE IsConverted = false ORDER BY Id LIMIT 1")[0]


def patch(api: Api, records: Any, headers: dict[str, str] | None = None, **options: Any) -> Any:
    body = {"allOrNone": False, "records": records, **options}
    return api.call("PATCH", "composite/sobjects", json=body, headers=headers or {"Sforce-Auto-Assign": "FALSE"}).json()


def lead(identifier: str, **values: Any) -> Any:
    return {"attributes": {"type": "Lead"}, "id": identifier, **values}


def test_an_update_with_equal_values_bumps_the_stamps_in_whole_seconds(api: Api) -> None:
    identifier = first_lead(api)["Id"]
    before = api.get(f"sobjects/Lead/{identifier}")
    api.control("clock", advance=1500)
    assert patch(api, [lead(identifier, Title=before["Title"])])[0]["success"]
    after = api.get(f"sobjects/Lead/{identifier}")
    assert after["SystemModstamp"] == after["LastModifiedDate"] == "2026-06-15T12:00:01.000+0000"
    assert after["LastModifiedById"] == api.sandbox.integration_user
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"SystemModstamp", "LastModifiedDate", "LastModifiedById"}


def test_a_restored_record_comes_back_as_changed_now(api: Api) -> None:
    identifier = first_lead(api)["Id"]
    before = api.get(f"sobjects/Lead/{identifier}")
    api.control("delete", id=identifier)
    assert api.query(f"SELECT Id FROM Lead WHERE Id = '{identifier}'") == []
    api.control("clock", advance=1000)
    api.control("restore", id=identifier)
    after = api.get(f"sobjects/Lead/{identifier}")
    assert after["SystemModstamp"] > before["SystemModstamp"]
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"SystemModstamp", "LastModifiedDate", "LastModifiedById"}


def test_an_update_without_the_auto_assign_header_gives_the_lead_away(api: Api) -> None:
    identifier = first_lead(api)["Id"]
    patch(api, [lead(identifier, Title="a")])
    assert api.control("stats", "GET")["reassigned"] == 0
    patch(api, [lead(identifier, Title="b")], {"Sforce-Auto-Assign": "TRUE"})
    assert api.get(f"sobjects/Lead/{identifier}")["OwnerId"].startswith("00G")
    assert api.control("stats", "GET")["reassigned"] == 1


def test_answers_of_a_collection_stand_in_the_order_of_its_rows(api: Api) -> None:
    ids = [row["Id"] for row in api.query("SELECT Id FROM Lead WHERE IsConverted = false LIMIT 3")]
    answer = patch(
        api,
        [lead(ids[0], Title="a"), lead("00Q8d0000zzzzzzEAA", Title="a"), lead(ids[1], Nope=1), lead(ids[2], Title="b")],
    )
    assert [each["success"] for each in answer] == [True, False, False, True]
    assert [each["errors"][0]["statusCode"] for each in answer if not each["success"]] == [
        "INVALID_CROSS_REFERENCE_KEY",
        "INVALID_FIELD",
    ]
    assert all("id" not in each for each in answer if not each["success"])


def test_a_collection_takes_200_rows_and_ten_kinds(api: Api) -> None:
    rows = [lead("00Q8d0000000001EAA", Title="a")]
    refused = api.call("PATCH", "composite/sobjects", json={"records": rows * 201})
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")
    mixed = [{"attributes": {"type": "Lead" if row % 2 else "Contact"}} for row in range(12)]
    assert api.call("POST", "composite/sobjects", json={"records": mixed}).status_code == 400


@pytest.mark.parametrize(
    ("parent", "said"),
    [
        ({"Account": {}}, "No field provided"),
        ({"Account": {"attributes": {"type": "Account"}}}, "No field provided"),
        ({"Account": {"Id": "1", "Name": "a"}}, "More than 1 field provided"),
        ({"Account": "0018d0000000001AAA"}, "not a nested SObject"),
        ({"AccountId": {"Id": "0018d0000000001AAA"}}, "value not of required type"),
    ],
)
def test_a_parent_named_by_anything_but_one_external_id_is_refused(api: Api, parent: Any, said: str) -> None:
    identifier = api.query("SELECT Id FROM Contact LIMIT 1")[0]["Id"]
    record = {"attributes": {"type": "Contact"}, "id": identifier, **parent}
    (answer,) = patch(api, [record])
    assert not answer["success"]
    assert said in answer["errors"][0]["message"]


def test_deleted_records_are_found_by_query_all_alone(api: Api) -> None:
    identifier = first_lead(api)["Id"]
    api.call("DELETE", f"sobjects/Lead/{identifier}")
    condition = f"FROM Lead WHERE Id = '{identifier}'"
    assert api.query(f"SELECT Id {condition}") == []
    found = api.query(f"SELECT Id, IsDeleted, SystemModstamp {condition}", deleted=True)[0]
    assert (found["IsDeleted"], found["SystemModstamp"]) == (True, "2026-06-15T12:00:00.000+0000")
    assert api.query(f"SELECT Id {condition} ALL ROWS")
    assert patch(api, [lead(identifier, Title="a")])[0]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"
    api.control("erase", id=identifier)
    assert api.query(f"SELECT Id {condition}", deleted=True) == []


def test_a_merge_moves_what_hangs_on_the_loser(api: Api) -> None:
    loser = api.query("SELECT WhoId FROM Task WHERE Who.Type = 'Contact' LIMIT 1")[0]["WhoId"]
    survivor = api.query(f"SELECT Id FROM Contact WHERE Id != '{loser}' LIMIT 1")[0]["Id"]
    api.control("merge", survivor=survivor, loser=loser)
    gone = api.query(f"SELECT IsDeleted, MasterRecordId FROM Contact WHERE Id = '{loser}'", deleted=True)[0]
    assert (gone["IsDeleted"], gone["MasterRecordId"]) == (True, survivor)
    assert api.query(f"SELECT Id FROM Task WHERE WhoId = '{loser}'") == []
    assert api.query(f"SELECT Id FROM Task WHERE WhoId = '{survivor}' AND SystemModstamp = 2026-06-15T12:00:00Z")


def test_a_converted_lead_is_read_only_and_its_activities_move(api: Api) -> None:
    busy = api.query("SELECT WhoId FROM Task WHERE Who.Type = 'Lead' LIMIT 1")[0]["WhoId"]
    made = api.control("convert", lead=busy)
    found = api.get(f"sobjects/Lead/{busy}")
    assert (found["IsConverted"], found["ConvertedContactId"], found["ConvertedDate"]) == (
        True,
        made["Contact"],
        "2026-06-15",
    )
    answer = patch(api, [lead(busy, Title="a")])[0]
    assert answer["errors"] == [
        {"statusCode": "CANNOT_UPDATE_CONVERTED_LEAD", "message": "cannot reference converted lead", "fields": []}
    ]
    assert api.query(f"SELECT Id FROM Task WHERE WhoId = '{busy}'") == []
    assert api.query(f"SELECT Id FROM Task WHERE WhoId = '{made['Contact']}'")
    assert api.query(f"SELECT Id FROM OpportunityContactRole WHERE ContactId = '{made['Contact']}'")


def test_everybody_is_either_an_open_lead_or_a_contact(shared: Api) -> None:
    leads = shared.query("SELECT Person_Key__c FROM Lead WHERE IsConverted = false")
    contacts = shared.query("SELECT Person_Key__c FROM Contact")
    keys = sorted(row["Person_Key__c"] for row in [*leads, *contacts])
    assert keys == [float(number) for number in range(300)]
    converted = shared.query("SELECT Id, Person_Key__c, ConvertedContactId FROM Lead WHERE IsConverted = true")
    behind = {row["Id"]: row["Person_Key__c"] for row in shared.query("SELECT Id, Person_Key__c FROM Contact")}
    assert converted
    assert all(behind[row["ConvertedContactId"]] == row["Person_Key__c"] for row in converted)


def test_every_activity_of_the_population_is_somewhere(shared: Api) -> None:
    people = population()
    kinds = [PLACES[place].kind for place in people.activities.place.tolist()]
    count = {
        name: shared.get("queryAll", q=f"SELECT COUNT() FROM {name}")["totalSize"]  # tasks of a year ago are archived
        for name in ("Web_Visit__c", "Web_Action__c", "Task", "Event", "EmailMessage", "EmailMessageRelation")
    }
    forms = ("content_download", "demo_request", "pricing_request", "contact_request", "form_submit")
    assert count["Web_Visit__c"] == kinds.count("page_view")
    assert count["Web_Action__c"] == sum(kinds.count(kind) for kind in forms)
    assert (count["Task"], count["Event"]) == (kinds.count("call"), kinds.count("meeting"))
    assert (
        count["EmailMessage"]
        == count["EmailMessageRelation"]
        == kinds.count("sales_email") + kinds.count("email_reply")
    )
    registered = {
        (person, place)
        for person, place in zip(people.activities.person.tolist(), people.activities.place.tolist(), strict=True)
        if PLACES[place].kind == "webinar_register"
    }
    assert shared.get("query", q="SELECT COUNT() FROM CampaignMember WHERE Registered_At__c != null")[
        "totalSize"
    ] == len(registered)
    seen = sum(
        1
        for place, bot in zip(people.activities.place.tolist(), people.activities.bot.tolist(), strict=True)
        if PLACES[place].kind in ("email_open", "email_click", "unsubscribe", "bounce") and not bot
    )
    headers = {"Pardot-Business-Unit-Id": shared.sandbox.credentials.business_unit}
    answer = shared.call(
        "GET", "/api/v5/objects/visitor-activities", params={"fields": "id", "limit": 1000}, headers=headers
    ).json()
    assert len(answer["values"]) == min(seen, 1000)


def test_old_closed_tasks_are_found_by_query_all_alone(api: Api) -> None:
    who = first_lead(api)["Id"]
    old = api.call(
        "POST",
        "sobjects/Task",
        json={"WhoId": who, "Subject": "Old", "Status": "Completed", "ActivityDate": "2025-01-01"},
    ).json()["id"]
    still_open = api.call(
        "POST", "sobjects/Task", json={"WhoId": who, "Subject": "Old", "ActivityDate": "2025-01-01"}
    ).json()["id"]
    assert {row["Id"] for row in api.query("SELECT Id FROM Task WHERE Subject = 'Old'")} == {still_open}
    assert {row["Id"] for row in api.query("SELECT Id FROM Task WHERE Subject = 'Old'", deleted=True)} == {
        old,
        still_open,
    }
    assert api.get(f"sobjects/Task/{old}")["IsArchived"] is True


def test_a_formula_changes_without_a_stamp(api: Api) -> None:
    found = api.query(
        "SELECT Id, AccountId, Company_Size__c, SystemModstamp FROM Contact WHERE Account.NumberOfEmployees < 50 LIMIT 1"
    )[0]
    api.control("clock", advance=60_000)
    api.call("PATCH", f"sobjects/Account/{found['AccountId']}", json={"NumberOfEmployees": 5000})
    after = api.query(f"SELECT Company_Size__c, SystemModstamp FROM Contact WHERE Id = '{found['Id']}'")[0]
    assert (found["Company_Size__c"], after["Company_Size__c"]) == ("Small", "Large")
    assert after["SystemModstamp"] == found["SystemModstamp"]


def test_a_hidden_field_is_no_column_for_the_user(api: Api) -> None:
    api.control("hidden", fields=["Lead.Budget__c"])
    answer = api.call("GET", "query", params={"q": "SELECT Budget__c FROM Lead"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert "Budget__c" not in [each["name"] for each in api.get("sobjects/Lead/describe")["fields"]]


def test_the_population_lives_on_and_the_org_follows(api: Api) -> None:
    before = {name: api.get("query", q=f"SELECT COUNT() FROM {name}")["totalSize"] for name in ("Lead", "Web_Visit__c")}
    changes = api.control("step", by=20 * 86_400_000)["changes"]
    assert changes["Acted"] > 50
    assert changes["Done"] > 50
    api.sign_in()
    assert api.get("query", q="SELECT COUNT() FROM Web_Visit__c")["totalSize"] > before["Web_Visit__c"]
    made = api.query("SELECT Id, Name, Email, Person_Key__c FROM Lead WHERE Person_Key__c >= 300")
    assert len(made) > changes["Created"] / 2, "some of them were deleted again"
    moved = api.get("queryAll", q="SELECT COUNT() FROM Contact WHERE SystemModstamp > 2026-06-15T12:00:00Z")[
        "totalSize"
    ]
    assert moved > 0


def test_the_same_seed_gives_the_same_org(shared: Api) -> None:
    other = create_app(population(), clock=Clock(NOW)).state.sandbox
    for name, table in shared.sandbox.org.tables.items():
        fields = [
            each.name for each in table.sobject.fields.values() if each.formula is None and each.type != "address"
        ]
        assert table.frame(fields).equals(other.org.tables[name].frame(fields)), name


def test_composite_calls_refer_to_the_answers_of_earlier_parts(api: Api) -> None:
    parts = [
        {
            "method": "POST",
            "url": "/services/data/v60.0/sobjects/Account",
            "referenceId": "account",
            "body": {"Name": "New"},
        },
        {
            "method": "POST",
            "url": "/services/data/v60.0/sobjects/Contact",
            "referenceId": "contact",
            "body": {"LastName": "a", "AccountId": "@{account.id}"},
        },
        {"method": "GET", "url": "/services/data/v60.0/sobjects/Contact/nothing", "referenceId": "miss"},
    ]
    answer = api.call("POST", "composite", json={"compositeRequest": parts}).json()["compositeResponse"]
    assert [each["httpStatusCode"] for each in answer] == [201, 201, 404]
    assert (
        api.query(f"SELECT Account.Name FROM Contact WHERE Id = '{answer[1]['body']['id']}'")[0]["Account"]["Name"]
        == "New"
    )
    batch = api.call(
        "POST",
        "composite/batch",
        json={
            "batchRequests": [{"method": "GET", "url": "v60.0/limits"}, {"method": "GET", "url": "v60.0/sobjects/Nope"}]
        },
    ).json()
    assert (batch["hasErrors"], [each["statusCode"] for each in batch["results"]]) == (True, [200, 404])


@pytest.mark.parametrize(
    ("version", "status"), [("31.0", 200), ("67.0", 200), ("30.0", 410), ("68.0", 404), ("60", 404)]
)
def test_versions_31_to_67_are_spoken(shared: Api, version: str, status: int) -> None:
    assert shared.call("GET", f"/services/data/v{version}/limits").status_code == status


def test_relationships_nest_and_absent_parents_are_null(shared: Api) -> None:
    rows = shared.query(
        "SELECT Id, Name, AccountId, Account.Name, Account.Owner.Name FROM Contact ORDER BY AccountId LIMIT 200"
    )
    assert rows[0]["Account"] is None
    assert rows[0]["AccountId"] is None
    owned = rows[-1]["Account"]
    assert owned["attributes"] == {
        "type": "Account",
        "url": f"/services/data/v60.0/sobjects/Account/{rows[-1]['AccountId']}",
    }
    assert owned["Owner"]["Name"] == "Sam Seller"


def test_children_and_polymorphic_parents_can_be_selected(shared: Api) -> None:
    row = shared.query(
        "SELECT Id, (SELECT Id, Subject FROM Tasks ORDER BY Id LIMIT 1) FROM Contact WHERE Id IN (SELECT WhoId FROM Task)"
    )[0]
    assert (row["Tasks"]["totalSize"], row["Tasks"]["done"], len(row["Tasks"]["records"])) == (1, True, 1)
    task = shared.query(
        "SELECT TYPEOF Who WHEN Contact THEN Email ELSE Name END FROM Task WHERE Who.Type = 'Contact' LIMIT 1"
    )[0]
    assert set(task["Who"]) == {"attributes", "Email"}


def test_typeof_shows_fields_that_only_one_kind_of_record_has(shared: Api) -> None:
    branches = "WHEN Contact THEN Account.Name, Email WHEN Lead THEN Company ELSE Name END"
    rows = shared.query(f"SELECT Id, TYPEOF Who {branches}, Who.Type FROM Task ORDER BY Id LIMIT 50")
    shown = {row["Who"]["attributes"]["type"]: row["Who"] for row in rows if row["Who"]}
    assert set(shown["Contact"]) == {"attributes", "Account", "Email"}
    assert set(shown["Lead"]) == {"attributes", "Company"}
    assert shown["Contact"]["Account"] is None or "Name" in shown["Contact"]["Account"]
    refused = shared.call("GET", "query", params={"q": "SELECT TYPEOF Who WHEN Lead THEN AccountId END FROM Task"})
    assert "No such column 'AccountId' on entity 'Lead'" in refused.json()[0]["message"]


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("page_view", "Web_Visit__c WHERE Occurred_At__c"),
        ("demo_request", "Web_Action__c WHERE Occurred_At__c"),
        ("call", "Task WHERE CompletedDateTime"),
        ("meeting", "Event WHERE StartDateTime"),
        ("sales_email", "EmailMessageRelation WHERE RelationType = 'ToAddress' AND EmailMessage.MessageDate"),
        ("email_reply", "EmailMessageRelation WHERE RelationType = 'FromAddress' AND EmailMessage.MessageDate"),
        ("webinar_register", "CampaignMember WHERE Status = 'Registered' AND Registered_At__c"),
        ("webinar_attend", "CampaignMember WHERE HasResponded = true AND Attended_At__c"),
    ],
)
def test_whatever_somebody_does_now_gets_its_record(api: Api, kind: str, found: str) -> None:
    api.control("clock", advance=1000)
    api.control("activities", person=5, kind=kind)
    assert len(api.query(f"SELECT Id FROM {found} = 2026-06-15T12:00:01Z")) == 1


def test_the_page_of_a_contact_shows_what_its_lead_did(shared: Api) -> None:
    visits = "SELECT Name, Lead__r.ConvertedContactId FROM Web_Visit__c WHERE Lead__r.IsConverted = true LIMIT 1"
    (visit,) = shared.query(visits)
    page = shared.call("GET", f"/records/{visit['Lead__r']['ConvertedContactId']}").text
    assert visit["Name"] in page[page.index(">Activity<") :]


def test_web_pages_list_everybody_and_show_a_record(shared: Api) -> None:
    page = shared.call("GET", "/")
    assert (page.status_code, "300 leads and contacts" in page.text) == (200, True)
    contact = shared.query("SELECT Id, LastName FROM Contact LIMIT 1")[0]
    shown = shared.call("GET", f"/records/{contact['Id']}")
    assert (shown.status_code, contact["LastName"] in shown.text) == (200, True)
    assert shared.call("GET", "/records/0038d0000zzzzzzEAA").status_code == 404


def node(number: int, **request: Any) -> dict[str, Any]:
    return {"referenceId": f"r{number}", **request}


@pytest.mark.parametrize("address", ["composite", "composite/graph"])
def test_a_composite_of_all_or_none_writes_nothing_when_a_part_fails(api: Api, address: str) -> None:
    base = "/services/data/v60.0/sobjects"
    parts = [
        node(1, method="POST", url=f"{base}/Account", body={"Name": "lonely"}),
        node(2, method="POST", url=f"{base}/Contact", body={"FirstName": "nameless", "AccountId": "@{r1.id}"}),
    ]
    graphs = {"graphs": [{"graphId": "1", "compositeRequest": parts}]}
    answer = api.call(
        "POST", address, json=graphs if "graph" in address else {"allOrNone": True, "compositeRequest": parts}
    )
    body = answer.json()
    if "graph" in address:
        assert body["graphs"][0]["isSuccessful"] is False
        body = body["graphs"][0]["graphResponse"]
    first, second = body["compositeResponse"]
    assert (first["httpStatusCode"], first["body"][0]["errorCode"]) == (400, "PROCESSING_HALTED")
    assert second["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert api.query("SELECT Id FROM Account WHERE Name = 'lonely'") == []


def test_a_graph_that_succeeds_is_answered_part_by_part(api: Api) -> None:
    base = "/services/data/v60.0/sobjects"
    parts = [
        node(1, method="POST", url=f"{base}/Account", body={"Name": "new"}),
        node(2, method="PATCH", url=f"{base}/Account/@{{r1.id}}", body={"Name": "newer"}),
    ]
    graph = api.call("POST", "composite/graph", json={"graphs": [{"graphId": "g", "compositeRequest": parts}]}).json()
    assert (graph["graphs"][0]["graphId"], graph["graphs"][0]["isSuccessful"]) == ("g", True)
    answers = graph["graphs"][0]["graphResponse"]["compositeResponse"]
    assert [each["httpStatusCode"] for each in answers] == [201, 204]
    assert len(api.query("SELECT Id FROM Account WHERE Name = 'newer'")) == 1


def test_a_reference_that_leads_nowhere_halts_its_part_alone(shared: Api) -> None:
    parts = [
        node(1, method="GET", url="/services/data/v60.0/query?q=SELECT+Id+FROM+Lead+LIMIT+0"),
        node(2, method="GET", url="/services/data/v60.0/sobjects/Lead/@{r1.records[0].Id}"),
        node(3, method="GET", url="/services/data/v60.0/limits"),
    ]
    answers = shared.call("POST", "composite", json={"compositeRequest": parts}).json()["compositeResponse"]
    assert [each["httpStatusCode"] for each in answers] == [200, 400, 200]
    message = "Invalid reference specified. No value for r1.records[0].Id found in r1."
    assert answers[1]["body"] == [{"message": message, "errorCode": "PROCESSING_HALTED"}]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"compositeRequest": []},
        {"compositeRequest": [{"method": "GET", "url": "/services/data/v60.0/limits"}]},
        {"compositeRequest": [5]},
        {"compositeRequest": 2 * [node(1, method="GET", url="/services/data/v60.0/limits")]},
        {"compositeRequest": [node(each, method="GET", url="/a") for each in range(26)]},
    ],
)
def test_malformed_composites_are_refused(shared: Api, body: Any) -> None:
    assert shared.call("POST", "composite", json=body).status_code == 400


def contact(number: int, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Contact", "referenceId": f"c{number}"}, **values}


def test_a_tree_is_inserted_level_by_level_or_not_at_all(api: Api) -> None:
    def tree(*contacts: dict[str, Any]) -> Any:
        account = {
            "attributes": {"type": "Account", "referenceId": "a"},
            "Name": "root",
            "Contacts": {"records": contacts},
        }
        return api.call("POST", "composite/tree/Account", json={"records": [account]})

    refused = tree(contact(1, LastName="good"), contact(2, FirstName="bad"))
    assert (refused.status_code, refused.json()["hasErrors"]) == (400, True)
    assert [(each["referenceId"], each["errors"][0]["statusCode"]) for each in refused.json()["results"]] == [
        ("c2", "REQUIRED_FIELD_MISSING")
    ]
    assert api.query("SELECT Id FROM Account WHERE Name = 'root'") == []
    made = tree(contact(1, LastName="one"), contact(2, LastName="two"))
    assert (made.status_code, [each["referenceId"] for each in made.json()["results"]]) == (201, ["a", "c1", "c2"])
    rows = api.query("SELECT LastName FROM Contact WHERE Account.Name = 'root' ORDER BY LastName")
    assert [row["LastName"] for row in rows] == ["one", "two"]


def test_deleting_all_or_none_deletes_none_when_one_is_missing(api: Api) -> None:
    lead = api.query("SELECT Id FROM Lead LIMIT 1")[0]["Id"]
    ids = f"{lead},00Q8d0000zzzzzzEAA"
    answer = api.call("DELETE", "composite/sobjects", params={"ids": ids, "allOrNone": "true"}).json()
    assert [each["errors"][0]["statusCode"] for each in answer] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "INVALID_CROSS_REFERENCE_KEY",
    ]
    assert api.call("GET", f"sobjects/Lead/{lead}").status_code == 200


def test_relationships_of_a_record_have_addresses(shared: Api) -> None:
    contact = shared.query("SELECT Id, AccountId FROM Contact WHERE AccountId != null LIMIT 1")[0]
    parent = shared.get(f"sobjects/Contact/{contact['Id']}/Account", fields="Name")
    assert parent["attributes"]["url"].endswith(contact["AccountId"])
    children = shared.get(f"sobjects/Account/{contact['AccountId']}/Contacts", fields="Id")
    assert contact["Id"] in [each["Id"] for each in children["records"]]
    assert shared.call("GET", f"sobjects/Contact/{contact['Id']}/Nopes").status_code == 404


def test_a_body_does_not_repeat_what_the_address_says(api: Api) -> None:
    lead = api.query("SELECT Id FROM Lead LIMIT 1")[0]["Id"]
    message = "The {} field should not be specified in the sobject data."
    for method, path, body, name in (
        ("POST", "sobjects/Lead", {"Id": lead, "LastName": "a", "Company": "b"}, "Id"),
        ("PATCH", f"sobjects/Lead/{lead}", {"id": lead, "Title": "a"}, "Id"),
        ("PATCH", "sobjects/Lead/Person_Key__c/9", {"Person_Key__c": 9, "LastName": "a"}, "Person_Key__c"),
    ):
        answer = api.call(method, path, json=body)
        assert (answer.status_code, answer.json()) == (
            400,
            [{"message": message.format(name), "errorCode": "INVALID_FIELD"}],
        )
    records = [{"attributes": {"type": "Contact"}, "Id": lead, "LastName": "a"}]
    answer = api.call("POST", "composite/sobjects", json={"records": records}).json()
    assert answer[0]["errors"][0]["message"] == "cannot specify Id in an insert call"


def test_bodies_that_are_not_json_are_refused_by_their_type(shared: Api) -> None:
    answer = shared.call("POST", "sobjects/Lead", data={"LastName": "a"})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_describes_and_records_are_sent_again_only_when_they_changed(api: Api) -> None:
    lead = api.query("SELECT Id FROM Lead LIMIT 1")[0]["Id"]
    for path in ("sobjects", "sobjects/Lead/describe", f"sobjects/Lead/{lead}"):
        seen = api.call("GET", path).headers["Last-Modified"]
        again = api.call("GET", path, headers={"If-Modified-Since": seen})
        assert (again.status_code, again.content) == (304, b"")
    seen = api.call("GET", "sobjects/Lead/describe").headers["Last-Modified"]
    api.control("clock", advance=2000)
    field = {"FullName": "Lead.New__c", "Metadata": {"label": "New", "type": "Text", "length": 9}}
    api.call("POST", "tooling/sobjects/CustomField", json=field)
    assert api.call("GET", "sobjects/Lead/describe", headers={"If-Modified-Since": seen}).status_code == 200
    api.call("PATCH", f"sobjects/Lead/{lead}", json={"Title": "changed"})
    late = api.call("PATCH", f"sobjects/Lead/{lead}", json={"Title": "a"}, headers={"If-Unmodified-Since": seen})
    assert (late.status_code, api.get(f"sobjects/Lead/{lead}")["Title"]) == (412, "changed")


def test_records_are_counted_by_object(shared: Api) -> None:
    counted = shared.get("limits/recordCount", sObjects="Lead,Contact,Nope")["sObjects"]
    assert [each["name"] for each in counted] == ["Lead", "Contact"]
    assert counted[0]["count"] == shared.get("query", q="SELECT COUNT() FROM Lead")["totalSize"]


def test_the_tooling_api_describes_its_objects_too(shared: Api) -> None:
    names = {each["name"] for each in shared.get("tooling/sobjects")["sobjects"]}
    assert {"CustomField", "EntityDefinition"} <= names
    fields = shared.get("tooling/sobjects/CustomField/describe")["fields"]
    assert "DeveloperName" in {each["name"] for each in fields}


def test_who_one_is_stands_at_the_address_that_signing_in_returns(api: Api) -> None:
    known = api.sandbox.credentials
    client = {"client_id": known.consumer_key, "client_secret": known.consumer_secret}
    address = f"{api.base}/services/oauth2"
    granted = api.session.post(f"{address}/token", data={"grant_type": "client_credentials", **client}).json()
    identity = api.session.get(granted["id"]).json()
    assert (identity["id"], identity["username"], identity["asserted_user"]) == (granted["id"], known.username, True)
    assert api.session.get(f"{address}/userinfo").json()["sub"] == granted["id"]
    told = api.session.post(f"{address}/introspect", data={"token": granted["access_token"], **client}).json()
    assert (told["active"], told["sub"], told["exp"] - told["iat"]) == (True, granted["id"], 7200)
    assert api.session.post(f"{address}/introspect", data={"token": granted["access_token"]}).status_code == 400
    for headers, words in (
        ({"Authorization": "Bearer x"}, "Bad_OAuth_Token"),
        ({"Authorization": ""}, "Missing_OAuth_Token"),
    ):
        refused = api.session.get(granted["id"], headers=headers)
        assert (refused.status_code, refused.text) == (403, words)


@pytest.mark.parametrize(("operation", "words"), [("getUserInfo", "userName"), ("getServerTimestamp", "timestamp")])
def test_soap_tells_who_one_is_until_one_logs_out(api: Api, operation: str, words: str) -> None:
    token = api.session.headers["Authorization"].removeprefix("Bearer ")

    def ask(name: str) -> Any:
        header = f"<p:SessionHeader><p:sessionId>{token}</p:sessionId></p:SessionHeader>"
        return api.call(
            "POST",
            "/services/Soap/u/60.0",
            data=f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="urn:partner.soap.sforce.com">'
            f"<s:Header>{header}</s:Header><s:Body><p:{name}/></s:Body></s:Envelope>",
        )

    assert f"<{words}>" in ask(operation).text
    assert ask("logout").status_code == 200
    assert "INVALID_SESSION_ID" in ask(operation).text
    assert api.call("GET", "limits").status_code == 401


def test_a_search_narrows_what_it_returns(shared: Api) -> None:
    lead = shared.query("SELECT Id, LastName FROM Lead WHERE LastName LIKE '____%' LIMIT 1")[0]
    found = f"FIND {{{lead['LastName']}}} IN NAME FIELDS RETURNING Lead(Id, Name WHERE Id IN ('{lead['Id']}') LIMIT 1), Contact"
    records = shared.get("search", q=found)["searchRecords"]
    leads = [each for each in records if each["attributes"]["type"] == "Lead"]
    assert [each["Id"] for each in leads] == [lead["Id"]]


def test_headers_come_in_canonical_case(api: Api) -> None:
    """Some clients need `Content-Type` in this letter case."""
    names = list(api.call("GET", "limits").raw.headers)
    assert {"Content-Type", "Content-Length", "Date", "Sforce-Limit-Info"} <= set(names)
    assert [name for name in names if name[0].islower()] == []


def test_deletions_are_covered_until_now_at_the_latest(api: Api) -> None:
    later = "2026-06-15T13:00:00Z"
    answer = api.get("sobjects/Lead/deleted", start="2026-06-15T11:00:00Z", end=later)
    assert answer["latestDateCovered"] == "2026-06-15T12:00:00.000+0000"


def test_a_layout_has_the_fields_that_the_user_sees(api: Api) -> None:
    answer = api.get("sobjects/Lead/describe/layouts")
    (section,) = answer["layouts"][0]["detailLayoutSections"]
    shown = [row["layoutItems"][0]["layoutComponents"][0]["value"] for row in section["layoutRows"]]
    assert {"Name", "Email", "Status"} <= set(shown)
    assert answer["recordTypeMappings"][0]["layoutId"] == answer["layouts"][0]["id"]


def test_only_formulas_are_calculated(api: Api) -> None:
    fields = {field["name"]: field for field in api.get("sobjects/Lead/describe")["fields"]}
    assert (fields["Name"]["calculated"], fields["Email_Domain__c"]["calculated"]) == (False, True)


def test_a_change_of_others_is_committed_late_too(api: Api) -> None:
    identifier = first_lead(api)["Id"]
    api.fault("late-commits", 300)
    api.control("change", id=identifier, values={"Title": "Late"})
    title = f"SELECT Title FROM Lead WHERE Id = '{identifier}'"
    assert api.query(title)[0]["Title"] != "Late"
    api.control("clock", advance=300_000)
    assert api.query(title)[0]["Title"] == "Late"


def test_custom_fields_are_made_read_changed_and_deleted_through_the_tooling_api(api: Api) -> None:
    picklist = {"label": "Stage", "type": "Picklist", "valueSet": values("a")}
    made = tooling(
        api, ("POST", "", {"FullName": "Lead.Stage__c", "Metadata": picklist}), ("POST", "", {"FullName": ""})
    )
    assert [each["httpStatusCode"] for each in made] == [201, 400]
    assert made[1]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    path = f"/{made[0]['body']['id']}"
    (found,) = tooling(api, ("GET", path, None))
    assert (found["body"]["FullName"], found["body"]["Metadata"]["formula"]) == ("Lead.Stage__c", None)
    changed = found["body"]["Metadata"] | {"valueSet": values("a", "b")}
    answers = tooling(api, ("PATCH", path, {"Metadata": changed}), ("GET", path, None), ("DELETE", path, None))
    assert [each["httpStatusCode"] for each in answers] == [204, 200, 204]
    choices = answers[1]["body"]["Metadata"]["valueSet"]["valueSetDefinition"]["value"]
    assert [choice["valueName"] for choice in choices] == ["a", "b"]
    (gone,) = tooling(api, ("GET", path, None))
    assert (gone["httpStatusCode"], gone["body"][0]["errorCode"]) == (404, "INVALID_CROSS_REFERENCE_KEY")


def tooling(api: Api, *parts: tuple[str, str, Any]) -> list[dict[str, Any]]:
    """Return the answers to calls of the Tooling API's custom fields in one call."""
    base = "/services/data/v60.0/tooling/sobjects/CustomField"
    requests = [
        {"method": method, "url": base + path, "referenceId": f"a{place}"} | ({"body": body} if body else {})
        for place, (method, path, body) in enumerate(parts)
    ]
    answers: list[dict[str, Any]] = api.call("POST", "tooling/composite", json={"compositeRequest": requests}).json()[
        "compositeResponse"
    ]
    return answers


def values(*names: str) -> dict[str, Any]:
    choices = [{"valueName": name, "label": name, "default": False} for name in names]
    return {"restricted": False, "valueSetDefinition": {"sorted": False, "value": choices}}


def test_the_tooling_api_returns_full_names_of_one_row_only(api: Api) -> None:
    refused = api.get("tooling/query", q="SELECT FullName FROM CustomField WHERE TableEnumOrId = 'Lead'")
    assert refused[0]["errorCode"] == "MALFORMED_QUERY"
    assert api.get("tooling/query", q="SELECT FullName FROM CustomField LIMIT 1")["totalSize"] == 1


def test_field_permissions_are_for_fields_that_are_not_required_and_given_once(api: Api) -> None:
    for name, required in (("New__c", False), ("Needed__c", True)):
        definition = {"label": name, "type": "Text", "length": 9, "required": required}
        api.call("POST", "tooling/sobjects/CustomField", json={"FullName": f"Lead.{name}", "Metadata": definition})
    parent = api.call("POST", "sobjects/PermissionSet", json={"Name": "a", "Label": "a"}).json()["id"]
    again = api.call("POST", "sobjects/PermissionSet", json={"Name": "a", "Label": "a"}).json()
    assert again[0]["errorCode"] == "DUPLICATE_DEVELOPER_NAME"
    records = [
        {"attributes": {"type": "FieldPermissions"}, "ParentId": parent, "SobjectType": "Lead"}
        | {"Field": f"Lead.{name}", "PermissionsRead": reads, "PermissionsEdit": True}
        for name, reads in (("New__c", False), ("New__c", True), ("New__c", True), ("Needed__c", True), ("No__c", True))
    ]
    answers = api.call("POST", "composite/sobjects", json={"records": records}).json()
    assert [each["errors"][0]["statusCode"] if each["errors"] else "" for each in answers] == [
        "FIELD_INTEGRITY_EXCEPTION",
        "",
        "DUPLICATE_VALUE",
        *["INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"] * 2,
    ]
    assert "Needed__c" in [each["name"] for each in api.get("sobjects/Lead/describe")["fields"]]
