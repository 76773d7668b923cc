"""Bulk API 2.0: states, pages, CSV, options and errors."""

import csv
import io
from typing import Any

import pytest
import requests

from leadgauge_sandbox.salesforce import create_app
from leadgauge_sandbox.salesforce.clock import Clock
from leadgauge_sandbox.server import serve
from sandbox.tests.salesforce.conftest import NOW, Api


def rows_of(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def open_leads(api: Api, count: int) -> Any:
    return [row["Id"] for row in api.query(f"SELECT Id FROM Lead WHERE IsConverted = false ORDER BY Id LIMIT {count}")]


def test_result_pages_follow_the_locator_until_it_says_null(shared: Api) -> None:
    total = shared.get("query", q="SELECT COUNT() FROM Web_Visit__c")["totalSize"]
    job = shared.bulk_query("SELECT Id, Occurred_At__c, Seconds__c, Lead__r.Email FROM Web_Visit__c")
    assert shared.get(f"jobs/query/{job}")["numberRecordsProcessed"] == total
    rows, locator = [], None
    while locator != "null":
        answer = shared.call(
            "GET", f"jobs/query/{job}/results", params={"maxRecords": 400, **({"locator": locator} if locator else {})}
        )
        locator = answer.headers["Sforce-Locator"]
        page = rows_of(answer.content.decode())
        assert int(answer.headers["Sforce-NumberOfRecords"]) == len(page)
        rows += page
    assert len(rows) == len({row["Id"] for row in rows}) == total
    assert rows[0]["Occurred_At__c"].endswith(".000Z")
    assert list(rows[0]) == ["Id", "Occurred_At__c", "Seconds__c", "Lead__r.Email"]


def test_every_value_and_header_is_quoted_and_missing_ones_are_empty(shared: Api) -> None:
    job = shared.bulk_query("SELECT Id, IsDeleted, Fax FROM Lead LIMIT 1")
    shared.get(f"jobs/query/{job}")
    answer = shared.call("GET", f"jobs/query/{job}/results")
    assert answer.content == b'"Id","IsDeleted","Fax"\n"00Q8d0000000001EAA","false",""\n'
    assert answer.headers["Content-Type"] == "text/csv;charset=UTF-8"


@pytest.mark.parametrize(
    ("name", "delimiter"), [("PIPE", "|"), ("SEMICOLON", ";"), ("TAB", "\t"), ("CARET", "^"), ("BACKQUOTE", "`")]
)
def test_delimiter_and_line_ending_are_as_asked(shared: Api, name: str, delimiter: str) -> None:
    job = shared.bulk_query("SELECT Id, Name FROM Lead LIMIT 2", columnDelimiter=name, lineEnding="CRLF")
    shared.get(f"jobs/query/{job}")
    text = shared.call("GET", f"jobs/query/{job}/results").content.decode()
    assert text.startswith(f'"Id"{delimiter}"Name"\r\n')
    assert len(rows_of(text, delimiter)) == 2


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Address FROM Lead", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT COUNT() FROM Lead", "API_ERROR"),
        ("SELECT Title, COUNT(Id) FROM Lead GROUP BY Title", "API_ERROR"),
        ("SELECT Id FROM Lead OFFSET 2", "API_ERROR"),
        ("SELECT Id, (SELECT Id FROM Tasks) FROM Lead", "API_ERROR"),
        ("SELECT TYPEOF Who WHEN Lead THEN Name END FROM Task", "API_ERROR"),
        ("SELECT Nope FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
        ("SELECT Id FORM Lead", "MALFORMED_QUERY"),
    ],
)
def test_what_bulk_cannot_read_is_refused_at_once(shared: Api, query: str, code: str) -> None:
    answer = shared.call("POST", "jobs/query", json={"operation": "query", "query": query})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_query_all_finds_deleted_rows(api: Api) -> None:
    gone = open_leads(api, 1)[0]
    api.call("DELETE", f"sobjects/Lead/{gone}")
    for operation, expected in (("query", 0), ("queryAll", 1)):
        job = api.bulk_query(f"SELECT Id FROM Lead WHERE Id = '{gone}'", operation)
        assert api.get(f"jobs/query/{job}")["numberRecordsProcessed"] == expected


