"""Writing results: collections for few rows, jobs for many, a result for every row."""

import json
import threading
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
import responses

from connectors.base import ConfigurationError
from connectors.salesforce.fields import as_cell, field_name
from connectors.salesforce.ingest import as_csv, refusal_of
from connectors.salesforce.writing import Writer
from tests.salesforce.answers import DATA, session, sign_in
from vocabulary.writes import Row

COLLECTIONS, JOBS, QUERY, QUERY_ALL = (
    f"{DATA}composite/sobjects",
    f"{DATA}jobs/ingest",
    f"{DATA}query/",
    f"{DATA}queryAll/",
)


def ok(id_: str) -> dict[str, object]:
    return {"id": id_, "success": True, "errors": []}


def refused(code: str, message: str = "no", fields: tuple[str, ...] = ()) -> dict[str, object]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": list(fields)}]}


def contact(number: int) -> str:
    return f"003{number:012}AAA"


def lead(number: int) -> str:
    return f"00Q{number:012}AAA"


def push(rows: list[Row], **changes: object) -> list[Any]:
    return [answer for batch in Writer(session(**changes)).push(rows) for answer in batch]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Event, "wait", lambda self, timeout=None: self.is_set())


@responses.activate
def test_two_hundred_rows_go_in_one_call_and_answers_are_matched_by_their_place() -> None:
    sign_in()
    rows = [Row(contact(n) if n < 100 else lead(n), {"lead_score": n, "lead_grade": None}) for n in range(250)]
    first = [ok(row.lead) for row in rows[:200]]
    first[150] = refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Too high", ("Lead_Score__c",))
    responses.add(responses.PATCH, COLLECTIONS, json=first)
    responses.add(responses.PATCH, COLLECTIONS, json=[ok(row.lead) for row in rows[200:]])
    answers = push(rows)
    assert [answer.lead for answer in answers] == [row.lead for row in rows]
    said = [answer.refusal for answer in answers if answer.refusal]
    assert [(answer.lead, answer.refusal.code) for answer in answers if answer.refusal] == [
        (lead(150), "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    ]
    assert said[0].message == "Too high (Lead_Score__c)"
    request = responses.calls[1].request
    assert request.headers["Sforce-Auto-Assign"] == "FALSE"
    sent = json.loads(request.body)
    assert sent["allOrNone"] is False
    assert sent["records"][0] == {
        "attributes": {"type": "Contact"},
        "id": contact(0),
        "Lead_Score__c": 0,
        "Lead_Grade__c": None,
    }


@responses.activate
def test_converted_leads_duplicates_and_read_only_fields_are_refused_row_by_row() -> None:
    sign_in()
    codes = ["CANNOT_UPDATE_CONVERTED_LEAD", "DUPLICATES_DETECTED", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_FIELD"]
    responses.add(responses.PATCH, COLLECTIONS, json=[*map(refused, codes), ok(lead(4))])
    answers = push([Row(lead(n), {"lead_score": 1}) for n in range(5)])
    assert [answer.refusal and answer.refusal.code for answer in answers] == [*codes, None]
    assert not any(answer.refusal and (answer.refusal.gone or answer.refusal.retry) for answer in answers)


@responses.activate
def test_locked_rows_are_written_again_ordered_by_their_account() -> None:
    sign_in()
    lock = refused("UNABLE_TO_LOCK_ROW")
    responses.add(responses.PATCH, COLLECTIONS, json=[lock, ok(contact(1)), lock, lock])
    parents = {contact(0): "001B", contact(2): "001A", contact(3): "001B"}
    found = {
        "totalSize": 3,
        "done": True,
        "records": [{"Id": id_, "AccountId": account} for id_, account in parents.items()],
    }
    responses.add(responses.GET, QUERY, json=found)
    responses.add(responses.PATCH, COLLECTIONS, json=[ok(contact(2)), lock, ok(contact(3))])
    responses.add(responses.PATCH, COLLECTIONS, json=[refused("UNABLE_TO_LOCK_ROW")])
    responses.add(responses.PATCH, COLLECTIONS, json=[refused("UNABLE_TO_LOCK_ROW")])
    answers = push([Row(contact(n), {"lead_score": n}) for n in range(4)])
    sent = [
        [record["id"] for record in json.loads(call.request.body)["records"]]
        for call in responses.calls
        if call.request.url == COLLECTIONS
    ]
    assert sent[1] == [contact(2), contact(0), contact(3)]
    assert sent[2] == sent[3] == [contact(0)]
    assert [(answer.lead, answer.refusal and answer.refusal.retry) for answer in answers] == [
        (contact(0), True),
        *((contact(n), None) for n in (1, 2, 3)),
    ]


@responses.activate
def test_deleted_records_are_gone_but_merged_ones_wait_for_their_survivor() -> None:
    sign_in()
    responses.add(responses.PATCH, COLLECTIONS, json=[refused("ENTITY_IS_DELETED"), refused("ENTITY_IS_DELETED")])
    found = {
        "totalSize": 2,
        "done": True,
        "records": [{"Id": contact(0), "MasterRecordId": contact(9)}, {"Id": contact(1), "MasterRecordId": None}],
    }
    responses.add(responses.GET, QUERY_ALL, json=found)
    first, second = push([Row(contact(0), {"lead_score": 1}), Row(contact(1), {"lead_score": 1})])
    assert (first.refusal.gone, first.refusal.retry) == (False, True)
    assert second.refusal.gone


@responses.activate
def test_an_id_of_another_object_is_refused_without_a_call() -> None:
    (answer,) = push([Row("006000000000001AAA", {"lead_score": 1})])
    assert answer.refusal.code == "NOT_A_LEAD"
    assert not responses.calls


def job(state: str, **more: object) -> dict[str, object]:
    return {"id": "750", "state": state, "numberRecordsProcessed": 0, "numberRecordsFailed": 0} | more


def add_job(*states: dict[str, object]) -> None:
    sign_in()
    responses.add(responses.POST, JOBS, json=job("Open"))
    responses.add(responses.PUT, f"{JOBS}/750/batches", status=201)
    responses.add(responses.PATCH, f"{JOBS}/750", json=job("UploadComplete"))
    for state in states:
        responses.add(responses.GET, f"{JOBS}/750", json=state)


@responses.activate
def test_many_rows_go_through_one_job() -> None:
    add_job(job("InProgress"), job("JobComplete", numberRecordsProcessed=3))
    answers = push([Row(lead(n), {"lead_score": n, "lead_grade": None}) for n in range(3)], bulk_writes_above=2)
    assert [answer.refusal for answer in answers] == [None] * 3
    sent = {call.request.method: call.request for call in responses.calls}
    assert orjson.loads(next(call.request.body for call in responses.calls if call.request.url == JOBS)) == {
        "object": "Lead",
        "operation": "update",
        "contentType": "CSV",
        "lineEnding": "LF",
    }
    assert (
        sent["PUT"].body
        == f"Id,Lead_Score__c,Lead_Grade__c\n{lead(0)},0,#N/A\n{lead(1)},1,#N/A\n{lead(2)},2,#N/A\n".encode()
    )
    assert all(
        request.headers["Sforce-Auto-Assign"] == "FALSE" for request in sent.values() if request.url.startswith(DATA)
    )


@responses.activate
def test_failed_and_unprocessed_rows_of_a_job_are_told_one_by_one() -> None:
    add_job(job("JobComplete", numberRecordsProcessed=2, numberRecordsFailed=1))
    failed = f'"sf__Id","sf__Error",Id,Lead_Score__c\n"{lead(1)}","FIELD_CUSTOM_VALIDATION_EXCEPTION:Zoë says: no:Lead_Score__c --","{lead(1)}","1"\n'
    responses.add(responses.GET, f"{JOBS}/750/failedResults", body=failed.encode(), content_type="text/csv")
    responses.add(
        responses.GET,
        f"{JOBS}/750/successfulResults",
        body=f'"sf__Id","sf__Created",Id\n"{lead(0)}","false","{lead(0)}"\n'.encode(),
    )
    first, second, third = push([Row(lead(n), {"lead_score": n}) for n in range(3)], bulk_writes_above=2)
    assert first.refusal is None
    assert (second.refusal.code, second.refusal.message) == (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "Zoë says: no:Lead_Score__c",
    )
    assert (third.refusal.code, third.refusal.retry) == ("UNPROCESSED", True)


@responses.activate
def test_a_job_that_fails_as_a_whole_refuses_every_row_it_did_not_write() -> None:
    add_job(job("Failed", errorMessage="InvalidBatch : Field name not found : Lead_Score__c"))
    responses.add(responses.GET, f"{JOBS}/750/successfulResults", body=b"")
    answers = push([Row(lead(n), {"lead_score": n}) for n in range(3)], bulk_writes_above=2)
    assert {answer.refusal.code for answer in answers} == {"InvalidBatch"}
    assert "Field name not found" in answers[0].refusal.message


@responses.activate
def test_a_text_that_reads_like_null_goes_through_rest() -> None:
    add_job(job("JobComplete", numberRecordsProcessed=2))
    responses.add(responses.PATCH, COLLECTIONS, json=[ok(lead(2))])
    rows = [
        *(Row(lead(n), {"lead_score_reasons": "x"}) for n in range(2)),
        Row(lead(2), {"lead_score_reasons": "#N/A"}),
    ]
    assert [answer.refusal for answer in push(rows, bulk_writes_above=2)] == [None] * 3
    assert any(call.request.url == COLLECTIONS for call in responses.calls)


def test_cells_are_written_so_that_they_come_back() -> None:
    rows = [
        Row(
            lead(1),
            {
                "lead_score_reasons": 'a "b", c\nd\u2028',
                "lead_scored_at": datetime(2026, 1, 2, tzinfo=UTC),
                "lead_score": 3.5,
            },
        )
    ]
    assert (
        as_csv(rows).decode()
        == f'Id,Lead_Score_Reasons__c,Lead_Scored_At__c,Lead_Score__c\n{lead(1)},"a ""b"", c\nd\u2028",2026-01-02T00:00:00.000Z,3.5\n'
    )
    assert as_cell("") == as_cell(None) == "#N/A"


def test_an_error_of_a_job_is_read_with_its_code() -> None:
    said = refusal_of("INVALID_FIELD:Failed to deserialize field at col 3. Due to, 'x' is not valid:CloseDate --")
    assert (said.code, said.message) == (
        "INVALID_FIELD",
        "Failed to deserialize field at col 3. Due to, 'x' is not valid:CloseDate",
    )
    assert refusal_of("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access:--").retry


def test_outputs_have_salesforce_names() -> None:
    assert [field_name(name) for name in ("lead_score", "crm_lead_priority_index")] == [
        "Lead_Score__c",
        "Crm_Lead_Priority_Index__c",
    ]
    with pytest.raises(ConfigurationError, match="shorter `prefix`"):
        field_name("a_very_long_prefix_of_twenty_lead_priority_index")


def test_the_cost_of_a_push_is_the_cheaper_way() -> None:
    writer = Writer(session())
    assert writer.cost(0).calls == 0
    assert writer.cost(201).calls == 2
    assert writer.cost(200_000).calls == 40
