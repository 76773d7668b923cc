"""What time does to a calibration: growing funnels, leads that get old, and what lies long ago."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.worlds import WORLDS, DatedWorld
from calibrate import Calibration, run
from calibrate.card.proposal import plain
from calibrate.judging.verdict import gap, verdict
from calibrate.likelihood.chances import Chance, newest
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.panel import Panel
from calibrate.report import report
from calibrate.result import Performance
from calibrate.statistics import metrics
from config.likelihoods import load_likelihood, save_likelihood
from scoring import Scorecard, score

pytestmark = pytest.mark.xdist_group("time")  # one worker makes each world once


def made(name: str, leads: int, seed: int = 0) -> DatedWorld:
    world = WORLDS[name](leads=leads, seed=seed)
    assert isinstance(world, DatedWorld)
    return world


def calibrated(world: DatedWorld, **options: Any) -> Calibration:
    return run(
        world.frames,
        None,
        Options(trees=20, folds=2, bootstraps=20, max_rows=12_000, **options),
        world.as_of,
        notes=Notes(),
    )


def on(performance: list[Performance], name: str) -> Performance:
    return next(one for one in performance if one.name == name)


@pytest.fixture(scope="module")
def old() -> DatedWorld:
    return made("old_leads", 2000)


@pytest.fixture(scope="module")
def aged(old: DatedWorld) -> Calibration:
    """All leads are scored, and their age tells most."""
    return calibrated(old)


@pytest.fixture(scope="module")
def funnel() -> DatedWorld:
    """Leads double every two weeks, so that most of them are young."""
    world = made("growing_funnel", 9000)
    assert 300 < len(world.outcomes) < 400
    return world


def test_a_growing_funnel_with_some_300_conversions_is_not_declined(funnel: DatedWorld) -> None:
    """The test part begins later than usual, because too little would be left to fit on."""
    found = calibrated(funnel, horizon=30)
    assert not found.declined
    assert found.train_conversions >= 20
    assert 30 <= found.test_conversions <= 60
    assert "begins later" in found.split


def test_by_default_the_horizon_leaves_enough_to_fit_on(funnel: DatedWorld) -> None:
    found = calibrated(funnel)
    assert found.horizon == 14
    assert min(found.train_conversions, found.test_conversions) >= 60
    assert on(found.performance, "Proposal, percentages").auc > 0.65
    assert [note.message for note in found.notes if note.kind == "horizon"] == [
        "The horizon is 14 days, because 30 days would leave too few conversions to fit on."
    ]


@pytest.mark.parametrize(("asked", "said"), [(60, 14), (30, None)])
def test_there_is_one_suggestion_about_the_horizon(funnel: DatedWorld, asked: float, said: float | None) -> None:
    """What declines says what helps, and no note says anything else."""
    found = calibrated(funnel, horizon=asked)
    assert found.declined == bool(said)
    assert ("--horizon" in found.message) == bool(said)
    assert not said or f"--horizon {said} instead of {asked:g} days" in found.message
    assert not [note for note in found.notes if note.kind == "horizon"]


def test_what_is_judged_is_what_scoring_meets_of_old_and_new_leads(aged: Calibration, old: DatedWorld) -> None:
    """The figure of the report is that of the leads that are open at the end, whose future is known here."""
    assert aged.scorecard is not None
    assert aged.likelihood is not None
    assert aged.horizon is not None
    frames, still = old.frames, old.open
    card = Scorecard.model_validate(plain(aged.scorecard))
    leads, done = frames.leads.filter(still), (frames.activities, frames.touchpoints)
    told = score(leads, *done, card, old.as_of, likelihood=aged.likelihood).results["lead_likelihood"].to_numpy()
    came = metrics.auc(old.won(aged.horizon)[still].astype(float), told)
    every, newer = (on(part, "Proposal, percentages") for part in (aged.performance, aged.performance_newer))
    assert abs(every.auc - came) < 0.05
    assert newer.auc < came - 0.1
    assert 0 < aged.newer_conversions < aged.test_conversions


def test_the_gate_goes_by_all_leads_that_were_open(aged: Calibration) -> None:
    assert aged.gate is not None
    every = on(aged.performance, "Proposal, percentages")
    told = {condition.name: condition.message for condition in aged.gate.conditions}
    assert f"Mean chance {every.mean:.1%}" in told["mean"]
    assert f"slope {every.slope:.2f}" in told["slope"]
    assert f"{every.auc:.3f}" in told["better than chance"]


def test_the_price_of_points_is_told_with_age_and_without(aged: Calibration) -> None:
    points, likelihood = (on(aged.performance, name) for name in ("Proposal", "Proposal, percentages"))
    assert likelihood.auc > points.auc + 0.1
    said = gap(aged)
    assert f"{points.auc:.3f}" in said
    assert f"{likelihood.auc:.3f}" in said
    assert f"{on(aged.performance, 'Gradient boosting').auc:.3f}" in said
    assert f"by likelihood has {likelihood.wins_in_top_fifth:.0%}" in verdict(aged)
    assert "created after the fitting" in report.page(aged)


def test_the_chance_falls_with_age_as_fast_as_in_the_data(aged: Calibration) -> None:
    """In this world it halves every 60 days, which a logarithm of weeks does not follow."""
    assert aged.likelihood is not None
    assert aged.likelihood.age is not None
    assert aged.likelihood.age.unit > 7
    assert 0.8 <= on(aged.performance, "Proposal, percentages").slope <= 1.25


def test_the_rate_is_checked_by_a_later_cut(aged: Calibration) -> None:
    """The report tells what was expected after it, and what came."""
    assert aged.rate_check is not None
    check = aged.rate_check
    assert check.observed / check.expected == pytest.approx(check.ratio)
    assert abs(np.log(check.ratio)) < abs(np.log(check.unmoved))
    assert check.message in report.page(aged)


@given(
    odds=st.lists(st.floats(-6, 3), min_size=4, max_size=40),
    won=st.lists(st.booleans(), min_size=40, max_size=40),
    intercept=st.floats(-3, 3),
)
def test_the_newest_chances_add_up_to_observed_and_expected_with_twenty_more(
    odds: list[float], won: list[bool], intercept: float
) -> None:
    rows = len(odds)
    label, places = np.array(won[:rows], np.float64), np.arange(rows)
    panel = Panel(pl.DataFrame(), label, places, places, np.full(rows, 5.0))
    before = Chance(intercept, 1.0, None, ())
    expected = before.of(np.array(odds), panel).sum()
    after = before.moved(np.array(odds), panel).of(np.array(odds), panel).sum()
    assert after == pytest.approx(expected * (label.sum() + 20) / (expected + 20), rel=1e-6)


@pytest.fixture(scope="module")
def yearly() -> DatedWorld:
    """Customers buy about once a year, and how often they did tells who buys again."""
    return made("long_memory", 2000)


def test_the_look_back_is_long_where_people_buy_once_a_year(yearly: DatedWorld) -> None:
    """Rules and likelihood say how far back they count, and the points rank better than those of 180 days."""
    far, near = calibrated(yearly), calibrated(yearly, look_back=180)
    assert far.look_back > 300
    assert [note.kind for note in far.notes if note.kind == "look-back"]
    assert not [note for note in near.notes if note.kind == "look-back"]
    assert on(far.performance, "Proposal").auc > on(near.performance, "Proposal").auc + 0.05
    assert far.likelihood is not None
    assert far.scorecard is not None
    within = f"within: {far.look_back:g}d"
    assert (within in far.scorecard) == np.isfinite(far.look_back)
    assert far.likelihood.look_back == (far.look_back if np.isfinite(far.look_back) else "all")


def test_all_activities_count_where_the_look_back_has_no_end(yearly: DatedWorld, tmp_path: Path) -> None:
    """Neither the rules nor the likelihood end it, and scoring counts what calibration counted."""
    found = calibrated(yearly, look_back=np.inf)
    assert found.scorecard is not None
    assert found.likelihood is not None
    assert "Purchase" in found.scorecard
    assert "within" not in found.scorecard
    assert found.likelihood.look_back == "all"
    save_likelihood(found.likelihood, tmp_path / "l.yaml")
    assert load_likelihood(tmp_path / "l.yaml").look_back == "all"
    assert json.loads(found.json())["look_back"] is None
    assert "all known activity" in report.page(found)
    frames = yearly.frames
    counted = found.likelihood.decayed_counts(frames.activities, frames.touchpoints, yearly.as_of)
    assert counted.height == frames.activities["lead"].n_unique()


def test_the_look_back_stays_where_nothing_lies_beyond(funnel: DatedWorld) -> None:
    assert calibrated(funnel).look_back == 180


def test_the_rate_follows_the_newest_third_or_two_hundred_conversions() -> None:
    """What came before them does not count."""
    rows = 4000
    moment, label = np.arange(rows, dtype=np.float64), np.zeros(rows)
    label[::5] = 1.0
    for share, since in ((1.0, 2667), (0.5, 2001)):
        told = label * (np.cumsum(label) * share % 1 == 0)
        panel = Panel(pl.DataFrame(), told, np.arange(rows), np.arange(rows), moment)
        assert abs(newest(panel).moment.min() - since) <= 20
