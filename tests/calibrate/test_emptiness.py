"""A field whose emptiness tells the outcome keeps its values, and nothing is given for its being known."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from bench.worlds.made import TableWorld
from bench.worlds.tables import honest_emptiness, leaking_emptiness
from calibrate import Calibration
from calibrate.judging.validation import CHALLENGER, ODOO
from calibrate.options import Options
from calibrate.statistics.metrics import auc, slope
from tests.calibrate.tables_of import learned, log_odds, scored, table

LEAKS = (0.15, 0.75)
"""The shares that are empty: of those that convert, and of the others."""


@pytest.fixture(scope="module")
def world() -> TableWorld:
    return leaking_emptiness(seed=1)


@pytest.fixture(scope="module")
def found(world: TableWorld) -> Calibration:
    return learned(world.table, "converted")


@pytest.mark.parametrize("include", [(), ("occupation",)])
def test_values_get_what_they_are_worth_and_being_known_gets_nothing(
    world: TableWorld, found: Calibration, include: Any
) -> None:
    """Working is worth 2.2 and Student -0.4 over Unemployed; the mask holds under --include too."""
    found = learned(world.table, "converted", include=include) if include else found
    worth = {name: odds for name, odds in log_odds(found).items() if "Occupation" in name}
    assert set(worth) == {"Occupation: Working", "Occupation: Student"}
    assert worth["Occupation: Working"] == pytest.approx(2.2, abs=0.35)
    assert worth["Occupation: Student"] == pytest.approx(-0.4, abs=0.25)
    assert "--include does not change that" in next(note.message for note in found.notes if note.kind == "emptiness")


def test_leads_are_ranked_by_what_is_known_when_they_are_created(world: TableWorld, found: Calibration) -> None:
    """On the values of then, the proposal is nearly as good as the true chances."""
    won = world.won.astype(float)
    assert auc(won, scored(found, world.then)) > auc(won, world.chance) - 0.015


def test_percentages_follow_what_is_known_when_leads_are_created(world: TableWorld, found: Calibration) -> None:
    """The emptiness of today does not make points count for too much: on the values of then the slope is about 1."""
    assert found.likelihood
    odds = found.likelihood.intercept + found.likelihood.per_point * scored(found, world.then)
    assert slope(world.won.astype(float), 1 / (1 + np.exp(-odds))) == pytest.approx(1, abs=0.12)


def by_another_road(*rules: dict[str, Any]) -> dict[str, Any]:
    entries = [{"name": f"Road {number}", "points": 5, "lead": rule} for number, rule in enumerate(rules)]
    fields = {"source": "text", "minutes": "number", "occupation": "text"}
    return {"scorecard": "ours", "fields": fields, "score": {"fit": {"groups": [{"name": "A", "rules": entries}]}}}


def test_rules_of_the_card_that_tell_whether_it_is_known_are_dropped(world: TableWorld) -> None:
    """Known, empty, the most common value, lists and negations of it, and what holds for missing values alone."""
    card = by_another_road(
        {"occupation": {"known": True}},
        {"occupation": {"known": False}},
        {"not": {"occupation": {"known": True}}},
        {"occupation": "Unemployed"},
        {"occupation": ["Unemployed", "Student"]},
        {"not": {"occupation": "Unemployed"}},
        {"occupation": {"is": "Working", "or_missing": True}},
        {"any": [{"occupation": {"known": True}}, {"minutes": {"at_least": 500}}]},
        {"occupation": ["Working", "Retired"]},
    )
    found = learned(world.table, "converted", card)
    kept = {rule.name for rule in found.rules if "Road" in rule.name}
    assert kept <= {"Road 8"}
    assert {"Road 8", "Occupation: Working"} & {rule.name for rule in found.rules}


def with_stars(informative: bool) -> pl.DataFrame:
    """Return a table with a number that is filled in for those that convert; perhaps high ones convert more."""

    def stars(rng: np.random.Generator, won: Any) -> list[float | None]:
        mean = np.where(won & informative, 3.5, 2.5)
        return [
            None if rng.random() < LEAKS[not w] else float(rng.normal(m, 1)) for w, m in zip(won, mean, strict=True)
        ]

    return table(3000, stars=stars)


def on_stars(found: Calibration) -> dict[str, float]:
    return {name: odds for name, odds in log_odds(found).items() if name.startswith("Stars")}


def test_no_threshold_of_a_number_stands_for_its_being_known() -> None:
    """Where its size says nothing, nothing is learned from it; where it does, from its size."""
    assert not on_stars(learned(with_stars(False)))
    assert sum(on_stars(learned(with_stars(True))).values()) > 1


def test_where_most_are_the_highest_number_lower_ones_are_found() -> None:
    """Below 5 is worth -1.4 among those whose stars are known."""

    def stars(rng: np.random.Generator, won: Any) -> list[float | None]:
        five = rng.random(len(won)) < np.where(won, 0.8, 0.5)
        return [None if rng.random() < LEAKS[not w] else 5.0 if f else 1.0 for w, f in zip(won, five, strict=True)]

    worth = on_stars(learned(table(4000, stars=stars)))
    assert set(worth) == {"Stars: below 5"}
    assert worth["Stars: below 5"] == pytest.approx(-1.4, abs=0.4)


def test_a_flag_that_is_only_ever_yes_is_left_out() -> None:
    """Being known and being yes are the same."""
    frame = table(2000, met=lambda rng, won: [None if rng.random() < LEAKS[not w] else True for w in won])
    found = learned(frame, include=("met",))
    assert not [rule for rule in found.rules if "Met" in rule.name]
    assert [note.level for note in found.notes if note.kind == "emptiness"] == ["left out"]


@pytest.mark.parametrize("name", [CHALLENGER, ODOO])
def test_what_the_proposal_is_compared_with_learns_nothing_from_it_either(name: str) -> None:
    """A field that is filled in for those that convert, with values that say nothing, makes nobody better."""

    def job(rng: np.random.Generator, won: Any) -> list[str | None]:
        return [None if rng.random() < LEAKS[not w] else str(rng.choice(list("abc"))) for w in won]

    areas = []
    for frame in ((whole := table(4000, job=job)).drop("job"), whole):
        one = learned(frame, trees=Options().trees).performance_of(name)
        assert one
        areas.append(one.auc)
    assert areas[1] < areas[0] + 0.02


def test_emptiness_that_truly_tells_a_little_is_used() -> None:
    """A factor below two is no leak: whether the phone was given counts."""
    found = learned(honest_emptiness(seed=1).table, "converted")
    assert any("Phone type" in rule.name for rule in found.rules)
    assert not [note for note in found.notes if note.kind == "emptiness"]
