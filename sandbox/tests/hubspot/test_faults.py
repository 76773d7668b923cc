"""Every fault does what its name says, and the same seed strikes the same calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from leadgauge_sandbox.faults import UnknownFault
from leadgauge_sandbox.hubspot.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.tests.hubspot.conftest import Sandbox

PAGE = "/crm/v3/objects/contacts"


@pytest.mark.parametrize(
    ("name", "status", "sign"),
    [
        ("500", 500, "internal error"),
        ("502", 502, "<html>"),
        ("504-html", 504, "<html>"),
        ("423", 423, "locked"),
        ("477", 477, "migrated"),
        ("burst-429", 429, '"policyName":"TEN_SECONDLY_ROLLING"'),
        ("secondly-429", 429, '"category":"RATE_LIMITS"'),
    ],
)
def test_one_broken_answer(full: Sandbox, name: str, status: int, sign: str) -> None:
    """With `times`, it always strikes, once."""
    full.mischief.set(name, times=1)
    answer = full.call("GET", PAGE)
    assert answer.status_code == status
    assert sign in answer.text
    assert full.call("GET", PAGE).status_code == 200


def test_a_moved_account_says_when_to_come_back(full: Sandbox) -> None:
    full.mischief.set("477", times=1)
    assert int(full.call("GET", PAGE).headers["Retry-After"]) > 0


def test_a_path_narrows_a_fault(full: Sandbox) -> None:
    full.mischief.set("500", times=1, path="companies")
    assert full.call("GET", PAGE).status_code == 200
    assert full.call("GET", "/crm/v3/objects/companies").status_code == 500


def test_the_same_seed_strikes_at_the_same_calls(start: Callable[..., Sandbox]) -> None:
    def statuses(seed: int) -> list[int]:
        sandbox = start(10, seed=seed, reuse=True)
        sandbox.mischief.set("502", "0.3")
        return [sandbox.call("GET", PAGE).status_code for _ in range(30)]

    assert statuses(7) == statuses(7)
    assert 502 in statuses(7)
    assert statuses(8) != statuses(7)


def test_an_answer_cut_in_the_middle(full: Sandbox) -> None:
    full.mischief.set("cut-connection", times=1)
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        full.call("GET", PAGE, params={"limit": 100})
    assert len(full.get(PAGE, limit=100)["results"]) == 100


def test_a_lost_answer_still_wrote(full: Sandbox) -> None:
    """The call is processed although the client gets no response."""
    full.mischief.set("lost-answer", times=1)
    with pytest.raises(requests.exceptions.ConnectionError):
        full.call("PATCH", f"{PAGE}/1", json={"properties": {"jobtitle": "Heard by nobody"}})
    assert full.get(f"{PAGE}/1", properties="jobtitle")["properties"]["jobtitle"] == "Heard by nobody"


def test_json_that_ends_too_early(full: Sandbox) -> None:
    full.mischief.set("truncated-json", times=1)
    answer = full.call("GET", PAGE)
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_slow(full: Sandbox) -> None:
    full.mischief.set("slow", "5", times=1)
    with pytest.raises(requests.exceptions.ReadTimeout):
        full.session.get(full.url + PAGE, timeout=0.2)


def test_index_lag(full: Sandbox) -> None:
    """Search shows the old version until the index catches up; a read shows the new one at once."""
    full.mischief.set("index-lag", "30")
    full.call("PATCH", f"{PAGE}/1", json={"properties": {"jobtitle": "Zookeeper"}})
    made = full.post(PAGE, {"properties": {"jobtitle": "Zookeeper"}})
    wish = {"filterGroups": [{"filters": [{"propertyName": "jobtitle", "operator": "EQ", "value": "Zookeeper"}]}]}
    since = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": full.portal.clock.now()}
    recent = {"filterGroups": [{"filters": [since]}]}
    assert full.search(wish)["total"] == full.search(recent)["total"] == 0
    assert full.get(f"{PAGE}/1", properties="jobtitle")["properties"]["jobtitle"] == "Zookeeper"
    assert full.get(f"{PAGE}/{made['id']}")["id"] == made["id"]
    full.portal.clock.advance(30_000)
    assert {row["id"] for row in full.search(wish)["results"]} == {"1", made["id"]}
    assert full.search(recent)["total"] == 2


def test_unordered_search(full: Sandbox) -> None:
    full.mischief.set("unordered-search")
    rows = full.search({"sorts": ["hs_object_id"], "limit": 200})["results"]
    ids = [int(row["id"]) for row in rows]
    assert ids != sorted(ids)


def test_ties(full: Sandbox) -> None:
    """More contacts share one millisecond than a query can page through."""
    full.mischief.set("ties", "250")
    full.portal.search_window = 100
    at = full.portal.clock.now()
    wish = {
        "filterGroups": [{"filters": [{"propertyName": "lastmodifieddate", "operator": "EQ", "value": at}]}],
        "limit": 100,
    }
    assert full.search(wish)["total"] == 250
    assert full.call("POST", f"{PAGE}/search", json=wish | {"after": "100"}).status_code == 400


def test_daily_429(full: Sandbox) -> None:
    """After the last call of the day, calls fail until midnight, and the account says when that is."""
    full.mischief.set("daily-429", "2")
    assert [full.call("GET", PAGE).status_code for _ in range(3)] == [200, 200, 429]
    answer = full.call("GET", PAGE)
    assert answer.json()["policyName"] == "DAILY"
    assert answer.headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
    full.portal.clock.advance(full.portal.limits.resets_at() - full.portal.clock.now())
    assert full.call("GET", PAGE).status_code == 200


def test_revoked_token(full: Sandbox) -> None:
    full.mischief.set("revoked-token", "1")
    assert [full.call("GET", PAGE).status_code for _ in range(2)] == [200, 401]


def test_missing_scope(full: Sandbox) -> None:
    full.mischief.set("missing-scope", "crm.objects.contacts.write")
    answer = full.call("PATCH", f"{PAGE}/1", json={"properties": {"jobtitle": "x"}})
    assert answer.status_code == 403
    assert answer.json()["category"] == "MISSING_SCOPES"
    assert answer.json()["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.contacts.write"]
    assert full.call("GET", PAGE).status_code == 200


def test_bad_row(full: Sandbox) -> None:
    """One contact refused by the account's rules fails the whole batch, and nothing is written."""
    full.mischief.set("bad-row", "51")
    inputs = [{"id": number, "properties": {"jobtitle": "Rower"}} for number in ("1", "51", "101")]
    answer = full.call("POST", f"{PAGE}/batch/update", json={"inputs": inputs})
    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"
    assert full.get(f"{PAGE}/1", properties="jobtitle")["properties"]["jobtitle"] != "Rower"
    assert full.call("POST", f"{PAGE}/batch/update", json={"inputs": inputs[::2]}).status_code == 200


