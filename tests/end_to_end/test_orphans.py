"""Data missing from the settings is reported and removed on request; a person is forgotten everywhere."""

import json
from collections.abc import Callable
from typing import Any

from ruamel.yaml import YAML

from pipeline.passes import BACKFILL
from tests.end_to_end.test_privacy import everything_in
from tests.stage import Stage
from vocabulary.rows import address_digest

Open = Callable[..., Stage]


def settings(stage: Stage, change: Callable[[dict[str, Any]], None]) -> None:
    """Edit the settings file as a person does."""
    yaml = YAML()
    loaded = yaml.load(stage.settings_file)
    change(loaded["connections"])
    yaml.dump(loaded, stage.settings_file)


def with_second_card(connections: dict[str, Any]) -> None:
    main = connections["main"]
    card = main.pop("scorecard", None) or main["scorecards"][0]["file"]
    main["scorecards"] = [{"file": card}, {"file": card, "prefix": "b_"}]


def without_second_card(connections: dict[str, Any]) -> None:
    del connections["main"]["scorecards"][1]


def renamed(connections: dict[str, Any]) -> None:
    connections["crm"] = connections.pop("main")


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_scorecard_taken_out_of_the_settings_is_named_and_goes_on_request(crm: Open) -> None:
    """Its fields are removed from the CRM and its results from the database; the other scorecard's stay."""
    stage = crm(20)
    settings(stage, with_second_card)
    stage.provision()
    stage.do(BACKFILL)
    settings(stage, without_second_card)
    (status,) = json.loads(stage.leadgauge("status", "--json").stdout)
    (left,) = status["orphans"]
    assert (left["prefix"], left["leads"]) == ("b_", 20)
    assert {"b_lead_score", "Lead.B_Lead_Score__c"} & set(left["fields"])
    shown = stage.leadgauge("status")
    assert "provision --remove --orphans" in words(shown.stdout)
    assert "no longer in the settings" in words(stage.leadgauge("check").stdout)
    planned = json.loads(stage.leadgauge("provision", "--remove", "--orphans", "--dry-run", "--json").stdout)
    assert {one["action"] for one in planned} == {"removed"}
    assert all(one["output"].startswith("b_") for one in planned)
    before = stage.fields("lead_score", "lead_grade")
    assert stage.leadgauge("provision", "--remove", "--orphans", "--yes").returncode == 0
    assert not any(values["b_lead_score"] for values in stage.fields("b_lead_score").values())
    assert stage.fields("lead_score", "lead_grade") == before
    assert stage.leadgauge("forget", "--orphans", "--yes").returncode == 0
    (status,) = json.loads(stage.leadgauge("status", "--json").stdout)
    assert status["orphans"] == []
    assert [outbox["prefix"] for outbox in status["outboxes"]] == [""]
    assert stage.leadgauge("provision").returncode == 0
    assert stage.do(BACKFILL).tally.written == 0


def test_a_renamed_connection_is_named_and_its_people_go_on_request(crm: Open) -> None:
    """No data of the lead is left in any file of the database."""
    stage = crm(20)
    stage.provision()
    stage.do(BACKFILL)
    person = str(address_digest(next(iter(stage.addresses()))))
    settings(stage, renamed)
    told = {one["connection"]: one for one in json.loads(stage.leadgauge("status", "--json").stdout)}
    (left,) = told["main"]["orphans"]
    assert (left["prefix"], left["leads"]) == (None, 20)
    assert "main is no longer in the settings. The database keeps 20 leads" in words(stage.leadgauge("check").stdout)
    asked = stage.leadgauge("forget", "--orphans")
    assert asked.returncode == 1
    assert "Erase all of this from the database?" in asked.stdout
    assert person.encode() in everything_in(stage.folder)
    assert stage.leadgauge("forget", "--orphans", "--yes").returncode == 0
    assert person.encode() not in everything_in(stage.folder)
    assert [one["connection"] for one in json.loads(stage.leadgauge("status", "--json").stdout)] == ["crm"]


def test_a_person_is_forgotten_in_every_connection_of_the_database(crm: Open) -> None:
    """In connections no longer in the settings too: by id if it is the same person, and by address."""
    stage = crm(20)
    stage.provision()
    stage.do(BACKFILL)
    address, lead = next(iter(stage.addresses().items()))
    other = next(one for one in stage.addresses() if one != address)
    settings(stage, renamed)
    assert stage.leadgauge("provision").returncode == 0
    stage.do(BACKFILL)
    told = stage.leadgauge("forget", lead, "--yes")
    assert told.returncode == 0
    assert {line.partition(":")[0] for line in told.stdout.splitlines()} == {"main", "crm"}
    assert str(address_digest(address)).encode() not in everything_in(stage.folder)
    assert str(address_digest(other)).encode() in everything_in(stage.folder)
    assert stage.leadgauge("forget", address, "--yes").returncode == 1


def test_forgetting_asks_for_a_lead_or_for_orphans(crm: Open) -> None:
    stage = crm(5)
    assert stage.leadgauge("forget").returncode == 2
    assert stage.leadgauge("forget", "1", "--orphans").returncode == 2
    assert (
        "There is no connection 'x' in the settings or the database" in stage.leadgauge("forget", "1", "-c", "x").stderr
    )
    assert "There is no data" in stage.leadgauge("forget", "--orphans").stdout