def test_a_job_goes_through_its_states(api: Api) -> None:
    api.control("jobs", delay=600)
    job = api.bulk_query("SELECT Id FROM Lead")
    assert api.get(f"jobs/query/{job}")["state"] == "InProgress"
    assert api.call("GET", f"jobs/query/{job}/results").status_code == 400
    assert api.call("DELETE", f"jobs/query/{job}").status_code == 400
    assert api.call("PATCH", f"jobs/query/{job}", json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert api.call("DELETE", f"jobs/query/{job}").status_code == 204
    assert api.call("GET", f"jobs/query/{job}").status_code == 404


def test_an_aborted_ingest_leaves_its_rows_unprocessed(api: Api) -> None:
    ids = open_leads(api, 2)
    api.control("jobs", delay=600)
    done = api.ingest("Lead", "Id,Title\n" + "\n".join(f"{each},x" for each in ids))
    assert done["state"] == "InProgress"
    api.call("PATCH", f"jobs/ingest/{done['id']}", json={"state": "Aborted"})
    assert [row["Id"] for row in rows_of(api.results(done["id"], "unprocessedRecords"))] == ids
    assert rows_of(api.results(done["id"], "successfulResults")) == []


def test_an_empty_cell_leaves_a_value_and_na_empties_it(api: Api) -> None:
    first, second = open_leads(api, 2)
    api.ingest("Lead", f"Id,Title,Fax\n{first},a,1\n{second},a,2\n")
    api.ingest("Lead", f"Id,Title,Fax\n{first},,#N/A\n{second},#N/A,\n")
    assert [
        (row["Title"], row["Fax"])
        for row in api.query(f"SELECT Title, Fax FROM Lead WHERE Id IN ('{first}', '{second}') ORDER BY Id")
    ] == [("a", None), (None, "2")]


def test_rows_are_written_refused_and_returned_with_their_own_columns(api: Api) -> None:
    converted = api.query("SELECT Id FROM Lead WHERE IsConverted = true LIMIT 1")[0]["Id"]
    good = open_leads(api, 1)[0]
    done = api.ingest(
        "Lead", f'Id,Title\n{good},"a, ""b""\nc"\n{converted},x\n{good[:15]},y\n,z\n00Q8d0000zzzzzzEAA,w\n'
    )
    assert (done["state"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == ("JobComplete", 5, 3)
    written = rows_of(api.results(done["id"], "successfulResults"))
    assert [(row["sf__Id"], row["sf__Created"], row["Title"]) for row in written] == [
        (good, "false", 'a, "b"\nc'),
        (good, "false", "y"),
    ]
    errors = [row["sf__Error"] for row in rows_of(api.results(done["id"], "failedresults"))]
    assert errors == [
        "CANNOT_UPDATE_CONVERTED_LEAD:cannot reference converted lead: --",
        "MISSING_ARGUMENT:Id not specified in an update call: --",
        "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id: --",
    ]


def test_assignment_rules_run_in_bulk_only_when_asked_for(api: Api) -> None:
    lead = open_leads(api, 1)[0]
    api.ingest("Lead", f"Id,Title\n{lead},a\n")
    assert api.control("stats", "GET")["reassigned"] == 0
    api.ingest("Lead", f"Id,Title\n{lead},b\n", assignmentRuleId="01Q8d0000000001AAA")
    assert api.control("stats", "GET")["reassigned"] == 1


def test_upserts_refer_to_parents_by_their_external_ids(api: Api) -> None:
    key = api.query("SELECT Company_Key__c, Name FROM Account LIMIT 1")[0]
    done = api.ingest(
        "Contact",
        f"Person_Key__c,LastName,Account.Company_Key__c\n88888,New,{key['Company_Key__c']:.0f}\n",
        "upsert",
        externalIdFieldName="Person_Key__c",
    )
    assert done["numberRecordsFailed"] == 0, api.results(done["id"], "failedResults")
    assert (
        api.query("SELECT Account.Name FROM Contact WHERE Person_Key__c = 88888")[0]["Account"]["Name"] == key["Name"]
    )


def test_uploads_are_checked(api: Api) -> None:
    job = api.call("POST", "jobs/ingest", json={"object": "Lead", "operation": "update"}).json()
    batches = "/" + job["contentUrl"]
    assert (
        api.call("PUT", batches, data=b"{}", headers={"Content-Type": "application/json"}).json()[0]["errorCode"]
        == "INVALIDCONTENTTYPE"
    )
    assert api.call("PATCH", f"jobs/ingest/{job['id']}", json={"state": "UploadComplete"}).status_code == 400
    assert api.call("PUT", batches, data=b"Id\n", headers={"Content-Type": "text/csv"}).status_code == 201
    assert api.call("PUT", batches, data=b"Id\n", headers={"Content-Type": "text/csv"}).status_code == 400
    assert api.call("POST", "jobs/ingest", json={"object": "Lead", "operation": "upsert"}).status_code == 400
    assert (
        api.call("POST", "jobs/ingest", json={"object": "Nope", "operation": "update"}).json()[0]["errorCode"]
        == "INVALIDENTITY"
    )


def test_latin_1_bytes_fail_the_job_and_write_nothing(api: Api) -> None:
    lead = open_leads(api, 1)[0]
    job = api.call("POST", "jobs/ingest", json={"object": "Lead", "operation": "update"}).json()
    api.call(
        "PUT",
        "/" + job["contentUrl"],
        data=f"Id,Title\n{lead},Zoë\n".encode("latin-1"),
        headers={"Content-Type": "text/csv"},
    )
    api.call("PATCH", f"jobs/ingest/{job['id']}", json={"state": "UploadComplete"})
    assert api.get(f"jobs/ingest/{job['id']}")["state"] == "Failed"


def test_an_empty_org_answers_too() -> None:
    app = create_app(clock=Clock(NOW))
    with serve(app) as base, requests.Session() as session:
        api = Api(base, app, session)
        api.sign_in()
        assert api.query("SELECT Id, Account.Name FROM Contact") == []
        job = api.bulk_query("SELECT Id, Account.Name FROM Contact")
        api.get(f"jobs/query/{job}")
        answer = api.call("GET", f"jobs/query/{job}/results")
        assert answer.content == b'"Id","Account.Name"\n'
        assert (answer.headers["Sforce-NumberOfRecords"], answer.headers["Sforce-Locator"]) == ("0", "null")


@pytest.mark.parametrize(("declared", "written"), [("LF", "\r\n"), ("CRLF", "\n")])
def test_lines_that_end_otherwise_than_the_job_says_fail_it(api: Api, declared: str, written: str) -> None:
    lead = api.query("SELECT Id FROM Lead LIMIT 1")[0]["Id"]
    done = api.ingest("Lead", f"Id,Title{written}{lead},a{written}", lineEnding=declared)
    assert (done["state"], done["numberRecordsProcessed"]) == ("Failed", 0)
    assert done["errorMessage"] == (
        f"InvalidBatch : LineEnding is invalid on user data. Current LineEnding setting is {declared}"
    )


@pytest.mark.parametrize("size", ["0", "-1", "many"])
def test_a_page_holds_at_least_one_row(shared: Api, size: str) -> None:
    job = shared.bulk_query("SELECT Id FROM Lead")
    shared.call("GET", f"jobs/query/{job}")
    assert shared.call("GET", f"jobs/query/{job}/results", params={"maxRecords": size}).status_code == 400


def test_a_small_upload_leaves_large_cells_readable_elsewhere_in_the_process(api: Api) -> None:
    api.ingest("Lead", "Id,Title\nx,y\n")
    assert next(csv.reader(["z" * 1000])) == ["z" * 1000]
