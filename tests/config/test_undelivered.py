"""Conditions on data that no source provides are reported."""

from typing import Any

import pytest

from config.undelivered import undelivered
from config.unlisted import unlisted
from connectors.hubspot import brings as hubspot
from connectors.salesforce import brings as salesforce
from scoring import Scorecard

HUBSPOT = {"crm": "hubspot", "token": {"env": "T"}}
SALESFORCE = {"crm": "salesforce", "domain": "acme.my", "auth": {
    "flow": "client_credentials", "consumer_key": {"env": "K"}, "consumer_secret": {"env": "S"}}}  # fmt: skip


def card(*activities: dict[str, Any], **more: Any) -> Scorecard:
    rules = [{"name": f"R{number}", "activity": one, "points": 1} for number, one in enumerate(activities)]
    score = {"engagement": {"groups": [{"name": "G", "rules": rules}]}}
    return Scorecard.model_validate({"scorecard": "x", "fields": {}, "score": score, **more})


def of_hubspot(tested: Scorecard, **changes: Any) -> list[str]:
    settings = hubspot.HubSpotSettings.model_validate(HUBSPOT | changes)
    return [finding.message for finding in undelivered(tested, hubspot.brings(settings))]


def of_salesforce(tested: Scorecard, **changes: Any) -> list[str]:
    settings = salesforce.SalesforceSettings.model_validate(SALESFORCE | changes)
    return [finding.message for finding in undelivered(tested, salesforce.brings(settings))]


def test_a_figure_of_a_kind_that_does_not_come_is_named() -> None:
    likes = {"count": "activities", "where": {"kind": "social_engage"}}
    (said,) = of_hubspot(card(figures={"likes": likes}))
    assert said.endswith("the kind social_engage, so it never counts in 'likes'.")


def test_seconds_of_a_page_view_come_from_a_declared_object_but_not_from_hubspot() -> None:
    stayed = card({"kind": "page_view", "url": {"contains": "/blog"}, "seconds": {"at_least": 60}})
    assert of_hubspot(stayed) == [
        "No source of this connection brings `seconds` of page_view, so the condition in 'R0' never holds."
    ]
    visits = {"name": "visits", "object": "V__c", "time": "T__c", "lead": "L__c", "kind": "page_view", "url": "U__c"}
    assert of_salesforce(stayed, activities={"sources": [{**visits, "seconds": "S__c"}]}) == []
    assert len(of_salesforce(stayed, activities={"sources": [visits]})) == 1


@pytest.mark.parametrize(
    ("activity", "said"),
    [
        ({"kind": "social_engage"}, "brings the kind social_engage"),
        ({"kind": ["social_engage", "page_view"]}, None),
        ({"kind": "call", "seconds": {"at_least": 120}}, None),
        ({"kind": "call", "value": {"at_least": 1}}, "brings `value` of call"),
        ({"value": {"known": False}}, None),
        ({"not": {"kind": "page_view", "seconds": {"at_least": 9}}}, None),
        ({"any": [{"kind": "social_engage"}, {"kind": "page_view"}]}, "brings the kind social_engage"),
        ({"kind": "page_view", "all": [{"seconds": {"at_least": 5}}]}, "brings `seconds` of page_view"),
        ({"value": {"at_least": 1}}, "brings `value`, so"),
    ],
)
def test_what_no_source_brings_is_named_where_it_is_needed(activity: dict[str, Any], said: str | None) -> None:
    found = of_hubspot(card(activity))
    assert said in found[0] if said else found == [], found


def test_kind_that_is_switched_off_is_named() -> None:
    assert of_hubspot(card({"kind": "meeting"})) == []
    assert "the kind meeting" in of_hubspot(card({"kind": "meeting"}), activities={"meetings": None})[0]


def test_stages_and_urgency_are_looked_at_too() -> None:
    readiness = {
        "stages": [
            {"name": "Cold"},
            {"name": "Warm", "when": {"activities": {"kind": "social_engage", "within": "9d"}}},
        ],
        "urgency": [{"is": "now", "when": {"unanswered": {"kind": "demo_request", "by": ["fax"]}}}],
    }
    found = of_hubspot(card({"kind": "call"}, readiness=readiness))
    assert ["kind fax" in found[0], "kind social_engage" in found[1], "'Warm'" in found[1]] == [True, True, True]


def test_an_entry_of_memberships_that_no_segment_is_mapped_to_is_named() -> None:
    conditions = ({"groups": {"contains": "partner"}}, {"not": {"groups": {"in": ["VIPs", "vip"]}}})
    rules = [{"name": f"R{number}", "lead": one, "points": 1} for number, one in enumerate(conditions)]
    tested = card(fields={"groups": "member_of"}, score={"fit": {"groups": [{"name": "G", "rules": rules}]}})
    found = list(unlisted(tested, {"groups": {"Partners": "1", "vips": "2"}}))
    assert [(one.message, one.remedy) for one in found] == [
        ("`member_of.groups` has no entry partner, so no lead is ever in it in 'R0'.", "Did you mean Partners?"),
        ("`member_of.groups` has no entry vip, so no lead is ever in it in 'R1'.", "Did you mean vips?"),
    ]
