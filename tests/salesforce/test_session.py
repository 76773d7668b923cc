"""Signing in, sessions that expire, limits and failures."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import responses

from connectors.base import BudgetSpent, ConfigurationError, Interrupted, Unavailable
from connectors.salesforce.errors import Rejected
from connectors.salesforce.session import RENEWALS
from connectors.salesforce.wire import Adapter
from tests.salesforce.answers import DATA, EXPIRED, HOST, TOKEN, session, sign_in

LIMIT = {"Sforce-Limit-Info": "api-usage=18/5000; per-app-api-usage=17/250(appName=leadgauge)"}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are over at once, and still end on the stop event."""
    monkeypatch.setattr(threading.Event, "wait", lambda self, timeout=None: self.is_set())


@responses.activate
def test_an_expired_session_is_renewed_once_and_the_call_repeated_with_its_headers() -> None:
    sign_in("first"), sign_in("second")
    responses.add(responses.GET, f"{DATA}limits/", json=EXPIRED, status=401)
    responses.add(responses.GET, f"{DATA}limits/", json={"ok": 1})
    assert session().json("GET", "limits/", headers={"X-Mine": "1"}) == {"ok": 1}
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
        session().json("GET", "limits/")
    assert sum(call.request.url == TOKEN for call in responses.calls) == 1 + RENEWALS


@responses.activate
def test_a_401_that_is_no_json_also_renews_the_session() -> None:
    sign_in("first"), sign_in("second")
    responses.add(responses.GET, f"{DATA}limits/", body="<html>Unauthorized</html>", status=401)
    responses.add(responses.GET, f"{DATA}limits/", json={})
    assert session().json("GET", "limits/") == {}


@responses.activate
def test_an_expired_session_is_renewed_where_oauth_says_so_in_its_own_words() -> None:
    sign_in("first"), sign_in("second")
    responses.add(responses.GET, f"{HOST}/services/oauth2/userinfo", body="Bad_OAuth_Token", status=403)
    responses.add(responses.GET, f"{HOST}/services/oauth2/userinfo", json={"user_id": "005"})
    assert session().json("GET", "/services/oauth2/userinfo") == {"user_id": "005"}


@responses.activate
def test_a_page_for_people_in_place_of_an_answer_is_asked_again_and_named() -> None:
    sign_in("token")
    responses.add(responses.GET, f"{DATA}limits/", body="<html>Down for maintenance</html>", content_type="text/html")
    responses.add(responses.GET, f"{DATA}limits/", json={"ok": 1})
    assert session().json("GET", "limits/") == {"ok": 1}
    responses.replace(responses.GET, f"{DATA}limits/", body="<html>Down</html>", content_type="text/html")
    with pytest.raises(Unavailable, match="Down"):
        session().json("GET", "limits/")


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
        assert list(pool.map(lambda _: shared.json("GET", "limits/"), range(40))) == [{}] * 40
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
    assert shared.json("GET", "limits/") == {"fine": True}
    with pytest.raises(BudgetSpent, match="TotalRequests"):
        shared.json("GET", "sobjects/")


@responses.activate
def test_calls_stop_where_our_share_of_the_day_is_used_up() -> None:
    sign_in()
    responses.add(responses.GET, f"{DATA}limits/", json={}, headers={"Sforce-Limit-Info": "api-usage=4000/5000"})
    shared = session(budget="80%")
    shared.json("GET", "limits/")
    with pytest.raises(BudgetSpent, match="4000 of 5000 calls"):
        shared.json("GET", "limits/")


@responses.activate
def test_the_budget_is_read_off_the_headers() -> None:
    sign_in()
    responses.add(responses.GET, f"{DATA}limits/", json={}, headers=LIMIT)
    asked = session(budget="50%")
    assert asked.budget().left_today is None
    asked.json("GET", "limits/")
    budget = asked.budget()
    assert (budget.calls, budget.left_today) == (2, 2500 - 18)


@pytest.mark.parametrize("status", [420, 500, 502, 503])
@responses.activate
def test_a_page_of_html_instead_of_an_answer_is_retried(status: int) -> None:
    sign_in()
    responses.add(responses.GET, f"{DATA}limits/", body="<html><body>Down for maintenance</body></html>", status=status)
    responses.add(responses.GET, f"{DATA}limits/", json={"up": 1})
    assert session().json("GET", "limits/") == {"up": 1}


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
        session().json("GET", "query/")


@responses.activate
def test_a_wait_ends_when_the_daemon_is_asked_to_stop() -> None:
    sign_in()
    responses.add(responses.GET, f"{DATA}limits/", status=503)
    shared = session()
    shared.client()
    shared.stop.set()
    with pytest.raises(Interrupted):
        shared.json("GET", "limits/")


def test_every_call_has_a_time_out_and_goes_where_base_url_says(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}
    monkeypatch.setattr(
        requests.adapters.HTTPAdapter, "send", lambda self, request, **kw: seen.update(kw, url=request.url)
    )
    request = requests.Request("GET", "https://acme.my.salesforce.com/services/data?q=a%20b").prepare()
    Adapter(7.0, "http://127.0.0.1:8902").send(request, timeout=None)
    assert seen == {"timeout": (7.0, 7.0), "url": "http://127.0.0.1:8902/services/data?q=a%20b"}
