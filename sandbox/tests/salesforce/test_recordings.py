"""The sandbox responds to recorded requests as Salesforce did: status, keys, types, nulls, header names."""

from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from leadgauge_sandbox.salesforce.customs import read_custom_field
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.schema.notation import read_field
from sandbox.tests.salesforce.conftest import Api

METADATA = "http://soap.sforce.com/2006/04/metadata"
ENVELOPE = """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<soapenv:Header xmlns="{ns}"><SessionHeader><sessionId>{session}</sessionId></SessionHeader></soapenv:Header>
<soapenv:Body xmlns="{ns}">{body}</soapenv:Body></soapenv:Envelope>"""


def shape(value: Any) -> Any:
    """Return what a client relies on: keys and types; integers and floats are both numbers."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def body(row: dict[str, Any]) -> Any:
    return row["response"] if row["response"] is not None else row["request"]


def add_recorded_fields(api: Any, describe: dict[str, Any]) -> None:
    """Give the org the custom fields of the recorded one."""
    sobject = api.sandbox.org.objects[describe["name"]]
    for each in describe["fields"]:
        if each["custom"] and each["name"] not in sobject.fields:
            size = (
                f"({each['length']})"
                if each["length"]
                else f"({each['precision']}.{each['scale']})"
                if each["precision"]
                else ""
            )
            flags = "".join(
                flag
                for flag, key in zip(
                    "cundpxi",
                    (
                        "createable",
                        "updateable",
                        "nillable",
                        "defaultedOnCreate",
                        "permissionable",
                        "externalId",
                        "idLookup",
                    ),
                    strict=True,
                )
                if each[key]
            ) + ("r" if each["restrictedPicklist"] else "")
            values = "|".join(value["value"] for value in each["picklistValues"])
            options = (f"  values={values}" if values else "") + (
                f"  extra={each['extraTypeInfo']}" if each["extraTypeInfo"] else ""
            )
            sobject.add(read_field(f"{each['name']}  {each['type']}{size}  {flags}  {each['label']}{options}"))


def described(recordings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in recordings if str(row.get("path", "")).endswith("/describe")]


def test_describes_have_every_recorded_field_with_every_recorded_attribute(
    api: Api, recordings: list[dict[str, Any]]
) -> None:
    for row in described(recordings):
        recorded = row["response"]
        add_recorded_fields(api, recorded)
        answer = api.call("GET", row["path"])
        assert answer.status_code == row["status"]
        ours = answer.json()
        assert list(ours) == list(recorded)
        assert set(recorded["urls"]) <= set(ours["urls"])
        for key in ("recordTypeInfos", "actionOverrides"):
            assert shape(ours[key]) == shape(recorded[key]), key
        assert all(list(each) == list(recorded["childRelationships"][0]) for each in ours["childRelationships"])
        known = {each["name"]: each for each in ours["fields"]}
        for field in recorded["fields"]:
            assert list(known[field["name"]]) == list(field), field["name"]


ALIKE = [
    "type",
    "createable",
    "updateable",
    "nillable",
    "length",
    "precision",
    "scale",
    "digits",
    "soapType",
    "referenceTo",
    "relationshipName",
    "byteLength",
    "custom",
    "defaultedOnCreate",
    "permissionable",
    "idLookup",
    "externalId",
    "restrictedPicklist",
    "compoundFieldName",
    "extraTypeInfo",
    "nameField",
    "queryByDistance",
    "filterable",
    "sortable",
    "defaultValue",
    "aggregatable",
    "label",
]


def test_described_attributes_have_the_recorded_values(api: Api, recordings: list[dict[str, Any]]) -> None:
    for row in described(recordings):
        recorded = row["response"]
        add_recorded_fields(api, recorded)
        known = {each["name"]: each for each in api.get(row["path"])["fields"]}
        different = {
            (each["name"], attribute): (known[each["name"]][attribute], each[attribute])
            for each in recorded["fields"]
            for attribute in ALIKE
            if known[each["name"]][attribute] != each[attribute]
        }
        assert not different, recorded["name"]


def test_recorded_queries_are_answered_alike(shared: Api, recordings: list[dict[str, Any]]) -> None:
    rows = [row for row in recordings if str(row.get("path", "")).endswith("/query")]
    assert rows
    for row in rows:
        answer = shared.call("GET", row["path"], params={"q": unquote(row["query"]["q"])})
        assert answer.status_code == row["status"]
        assert shape(answer.json()) == shape(row["response"])
        assert all(name in answer.headers for name in row["headers"])
        assert answer.headers["Content-Type"] == row["headers"]["Content-Type"]


class Replay:
    """Replays recorded calls in order, with recorded ids mapped to ours."""

    def __init__(self, api: Any) -> None:
        self.api = api
        self.ids: dict[str, str] = {}

    def known(self, recorded: str, kind: str | None = None) -> str:
        if recorded not in self.ids:
            kind = kind or self.api.sandbox.org.by_prefix(recorded).name
            needs = {
                "Lead": {"LastName": "a", "Company": "b"},
                "Contact": {"LastName": "a"},
                "TopicAssignment": None,
            }.get(kind, {"Name": "a"})
            if needs is None:
                needs = {"TopicId": self.known("0TO4S000000GuXcWAK"), "EntityId": self.known("0034S000005YJY8QAO")}
            self.ids[recorded] = self.api.call("POST", f"sobjects/{kind}", json=needs).json()["id"]
        return self.ids[recorded]

    def request(self, row: dict[str, Any]) -> Any:
        request = row["request"]
        if not request or "records" not in request:
            return request
        records = [{**each, "id": self.known(each["id"])} if "id" in each else each for each in request["records"]]
        records = [
            {**each, "AccountId": self.known(each["AccountId"])} if "AccountId" in each else each for each in records
        ]
        return {**request, "records": records}


def test_recorded_collections_are_answered_alike(api: Api, recordings: list[dict[str, Any]]) -> None:
    for row in described(recordings):
        add_recorded_fields(api, row["response"])
    rows = [row for row in recordings if str(row.get("path", "")).endswith("/composite/sobjects")]
    assert len(rows) > 30
    replay = Replay(api)
    for row in rows:
        recorded = row["response"]
        query = {name: unquote(value) for name, value in row["query"].items()}
        if "ids" in query:
            query["ids"] = ",".join(replay.known(each) for each in query["ids"].split(","))
        request = replay.request(row)
        if recorded[0].get("errors") and recorded[0]["errors"][0]["statusCode"] == "CANNOT_UPDATE_CONVERTED_LEAD":
            api.control("convert", lead=request["records"][0]["id"])
            replay.ids.pop("00Q4S000002sSacUAE")
        answer = api.call(row["method"], row["path"], params=query, json=request)
        assert answer.status_code == row["status"]
        ours = answer.json()
        assert [shape(each) for each in ours] == [shape(each) for each in recorded], row
        assert [each["errors"] for each in ours] == [each["errors"] for each in recorded], row
        assert all(name in answer.headers for name in row["headers"])
        for each in query.get("ids", "").split(","):
            replay.ids = {key: value for key, value in replay.ids.items() if value != each}


def test_recorded_single_records_have_the_same_keys_types_and_nulls(api: Api, recordings: list[dict[str, Any]]) -> None:
    for row in described(recordings):
        add_recorded_fields(api, row["response"])
    rows = [
        row
        for row in recordings
        if row.get("method") == "GET" and row.get("status") == 200 and "attributes" in row["response"]
    ]
    assert len(rows) > 10
    ours_only = {
        "Person_Key__c",
        "Company_Key__c",
        "Buying_Role__c",
        "Target_Account__c",
        "Budget__c",
        "Purchase_By__c",
        "Is_Student__c",
        "Seniority__c",
        "Email_Domain__c",
        "Company_Size__c",
        "HasOptedOutOfEmail",
    }
    for row in rows:
        kind, recorded = row["response"]["attributes"]["type"], row["response"]
        fields = {each["name"]: each for each in api.get(f"sobjects/{kind}/describe")["fields"]}
        values = {
            name: value
            for name, value in recorded.items()
            if name in fields
            and value is not None
            and fields[name]["createable"]
            and fields[name]["type"] != "reference"
        }
        made = api.call("POST", f"sobjects/{kind}", json=values).json()
        answer = api.call("GET", f"sobjects/{kind}/{made['id']}")
        ours = {name: value for name, value in answer.json().items() if name not in ours_only}
        assert list(ours) == [name for name in recorded if name in ours] + [
            name for name in ours if name not in recorded
        ]
        assert set(ours) == set(recorded)
        filled = {"LastViewedDate", "LastReferencedDate", "CleanStatus", "IsUnreadByOwner"}
        assert {name: shape(value) for name, value in ours.items() if name not in filled} == {
            name: shape(value) for name, value in recorded.items() if name not in filled
        }


def test_recorded_creations_and_misses_are_answered_alike(api: Api, recordings: list[dict[str, Any]]) -> None:
    for row in recordings:
        if row.get("status") == 201:
            answer = api.call("POST", row["path"], json=row["request"])
            assert all(name in answer.headers for name in row["headers"])
        elif row.get("status") == 404:
            answer = api.call("GET", row["path"])
        else:
            continue
        assert answer.status_code == row["status"]
        assert shape(answer.json()) == shape(row["response"])
        if row["status"] == 404:
            assert answer.json() == [
                {"message": row["response"][0]["message"], "errorCode": row["response"][0]["errorCode"]}
            ]


def recorded(recordings: list[dict[str, Any]], name: str) -> Any:
    return body(next(row for row in recordings if row["source"].endswith(name)))


def test_bulk_jobs_look_as_recorded(api: Api, recordings: list[dict[str, Any]]) -> None:
    job = api.call("POST", "jobs/query", json={"operation": "query", "query": "SELECT Id FROM Account"}).json()
    assert shape(job) == shape(recorded(recordings, "bulk/read-launch-job-account.json"))
    wish = {
        "object": "Opportunity",
        "operation": "upsert",
        "externalIdFieldName": "external_id__c",
        "contentType": "CSV",
    }
    made = api.call("POST", "jobs/ingest", json=wish).json()
    assert list(made) == list(recorded(recordings, "bulk/write/launch-job-opportunity.json"))
    assert shape(made) == shape(recorded(recordings, "bulk/write/launch-job-opportunity.json"))
    rows = "Name,StageName,external_id__c,CloseDate\nNoemi Miller,GENERATED,external-id-3,2003-04-987654321987654321\nA,Prospecting,e2,2026-01-01\n"
    api.call("PUT", "/" + made["contentUrl"], data=rows, headers={"Content-Type": "text/csv"})
    closed = api.call("PATCH", f"jobs/ingest/{made['id']}", json={"state": "UploadComplete"}).json()
    assert shape(closed) == shape(recorded(recordings, "bulk/write/update-job-opportunity.json"))
    api.sandbox.jobs.delay = 0
    done = api.get(f"jobs/ingest/{made['id']}")
    assert list(done) == list(recorded(recordings, "bulk/info/partial-failure.json"))
    assert shape(done) == shape(recorded(recordings, "bulk/info/partial-failure.json"))
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (2, 1)
    assert (
        api.results(made["id"], "failedResults").strip()
        == recorded(recordings, "bulk/info/partial-failure.csv").strip()
    )


def test_a_bulk_job_with_an_unknown_field_fails_as_recorded(api: Api, recordings: list[dict[str, Any]]) -> None:
    failure = recorded(recordings, "bulk/info/complete-failure.json")
    name = failure["errorMessage"].rpartition(" ")[2]
    done = api.ingest("Opportunity", f"external_id__c,{name}\n1,2\n", "upsert", externalIdFieldName="external_id__c")
    assert list(done) == list(failure)
    assert {key: done[key] for key in ("state", "errorMessage", "numberRecordsProcessed", "numberRecordsFailed")} == {
        key: failure[key] for key in ("state", "errorMessage", "numberRecordsProcessed", "numberRecordsFailed")
    }


def nameless(value: Any) -> Any:
    """Remove ids, which differ."""
    if isinstance(value, list):
        return [nameless(each) for each in value]
    return {key: each for key, each in value.items() if key != "id"}


@pytest.mark.parametrize(
    ("name", "method", "path", "request_body"),
    [
        ("batch/create/contacts/err-bad-request.json", "POST", "composite/sobjects", {"records": []}),
        (
            "batch/update/contacts/err-each-no-ids.json",
            "PATCH",
            "composite/sobjects",
            {
                "allOrNone": False,
                "records": [
                    {"attributes": {"type": "Contact"}, "LastName": "a"},
                    {"attributes": {"type": "Contact"}, "LastName": "b"},
                ],
            },
        ),
        (
            "batch/create/contacts/partial-but-allOrNone.json",
            "POST",
            "composite/sobjects",
            {
                "allOrNone": True,
                "records": [
                    {"attributes": {"type": "Contact"}, "FirstName": "a"},
                    {"attributes": {"type": "Contact"}, "LastName": "b"},
                ],
            },
        ),
        ("test/create-ok.json", "POST", "sobjects/Account", {"Name": "a"}),
        (
            "test/invalid-field-upsert.json",
            "PATCH",
            "sobjects/Account/Company_Key__c/1",
            {"MasterRecordId": "0018d0000000001AAA"},
        ),
        ("test/unknown-field.json", "POST", "sobjects/Account", {"Name": "a", "AccountNumer": "1"}),
        ("pardot/read/emails/err-missing-query.json", "GET", "/api/v5/objects/visitor-activities", None),
    ],
)
def test_refusals_are_worded_as_recorded(
    shared: Api, recordings: list[dict[str, Any]], name: str, method: str, path: str, request_body: Any
) -> None:
    headers = {"Pardot-Business-Unit-Id": shared.sandbox.credentials.business_unit}
    ours, theirs = shared.call(method, path, json=request_body, headers=headers).json(), recorded(recordings, name)
    assert shape(ours) == shape(theirs)
    assert nameless(ours) == nameless(theirs)


def test_all_or_none_updates_are_rolled_back_as_recorded(shared: Api, recordings: list[dict[str, Any]]) -> None:
    first, second = (row["Id"] for row in shared.query("SELECT Id FROM Contact LIMIT 2"))
    records = [
        {"attributes": {"type": "Contact"}, "id": first, "LastName": "changed"},
        {"attributes": {"type": "Contact"}, "id": second, "unknownField_LastName": "b"},
    ]
    answer = shared.call("PATCH", "composite/sobjects", json={"allOrNone": True, "records": records}).json()
    assert answer == recorded(recordings, "batch/update/contacts/partial-but-allOrNone.json")
    assert shared.get(f"sobjects/Contact/{first}")["LastName"] != "changed"


def test_an_unknown_object_is_shown_with_its_place_as_recorded(shared: Api, recordings: list[dict[str, Any]]) -> None:
    answer = shared.call("GET", "query", params={"q": "SELECT Id,Name,BillingCity,IsDeleted FROM Accout"})
    assert (answer.status_code, answer.json()) == (400, recorded(recordings, "test/unknown-object.json"))


def test_a_pardot_call_without_business_unit_is_refused_as_recorded(
    shared: Api, recordings: list[dict[str, Any]]
) -> None:
    answer = shared.call("GET", "/api/v5/objects/visitor-activities", params={"fields": "id"})
    assert answer.json() == recorded(recordings, "pardot/read/emails/err-missing-header.json")


def test_a_permission_set_assigned_twice_is_refused_as_recorded(api: Api, recordings: list[dict[str, Any]]) -> None:
    made = api.call("POST", "sobjects/PermissionSet", json={"Name": "a", "Label": "a"}).json()
    wish = {"AssigneeId": api.sandbox.integration_user, "PermissionSetId": made["id"]}
    api.call("POST", "sobjects/PermissionSetAssignment", json=wish)
    again = api.call("POST", "sobjects/PermissionSetAssignment", json=wish)
    theirs = recorded(recordings, "err-duplicate-permission-assignment.json")
    assert again.status_code == 400
    assert (again.json()[0]["errorCode"], again.json()[0]["fields"]) == (theirs[0]["errorCode"], theirs[0]["fields"])
    assert again.json()[0]["message"].startswith("Duplicate PermissionSetAssignment.  Assignee: 005")


def soap(api: Any, payload: str) -> str:
    session = api.session.headers["Authorization"].removeprefix("Bearer ")
    text = payload.replace("REMOVED", session)
    return api.call("POST", "/services/Soap/m/60.0", data=text.encode(), headers={"Content-Type": "text/xml"}).text


def tags(xml: str) -> list[str]:
    return [element.tag.rpartition("}")[2] for element in ET.fromstring(xml.encode()).iter()]


def test_recorded_metadata_calls_are_answered_alike(api: Api, recordings: list[dict[str, Any]]) -> None:
    """Create custom fields and a permission set that grants them, read it, and delete a field."""
    custom = recorded(recordings, "object15/mix-of-many-fields-payload.xml").replace("TestObject15__c", "Account")
    custom = (
        custom.replace("<length>444</length>", "<length>1444</length>")
        .replace("<referenceTo>", "<!--")
        .replace("</referenceTo>", "--><referenceTo>Account</referenceTo>")
        if "<referenceTo>" in custom
        else custom
    )
    answer = soap(api, custom)
    theirs = recorded(recordings, "object15/mix-of-many-fields-response.xml")
    assert tags(answer) == tags(theirs), answer
    granted = (
        recorded(recordings, "write-field-permissions-payload.xml")
        .replace("TestObject15__c", "Account")
        .replace("Connection__c", "Hobby__c")
        .replace("IsReady__c", "Birthday__c")
    )
    answer = soap(api, granted)
    assert tags(answer) == tags(recorded(recordings, "write-field-permissions-response.xml")), answer
    answer = soap(api, recorded(recordings, "read-field-permissions-payload.xml"))
    assert set(tags(recorded(recordings, "read-field-permissions-response.xml"))) <= set(tags(answer))
    gone = recorded(recordings, "delete-fields-payload.xml").replace("TestObject15__c", "Account")
    assert tags(soap(api, gone)) == tags(recorded(recordings, "delete-fields-response.xml"))
    missing = soap(api, gone.replace("Birthday__c", "NonExistent__c"))
    theirs = recorded(recordings, "delete-field-not-found.xml")
    assert tags(missing) == tags(theirs)
    assert "This custom field does not exist or is not accessible" in missing


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"type": "Checkbox", "label": "a", "required": "false"}, None),
        (
            {"type": "Checkbox", "label": "a", "required": "true"},
            "Can not specify 'required' for a CustomField of type Checkbox",
        ),
        (
            {"type": "LongTextArea", "label": "a", "length": "30", "visibleLines": "3"},
            "Invalid length, minimum is: 256",
        ),
    ],
)
def test_custom_fields_are_refused_with_the_recorded_words(
    recordings: list[dict[str, Any]], properties: Any, message: str | None
) -> None:
    if message is None:
        assert read_custom_field(properties, "a__c").type == "boolean"
        return
    assert any(message in str(body(row)) for row in recordings)
    with pytest.raises(SalesforceError, match="FIELD_INTEGRITY_EXCEPTION") as refusal:
        read_custom_field(properties, "a__c")
    assert refusal.value.message == message


@pytest.mark.parametrize("name", ["accounts-sampled.json", "organization-sampled.json"])
def test_describes_inside_a_composite_have_the_recorded_keys(
    shared: Api, recordings: list[dict[str, Any]], name: str
) -> None:
    (theirs,) = recorded(recordings, f"metadata/read/{name}")["compositeResponse"]
    url = f"/services/data/v60.0/sobjects/{theirs['body']['name']}/describe"
    part = {"method": "GET", "url": url, "referenceId": theirs["referenceId"]}
    (ours,) = shared.call("POST", "composite", json={"compositeRequest": [part]}).json()["compositeResponse"]
    assert list(ours) == list(theirs)
    assert (ours["httpStatusCode"], ours["referenceId"]) == (theirs["httpStatusCode"], theirs["referenceId"])
    assert list(ours["body"]) == list(theirs["body"])
    assert list(ours["body"]["fields"][0]) == list(theirs["body"]["fields"][0])


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("test/read-list-leads.json", "SELECT Address, City, CleanStatus, FirstName FROM Lead WHERE City != null"),
        ("test/read-opportunity-with-account.json", "SELECT Id, Name, AccountId, Amount, StageName FROM Opportunity"),
        (
            "test/read-opportunity-with-contacts.json",
            "SELECT Id, Name, Amount, StageName, (SELECT Id, ContactId, Role FROM OpportunityContactRoles) FROM Opportunity",
        ),
        ("metadata/write/permission-set.json", "SELECT Id, Name FROM PermissionSet"),
    ],
)
def test_recorded_rows_have_the_same_keys_in_the_same_order(
    api: Api, recordings: list[dict[str, Any]], name: str, query: str
) -> None:
    api.call("POST", "sobjects/PermissionSet", json={"Name": "a", "Label": "a"})
    lead = {
        "LastName": "a",
        "Company": "b",
        "City": "c",
        "Country": "d",
        "State": "e",
        "PostalCode": "f",
        "Street": "g",
    }
    api.call("POST", "sobjects/Lead", json=lead)
    ours, theirs = api.get("query", q=query)["records"][-1], recorded(recordings, name)["records"][0]
    assert keys(ours) == keys(theirs)


def keys(value: Any) -> Any:
    """Return the keys in order, and the first entry of each list."""
    if isinstance(value, list):
        return [keys(each) for each in value[:1]]
    return [(key, keys(each)) for key, each in value.items()] if isinstance(value, dict) else None


def test_recorded_batches_are_answered_alike(api: Api, recordings: list[dict[str, Any]]) -> None:
    made = recorded(recordings, "batch/create/contacts/payload.json")
    answer = api.call("POST", "composite/sobjects", json=made).json()
    assert [shape(each) for each in answer] == [
        shape(each) for each in recorded(recordings, "batch/create/contacts/success.json")[: len(answer)]
    ]
    changed = recorded(recordings, "batch/update/contacts/payload.json")
    ids = [each["id"] for each in answer]
    records = [{**record, "id": id_} for record, id_ in zip(changed["records"], ids, strict=False)]
    answer = api.call("PATCH", "composite/sobjects", json={**changed, "records": records}).json()
    assert [shape(each) for each in answer] == [
        shape(each) for each in recorded(recordings, "batch/update/contacts/success.json")[: len(answer)]
    ]


def test_deleting_twice_is_refused_as_recorded(api: Api, recordings: list[dict[str, Any]]) -> None:
    contact = api.query("SELECT Id FROM Contact LIMIT 1")[0]["Id"]
    assert api.call("DELETE", f"sobjects/Contact/{contact}").status_code == 204
    assert api.call("DELETE", f"sobjects/Contact/{contact}").json() == recorded(recordings, "crm/delete/not-found.json")


def test_a_delete_job_goes_through_its_states_as_recorded(api: Api, recordings: list[dict[str, Any]]) -> None:
    wish = {"object": "Opportunity", "operation": "delete", "contentType": "CSV"}
    made = api.call("POST", "jobs/ingest", json=wish).json()
    assert keys(made) == keys(recorded(recordings, "bulk/delete/launch-job-opportunity.json"))
    rows = "Id\n" + api.query("SELECT Id FROM Opportunity LIMIT 1")[0]["Id"] + "\n"
    api.call("PUT", "/" + made["contentUrl"], data=rows, headers={"Content-Type": "text/csv"})
    api.sandbox.jobs.delay = 3600
    closed = api.call("PATCH", f"jobs/ingest/{made['id']}", json={"state": "UploadComplete"}).json()
    assert keys(closed) == keys(recorded(recordings, "bulk/delete/update-job-opportunity.json"))
    theirs = recorded(recordings, "bulk/info/in-progress.json")
    running = api.get(f"jobs/ingest/{made['id']}")
    assert list(keys(running)) == [key for key in keys(theirs) if key[0] != "externalIdFieldName"]
    api.sandbox.jobs.delay = 0
    done = api.get(f"jobs/ingest/{made['id']}")
    theirs = recorded(recordings, "bulk/info/success.json")
    assert keys(done) == [key for key in keys(theirs) if key[0] != "externalIdFieldName"]
    assert (done["state"], done["numberRecordsFailed"]) == (theirs["state"], 0)


def test_who_one_is_has_every_recorded_key(shared: Api, recordings: list[dict[str, Any]]) -> None:
    ours, theirs = shared.get("/services/oauth2/userinfo"), recorded(recordings, "metadata/write/user-info.json")
    assert [key for key in ours if key in theirs] == list(theirs)
