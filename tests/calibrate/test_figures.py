"""Figures and snapshots compared with slow, simple references."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from calibrate.card.halflife import GRID
from calibrate.learning import bins
from calibrate.likelihood import drift
from calibrate.past import snapshots
from calibrate.past.outcome import Timeline
from calibrate.past.signals import Events
from calibrate.past.snapshots import Moments, People
from calibrate.statistics import fit, metrics

both = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40).filter(
    lambda rows: 0 < sum(won for won, _ in rows) < len(rows)
)


@given(both)
def test_auc_is_sklearns(rows: list[tuple[bool, int]]) -> None:
    label, score = np.array([float(won) for won, _ in rows]), np.array([float(s) for _, s in rows])
    assert metrics.auc(label, score) == pytest.approx(roc_auc_score(label, score))


@given(both)
def test_all_wins_are_in_the_whole_and_gains_never_fall(rows: list[tuple[bool, int]]) -> None:
    label, score = np.array([float(won) for won, _ in rows]), np.array([float(s) for _, s in rows])
    gains = metrics.gains(label, score)
    assert gains[0] == 0
    assert gains[-1] == pytest.approx(1)
    assert np.all(np.diff(gains) >= -1e-9)


def test_the_logistic_fit_is_sklearns() -> None:
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(500, 3))
    label = (rng.random(500) < fit.sigmoid(columns @ [1.0, -0.5, 0.0] - 1)).astype(float)
    ours = fit.logistic(fit.with_intercept(columns), label, np.ones(500), ridge=2.0)
    theirs = LogisticRegression(C=0.5, tol=1e-10, max_iter=1000).fit(columns, label)
    assert ours.weights == pytest.approx(theirs.coef_[0], abs=1e-4)


@pytest.mark.parametrize("seed", [0, 16, 24])
def test_the_fit_holds_where_newtons_steps_overshoot(seed: int) -> None:
    """Few conversions, all with the first activity, and a few huge counts."""
    rng = np.random.default_rng(seed)
    counts = rng.pareto(1.2, (4000, 3)) * (rng.random((4000, 3)) < 0.1)
    columns = np.column_stack([rng.random(4000) < 0.05, counts])
    label = (rng.random(4000) < columns[:, 0] * fit.sigmoid(counts @ [0.8, 0.5, 0.3] - 5)).astype(float)
    design, weight = fit.with_intercept(columns), np.ones(4000)
    ours = fit.logistic(design, label, weight, ridge=2.0)
    slope = design.T @ (label - fit.sigmoid(design @ ours.linear)) - np.array([0, 2, 2, 2, 2]) * ours.linear
    assert np.abs(slope).max() < 1e-3


def test_true_chances_have_slope_one_and_a_small_error() -> None:
    rng = np.random.default_rng(0)
    chance = rng.beta(1, 4, 40_000)
    label = (rng.random(40_000) < chance).astype(float)
    assert metrics.slope(label, chance) == pytest.approx(1, abs=0.05)
    assert metrics.expected_error(metrics.calibration(label, chance)) < 0.01
    odds = np.log(chance / (1 - chance))
    assert metrics.slope(label, fit.sigmoid(2 * odds)) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(("weights", "expected"), [([0.1], 20), ([np.log(2)], 20), ([2.0], 7), ([30.0], 2), ([], 20)])
def test_the_strongest_rule_decides_how_many_points_double_the_odds(weights: list[float], expected: int) -> None:
    assert fit.doubling(weights) == expected
    assert np.abs(fit.whole_points(np.array(weights), expected)).max(initial=0) <= 20


days = st.integers(0, 400 * 1440).map(lambda minutes: minutes / 1440)
"""Days to the minute: what is told apart from a whole day by less than that, a float of days does not hold."""


@given(
    activities=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), days), max_size=30),
    asked=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 400)), min_size=1, max_size=8, unique=True),
)
def test_decayed_counts_are_those_of_a_loop(
    activities: list[tuple[int, int, float]], asked: list[tuple[int, int]]
) -> None:
    activities = sorted(activities, key=lambda row: row[2])
    asked = sorted(asked, key=lambda row: (row[1], row[0]))
    events = Events(
        *(
            np.array(column, dtype)
            for column, dtype in zip(
                zip(*activities, strict=True) if activities else ((), (), ()),
                (np.int32, np.int16, np.float64),
                strict=True,
            )
        )
    )
    moments = Moments(np.array([lead for lead, _ in asked]), np.array([float(day) for _, day in asked]))
    counts, ever = snapshots.decayed(moments.day, People.alone(moments), events, 2, 180.0)
    for row, (lead, day) in enumerate(asked):
        for signal in (0, 1):
            ages = [
                day - moment for who, what, moment in activities if who == lead and what == signal and moment <= day
            ]
            assert ever[row, signal] == (1.0 if ages else 0.0)
            for place, half_life in enumerate(GRID):
                slow = sum(2 ** (-age / half_life) if half_life else 1.0 for age in ages if age < 180)
                assert counts[place][row, signal] == pytest.approx(slow, abs=1e-4)


def test_snapshots_are_weekly_while_the_lead_is_open() -> None:
    line = Timeline(
        pl.DataFrame({"lead": ["a", "b", "c"]}),
        np.array([0.5, 10.0, 3.0]),
        np.array([16.2, np.nan, np.nan]),
        100.0,
        np.array([np.nan, np.nan, 9.0]),
    )
    moments = snapshots.weekly(line, (-np.inf, 30.0), 1000, np.random.default_rng(0))
    days = {lead: moments.day[moments.lead == lead].tolist() for lead in range(3)}
    assert days == {0: [1.0, 8.0, 15.0], 1: [10.0, 17.0, 24.0], 2: [3.0]}
    late = snapshots.weekly(line, (9.0, 30.0), 1000, np.random.default_rng(0))
    assert late.day[late.lead == 0].tolist() == [15.0]


def test_snapshots_of_accounts_are_all_on_one_weekday_and_none_is_before_its_account() -> None:
    nothing = np.full(3, np.nan)
    line = Timeline(pl.DataFrame(), np.array([0.5, 7.0, 9.1]), nothing, 100.0, nothing, "accounts")
    moments = snapshots.weekly(line, (-np.inf, 30.0), 1000, np.random.default_rng(0))
    days = {account: moments.day[moments.lead == account].tolist() for account in range(3)}
    assert days == {0: [7.0, 14.0, 21.0, 28.0], 1: [7.0, 14.0, 21.0, 28.0], 2: [14.0, 21.0, 28.0]}


def test_leads_are_not_looked_at_before_their_activities_are_known() -> None:
    line = Timeline(pl.DataFrame(), np.array([0.0, 400.0]), np.full(2, np.nan), 600.0, np.full(2, np.nan))
    seen = np.linspace(300.0, 600.0, 1000)
    assert snapshots.known_since(line, Events(np.zeros(1000), np.zeros(1000), seen)) == pytest.approx(301.5)
    early = Events(np.zeros(1000), np.zeros(1000), np.linspace(0.0, 600.0, 1000))
    assert snapshots.known_since(line, early) == -np.inf


def test_fields_are_as_they_were_then() -> None:
    start = datetime(1970, 1, 1, tzinfo=UTC)
    leads = pl.DataFrame({"lead": ["a", "b"], "size": [300.0, 7.0], "job": ["vp", "cto"]})
    history = pl.DataFrame(
        {
            "lead": ["a", "a", "a"],
            "field": ["size"] * 3,
            "since": [start + timedelta(days=d) for d in (1, 10, 20)],
            "value": ["5", None, "300"],
            "before": ["2", "5", None],
        }
    )
    moments = Moments(np.array([0, 0, 0, 0, 1]), np.array([0.0, 5.0, 15.0, 25.0, 25.0]))
    then = snapshots.fields_then(leads, moments, history, ["size", "job"])
    assert then["size"].to_list() == [2.0, 5.0, None, 300.0, 7.0]
    assert then["job"].to_list() == ["vp"] * 4 + ["cto"]


@given(st.lists(st.floats(-1e6, 1e6), max_size=60))
def test_thresholds_split_the_values(values: list[float]) -> None:
    for cut in bins.cuts(pl.Series(values, dtype=pl.Float64)):
        assert min(values) < cut <= max(values)


def test_psi_is_nothing_for_equal_and_large_for_other_spreads() -> None:
    assert drift.psi([0.5, 0.5], [0.5, 0.5]) == 0
    assert drift.psi([0.9, 0.1], [0.1, 0.9]) > 1
