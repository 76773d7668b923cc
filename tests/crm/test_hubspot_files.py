"""The generated files of the HubSpot project: a card for each scorecard and place, and a workflow that is off."""

import json
from pathlib import Path
from typing import Any

from crm.boards import boards_of, default_boards
from crm.for_salesforce import Org
from crm.projects import generated, left_out
from tests.crm.conftest import Connected

CARDS = "src/app/cards"


def read(files: dict[str, str], end: str) -> dict[str, Any]:
    return {Path(path).name: json.loads(text) for path, text in files.items() if path.endswith(end)}


def test_each_scorecard_has_cards_of_its_own(connected: Connected) -> None:
    """HubSpot tells cards apart by `uid`; those of a scorecard share an entry, which names it by its place."""
    _, connection = connected("hubspot", "acme_", "")
    files = generated("hubspot", boards_of(connection), Org())
    cards = read(files, "-hsmeta.json")
    assert {name: card["uid"] for name, card in cards.items()} == {
        "contact-tab-hsmeta.json": "leadgauge_contact_tab",
        "contact-sidebar-hsmeta.json": "leadgauge_contact_sidebar",
        "acme_contact-tab-hsmeta.json": "acme_leadgauge_contact_tab",
        "acme_contact-sidebar-hsmeta.json": "acme_leadgauge_contact_sidebar",
    }
    assert cards["acme_contact-tab-hsmeta.json"]["config"]["name"] == "Lead scoring: acme"
    entries = {name: card["config"]["entrypoint"] for name, card in cards.items()}
    assert set(entries.values()) == {"/app/cards/Leadgauge.tsx", "/app/cards/acme_Leadgauge.tsx"}
    assert "SCORECARDS[0]!" in files[f"{CARDS}/Leadgauge.tsx"]
    assert "SCORECARDS[1]!" in files[f"{CARDS}/acme_Leadgauge.tsx"]


def test_companies_have_cards_where_accounts_are_scored() -> None:
    cards = read(generated("hubspot", default_boards(), Org()), "-hsmeta.json")
    kinds = {(card["config"]["objectTypes"][0], card["config"]["location"]) for card in cards.values()}
    places = ("crm.record.tab", "crm.record.sidebar")
    assert kinds == {(kind, place) for kind in ("contacts", "companies") for place in places}


def test_the_workflow_is_off_and_starts_when_the_priority_rises(connected: Connected) -> None:
    """Only the value of the moment of the last rise starts it, which a backfill leaves as it is."""
    _, connection = connected("hubspot", "acme_", more=", outputs: {lead_priority_rose_at: true}")
    (workflow,) = read(generated("hubspot", boards_of(connection), Org()), "acme_priority-rose.json").values()
    assert workflow["isEnabled"] is False
    started = workflow["enrollmentCriteria"]
    (event,) = started["eventFilterBranches"]
    assert [one["operation"].get("value") for one in event["filters"]] == ["acme_lead_priority_rose_at", None]
    (wanted,) = started["refinementCriteria"]["filterBranches"][0]["filters"]
    assert (wanted["property"], wanted["operation"]["values"]) == ("acme_lead_priority", ["Hot"])
    assert "enrolled_object.acme_lead_next_step" in workflow["actions"][0]["fields"]["body"]


def test_without_the_moment_of_the_last_rise_there_is_no_workflow(connected: Connected) -> None:
    boards = boards_of(connected("hubspot", "")[1])
    assert not [path for path in generated("hubspot", boards, Org()) if path.startswith("workflows/")]
    assert left_out("hubspot", boards, Org()) == ["the workflow Notify the owner, which needs lead_priority_rose_at"]
