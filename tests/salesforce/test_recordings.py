"""Recorded responses of Salesforce are understood."""

import json

from connectors.retrying import Fatal
from connectors.salesforce import frames
from connectors.salesforce.describe import FieldInfo
from connectors.salesforce.errors import Problem, Rejected, classify
from connectors.salesforce.ingest import refusal_of
from connectors.salesforce.readings import Described, QueryPage, Saved
from connectors.salesforce.session import _USAGE
from connectors.salesforce.writing import _refusal
from tests.recordings.reading import recorded


def test_every_refused_row_of_a_collection_has_a_code_and_words() -> None:
    answers = [row["response"] for row in recorded("salesforce") if isinstance(row["response"], list)]
    rows = [row for answer in answers for row in answer if isinstance(row, dict) and row.get("success") is False]
    assert rows
    for row in rows:
        said = _refusal(Saved.model_validate(row).errors)
        assert said.code == row["errors"][0]["statusCode"]
        assert row["errors"][0]["message"] in said.message


def test_every_error_has_a_code_and_is_final() -> None:
    answers = [row["response"] for row in recorded("salesforce") if isinstance(row["response"], list)]
    errors = [answer for answer in answers if answer and isinstance(answer[0], dict) and "errorCode" in answer[0]]
    assert errors
    for answer in errors:
        problem = Problem.of(400, {}, json.dumps(answer).encode())
        verdict = classify(problem)
        assert problem.code == answer[0]["errorCode"]
        assert isinstance(verdict, Fatal)
        assert isinstance(verdict.error, Rejected)


def test_errors_of_pardot_are_objects_with_a_number() -> None:
    codes = {
        row["response"]["code"]
        for row in recorded("salesforce")
        if isinstance(row["response"], dict) and "code" in row["response"]
    }
    assert {13, 181} <= codes
    assert Problem.of(400, {}, b'{"code":181,"message":"A required header is missing"}').code == "181"


def test_failed_rows_of_a_job_are_read() -> None:
    (body,) = [
        row["response"] for row in recorded("salesforce") if str(row["response"]).startswith('"sf__Id","sf__Error"')
    ]
    rows = frames.of_csv(body.encode(), ["sf__Id", "sf__Error", "Name", "StageName", "external_id__c", "CloseDate"])
    said = refusal_of(rows["sf__Error"][0])
    assert said.code == "INVALID_FIELD"
    assert "2003-04-987654321987654321" in said.message


def test_the_usage_stands_in_every_header() -> None:
    headers = [
        row["headers"]["Sforce-Limit-Info"]
        for row in recorded("salesforce")
        if (row.get("headers") or {}).get("Sforce-Limit-Info")
    ]
    assert headers
    assert all(_USAGE.search(header) for header in headers)


def test_every_described_field_is_read() -> None:
    answers = [
        row["response"]
        for row in recorded("salesforce")
        if isinstance(row["response"], dict) and "childRelationships" in row["response"]
    ]
    fields = [FieldInfo.of(field) for answer in answers for field in Described.model_validate(answer).fields]
    assert any(field.formula for field in fields) or fields
    assert all(field.name and field.type for field in fields)


def test_every_page_of_records_is_read() -> None:
    pages = [
        row["response"]
        for row in recorded("salesforce")
        if isinstance(row["response"], dict) and "totalSize" in row["response"]
    ]
    assert pages
    for page in pages:
        QueryPage.model_validate(page)
        compound = {name for row in page["records"] for name, value in row.items() if isinstance(value, dict | list)}
        columns = [name for name in (page["records"] or [{}])[0] if name not in compound]
        assert frames.of_json(page["records"], columns).height == len(page["records"])
