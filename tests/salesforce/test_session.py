"""Signing in, expired sessions, limits and failures."""

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests
import responses

from connectors.base import BudgetSpent, ConfigurationError, Interrupted, Unavailable
from connectors.salesforce import rest
from connectors.salesforce.errors import Rejected
from connectors.salesforce.session import RENEWALS
from connectors.salesforce.signin import audience
from connectors.salesforce.soql import Query
from tests.salesforce.answers import DATA, EXPIRED, HOST, TOKEN, asked, session, sign_in

LIMIT = {"Sforce-Limit-Info": "api-usage=18/5000; per-app-api-usage=17/250(appName=leadgauge)"}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits end at once, and still end on the stop event."""
    monkeypatch.setattr(threading.Event, "wait", lambda self, timeout=None: self.is_set())


@responses.activate
def test_an_expired_session_is_renewed_once_and_the_call_repeated_with_its_headers() -> None:
    sign_in("first"), sign_in("second")
    responses.add(responses.GET, f"{DATA}limits/", json=EXPIRED, status=401)
    responses.add(responses.GET, f"{DATA}limits/", json={"ok": 1})
    assert asked(session(), "limits/", headers={"X-Mine": "1"}) == {"ok": 1}
    last = responses.calls[-1].request
    assert last.headers["Authorization"] == "Bearer second"
    assert last.headers["Sforce-Auto-Assign"] == "FALSE"
    assert last.headers["X-Mine"] == "1"
    assert "X-PrettyPrint" not in last.headers


@responses.activate
def test_a_session_that_is_refused_right_after_signing_in_starts_no_login_storm() -> None:
    sign_in("token")
    responses.add(responses.GET, f"{DATA}limits/", json=EXPIRED, status=401)
    with pytest.raises(ConfigurationError, match="just granted"):
        asked(session(), "limits/")
    assert sum(call.request.url == TOKEN for call in responses.calls) == 1 + RENEWALS


@responses.activate
def test_a_401_that_is_no_json_also_renews_the_session() -> None:
    sign_in("first"), sign_in("second")
    responses.add(responses.GET, f"{DATA}limits/", body="<html>Unauthorized</html>", status=401)
    responses.add(responses.GET, f"{DATA}limits/", json={})
    assert asked(session(), "limits/") == {}


@responses.activate
def test_an_expired_session_is_renewed_where_oauth_says_so_in_its_own_words() -> None:
    sign_in("first"), sign_in("second")
    responses.add(responses.GET, f"{HOST}/services/oauth2/userinfo", body="Bad_OAuth_Token", status=403)
    responses.add(responses.GET, f"{HOST}/services/oauth2/userinfo", json={"user_id": "005"})
    assert asked(session(), "/services/oauth2/userinfo") == {"user_id": "005"}


@responses.activate
def test_a_page_for_people_in_place_of_an_answer_is_asked_again_and_named() -> None:
    sign_in("token")
    responses.add(responses.GET, f"{DATA}limits/", body="<html>Down for maintenance</html>", content_type="text/html")
    responses.add(responses.GET, f"{DATA}limits/", json={"ok": 1})
    assert asked(session(), "limits/") == {"ok": 1}
    responses.replace(responses.GET, f"{DATA}limits/", body="<html>Down</html>", content_type="text/html")
    with pytest.raises(Unavailable, match="Down"):
        asked(session(), "limits/")


@responses.activate
def test_many_threads_whose_session_expired_sign_in_once() -> None:
    renewed = threading.Event()

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        return (200, {}, "{}") if request.headers["Authorization"] == "Bearer second" else (401, {}, "[]")

    def token(_: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        name = "second" if renewed.is_set() else "first"
        renewed.set()
        return 200, {}, f'{{"access_token": "{name}", "instance_url": "{HOST}"}}'

    responses.add_callback(responses.POST, TOKEN, token)
    responses.add_callback(responses.GET, f"{DATA}limits/", answer)
    shared = session()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: asked(shared, "limits/"), range(40))) == [{}] * 40
    assert sum(call.request.url == TOKEN for call in responses.calls) == 2


@responses.activate
def test_a_refused_sign_in_is_not_tried_again_for_a_while() -> None:
    responses.add(
        responses.POST, TOKEN, json={"error": "invalid_client", "error_description": "invalid client"}, status=400
    )
    shared = session()
    for _ in range(3):
        with pytest.raises(ConfigurationError, match=r"invalid_client: invalid client.*`auth` and `domain`"):
            shared.client()
    assert len(responses.calls) == 1


@responses.activate
def test_a_secret_never_stands_in_an_error() -> None:
    responses.add(responses.POST, TOKEN, json={"error": "invalid_grant"}, status=400)
    with pytest.raises(ConfigurationError) as caught:
        session().client()
    assert "hush-hush" not in f"{caught.value!r}{caught.value}"


@responses.activate
def test_the_daily_limit_stops_and_the_concurrency_limit_waits() -> None:
    sign_in()
    busy = [
        {
            "message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
            "errorCode": "REQUEST_LIMIT_EXCEEDED",
        }
    ]
    spent = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    responses.add(responses.GET, f"{DATA}limits/", json=busy, status=403)
    responses.add(responses.GET, f"{DATA}limits/", json={"fine": True})
    responses.add(responses.GET, f"{DATA}sobjects/", json=spent, status=403)
    shared = session()
    assert asked(shared, "limits/") == {"fine": True}
    with pytest.raises(BudgetSpent, match="TotalRequests"):
        asked(shared, "sobjects/")


@responses.activate
def test_calls_stop_where_our_share_of_the_day_is_used_up() -> None:
    sign_in()
    responses.add(responses.GET, f"{DATA}limits/", json={}, headers={"Sforce-Limit-Info": "api-usage=4000/5000"})
    shared = session(budget="80%")
    asked(shared, "limits/")
    with pytest.raises(BudgetSpent, match="4000 of 5000 calls"):
        asked(shared, "limits/")


@responses.activate
def test_the_budget_is_read_off_the_headers() -> None:
    sign_in()
    responses.add(responses.GET, f"{DATA}limits/", json={}, headers=LIMIT)
    frugal = session(budget="50%")
    assert frugal.budget().left_today is None
    asked(frugal, "limits/")
    budget = frugal.budget()
    assert (budget.calls, budget.left_today) == (2, 2500 - 18)


@pytest.mark.parametrize("status", [420, 500, 502, 503])
@responses.activate
def test_a_page_of_html_instead_of_an_answer_is_retried(status: int) -> None:
    sign_in()
    responses.add(responses.GET, f"{DATA}limits/", body="<html><body>Down for maintenance</body></html>", status=status)
    responses.add(responses.GET, f"{DATA}limits/", json={"up": 1})
    assert asked(session(), "limits/") == {"up": 1}


@responses.activate
def test_a_call_that_may_have_had_effect_is_not_repeated_unless_harmless() -> None:
    sign_in()
    responses.add(responses.PUT, f"{DATA}jobs/ingest/1/batches", body=requests.ReadTimeout("slow"))
    with pytest.raises(Unavailable, match="may or may not"):
        session().call("PUT", "jobs/ingest/1/batches", data=b"", repeatable=False)
    assert len(responses.calls) == 2


@responses.activate
def test_a_refused_call_names_the_answer_and_the_setting() -> None:
    sign_in()
    wrong = [{"message": "No such column 'Titel' on entity 'Lead'", "errorCode": "INVALID_FIELD"}]
    responses.add(responses.GET, f"{DATA}query/", json=wrong, status=400)
    with pytest.raises(Rejected, match=r"Titel.*`fields`"):
        asked(session(), "query/")


@responses.activate
def test_a_wait_ends_when_the_daemon_is_asked_to_stop() -> None:
    sign_in()
    responses.add(responses.GET, f"{DATA}limits/", status=503)
    shared = session()
    shared.client()
    shared.stop.set()
    with pytest.raises(Interrupted):
        asked(shared, "limits/")


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/services/data/v67.0/query/01g-2", "//evil.example/x", "/services/data/v67.0/query/01g@evil"],
)
@responses.activate
def test_the_session_goes_to_no_host_that_a_link_names(link: str) -> None:
    sign_in()
    page = {"totalSize": 2, "done": False, "records": [{"Id": "1"}], "nextRecordsUrl": link}
    responses.add(responses.GET, f"{DATA}query/", json=page)
    with pytest.raises(Unavailable, match="nextRecordsUrl"):
        rest.rows(session(), Query("Lead", ("Id",)))
    assert {urlsplit(call.request.url).netloc for call in responses.calls} == {"acme.my.salesforce.com"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@responses.activate
def test_no_redirect_is_followed_and_what_to_do_is_said(status: int) -> None:
    sign_in()
    elsewhere = {"Location": "https://evil.example/?sid=1"}
    responses.add(responses.GET, f"{DATA}limits/", status=status, headers=elsewhere)
    with pytest.raises(Unavailable, match=r"leads to https://evil\.example/\. .*no redirect.*`domain`"):
        asked(session(), "limits/")
    responses.replace(responses.POST, TOKEN, status=status, headers=elsewhere)
    with pytest.raises(Unavailable, match="no redirect"):
        session().client()
    assert {urlsplit(call.request.url).netloc for call in responses.calls} == {"acme.my.salesforce.com"}


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "http://acme.my.salesforce.com",
        "https://acme.my.salesforce.com@evil.example",
        "https://evil.example\\.my.salesforce.com",
        "https://notsalesforce.com",
        "https://127.0.0.1",
        "acme.my.salesforce.com",
    ],
)
@responses.activate
def test_an_org_lives_at_salesforce_and_nowhere_else(address: str) -> None:
    responses.add(responses.POST, TOKEN, json={"access_token": "00D!token", "instance_url": address})
    with pytest.raises(ConfigurationError, match="Nothing was sent there"):
        asked(session(), "limits/")
    assert len(responses.calls) == 1


@pytest.mark.parametrize(
    "address", [HOST, "https://na1.salesforce.com/", "https://acme--uat.sandbox.my.salesforce.com"]
)
@responses.activate
def test_an_org_may_live_at_any_host_of_salesforce(address: str) -> None:
    responses.add(responses.POST, TOKEN, json={"access_token": "00D!token", "instance_url": address})
    responses.add(responses.GET, f"{address.rstrip('/')}/services/data/v67.0/limits/", json={"ok": 1})
    assert asked(session(), "limits/") == {"ok": 1}


@responses.activate
def test_a_call_to_a_host_that_was_never_signed_in_to_is_not_made() -> None:
    sign_in()
    with pytest.raises(ConfigurationError, match="was not made"):
        session().call("GET", "https://evil.example/services/data/v67.0/limits/")
    assert len(responses.calls) == 1


@pytest.mark.parametrize(
    ("answer", "status", "remedy"),
    [
        ({"message": "ConcurrentRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}, 403, "long calls"),
        ({"message": "Too many", "errorCode": "TOO_MANY"}, 429, "refusing calls"),
        ({"message": "Unable to forward", "errorCode": "SERVER_UNAVAILABLE"}, 503, "refusing calls"),
        ({"message": "Oops", "errorCode": "UNKNOWN_EXCEPTION"}, 500, "has an outage"),
    ],
)
@responses.activate
def test_what_salesforce_limits_for_long_is_said_with_what_to_do(
    answer: dict[str, str], status: int, remedy: str
) -> None:
    sign_in()
    responses.add(responses.GET, f"{DATA}limits/", json=[answer], status=status)
    with pytest.raises(Unavailable, match=f"Salesforce .*{answer['errorCode']}.*{remedy}") as caught:
        asked(session(), "limits/")
    assert "network" not in str(caught.value)


@responses.activate
def test_a_session_that_an_answer_repeats_is_masked() -> None:
    sign_in("00Dx!a-token-of-no-known-make")
    echo = [{"message": "bad token 00Dx!a-token-of-no-known-make", "errorCode": "INVALID_FIELD"}]
    responses.add(responses.GET, f"{DATA}limits/", json=echo, status=400)
    with pytest.raises(Rejected) as caught:
        asked(session(), "limits/")
    assert "known-make" not in str(caught.value)


@responses.activate
def test_a_long_page_in_place_of_an_answer_is_told_by_its_words() -> None:
    sign_in()
    page = (
        "<!DOCTYPE html><html><head><style>"
        + "x" * 5000
        + "</style></head><body><p>Down for <b>work</b></p></body></html>"
    )
    responses.add(responses.GET, f"{DATA}limits/", body=page, status=503)
    with pytest.raises(Unavailable, match="503 Down for work"):
        asked(session(), "limits/")


@pytest.mark.parametrize(
    ("domain", "where"),
    [
        ("login", "login"),
        ("test", "test"),
        ("acme.my", "login"),
        ("acme--uat.sandbox.my", "test"),
        ("x.scratch.my", "test"),
        ("sandbox-makers.my", "login"),
    ],
)
def test_sandboxes_and_scratch_orgs_sign_in_at_test(domain: str, where: str) -> None:
    assert audience(domain) == where
