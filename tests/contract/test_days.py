"""The contract of every connector: a date without a clock in the CRM is a day in the scorecard's zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML

from pipeline.passes import BACKFILL, SYNC
from tests.scoring.reference import Lead, first_moment
from tests.stage import Stage, plain

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAYS = ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24", None)
FIELD = {"hubspot": "purchase_by", "salesforce": "Purchase_By__c"}
CARD = """
scorecard: days
calendar: {zone}
fields: {{moment: time, day: date}}
score:
  fit:
    groups:
      - name: Days
        rules:
          - {{name: Today, lead: {{day: {{during: this day}}}}, points: 1}}
          - {{name: Today by the clock, lead: {{moment: {{during: this day}}}}, points: 2}}
          - {{name: Just begun, lead: {{day: {{within: 12h}}}}, points: 4}}
          - {{name: Just begun by the clock, lead: {{moment: {{within: 12h}}}}, points: 8}}
          - {{name: Soon, lead: {{day: {{within_next: 12h}}}}, points: 16}}
          - {{name: From the 23rd on, lead: {{moment: {{at_least: '2026-11-23'}}}}, points: 32}}
          - {{name: Fading, lead: {{day: {{known: true}}}}, points: 1000, since: day, lifespan: 10d}}
          - {{name: Fading by the clock, lead: {{moment: {{known: true}}}}, points: 1000, since: moment, lifespan: 10d}}
"""


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Honolulu"])
def test_a_day_scores_as_the_reference_says_in_a_zone_far_from_utc(crm: Callable[..., Stage], zone: str) -> None:
    """In Kiritimati it is 2 o'clock on the 23rd, in Honolulu on the 22nd."""
    stage = crm(8, at=AT)
    card = CARD.format(zone=zone)
    (stage.folder / "days.yaml").write_text(card)
    mapped = dict.fromkeys(("moment", "day"), FIELD[stage.crm])
    stage.configure(lambda connection: connection.update(scorecard="days.yaml", fields=mapped))
    days = dict(zip(stage.people(), DAYS, strict=False))
    for lead, day in days.items():
        stage.meddle(lead, "purchase_by", day or "")
    stage.provision()
    stage.do(BACKFILL, now=lambda: AT)
    held = stage.fields("lead_fit")
    assert {lead: held[lead]["lead_fit"] for lead in days} == {lead: expected(card, day) for lead, day in days.items()}
    assert stage.do(SYNC, now=lambda: AT).tally.written == 0


def expected(card: str, day: str | None) -> str | None:
    """Return the fit that the reference gives a lead with this day."""
    read: dict[str, Any] = YAML(typ="safe").load(card)
    known = None if day is None else date.fromisoformat(day)
    moment = None if known is None else first_moment(known, ZoneInfo(read["calendar"]))
    return plain(Lead(read, {"day": known, "moment": moment}, [], AT).shown["fit"])
