"""What the components are told of the account's fields."""

from typing import Any

import pytest

from leadgauge_sandbox.cards import Crm, Own, component, held, scorecards

NAMES: dict[Crm, tuple[str, str, str]] = {
    "hubspot": ("lead_score", "acme_lead_priority", "acme_account_grade"),
    "salesforce": ("Lead_Score__c", "Acme_Lead_Priority__c", "Acme_Account_Grade__c"),
}
EITHER = pytest.mark.parametrize("crm", NAMES)


@EITHER
def test_an_account_without_our_fields_gets_the_usual_names(crm: Crm) -> None:
    """So that the component says which are missing; an account's page has no component then."""
    (only,) = scorecards(crm, {"leads": [Own("budget", "Budget")], "accounts": []})
    assert (only["prefix"], only["leads"]["score"]["field"], only["accounts"]) == ("", NAMES[crm][0], None)


@EITHER
def test_each_prefix_is_a_scorecard(crm: Crm) -> None:
    score, priority, grade = NAMES[crm]
    plain, acme = scorecards(crm, {"leads": [Own(priority, "P"), Own(score, "S")], "accounts": [Own(grade, "G")]})
    assert (plain["prefix"], plain["title"], plain["accounts"]) == ("", "", None)
    assert (acme["prefix"].lower(), acme["title"].lower()) == ("acme_", "acme")
    assert (acme["leads"]["priority"]["field"], acme["accounts"]["grade"]["field"]) == (priority, grade)
    assert held(acme, "leads", [score, priority]) == {"priority": priority}


def told(*choices: str, **sentences: str) -> Any:
    priority = Own("lead_priority", "Our priority", choices, sentences)
    (only,) = scorecards("hubspot", {"leads": [priority, Own("lead_score", "Points")], "accounts": []})
    return only["leads"]


def test_choices_and_labels_are_the_accounts() -> None:
    leads = told("Hot", "P1", "Cold", Hot="Call today.")
    assert leads["priority"]["choices"] == ["Hot", "P1", "Cold"]
    assert leads["priority"]["sentences"] == ["Call today.", "", ""]
    assert (leads["priority"]["label"], leads["score"]["label"]) == ("Our priority", "Points")


def test_the_shipped_scales_are_of_the_shipped_choices_only() -> None:
    """Points of another scorecard may have another scale: none is better than a wrong one."""
    assert told("P1", "P2", "P3", "P4")["score"]["maximum"] == 100
    other = told("Hot", "Cold")
    assert (other["score"]["maximum"], other["likelihood"]["maximum"]) == (None, 100)


@pytest.mark.parametrize(
    "path", ["hubspot/host.js", "hubspot/worker.js", "hubspot/card.js", "salesforce/leadgauge-card.js"]
)
def test_the_package_has_the_built_components(path: str) -> None:
    content, media = component(path) or (b"", "")
    assert len(content) > 10_000
    assert media.startswith("text/javascript")


@pytest.mark.parametrize("path", ["../leads.py", "hubspot/../../leads.py", "hubspot", "hubspot/scorecards.json", ""])
def test_nothing_else_is_served(path: str) -> None:
    assert component(path) is None
