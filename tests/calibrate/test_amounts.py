"""Points per unit of a number, up to a cap: found where they fit, and scored exactly as learned."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.worlds.tables import per_unit, threshold
from calibrate.card.proposal import plain
from calibrate.card.rules import in_words
from calibrate.judging.validation import CHALLENGER, PROPOSAL
from calibrate.learning.amounts import Growth, Number, amount, number_rules
from calibrate.options import Options
from calibrate.past.panel import Panel
from calibrate.report import report
from calibrate.statistics.metrics import auc
from tests.calibrate.tables_of import learned, log_odds, points_of, scored, table
from tests.examples import up_to


def panel_of(numbers: list[float | None], name: str = "income") -> Panel:
    rows = np.arange(len(numbers))
    fields = pl.DataFrame({name: numbers}, schema={name: pl.Float64})
    return Panel(fields, np.zeros(len(rows)), rows, rows, rows.astype(float))


@given(
    st.sampled_from(["even", "root", "log"]),
    st.floats(-1000, 1000),
    st.floats(0.01, 10_000),
    st.integers(-40, 40).filter(bool),
    st.sampled_from([0.0, 0.4, 1.0]),
    st.lists(st.none() | st.floats(-2000, 20_000), min_size=1, max_size=8),
)
@settings(max_examples=up_to(60), deadline=None)
def test_a_settled_rule_is_scored_as_it_was_learned(
    shape: Any, since: float, size: float, points: int, missing: float, numbers: list[float | None]
) -> None:
    """Whatever its shape, bounds, sign and points, also for missing and for negative numbers."""
    growth = Growth.between(shape, since, since + size, max(size / 10, 0.01))
    rule = amount(Number.of_field("income"), growth, "Income", missing).settled(points)
    panel = panel_of(numbers)
    assert rule.column(panel) * points == pytest.approx(points_of(rule.entry(points), panel.fields), abs=1e-4)


@given(st.floats(-100, 100), st.floats(0.5, 1e6), st.integers(1, 40), st.sampled_from(["even", "root", "log"]))
@settings(deadline=None)
def test_settling_moves_the_end_by_a_few_percent_at_most_and_keeps_the_most(
    since: float, size: float, points: int, shape: Any
) -> None:
    """A unit or the points of one have two digits, so that a person can read them."""
    growth = Growth.between(shape, since, since + size, size / 10)
    settled = growth.settled(points)
    assert settled.most == points
    assert settled.until - since == pytest.approx(size, rel=0.25)
    for one in (settled.per, settled.give):
        assert float(f"{one:.2g}") == one or shape == "log"


def test_where_amounts_matter_the_card_gives_points_per_unit() -> None:
    """On new leads of the same kind it comes within .012 of the true chances, and of gradient boosting."""
    world = per_unit(seed=1)
    found = learned(world.table, "converted", trees=Options().trees)
    assert sum(bool(rule.per_unit) for rule in found.rules) >= 4
    fresh = per_unit(4000, seed=2)
    won = fresh.won.astype(float)
    assert auc(won, scored(found, fresh.table)) > auc(won, fresh.chance) - 0.012
    mine, against = found.performance_of(PROPOSAL), found.performance_of(CHALLENGER)
    assert mine
    assert against
    assert mine.auc > against.auc - 0.01


def test_a_number_gives_points_per_unit_in_one_shape_alone() -> None:
    """Several shapes of one number would add up to a curve that nobody reads; a strong number gets more points."""
    found = learned(per_unit(seed=1).table, "converted")
    written = plain(found.scorecard or "")["score"]["fit"]["groups"][0]["rules"]
    numbers = [str(rule["number"]) for rule in written if "number" in rule]
    assert len(numbers) == len(set(numbers)) >= 3


def test_where_thresholds_matter_thresholds_are_found() -> None:
    """37 employees are found as such; points per unit do not replace them."""
    found = learned(threshold(seed=1).table, "converted")
    worth = {name: odds for name, odds in log_odds(found).items() if name.startswith("Employees")}
    assert worth
    assert all("or more" in name for name in worth)
    assert sum(worth.values()) == pytest.approx(1.8, abs=0.5)


def falling(missing: float = 0.0) -> pl.DataFrame:
    """Return a table where 3 log-odds go as `idle` rises from 0 to 100; those without it are as the average."""
    rng = np.random.default_rng(4)
    idle = rng.uniform(0, 100, 3000)
    won = rng.random(3000) < 1 / (1 + np.exp(3 * idle / 100 - 0.5))
    none = rng.random(3000) < missing
    values = [None if gone else float(one) for gone, one in zip(none, idle, strict=True)]
    return pl.DataFrame({"idle": values, "luck": rng.normal(size=3000), "won": np.where(won, "yes", "no")})


def test_what_lowers_the_chance_takes_points_per_unit() -> None:
    """The card says so in the words of the scorecard; the report says how many per what."""
    found = learned(falling())
    rule = next(one for one in found.rules if one.per_unit)
    written = plain(found.scorecard or "")["score"]["fit"]["groups"][0]["rules"]
    entry = next(one for one in written if one["name"] == rule.name)
    assert entry["number"] == "idle"
    assert entry["points"]["give"] < 0
    assert entry["maximum"] == -rule.after
    assert rule.per_unit.startswith(f"{entry['points']['give']:+g} ")
    assert " per " in rule.per_unit
    assert rule.per_unit in report.page(found)


def test_names_and_words_of_points_per_unit_are_true_of_each_lead() -> None:
    """In the heading's own letters; roots are told by what three numbers get, as they are scored."""
    found = learned(falling().rename({"idle": "IdleDays_X"}))
    named = [rule.name for rule in found.rules if rule.per_unit]
    assert named
    assert all(name.startswith("IdleDays_X: the more, the fewer points, up to ") for name in named)
    rule = amount(Number.of_field("income"), Growth.between("root", 0, 100, 10), "Income").settled(-10)
    assert rule.name == "Income: the more, the fewer points, up to 100, root"
    assert in_words(rule.entry(-10)).endswith("at 10: -3, at 30: -5, at 100: -10")
    assert points_of(rule.entry(-10), pl.DataFrame({"income": [10.0, 30.0, 400.0]})).round().tolist() == [-3, -5, -10]


