"""Each fault does what its description says, from when it is switched on until it is switched off."""

from typing import Any

import pytest
import requests

from leadgauge_sandbox.faults import Faults, UnknownFault
from leadgauge_sandbox.salesforce import FAULTS, create_app
from sandbox.tests.salesforce.conftest import Api, population
from sandbox.tests.salesforce.test_bulk import open_leads, rows_of

LEADS = "SELECT Id FROM Lead"


def code_of(answer: Any) -> Any:
    return answer.status_code, answer.json()[0]["errorCode"], answer.json()[0]["message"]


def test_two_kinds_of_limit_are_told_apart_by_their_words(api: Api) -> None:
    api.fault("concurrent-limit", times=1)
    assert code_of(api.call("GET", "limits")) == (
        403,
        "REQUEST_LIMIT_EXCEEDED",
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    )
    api.fault("daily-limit", 1)
    assert api.call("GET", "limits").status_code == 200
    assert code_of(api.call("GET", "limits")) == (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def test_the_budget_is_told_and_kept(api: Api) -> None:
    api.control("budget", maximum=3, used=0)
    usage = [api.call("GET", "limits").headers["Sforce-Limit-Info"] for _ in range(3)]
    assert usage == ["api-usage=1/3", "api-usage=2/3", "api-usage=3/3"]
    assert code_of(api.call("GET", "limits"))[:2] == (403, "REQUEST_LIMIT_EXCEEDED")


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("503", 503, "SERVER_UNAVAILABLE"),
        ("500", 500, "UNKNOWN_EXCEPTION"),
        ("query-timeout", 400, "QUERY_TIMEOUT"),
        ("session-expired", 401, "INVALID_SESSION_ID"),
    ],
)
def test_a_call_is_refused_once(api: Api, name: str, status: int, code: str) -> None:
    api.fault(name, times=1)
    assert code_of(api.call("GET", "query", params={"q": LEADS}))[:2] == (status, code)
    api.sign_in()
    assert api.call("GET", "query", params={"q": LEADS}).status_code == 200


def test_an_error_page_is_no_json(api: Api) -> None:
    api.fault("503-html", times=1)
    answer = api.call("GET", "limits")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html;charset=UTF-8")
    assert answer.text.startswith("<html>")


def test_a_disabled_api_and_revoked_users_stay_out(api: Api) -> None:
    api.fault("api-disabled")
    assert code_of(api.call("GET", "limits"))[:2] == (403, "API_DISABLED_FOR_ORG")
    api.control("faults", "DELETE")
    api.fault("revoked", 1)
    assert api.call("GET", "limits").status_code == 200
    assert code_of(api.call("GET", "limits"))[:2] == (401, "INVALID_SESSION_ID")
    known = api.sandbox.credentials
    form = {"grant_type": "client_credentials", "client_id": known.consumer_key, "client_secret": known.consumer_secret}
    assert requests.post(f"{api.base}/services/oauth2/token", data=form, timeout=10).json()["error"] == "invalid_grant"


def test_a_locator_expires_by_fault_and_by_age(api: Api) -> None:
    api.fault("small-pages", 50)
    following = api.get("query", q=LEADS)["nextRecordsUrl"]
    assert len(api.get(following)["records"]) == 50
    api.fault("expired-locator", times=1)
    assert code_of(api.call("GET", following))[:2] == (400, "INVALID_QUERY_LOCATOR")
    following = api.get("query", q=LEADS)["nextRecordsUrl"]
    api.control("clock", advance=49 * 3_600_000)
    api.sign_in()
    assert code_of(api.call("GET", following))[:2] == (400, "INVALID_QUERY_LOCATOR")


def test_rows_come_in_any_order_unless_ordered(api: Api) -> None:
    api.fault("unordered")
    ids = [row["Id"] for row in api.query(LEADS)]
    assert ids != sorted(ids)
    ordered = [row["Id"] for row in api.query(f"{LEADS} ORDER BY Id")]
    assert ordered == sorted(ids)


def test_ties_share_one_stamp(api: Api) -> None:
    api.fault("ties", 20)
    assert len(api.query("SELECT Id FROM Lead WHERE SystemModstamp = 2026-06-15T12:00:00Z")) == 20


