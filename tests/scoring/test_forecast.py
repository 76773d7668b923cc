"""What comes next if nothing happens."""

from datetime import timedelta
from typing import Any

import polars as pl

from scoring import Change, Scorecard, forecast, score, touchpoints
from tests.scoring.comparing import ACTIVITY
from tests.scoring.conftest import AS_OF

LEAD = pl.DataFrame(
    {"lead": ["a"], "job_title": ["Founder"], "industry": ["Software"], "employees": [12.0], "country": ["DE"]}
)


def ahead(card: Scorecard, activities: list[dict[str, Any]]) -> dict[str, Change]:
    rows = [{"lead": "a", "id": str(number), **one} for number, one in enumerate(activities)]
    numbered, places = touchpoints(pl.DataFrame(rows, schema=ACTIVITY))
    return {change.field: change for change in forecast(LEAD, numbered, places, card, AS_OF)}


def test_a_demo_request_ages_out_of_urgency_stage_and_priority(card: Scorecard) -> None:
    found = ahead(card, [{"kind": "demo_request", "occurred_at": AS_OF - timedelta(days=1)}])
    urgency, stage = found["lead_urgency"], found["lead_readiness"]
    assert (urgency.before, urgency.after) == ("now", "later")
    assert abs(urgency.at - (AS_OF + timedelta(days=6))) <= timedelta(hours=1)
    assert stage.before == "Ready"
    assert abs(stage.at - (AS_OF + timedelta(days=29))) <= timedelta(hours=1)
    assert found["lead_score"].says.startswith("score drops below 70 on")
    assert "lead_grade" not in found


def test_each_change_is_what_the_engine_says_at_that_moment(card: Scorecard) -> None:
    rows = [{"lead": "a", "id": "1", "kind": "demo_request", "occurred_at": AS_OF - timedelta(days=1)}]
    numbered, places = touchpoints(pl.DataFrame(rows, schema=ACTIVITY))
    for change in forecast(LEAD, numbered, places, card, AS_OF):
        if change.field not in {"lead_score", "lead_priority", "lead_readiness"}:
            then = score(LEAD, numbered, places, card, change.at).results[change.field][0]
            assert then == change.after


def test_nothing_changes_where_nothing_fades() -> None:
    rule = {"name": "Rule", "lead": {"industry": "Software"}, "points": 5}
    card = {
        "scorecard": "still",
        "fields": {"industry": "text"},
        "score": {"fit": {"groups": [{"name": "Group", "rules": [rule]}]}},
    }
    assert ahead(Scorecard.model_validate(card), []) == {}