def test_a_missing_number_counts_as_the_average_where_it_is_so() -> None:
    """With a third missing at random, missing takes about half of the most, and is not the best of all."""
    found = learned(falling(0.33))
    least, missing, most = scored(found, pl.DataFrame({"idle": [100.0, None, 0.0], "luck": [0.0] * 3}))
    assert least < missing < most


def test_a_sign_holds_for_points_per_unit() -> None:
    """A field that may only give gets nothing where more of it is worse."""
    found = learned(falling(), signs={"idle": "+"})
    assert not [rule for rule in found.rules if rule.after > 0 and rule.per_unit]
    assert all(rule.after > 0 for rule in found.rules)


def test_every_candidate_is_a_rule_that_the_scorecard_takes() -> None:
    """Counts, skewed sums, negative, huge and tiny numbers; each by a name of its own."""
    rng = np.random.default_rng(1)
    columns = {
        "count": rng.poisson(3, 500).astype(float),
        "sum": np.exp(rng.normal(8, 2, 500)).round(2),
        "below": rng.normal(-5, 3, 500),
        "share": rng.random(500) / 1000,
        "huge": rng.normal(1e12, 1e9, 500),
        "often_zero": np.where(rng.random(500) < 0.9, 0.0, rng.exponential(9, 500)),
    }
    rows = np.arange(500)
    panel = Panel(pl.DataFrame(columns), np.zeros(500), rows, rows, rows.astype(float))
    rules = number_rules(panel, map(Number.of_field, columns), 10)
    assert {rule.subjects[0] for rule in rules} == set(columns)
    assert len({rule.name for rule in rules}) == len(rules)
    for rule in rules:
        settled = rule.settled(-7)
        assert settled.column(panel) * -7 == pytest.approx(points_of(settled.entry(-7), panel.fields), abs=1e-3)
        assert 0 < settled.column(panel).mean() < 1


def test_numbers_that_are_nearly_all_the_same_give_no_candidates() -> None:
    """Three values are told apart by thresholds; with too few known there is nothing to say."""
    rows = np.arange(300)
    few = pl.DataFrame({"a": rows % 3 * 1.0, "b": [1.0, 2.0, 3.0, 4.0, *[None] * 296]})
    panel = Panel(few, np.zeros(300), rows, rows, rows.astype(float))
    assert not number_rules(panel, map(Number.of_field, "ab"), 10)


def test_an_amount_that_alone_tells_the_outcome_is_left_out() -> None:
    """The guard on single rules sees points per unit too."""
    frame = table(2000, after=lambda rng, won: won * 2.4 + rng.normal(size=len(won)))
    found = learned(frame, include=("after",))
    assert any("After" in note.subject for note in found.notes if note.kind == "too good")
    assert not [rule for rule in found.rules if rule.per_unit and "After" in rule.name]
