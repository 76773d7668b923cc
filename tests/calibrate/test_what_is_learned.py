"""What is learned is what is scored: resets, number rules and the groups of locked rules."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from calibrate import assess
from calibrate.card.current_card import Old, lead_rules
from calibrate.card.proposal import Base, plain, text
from calibrate.card.replay import Past, rule_points
from calibrate.card.resets import NEVER, beginnings
from calibrate.card.rules import ActivityRule, NumberRule
from calibrate.from_history import _Maker, _Past, old_card, units_of
from calibrate.inputs.frames import HISTORY, Frames
from calibrate.learning.learn import Learned
from calibrate.likelihood.chances import Chance
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.panel import Panel
from calibrate.past.signals import Events
from calibrate.past.snapshots import Moments, People, decayed, moment_of
from calibrate.result import RuleFound
from scoring import Likelihood, Scorecard, score, touchpoints
from scoring.likelihood import DecayedCount, points_digest
from tests.calibrate.simulator import World, world

CARD = """
scorecard: ours
fields: {industry: text, employees: number, noise: text, recycled_at: time}
calendar: America/New_York
reset: [{name: Recycled, since: recycled_at, rest: 30d}]
score:
  fit:
    groups:
      - name: Company
        rules:
          - {name: Size, number: employees, points: {give: 2, per: 50, shape: log}, maximum: 8, missing: -1}
          - {name: Software, lead: {industry: Software}, points: 1}
  engagement:
    reset: [{name: Clicked, activity: {kind: email_click}}]
    groups:
      - name: Kept
        when: {industry: {is_not: Public}}
        half_life: 20d
        award: best
        rules:
          - {name: Views, activity: {kind: page_view}, points: {1-2: 2, 3+: 5}}
          - {name: Asked, activity: {kind: demo_request}, points: 4, lifespan: 60d}
          - {name: Other, activity: {kind: email_click}, points: 1}
