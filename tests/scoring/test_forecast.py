"""The forecast without further activity."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from scoring import Change, Related, Scorecard, forecast, score, touchpoints
from scoring.forecast import WATCHED
from scoring.standing import STATE
from tests.scoring.comparing import ACTIVITY
from tests.scoring.conftest import AS_OF
from vocabulary.fields import TIME
from vocabulary.units import ending_day

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


def test_days_are_those_of_the_card_s_zone(example: dict[str, Any]) -> None:
    """The demo request was made at 22:30 UTC, which is the next day in Tokyo."""
    asked = [{"kind": "demo_request", "occurred_at": datetime(2026, 11, 20, 22, 30, tzinfo=UTC)}]
    said = {
        zone: ahead(Scorecard.model_validate({**example, "calendar": zone}), asked)["lead_urgency"].says
        for zone in ("UTC", "Asia/Tokyo")
    }
    assert said["UTC"] == "urgency drops to later on 27 Nov 2026 if nothing happens"
    assert said["Asia/Tokyo"] == "urgency drops to later on 28 Nov 2026 if nothing happens"


def test_each_change_is_what_the_engine_says_at_that_moment(card: Scorecard) -> None:
    rows = [{"lead": "a", "id": "1", "kind": "demo_request", "occurred_at": AS_OF - timedelta(days=1)}]
    numbered, places = touchpoints(pl.DataFrame(rows, schema=ACTIVITY))
    for change in forecast(LEAD, numbered, places, card, AS_OF):
        if change.field not in {"lead_score", "lead_priority", "lead_readiness"}:
            then = score(LEAD, numbered, places, card, change.at).results[change.field][0]
            assert then == change.after


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))])
def test_changes_are_those_that_scoring_day_after_day_and_hour_after_hour_finds(card: Scorecard, seed: int) -> None:
    drawn = random.Random(seed)
    rows = [
        {"lead": "a", "id": str(number), "kind": kind, "url": "https://x.example/pricing", "occurred_at": AS_OF - ago}
        for number, kind in enumerate(drawn.choices(["page_view", "demo_request", "content_download", "call"], k=12))
        for ago in [timedelta(hours=drawn.randint(0, 900))]
    ]
    numbered, places = touchpoints(pl.DataFrame(rows, schema=ACTIVITY))

    def shown(at: datetime, before: pl.DataFrame | None) -> pl.DataFrame:
        found = score(LEAD, numbered, places, card, at, before).results
        return found.with_columns(pl.format("{} or more", pl.col("lead_score") // 10 * 10).alias("lead_score"))

    found = {change.field: change for change in forecast(LEAD, numbered, places, card, AS_OF)}
    now, met = shown(AS_OF, None), set()
    for day in range(90):
        start = AS_OF + timedelta(days=day)
        then = shown(start + timedelta(days=1), now)
        for name in [one for one in WATCHED if one not in met and then[one][0] != now[one][0]]:
            hours = [start + timedelta(hours=hour) for hour in range(1, 25)]
            at = next(hour for hour in hours if shown(hour, now)[name][0] != now[name][0])
            assert (found[name].at, found[name].before) == (at, now[name][0])
            met.add(name)
        now = then
    assert met == set(found)


def test_a_figure_that_time_changes_is_named() -> None:
    """Three calls are 1, 5 and 20 days old; the deal closes in three days, and counts from then on as closed."""
    card = Scorecard.model_validate(
        {
            "scorecard": "figures",
            "deals": {"amount": "number", "closes": "time"},
            "figures": {
                "calls": {"count": "activities", "where": {"kind": "call"}, "within": "30d"},
                "last_call": {"max": "occurred_at", "of": "activities", "within": "14d"},
                "closed_amount": {"sum": "amount", "of": "deals", "where": {"closes": {"older_than": "1s"}}},
                "all_deals": {"count": "deals"},
            },
        }
    )
    calls = [
        {"lead": "a", "id": f"{age}", "kind": "call", "occurred_at": AS_OF - timedelta(days=age)} for age in (1, 5, 20)
    ]
    numbered, places = touchpoints(pl.DataFrame(calls, schema=ACTIVITY))
    closes = pl.Series([AS_OF + timedelta(days=3)]).cast(TIME)
    deals = pl.DataFrame({"deal": ["d"], "lead": ["a"], "amount": [12_000.0], "closes": closes})
    found = forecast(LEAD, numbered, places, card, AS_OF, related=Related(deals))
    assert [change.says for change in found] == [
        "closed amount rises to 12,000 on 25 Nov 2026 if nothing happens",
        "calls drops to 2 on 2 Dec 2026 if nothing happens",
        "last call becomes none on 5 Dec 2026 if nothing happens",
    ]
    told = score(LEAD, numbered, places, card, AS_OF, related=Related(deals), explain=True).figures
    assert told.rows() == [
        ("a", "calls", 3.0, None),
        ("a", "last_call", None, AS_OF - timedelta(days=1)),
        ("a", "closed_amount", 0.0, None),
        ("a", "all_deals", 1.0, None),
    ]


def test_nothing_changes_where_nothing_fades() -> None:
    rule = {"name": "Rule", "lead": {"industry": "Software"}, "points": 5}
    card = {
        "scorecard": "still",
        "fields": {"industry": "text"},
        "score": {"fit": {"groups": [{"name": "Group", "rules": [rule]}]}},
    }
    assert ahead(Scorecard.model_validate(card), []) == {}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_a_priority_falls_on_the_day_by_which_to_call(example: dict[str, Any], zone: str) -> None:
    """Forecast, `lead_expires_at` and next step name one day, also where the priority falls at midnight."""
    card = Scorecard.model_validate({**example, "calendar": zone})
    midnight = AS_OF.astimezone(card.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = [{"lead": "a", "id": "1", "kind": "demo_request", "occurred_at": midnight - timedelta(days=8)}]
    numbered, places = touchpoints(pl.DataFrame(rows, schema=ACTIVITY))
    (fall,) = (one for one in forecast(LEAD, numbered, places, card, midnight) if one.field == "lead_priority")
    columns = {"lead": pl.String(), "lead_readiness": pl.String(), **STATE}
    own = pl.DataFrame([{name: {"lead": "a", "own": True}.get(name) for name in columns}], schema=columns)
    results = score(LEAD, numbered, places, card, midnight, own).results.row(0, named=True)
    told = ending_day(results["lead_expires_at"].astimezone(card.zone))
    assert f" on {told} if nothing happens" in fall.says
    assert f" by {told.removesuffix(f' {midnight.year}')}" in results["lead_next_step"]
