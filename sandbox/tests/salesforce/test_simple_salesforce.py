"""simple-salesforce works with the sandbox: every verb and every sign-in."""

import csv
import io
import warnings
from datetime import timedelta
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import (
    Salesforce,
    SalesforceAuthenticationFailed,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceMoreThanOneRecord, SalesforceOperationError

from leadgauge_sandbox.salesforce import Credentials
from sandbox.tests.salesforce.conftest import NOW, Api

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def flows(known: Credentials) -> Any:
    user, app = (
        {"username": known.username},
        {"consumer_key": known.consumer_key, "consumer_secret": known.consumer_secret},
    )
    return {
        "security token": {**user, "password": known.password, "security_token": known.security_token},
        "organization": {**user, "password": known.password, "organizationId": "00D8d0000000001"},
        "password grant": {**user, "password": known.password, **app},
        "JWT": {**user, "consumer_key": known.consumer_key, "privatekey": known.private_key},
        "client credentials": {**app, "domain": "acme.my"},
    }


def test_every_way_to_sign_in_leads_to_a_session_that_works(
    api: Api, redirected: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = api.sandbox.credentials
    monkeypatch.setattr("simple_salesforce.login.datetime", Frozen)
    for name, arguments in flows(known).items():
        client = Salesforce(session=redirected, **arguments)
        assert client.limits()["DailyApiRequests"]["Max"] == 1_000_000, name
        assert client.sf_instance == api.base.removeprefix("http://")


class Frozen:
    """The machine's clock, set to the sandbox's."""

    @staticmethod
    def now(zone: Any) -> Any:
        return NOW


def test_wrong_secrets_are_refused_by_every_way_to_sign_in(
    api: Api, redirected: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simple_salesforce.login.datetime", Frozen)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    wrong = {"security token": "password", "password grant": "password", "client credentials": "consumer_secret"}
    for name, arguments in flows(api.sandbox.credentials).items():
        spoiled = (
            {**arguments, "privatekey": pem} if name == "JWT" else {**arguments, wrong.get(name, "password"): "no"}
        )
        with pytest.raises(SalesforceAuthenticationFailed):
            Salesforce(session=redirected, **spoiled)
    assert api.control("stats", "GET")["refused_sign_ins"] == 5


def test_an_expired_jwt_and_a_foreign_audience_are_refused(api: Api) -> None:
    known = api.sandbox.credentials
    claims = {
        "iss": known.consumer_key,
        "sub": known.username,
        "aud": "https://login.salesforce.com",
        "exp": str(int((NOW + timedelta(minutes=3)).timestamp())),
    }
    for change, words in (
        ({"exp": str(int((NOW - timedelta(minutes=3)).timestamp()))}, "expired"),
        ({"aud": "https://evil.example"}, "audience"),
        ({"sub": "a@b.c"}, "approved"),
        ({}, None),
    ):
        assertion = jwt.encode({**claims, **change}, known.private_key, algorithm="RS256")
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        answer = requests.post(f"{api.base}/services/oauth2/token", data=form, timeout=10)
        assert answer.status_code == (400 if words else 200)
        assert words is None or words in answer.json()["error_description"]


def test_soap_login_ends_with_version_64(api: Api, redirected: requests.Session) -> None:
    known = flows(api.sandbox.credentials)["security token"]
    assert Salesforce(session=redirected, version="64.0", **known).session_id
    with pytest.raises(SalesforceAuthenticationFailed, match="UNSUPPORTED_API_VERSION"):
        Salesforce(session=redirected, version="65.0", **known)


def test_a_refresh_token_opens_another_session(api: Api) -> None:
    known = api.sandbox.credentials
    form = {
        "grant_type": "password",
        "client_id": known.consumer_key,
        "client_secret": known.consumer_secret,
        "username": known.username,
        "password": known.password,
    }
    granted = requests.post(f"{api.base}/services/oauth2/token", data=form, timeout=10).json()
    form = {"grant_type": "refresh_token", "client_id": known.consumer_key, "refresh_token": granted["refresh_token"]}
    again = requests.post(f"{api.base}/services/oauth2/token", data=form, timeout=10).json()
    assert again["access_token"] != granted["access_token"]
    assert set(granted) >= {"access_token", "instance_url", "id", "token_type", "issued_at", "signature"}
    identity = requests.get(
        granted["id"], headers={"Authorization": f"Bearer {again['access_token']}"}, timeout=10
    ).json()
    assert identity["user_id"].startswith("005")


def test_an_ended_session_is_refreshed_by_the_client(api: Api, client: Salesforce) -> None:
    api.control("sessions", end=True)
    assert client.query("SELECT COUNT() FROM Lead")["totalSize"] > 0


def test_a_session_lasts_as_long_as_set_and_use_prolongs_it(api: Api, redirected: requests.Session) -> None:
    api.control("sessions", seconds=60)
    api.sign_in()
    direct = Salesforce(
        session_id=api.session.headers["Authorization"].removeprefix("Bearer "),
        instance_url=api.base,
        session=redirected,
    )
    for _ in range(3):
        api.control("clock", advance=50_000)
        direct.limits()
    api.control("clock", advance=70_000)
    with pytest.raises(SalesforceExpiredSession):
        direct.limits()


def test_queries_come_in_pages_until_they_are_done(client: Salesforce) -> None:
    first = client.query("SELECT Id FROM Web_Visit__c", headers={"Sforce-Query-Options": "batchSize=500"})
    assert (len(first["records"]), first["done"]) == (500, False)
    second = client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert second["records"][0] != first["records"][0]
    same = client.query_more(first["nextRecordsUrl"].rpartition("/")[2])
    assert same["records"] == second["records"]
    everything = client.query_all("SELECT Id FROM Web_Visit__c")
    assert everything["totalSize"] == first["totalSize"] == len({row["Id"] for row in everything["records"]})


def test_records_live_through_create_get_update_upsert_delete(client: Salesforce) -> None:
    made = client.Lead.create({"LastName": "Émile", "Company": "A", "Email": "a@b.example"})
    assert client.Lead.get(made["id"])["Name"] == "Émile"
    assert client.Lead.update(made["id"], {"Title": "CEO"}) == 204
    assert client.Lead.upsert("Person_Key__c/77777", {"LastName": "N", "Company": "B"}) == 201
    assert client.Lead.upsert("Person_Key__c/77777", {"FirstName": "M"}) == 200
    assert client.Lead.get_by_custom_id("Person_Key__c", "77777")["Name"] == "M N"
    assert client.Lead.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        client.Lead.get(made["id"])
    with pytest.raises(SalesforceResourceNotFound, match="entity is deleted"):
        client.Lead.update(made["id"], {"Title": "x"})
    client.Lead.create({"LastName": "Twin", "Company": "B", "Person_Key__c": 77777})
    with pytest.raises(SalesforceMoreThanOneRecord):
        client.Lead.get_by_custom_id("Person_Key__c", "77777")


def test_bad_values_are_refused_with_code_and_field(client: Salesforce) -> None:
    for given, code in (
        ({"LastName": "a"}, "REQUIRED_FIELD_MISSING"),
        ({"LastName": "a", "Company": "b", "Nope__c": 1}, "INVALID_FIELD"),
        ({"LastName": "a", "Company": "b", "Name": "c"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"LastName": "a" * 81, "Company": "b"}, "STRING_TOO_LONG"),
        ({"LastName": "a", "Company": "b", "Email": "no"}, "INVALID_EMAIL_ADDRESS"),
        ({"LastName": "a", "Company": "b", "NumberOfEmployees": "many"}, "JSON_PARSER_ERROR"),
        ({"LastName": "a", "Company": "b", "NumberOfEmployees": 10**9}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"LastName": "a", "Company": "b", "CleanStatus": "Dirty"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"LastName": "a", "Company": "b", "OwnerId": "no id"}, "MALFORMED_ID"),
        ({"LastName": "a", "Company": "b", "OwnerId": "0018d0000000001AAA"}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"LastName": "a", "Company": "b", "OwnerId": "0058d00000000zzAAA"}, "INVALID_CROSS_REFERENCE_KEY"),
    ):
        with pytest.raises(SalesforceMalformedRequest) as refusal:
            client.Lead.create(given)
        assert refusal.value.content[0]["errorCode"] in (code, "MALFORMED_ID"), given


def test_describes_metadata_search_limits_and_the_rest_answer(client: Salesforce) -> None:
    assert {"Lead", "Contact", "Web_Visit__c"} <= {each["name"] for each in client.describe()["sobjects"]}
    assert client.Lead.metadata()["objectDescribe"]["keyPrefix"] == "00Q"
    assert (
        next(each for each in client.Contact.describe()["fields"] if each["name"] == "AccountId")["relationshipName"]
        == "Account"
    )
    assert client.is_sandbox() is True
    name = client.query("SELECT LastName FROM Contact LIMIT 1")["records"][0]["LastName"]
    assert client.quick_search(name)["searchRecords"]
    assert client.search(f"FIND {{{name}}} IN ALL FIELDS RETURNING Contact(Id, Name)")["searchRecords"][0]["Name"]
    assert client.oauth2("userinfo")["user_id"].startswith("005")
    assert client.restful("limits/")["DailyBulkV2QueryJobs"]["Max"] == 10_000
    assert client.api_usage["api-usage"].total == 1_000_000
    assert client.toolingexecute("query?q=SELECT+Id+FROM+CustomField+LIMIT+1")["totalSize"] == 1


def test_updated_and_deleted_list_ids_by_time(api: Api, client: Salesforce) -> None:
    made = client.Lead.create({"LastName": "a", "Company": "b"})
    gone = client.Lead.create({"LastName": "c", "Company": "d"})
    client.Lead.delete(gone["id"])
    start, end = NOW - timedelta(minutes=5), NOW + timedelta(minutes=5)
    assert made["id"] in client.Lead.updated(start, end)["ids"]
    assert gone["id"] in [each["id"] for each in client.Lead.deleted(start, end)["deletedRecords"]]
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_REPLICATION_DATE"):
        client.Lead.updated(NOW - timedelta(days=40), end)


def test_bulk_2_reads_and_writes(client: Salesforce, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simple_salesforce.bulk2.sleep", lambda seconds: None)
    pages = list(client.bulk2.Lead.query("SELECT Id, Name, Title FROM Lead", max_records=100))
    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page))]
    assert len(rows) == client.query("SELECT COUNT() FROM Lead")["totalSize"]
    open_leads = [row["Id"] for row in client.query("SELECT Id FROM Lead WHERE IsConverted = false LIMIT 5")["records"]]
    changes = [{"Id": each, "Title": 'Zoë "q",\n\u2028 end'} for each in open_leads]
    (job,) = client.bulk2.Lead.update(records=[*changes, {"Id": "00Q8d0000zzzzzzEAA", "Title": "x"}])
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (6, 1)
    assert "INVALID_CROSS_REFERENCE_KEY" in client.bulk2.Lead.get_failed_records(job["job_id"])
    assert (
        client.bulk2.Lead.get_unprocessed_records(job["job_id"]).strip().replace("Id", "").replace("Title", "") == ","
    )
    assert client.Lead.get(open_leads[0])["Title"] == 'Zoë "q",\n\u2028 end'
    (made,) = client.bulk2.Lead.insert(records=[{"LastName": "Bulk", "Company": "B", "Person_Key__c": "4711"}])
    assert made["numberRecordsFailed"] == 0
    (again,) = client.bulk2.Lead.upsert(
        records=[{"Person_Key__c": "4711", "FirstName": "Ben"}], external_id_field="Person_Key__c"
    )
    assert again["numberRecordsFailed"] == 0
    found = client.Lead.get_by_custom_id("Person_Key__c", "4711")
    assert found["Name"] == "Ben Bulk"
    (gone,) = client.bulk2.Lead.delete(records=[{"Id": found["Id"]}])
    assert gone["numberRecordsFailed"] == 0
    with pytest.raises(SalesforceOperationError, match="Field name not found : Nope"):
        client.bulk2.Lead.update(records=[{"Id": open_leads[0], "Nope": "1"}])