"""


@pytest.fixture(scope="module")
def recycled() -> World:
    """Every third lead was given back forty days after it was created."""
    made = world(260, days=120, seed=5)
    back = pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.col("created_at") + timedelta(days=40))
    return replace(made, leads=made.leads.with_columns(recycled_at=back))


LOCKED = ("Views", "Asked")


@dataclass(frozen=True)
class Proposed:
    """Snapshots with rules that could have been learned, and the scorecard and likelihood made of them."""

    material: assess.Material
    learned: Learned
    card: Scorecard
    chance: Chance
    likelihood: Likelihood


@pytest.fixture(scope="module")
def proposed(recycled: World) -> Proposed:
    options = Options(max_rows=1500, horizon=30, locked=LOCKED)
    card, notes = Scorecard.model_validate(plain(CARD)), Notes()
    given = Frames(recycled.leads, recycled.activities, recycled.touchpoints, recycled.outcomes, HISTORY.to_frame())
    past = _Past(units_of(given, card, CARD, recycled.as_of, notes), CARD, options)
    maker = _Maker(past, past.units.declared(), past._behaviour(), 30.0, np.arange(len(recycled.leads)))
    material = maker.material({"employees": "number", "industry": "text"})
    rules = (*material.old_rules, *_activity_rules(material.panel))
    learned = Learned(rules, np.array([12, -3, 4, 9, 2][: len(rules)]), doubling=10)
    found = [
        RuleFound(rule.name, rule.part, 0, 0, 0, 0, points, 0, 0, 1)
        for rule, points in zip(rules, learned.points, strict=True)
    ]
    pairs = list(zip(rules, found, strict=True))
    written = text(Base(CARD, "ours", {}, {}), pairs, LOCKED, ("fit", "engagement"))
    chance = Chance(-2.0, 0.1, None, (DecayedCount(kind="page_view", half_life=30, weight=0.7),))
    likely = Likelihood(
        likelihood="ours", points="", fitted_at=recycled.as_of, look_back="180d", intercept=-2.0, per_point=0.1,
        counts=chance.counts,
    )  # fmt: skip
    return Proposed(material, learned, Scorecard.model_validate(plain(written)), chance, likely)


def _activity_rules(panel: Panel) -> list[ActivityRule]:
    """Return a rule that fades and is capped, and one for an activity at any time before."""
    places = {signal.kinds: number for number, signal in enumerate(panel.signals) if set(signal.condition) == {"kind"}}
    views, asked = places["page_view",], places["demo_request",]
    return [
        ActivityRule(views, "Page view", {"kind": "page_view"}, 180.0, half_life=2, cap=2.0),
        ActivityRule(asked, "Demo", {"kind": "demo_request"}, ever=True),
    ]


def test_the_proposal_gives_each_snapshot_the_points_that_were_learned(proposed: Proposed) -> None:
    whole = proposed.material.panel
    panel = whole.take(whole.moment % 4 == 0)
    names = [rule.name for section in proposed.card.sections.values() for rule in section.rules]
    assert names == ["Size", "Software", "Views", "Asked", "Page view", "Demo"]
    scored = proposed.material.scored(panel, proposed.card)["lead_score"].to_numpy()
    learned = proposed.learned.score(panel)
    assert np.abs(scored - learned).max() < 0.51
    assert np.ptp(learned) > 20
    assert panel.locked is not None
    assert len(np.unique(panel.locked)) > 3


def test_the_likelihood_of_each_snapshot_is_what_scoring_says(recycled: World, proposed: Proposed) -> None:
    panel, line = proposed.material.panel, recycled.leads.sort("created_at", "lead")
    said = 100 * proposed.chance.of(proposed.learned.score(panel), panel)
    for day in np.unique(panel.moment)[30::20]:
        rows = np.flatnonzero(panel.moment == day)
        leads = line[panel.lead[rows]]
        found = score(
            leads,
            recycled.activities,
            recycled.touchpoints,
            proposed.card,
            moment_of(day),
            likelihood=proposed.likelihood,
        ).results["lead_likelihood"]
        assert np.allclose(found.to_numpy(), said[rows], atol=0.11)


def test_other_resets_are_other_points() -> None:
    with_resets, without = (
        Scorecard.model_validate(plain(one)) for one in (CARD, CARD.replace("rest: 30d", "rest: 9d"))
    )
    assert points_digest(with_resets) != points_digest(without)


NOW = datetime(2026, 3, 1, tzinfo=UTC)
ACTIVITY = {"lead": pl.String, "id": pl.String, "kind": pl.String, "occurred_at": pl.Datetime("us", "UTC")}


def test_a_likelihood_counts_what_the_resets_leave() -> None:
    """A visit before the unsubscription no longer counts."""
    card = Scorecard.model_validate(
        {
            "scorecard": "x",
            "score": {
                "engagement": {"reset": [{"name": "Left", "activity": {"kind": "unsubscribe"}}], "groups": []},
            },
        }
    )
    fitted = Likelihood(
        likelihood="x", points=points_digest(card), fitted_at=NOW, look_back="180d", intercept=0, per_point=0,
        counts=(DecayedCount(kind="page_view", weight=1),),
    )  # fmt: skip
    days = {"a": [("page_view", 9), ("unsubscribe", 5)], "b": [("page_view", 9), ("unsubscribe", 12)]}
    rows = [(lead, f"{lead}{age}", kind, NOW - timedelta(days=age)) for lead, did in days.items() for kind, age in did]
    activities, places = touchpoints(pl.DataFrame(rows, schema=ACTIVITY, orient="row"))
    leads = pl.DataFrame({"lead": ["a", "b"]})
    found = score(leads, activities, places, card, NOW, likelihood=fitted).results["lead_likelihood"]
    assert found.to_list() == [50.0, 66.7]


def test_history_begins_after_the_last_reset_up_to_each_snapshot() -> None:
    card = Scorecard.model_validate(plain(CARD))
    clicks = [("a", "1", "email_click", moment_of(10.25)), ("a", "2", "email_click", moment_of(30))]
    activities, places = touchpoints(pl.DataFrame(clicks, schema=ACTIVITY, orient="row"))
    day = np.array([10.0, 11.0, 30.0, 20.0, 21.0])
    back = pl.DataFrame({"recycled_at": ["1970-01-21"] * 4 + [None]})
    past = Past(pl.Series(["a", "a", "a", "b", "b"]), back, day, activities, places)
    begins = beginnings(card, past, moment_of(40))
    assert begins is not None
    assert begins.tolist() == [NEVER, 10.25, 30.0, NEVER, NEVER]
    assert beginnings(card, replace(past, day=day + 1), moment_of(40)).tolist() == [
        10.25,
        10.25,
        30.0,
        20 + 5 / 24,
        NEVER,
    ]  # type: ignore[union-attr]
    assert beginnings(None, past, moment_of(40)) is None


def test_what_is_at_or_before_the_beginning_is_neither_counted_nor_ever_seen() -> None:
    moments = Moments(np.array([0, 0, 1]), np.array([10.0, 20.0, 20.0]))
    events = Events(np.array([0, 0, 1]), np.array([0, 0, 1]), np.array([5.0, 15.0, 15.0]))
    people = People.alone(moments, np.array([NEVER, 15.0, 14.0]))
    counts, ever = decayed(moments.day, people, events, 2, 180.0)
    assert counts[0].tolist() == [[1, 0], [0, 0], [0, 1]]
    assert ever.tolist() == [[1, 0], [0, 0], [0, 1]]


def old(written: dict[str, Any]) -> Old:
    found = old_card(Scorecard.model_validate(written), None)
    assert found is not None
    return found


def small(*rules: dict[str, Any], **group: Any) -> dict[str, Any]:
    named = [{"name": f"R{number}", **rule} for number, rule in enumerate(rules)]
    fields = {"n": "number", "t": "time", "flag": "flag"}
    groups = [{"name": "G", "rules": named, **group}]
    return {"scorecard": "x", "fields": fields, "score": {"fit": {"groups": groups}}}


def test_a_number_rule_keeps_its_shape_and_learns_its_size() -> None:
    rule = {
        "number": "n",
        "points": {"give": -2.0, "per": 10.0},
        "maximum": 8.0,
        "missing": 1.0,
        "when": {"flag": True},
    }
    fields = pl.DataFrame({"n": [20.0, 400.0, None, 20.0], "flag": [True, True, True, False]})
    (found,), wider = lead_rules(old(small(rule)), fields, ["n", "flag"])
    assert isinstance(found, NumberRule)
    assert wider.select(found.share).to_series().to_list() == [0.5, 1.0, -0.125, 0.0]
    assert set(found.subjects) == {"n", "flag"}
    entry = found.entry(-4)
    assert (entry["points"], entry["maximum"], entry["missing"]) == ({"give": -1.0, "per": 10.0}, 4, 0.5)
    assert found.entry(4)["points"]["give"] == 1.0


def test_rules_on_what_is_not_usable_or_on_the_time_are_no_candidates() -> None:
    figures = {"f": {"count": "activities"}}
    card = {
        **small(
            {"lead": {"n": {"above": {"field": "m"}}}, "points": 1},
            {"lead": {"t": {"during": "this month"}}, "points": 1},
            {"lead": {"n": 1, "f": 1}, "points": 1},
            {"number": {"days_since": "t"}, "points": {"give": 1, "per": 1}, "maximum": 3},
            {"lead": {"any": [{"n": 1}, {"activities": {}}]}, "points": 1},
            {"table": "n", "points": {"1+": 3}},
            {"lead": {"n": 1, "t": {"above": "2026-01-01"}}, "points": 1},
        ),
        "figures": figures,
    }
    card["fields"]["m"] = "number"
    found, _ = lead_rules(old(card), pl.DataFrame({"n": [1.0], "t": [None], "m": [0.0], "flag": [True]}), ["n", "t"])
    assert [rule.name for rule in found] == ["R6"]


def test_locked_rules_give_what_they_give_where_they_stand() -> None:
    """The group fades, is for some leads only, and leaves the best; other rules and limits are not there."""
    views = [(lead, f"{lead}{age}", "page_view", NOW - timedelta(days=age)) for lead in "ab" for age in (20, 40)]
    activities, places = touchpoints(pl.DataFrame(views, schema=ACTIVITY, orient="row"))
    fields = pl.DataFrame({"industry": ["Retail", "Public"], "recycled_at": [None, None]})
    past = Past(pl.Series(["a", "b"]), fields, np.array([NOW.timestamp() / 86_400] * 2), activities, places)
    card = old_card(Scorecard.model_validate(plain(CARD)), CARD)
    assert card is not None
    assert rule_points(card, ["Views"], past).tolist() == [1, 0]
    assert rule_points(card, [], past).tolist() == [0, 0]


def test_a_proposal_around_locked_numbers_and_counts_is_a_valid_card() -> None:
    locked = ["Size", "Views"]
    written = plain(text(Base(CARD, "ours", {}, {}), [], locked, ("fit",)))
    card = Scorecard.model_validate(written)
    assert [rule.name for section in card.sections.values() for rule in section.rules] == [
        "Size",
        "Views",
        "Asked",
        "Other",
    ]
    faded = CARD.replace(
        "lead: {industry: Software}, points: 1}", "lead: {industry: Software}, points: 1, since: recycled_at}"
    ).replace("- name: Company\n", "- name: Company\n        half_life: 9d\n")
    again = plain(text(Base(faded, "ours", {}, {}), [], locked, ("fit",)))
    assert "half_life" not in again["score"]["fit"]["groups"][0]
    assert (again["score"]["fit"]["minimum"], again["score"]["fit"]["maximum"]) == (-1, 8)
    Scorecard.model_validate(again)
