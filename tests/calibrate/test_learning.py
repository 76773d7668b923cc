"""Calibration recovers points and half-lives from a simulation where they are known."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from calibrate import Calibration, assess
from calibrate.card.halflife import GRID
from calibrate.card.proposal import plain
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past import horizon, outcome
from calibrate.statistics import metrics
from scoring import Scorecard, score
from tests.calibrate.simulator import KINDS, World, calibrated, true_points, world

pytestmark = pytest.mark.xdist_group("learned")  # one worker calibrates once for all of them


def steps_apart(found: float | None, true: float | None) -> int:
    return abs(GRID.index(found) - GRID.index(true))


def half_lives(result: Calibration) -> dict[str, float | None]:
    return {rule.name: rule.half_life for rule in result.rules if rule.part == "engagement"}


NAMES = {"Page view": "page_view", "Email click": "email_click", "Demo request": "demo_request"}


def test_signs_are_those_of_the_world(learned: Calibration) -> None:
    points = {rule.name: rule.after for rule in learned.rules}
    assert points["Industry: Software"] > 0 > points["Industry: Public"]
    assert points["Demo request"] > 0
    assert "noise" not in " ".join(points).lower()


def test_every_rule_says_on_what_it_stands(learned: Calibration) -> None:
    for rule in learned.rules:
        assert rule.leads >= rule.conversions > 0
        assert rule.low - 1 <= rule.after <= rule.high + 1
        assert rule.same_sign >= 0.9
        assert abs(rule.after) <= 20


@pytest.mark.slow
@pytest.mark.parametrize(("leads", "seed", "base"), [(6000, 1, -6.5), (4000, 2, -6.0)])
def test_half_lives_are_within_a_step_and_auc_within_a_hundredth_of_the_truth(
    leads: int, seed: int, base: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = world(leads, seed=seed, base=base)
    assert len(made.outcomes) >= 800
    looked_at: list[tuple[float, float]] = []
    judge = assess._Assessment._judge

    def watched(self: assess._Assessment) -> None:
        judge(self)
        truth = true_points(made, self.test.lead, self.test.moment)
        looked_at.append((metrics.auc(self.test.label, truth), metrics.auc(self.test.label, self.points)))

    monkeypatch.setattr(assess._Assessment, "_judge", watched)
    found = half_lives(calibrated(made, Options()))
    assert set(found) == set(NAMES)
    assert all(steps_apart(found[name], KINDS[kind][1]) <= 1 for name, kind in NAMES.items())
    truth, ours = looked_at[0]
    assert ours > truth - 0.01


@pytest.mark.slow
def test_the_same_seed_gives_the_same_result(small_world: World) -> None:
    few = Options(trees=20, folds=2, bootstraps=10, max_rows=6000)
    one, two = calibrated(small_world, few), calibrated(small_world, few)
    assert one.json() == two.json()


def test_the_proposal_scores_leads_as_the_report_says(learned: Calibration, small_world: World) -> None:
    """Scoring computes the same likelihood as calibration for each lead."""
    assert learned.scorecard is not None
    assert learned.likelihood is not None
    card = Scorecard.model_validate(plain(learned.scorecard))
    assert learned.likelihood.fits(card)
    made = small_world
    scored = score(
        made.leads, made.activities, made.touchpoints, card, made.as_of, likelihood=learned.likelihood, explain=True
    )
    lines = scored.lines.filter(pl.col("type") == "rule").group_by("lead").agg(pl.col("points").sum())
    points = (
        made.leads.select("lead").join(lines, on="lead", how="left", maintain_order="left")["points"].fill_null(0.0)
    )
    split = pl.DataFrame({"lead": made.leads["lead"], "fit_points": points, "engagement_points": 0.0})
    ours = learned.likelihood.score(split, made.leads, made.activities, made.touchpoints, made.as_of)
    assert np.allclose(scored.results["lead_likelihood"].to_numpy(), ours["lead_likelihood"].to_numpy(), atol=0.11)
    assert scored.results["lead_likelihood"].n_unique() > 50


@pytest.mark.slow
def test_locked_rules_keep_their_points_and_signs_are_respected(small_world: World) -> None:
    text = """
# keep me
scorecard: ours
fields: {industry: text, employees: number, noise: text}  # and me
score:
  fit:
    groups:
      - name: Company
        rules:
          - {name: Large, lead: {employees: {at_least: 1000}}, points: 7}  # decided by the board
          - {name: Software, lead: {industry: Software}, points: 1}
"""
    card = Scorecard.model_validate(plain(text))
    options = Options(trees=20, folds=2, bootstraps=10, max_rows=12000, locked=("Large",), signs={"industry": "+"})
    result = calibrated(small_world, options, card, text)
    assert result.scorecard is not None
    assert "# keep me" in result.scorecard
    assert "# decided by the board" in result.scorecard
    rules = [rule for group in plain(result.scorecard)["score"]["fit"]["groups"] for rule in group["rules"]]
    assert [rule["points"] for rule in rules if rule["name"] == "Large"] == [7]
    assert all(rule.after > 0 for rule in result.rules if rule.name.startswith("Industry"))
    assert next(rule.before for rule in result.rules if rule.name == "Software") == 1
    assert result.performance_of("Current scorecard") is not None


@pytest.fixture(scope="module")
def tiny_world() -> World:
    return world(800, days=500, seed=5, base=-4.6)


@pytest.mark.parametrize("fields", [["industry", "employees", "noise"], []], ids=["fields", "no fields"])
@pytest.mark.parametrize("active", [True, False], ids=["activities", "no activities"])
def test_leads_may_lack_activities_or_fields(tiny_world: World, fields: list[str], active: bool) -> None:
    leads = tiny_world.leads.select("lead", "created_at", *fields)
    made = replace(tiny_world, leads=leads, activities=tiny_world.activities.head(len(tiny_world.activities) * active))
    found = calibrated(made, Options(trees=20, folds=2, bootstraps=5, max_rows=6_000))
    parts = {rule.part for rule in found.rules}
    assert parts == ({"fit"} if fields else set()) | ({"engagement"} if active else set())
    assert found.declined == (not parts)


def test_a_leak_alone_is_no_reason_to_fail(tiny_world: World) -> None:
    won = tiny_world.outcomes["lead"].implode()
    leads = tiny_world.leads.select("lead", "created_at", after=pl.col("lead").is_in(won))
    found = calibrated(replace(tiny_world, leads=leads), Options(trees=20, folds=2, bootstraps=5, max_rows=6_000))
    assert {note.subject for note in found.notes if note.level == "left out"} == {"after"}
    assert {rule.part for rule in found.rules} == {"engagement"}


def test_the_horizon_follows_the_leads_that_convert_fast(tiny_world: World) -> None:
    """90 days, or less if the median time to convert is short; an explicit value is kept."""
    for days, wanted, expected in ((5, None, 30), (20, None, 60), (70, None, 90), (5, 45.0, 45)):
        outcomes = tiny_world.leads.select("lead", occurred_at=pl.col("created_at").dt.offset_by(f"{days}d"))
        notes = Notes()
        line = outcome.timeline(tiny_world.leads, outcomes.head(400), tiny_world.as_of, notes)
        assert horizon.chosen(line, wanted, lambda _: 100).days == expected