def test_bulk_1_reads_and_writes(client: Salesforce, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simple_salesforce.bulk.sleep", lambda _: None)
    (rows,) = client.bulk.Lead.query(
        "SELECT Id, CreatedDate FROM Lead WHERE IsConverted = false LIMIT 3", lazy_operation=True
    )
    assert [type(row["CreatedDate"]) for row in rows] == [int] * 3
    results = client.bulk.Lead.update([{"Id": rows[0]["Id"], "Title": "Zoë"}, {"Id": rows[1]["Id"], "Nope": 1}])
    assert [each["success"] for each in results] == [True, False]
    assert results[1]["errors"][0]["statusCode"] == "INVALID_FIELD"
    assert client.Lead.get(rows[0]["Id"])["Title"] == "Zoë"
    made = client.bulk.Lead.upsert([{"Person_Key__c": 5555, "LastName": "a", "Company": "b"}], "Person_Key__c")
    assert (made[0]["success"], made[0]["created"]) == (True, True)
    assert client.bulk.Lead.delete([{"Id": made[0]["id"]}])[0]["success"]


def test_a_field_is_invisible_until_a_permission_set_grants_it_to_the_user(api: Api, client: Salesforce) -> None:
    client.metadata_url = client.metadata_url.replace("https", "http")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fields, sets = client.mdapi.CustomField, client.mdapi.PermissionSet
    number = client.mdapi._client.get_type("ns0:FieldType")("Number")
    fields.create([fields(fullName="Lead.Lead_Score__c", label="Lead Score", type=number, precision=18, scale=0)])
    with pytest.raises(Exception, match="DUPLICATE_DEVELOPER_NAME"):
        fields.create([fields(fullName="Lead.Lead_Score__c", label="Lead Score", type=number, precision=18, scale=0)])
    fields.upsert([fields(fullName="Lead.Lead_Score__c", label="Score", type=number, precision=18, scale=0)])
    lead = client.query("SELECT Id FROM Lead WHERE IsConverted = false LIMIT 1")["records"][0]["Id"]
    with pytest.raises(SalesforceMalformedRequest, match="No such column"):
        client.query("SELECT Lead_Score__c FROM Lead")
    with pytest.raises(SalesforceMalformedRequest, match="No such column"):
        client.Lead.update(lead, {"Lead_Score__c": 7})
    right = {"field": "Lead.Lead_Score__c", "readable": True, "editable": False}
    sets.upsert([sets(fullName="leadgauge", label="leadgauge", hasActivationRequired=False, fieldPermissions=[right])])
    assert "Lead_Score__c" not in [each["name"] for each in client.Lead.describe()["fields"]]
    granted = client.query("SELECT Id FROM PermissionSet WHERE Name = 'leadgauge'")["records"][0]["Id"]
    client.PermissionSetAssignment.create({"AssigneeId": api.sandbox.integration_user, "PermissionSetId": granted})
    assert client.query("SELECT Lead_Score__c FROM Lead LIMIT 1")["records"][0]["Lead_Score__c"] is None
    with pytest.raises(SalesforceMalformedRequest, match="check the security settings"):
        client.Lead.update(lead, {"Lead_Score__c": 7})
    sets.upsert(
        [
            sets(
                fullName="leadgauge",
                label="leadgauge",
                hasActivationRequired=False,
                fieldPermissions=[{**right, "editable": True}],
            )
        ]
    )
    client.Lead.update(lead, {"Lead_Score__c": 7})
    assert client.Lead.get(lead)["Lead_Score__c"] == 7
    assert sets.read(["leadgauge"]).fieldPermissions[0].field == "Lead.Lead_Score__c"
    assert fields.read(["Lead.Lead_Score__c"]).label == "Score"
    assert {each.xmlName for each in client.mdapi.describe_metadata().metadataObjects} >= {"CustomField"}
    fields.delete(["Lead.Lead_Score__c"])
    assert sets.read(["leadgauge"]).fieldPermissions == []
    with pytest.raises(Exception, match="does not exist or is not accessible"):
        fields.delete(["Lead.Lead_Score__c"])
