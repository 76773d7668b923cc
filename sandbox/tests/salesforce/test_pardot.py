"""Account Engagement responds as version 5 of its API does."""

from datetime import datetime
from typing import Any

import requests

from sandbox.tests.salesforce.conftest import Api

FIELDS = "id,type,typeName,createdAt,details,prospectId,campaignId,prospect.salesforceContactId,prospect.salesforceLeadId,prospect.email"


def activities(api: Api, status: int = 200, **parameters: Any) -> Any:
    headers = {"Pardot-Business-Unit-Id": api.sandbox.credentials.business_unit}
    answer = api.call(
        "GET", "/api/v5/objects/visitor-activities", params={"fields": FIELDS, **parameters}, headers=headers
    )
    assert answer.status_code == status, answer.text
    return answer.json()


def test_pages_are_chained_by_tokens_that_keep_the_filters(shared: Api) -> None:
    first = activities(shared, limit=7, type="11,1", orderBy="id")
    values, token = first["values"], first["nextPageToken"]
    while token:
        page = activities(shared, nextPageToken=token)
        values, token = values + page["values"], page["nextPageToken"]
        assert len(page["values"]) <= 7
    ids = [each["id"] for each in values]
    assert ids == sorted(set(ids))
    assert len(ids) > 20
    assert {each["typeName"] for each in values} == {"Click", "Open"}


def test_the_chain_ends_at_its_limit_and_goes_on_by_id(api: Api) -> None:
    api.control("budget", chain=10)
    first = activities(api, limit=6)
    second = activities(api, nextPageToken=first["nextPageToken"])
    assert (len(second["values"]), second["nextPageToken"], second["nextPageUrl"]) == (4, None, None)
    rest = activities(api, idGreaterThan=second["values"][-1]["id"])
    assert rest["values"][0]["id"] == second["values"][-1]["id"] + 1


def test_times_have_the_users_offset_and_bound_by_it(shared: Api) -> None:
    values = activities(shared, limit=1000)["values"]
    assert all(each["createdAt"].endswith("-07:00") for each in values)
    middle = values[len(values) // 2]["createdAt"]
    later = activities(shared, limit=1000, createdAtAfterOrEqualTo=middle)["values"]
    assert [each["id"] for each in later] == [
        each["id"] for each in values if datetime.fromisoformat(each["createdAt"]) >= datetime.fromisoformat(middle)
    ]


def test_prospects_lead_to_the_contact_or_the_lead(shared: Api) -> None:
    for each in activities(shared, limit=50)["values"]:
        prospect = each["prospect"]
        kind, identifier = (
            ("Contact", prospect["salesforceContactId"])
            if prospect["salesforceContactId"]
            else ("Lead", prospect["salesforceLeadId"])
        )
        assert shared.get(f"sobjects/{kind}/{identifier}", fields="Email")["Email"] == prospect["email"]
        assert next(iter(each)) == "id"
        assert each["campaignId"] is None


def test_bad_calls_are_refused_with_their_codes(shared: Api) -> None:
    assert activities(shared, 400, fields="")["code"] == 13
    assert activities(shared, 400, fields="id,nope")["code"] == 12
    assert activities(shared, 400, limit="5000")["code"] == 12
    assert activities(shared, 400, nextPageToken="!")["code"] == 12
    assert activities(shared, 400, nope="1")["code"] == 12
    address = f"{shared.base}/api/v5/objects/visitor-activities?fields=id"
    assert requests.get(address, headers={"Authorization": "Bearer no"}, timeout=10).json()["code"] == 184


def test_new_activities_come_last(api: Api) -> None:
    api.control("activities", person=3, kind="email_click")
    values = activities(api, limit=1000)["values"]
    assert (values[-1]["type"], values[-1]["createdAt"]) == (1, "2026-06-15T05:00:00-07:00")