def test_merge_ids(full: Sandbox) -> None:
    """A merged id returns the contact that was made of both."""
    full.mischief.set("merge-ids", "1")
    primary, loser = full.mischief.chosen
    row = full.get(f"{PAGE}/{loser}", properties="hs_merged_object_ids,hs_calculated_merged_vids")
    survivor = row["id"]
    assert survivor not in {primary, loser}
    assert row["properties"]["hs_merged_object_ids"] == f"{primary};{loser}"
    assert row["properties"]["hs_calculated_merged_vids"].startswith(f"{primary}:")
    read = full.post(f"{PAGE}/batch/update", {"inputs": [{"id": loser, "properties": {"jobtitle": "Survivor"}}]})
    assert [each["id"] for each in read["results"]] == [survivor]
    assert len(full.all(PAGE, limit=100)) == 299


def test_deletions(full: Sandbox) -> None:
    full.mischief.set("deletions", "2")
    for _ in range(6):
        full.get(PAGE)
    assert len(full.mischief.chosen) == 3
    assert {row["id"] for row in full.all(PAGE, limit=100, archived="true")} >= set(full.mischief.chosen[:3])


def test_duplicate_rows(full: Sandbox) -> None:
    full.mischief.set("duplicate-rows", "1")
    rows = [row["id"] for row in full.all(PAGE, limit=100)]
    assert len(rows) == 302
    assert len(set(rows)) == 300


def test_a_fault_that_is_none(full: Sandbox) -> None:
    """The message lists the known faults; the control endpoint returns 400."""
    with pytest.raises(UnknownFault, match="index-lag"):
        full.mischief.set("hiccup")
    assert full.call("POST", "/_sandbox/faults", json={"name": "hiccup"}).status_code == 400


def test_faults_are_switched_over_http(full: Sandbox) -> None:
    assert full.get("/_sandbox/faults")["known"] == {name: kind.says for name, kind in FAULTS.items()}
    full.post("/_sandbox/faults", {"name": "500", "times": 1})
    assert full.call("GET", PAGE).status_code == 500
    full.post("/_sandbox/faults", {"name": "500", "argument": 1})
    assert full.call("GET", PAGE).status_code == 500
    full.call("DELETE", "/_sandbox/faults")
    assert full.call("GET", PAGE).status_code == 200
