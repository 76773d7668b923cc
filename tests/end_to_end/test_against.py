"""A score in the CRM is compared by its history in the mirror, with rights to read and no call of our own."""

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.stage import Stage

CARD = """
scorecard: ours
fields: {job_title: text%s}
score:
  fit:
    groups:
      - {name: Person, rules: [{name: Head, lead: {job_title: {contains: head}}, points: 9}]}
"""


def told(stage: Stage, *words: str) -> str:
    """Return what a refused calibration says, on one line."""
    refused = stage.leadgauge("calibrate", *words)
    assert refused.returncode == 2, refused.stderr
    return " ".join(refused.stderr.split())


@pytest.mark.slow
def test_a_property_is_compared_as_it_was_and_what_is_missing_is_said_as_yaml(hubspot: Callable[..., Stage]) -> None:
    """The stage of customers is `lead` in the past, though the mirror has `customer` for them today."""
    stage = hubspot(150)
    card = stage.folder / "ours.yaml"
    card.write_text(CARD % "")

    def ours(connection: dict[str, Any], **more: Any) -> None:
        del connection["scorecard"]
        connection["scorecards"] = [{"file": "ours.yaml"}]
        connection |= {"fields": {"job_title": "jobtitle"}, "calibrate": {"horizon": "30d"}, "capacity": 7, **more}

    stage.configure(ours)
    stage.fault("missing-scope", "crm.objects.contacts.write")
    assert stage.leadgauge("plan", "--read").returncode == 0
    said = told(stage, "--against", "lifecyclestage")
    assert "Add it to the scorecard ours.yaml (text instead of number for a choice): fields: lifecyclestage:" in said
    assert "history: true fields: lifecyclestage: lifecyclestage Then read it, which needs only rights to read" in said

    card.write_text(CARD % ", status: text")
    fields = {"job_title": "jobtitle", "status": "lifecyclestage"}
    stage.configure(lambda connection: ours(connection, fields=fields))
    assert stage.leadgauge("plan", "--read").returncode == 0
    said = told(stage, "--against", "lifecyclestage")
    assert "has no history of status, and its value of today may know the outcome. Add to the connection" in said

    stage.configure(lambda connection: ours(connection, fields=fields, history=True))
    assert stage.leadgauge("plan", "--read").returncode == 0
    calls, tokens = stage.calls(), {name: os.environ.pop(name) for name in stage.environment}
    stage.environment.clear()
    done = stage.leadgauge("calibrate", "--against", "lifecyclestage=customer,lead", "--json")
    os.environ.update(tokens)
    against = json.loads(done.stdout)["against"]
    assert stage.calls() == calls, "no call, and so no write"
    assert against["capacity"] == 7
    assert against["conversions"] > 0
    missed = [one for duel in against["duels"] for one in (*duel["they_missed"], *duel["we_missed"])]
    assert {one["theirs"] for one in missed} <= {"lead"}
    theirs = against["scores"][-1]
    assert (theirs["name"], theirs["auc"], theirs["missing"]) == ("Status", 0.5, 0)