def test_locks_rules_and_duplicates_refuse_rows_and_write_nothing(api: Api) -> None:
    identifier = open_leads(api, 1)[0]
    key = api.get(f"sobjects/Lead/{identifier}")["Person_Key__c"]

    def update(headers: dict[str, str] | None = None) -> Any:
        record = {"attributes": {"type": "Lead"}, "id": identifier, "Title": "changed"}
        answer = api.call(
            "PATCH",
            "composite/sobjects",
            json={"records": [record]},
            headers={"Sforce-Auto-Assign": "FALSE", **(headers or {})},
        )
        return answer.json()[0]

    api.fault("row-lock", times=1)
    assert update()["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    api.fault("validation", key % 10)
    assert update()["errors"][0]["statusCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    api.control("faults", "DELETE", name="validation")
    api.fault("duplicates", 1)
    assert update()["errors"][0]["statusCode"] == "DUPLICATES_DETECTED"
    assert api.get(f"sobjects/Lead/{identifier}")["Title"] != "changed"
    assert update({"Sforce-Duplicate-Rule-Header": "allowSave=true"})["success"] is True


def test_bulk_jobs_fail_stall_and_stop_half_way(api: Api) -> None:
    api.fault("bulk-failed", times=1)
    job = api.bulk_query(LEADS)
    assert (api.get(f"jobs/query/{job}")["state"], api.get(f"jobs/query/{job}")["errorMessage"]) == (
        "Failed",
        "InternalServerError : Unable to process the job",
    )
    api.fault("bulk-stalled", 3)
    job = api.bulk_query(LEADS)
    assert [api.get(f"jobs/query/{job}")["state"] for _ in range(4)] == ["InProgress"] * 3 + ["JobComplete"]
    api.control("faults", "DELETE")
    api.fault("bulk-unprocessed", times=1)
    ids = open_leads(api, 4)
    done = api.ingest("Lead", "Id,Title\n" + "\n".join(f"{each},x" for each in ids))
    assert done["state"] == "Failed"
    assert [row["sf__Id"] for row in rows_of(api.results(done["id"], "successfulResults"))] == ids[:2]
    assert [row["Id"] for row in rows_of(api.results(done["id"], "unprocessedrecords"))] == ids[2:]


def test_csv_may_lack_its_charset_and_activities_their_visibility(api: Api) -> None:
    api.fault("no-charset")
    job = api.bulk_query(LEADS)
    api.get(f"jobs/query/{job}")
    assert api.call("GET", f"jobs/query/{job}/results").headers["Content-Type"] == "text/csv"
    api.fault("no-view-all")
    answer = api.call("POST", "jobs/query", json={"operation": "query", "query": "SELECT Id FROM Task"})
    assert code_of(answer)[1] == "OPERATION_TOO_LARGE"


def test_connections_break_before_and_in_the_middle_of_the_answer(api: Api) -> None:
    identifier = open_leads(api, 1)[0]
    api.fault("lost-answer", times=1)
    with pytest.raises(requests.ConnectionError):
        api.call("PATCH", f"sobjects/Lead/{identifier}", json={"Title": "written"})
    assert api.get(f"sobjects/Lead/{identifier}")["Title"] == "written"
    api.fault("cut-connection", times=1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        api.call("GET", "sobjects")
    assert api.call("GET", "sobjects").status_code == 200


def test_slow_answers_take_longer(api: Api) -> None:
    api.fault("slow", 0.7, times=1)
    with pytest.raises(requests.Timeout):
        api.session.get(f"{api.base}/services/data/v60.0/limits", timeout=0.3)
    assert api.call("GET", "limits").status_code == 200


def test_late_commits_show_up_behind_the_newest_stamp(api: Api) -> None:
    api.fault("late-commits", 7200)
    api.control("step", by=5 * 86_400_000)
    api.sign_in()
    condition = "SystemModstamp > 2026-06-15T12:00:00Z AND SystemModstamp < 2026-06-20T12:00:00Z"
    visits = "SELECT COUNT() FROM Web_Visit__c WHERE"
    before = api.get("query", q=f"{visits} {condition}")["totalSize"]
    api.control("clock", advance=7_200_000)
    api.sign_in()
    assert api.get("query", q=f"{visits} {condition}")["totalSize"] > before


def test_every_fault_can_be_switched_on_by_its_spelling() -> None:
    app = create_app(population(), faults=",".join(f"{name}:1" for name in FAULTS))
    assert set(app.state.sandbox.faults.told()["on"]) == set(FAULTS)
    for wrong, said in (("earthquake", "choose from"), ("slow:very", "must be a number")):
        with pytest.raises(UnknownFault, match=said):
            create_app(population(), faults=wrong)
    app = create_app(population(), faults="slow:2,ties")
    assert app.state.sandbox.faults.told()["on"] == {"slow": "2", "ties": None}


def test_the_same_seed_strikes_at_the_same_calls() -> None:
    one, other = Faults(FAULTS, 5), Faults(FAULTS, 5)
    for each in (one, other):
        each.set("500", 0.3)
    assert [one.strikes("500") for _ in range(50)] == [other.strikes("500") for _ in range(50)]


def test_unknown_faults_are_refused_over_http(api: Api) -> None:
    answer = api.session.post(f"{api.base}/_sandbox/faults", json={"name": "earthquake"}, timeout=10)
    assert answer.status_code == 400
    assert set(api.control("faults", "GET")["known"]) == set(FAULTS)


def test_missing_and_malformed_credentials_are_refused(api: Api) -> None:
    address = f"{api.base}/services/data/v60.0/limits"
    assert requests.get(address, timeout=10).json() == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]
    assert (
        requests.get(address, headers={"Authorization": "Basic abc"}, timeout=10).json()[0]["errorCode"]
        == "INVALID_AUTH_HEADER"
    )
    assert code_of(api.call("DELETE", "limits"))[:2] == (405, "METHOD_NOT_ALLOWED")
    assert code_of(api.call("GET", "nowhere"))[:2] == (404, "NOT_FOUND")
