"""The contract of every connector: a field lists the segments or campaigns that a lead is in."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipeline.passes import BACKFILL, RECONCILE, SYNC, Kind, Report
from tests.gathering import Gatherings, gatherings_of
from tests.stage import Stage

Open = Callable[..., Stage]
CARD = """
scorecard: gathering
fields: {groups: member_of}
score:
  fit:
    groups:
      - name: Groups
        rules:
          - {name: Partner, lead: {groups: {contains: partners}}, points: 5}
          - {name: Guest, lead: {groups: {in: [guests]}}, points: 2}
"""


@dataclass
class Club:
    """A stage whose card scores two segments, one named by its id and one by its name."""

    stage: Stage
    gatherings: Gatherings
    partners: str
    guests: str
    leads: list[str]

    def do(self, kind: Kind = SYNC, later: timedelta = timedelta(minutes=5)) -> Report:
        self.stage.live(later, pace=0)
        return self.stage.do(kind, now=lambda: self.stage.moment)

    def scores(self) -> list[int]:
        held = self.stage.fields("lead_score")
        return [int(float(held[lead]["lead_score"] or 0)) for lead in self.leads]


@pytest.fixture
def club(crm: Open) -> Club:
    stage = crm(12, at=datetime.fromisoformat("2026-11-22T12:00:00+00:00"))
    gatherings = gatherings_of(stage)
    found = Club(stage, gatherings, gatherings.make("Partners of ours"), gatherings.make("Guests"), stage.people()[:2])
    gatherings.join(found.partners, found.leads[0])
    (stage.folder / "gathering.yaml").write_text(CARD)
    stage.configure(lambda connection: connection.update(settings(found, guests="Guests")))
    stage.provision()
    found.do(BACKFILL)
    return found


def settings(club: Club, **more: str) -> dict[str, Any]:
    mapping = {"groups": {"partners": club.partners, **more}}
    return {
        "scorecard": "gathering.yaml",
        "fields": {},
        "member_of": mapping,
        "write": {"guard": "100%", "dead_band": 1},
    }


def noted(club: Club) -> str:
    (status,) = json.loads(club.stage.leadgauge("status", "--json").stdout)
    return str(status["notes"].get("segments", ""))


def test_a_lead_is_in_a_segment_until_it_leaves(club: Club) -> None:
    assert club.scores() == [5, 0]
    club.gatherings.join(club.guests, *club.leads)
    club.do()
    assert club.scores() == [7, 2]
    club.gatherings.leave(club.partners, club.leads[0])
    club.gatherings.join(club.partners, club.leads[1])
    club.do()
    assert club.scores() == [2, 7]
    club.gatherings.leave(club.guests, club.leads[0])
    club.gatherings.leave(club.guests, club.leads[1])
    club.do(RECONCILE)
    assert club.scores() == [0, 5]
    assert club.do().tally.written == 0


def test_a_segment_that_cannot_be_read_keeps_its_members_and_a_pass_and_status_say_so(club: Club) -> None:
    club.gatherings.drop(club.partners)
    report = club.do(RECONCILE)
    assert club.scores() == [5, 0]
    said = f"Not read, so the members stay as they were: `partners` of `groups` ({club.partners}): "
    assert said in report.message
    assert noted(club).startswith(said)
    found = json.loads(club.stage.leadgauge("check", "--json").stdout)["connections"]["main"]
    assert [one["level"] for one in found if one["subject"] == "member_of.groups.partners"] == ["warning"]
    club.gatherings.restore(club.partners)
    assert "Not read" not in club.do().message
    assert noted(club) == ""


def test_a_segment_that_the_settings_name_anew_is_read(club: Club) -> None:
    club.gatherings.join(club.guests, club.leads[1])
    club.stage.configure(lambda connection: connection.update(settings(club)))
    club.do()
    assert club.scores() == [5, 0]
    club.stage.configure(lambda connection: connection.update(settings(club, guests=club.guests)))
    club.do()
    assert club.scores() == [5, 2]


def test_what_a_person_belongs_to_is_exported_and_forgotten(club: Club) -> None:
    def told() -> Any:
        exported = json.loads(club.stage.leadgauge("export", club.leads[0]).stdout or "{}")
        return exported.get("connections", {}).get("main", {}).get("memberships")

    assert [row["segment"] for row in told()] == [club.partners]
    assert club.stage.leadgauge("forget", club.leads[0], "--yes").returncode == 0
    assert told() is None
