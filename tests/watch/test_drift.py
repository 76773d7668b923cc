"""What has moved, what chance moves, and the experiment with the order."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from scoring import Scorecard
from scoring.experiment import drawn, in_experiment
from scoring.likelihood import Share
from watch import drift, experiment
from watch.cohorts import counted
from watch.timeline import INDEX

RNG = np.random.default_rng(5)


def compared(old: Any, new: Any, kind: Any = "text") -> Any:
    found = drift._both(pl.Series(old), pl.Series(new), kind)
    return None if found is None else drift.moved("field", *found)


def test_a_field_that_moved_says_what_grew_and_what_shrank() -> None:
    """Half of the new leads are of another country."""
    found = compared(["de"] * 400 + ["fr"] * 100, ["de"] * 100 + ["fr"] * 100)
    assert found["verdict"] == "moved much"
    assert found["moved"] == "fr: 20.0 % → 50.0 %; de: 80.0 % → 50.0 %"


def test_samples_of_one_population_have_not_moved() -> None:
    """Of a hundred pairs of small samples, none is called moved much."""
    said = [
        compared(RNG.choice(["a", "b", "c", "d", "e", "f"], 300), RNG.choice(["a", "b", "c", "d", "e", "f"], 60))[
            "verdict"
        ]
        for _ in range(100)
    ]
    assert "moved much" not in said
    numbers = [compared(RNG.normal(size=400), RNG.normal(size=60), "number")["verdict"] for _ in range(100)]
    assert "moved much" not in numbers


def test_texts_that_nearly_everybody_has_an_own_one_of_are_not_compared() -> None:
    """A domain or a name is another one in each sample."""
    assert compared([f"firm-{number}.example" for number in range(500)], ["other.example"] * 200) is None


def test_with_few_values_nothing_is_claimed() -> None:
    """Thirty new leads say nothing about a distribution."""
    assert compared(["de"] * 400 + ["fr"] * 100, ["fr"] * 30)["verdict"] == "too few"


def test_inputs_are_compared_with_those_that_the_likelihood_was_fitted_on() -> None:
    """Its file keeps their bins; another type than then is not compared."""
    bins = (Share(upto=10, share=0.5), Share(share=0.5))
    then, now, names = drift._compared(bins, 1000, pl.Series([1.0] * 90 + [20.0] * 10)) or ([], [], [])
    assert (list(then), list(now), list(names)) == ([500, 500], [90, 10], ["below 10", "10 or more"])
    assert drift._compared(bins, 1000, pl.Series(["x"])) is None


def card(share: str | None) -> Scorecard:
    priority: Any = {"matrix": {"One": dict.fromkeys("ABCDF?", "P1")}} | (
        {"experiment": {"share": share}} if share else {}
    )
    stages = [{"name": "One"}]
    return Scorecard.model_validate({"scorecard": "a", "readiness": {"stages": stages}, "priority": priority})


def cohort(made: Scorecard, leads: int, better: float) -> pl.DataFrame:
    """Return leads of a month with their drawn index; those in the upper half convert this much more often."""
    ids = pl.Series("lead", [str(number) for number in range(leads)])
    place, inside = drawn(ids, made), in_experiment(ids, made)
    rate = np.where(place.to_numpy() > experiment.MIDDLE, 0.2 + better, 0.2)
    index = place.cast(pl.Float64).zip_with(inside, pl.Series([77.0]).new_from_index(0, leads))
    month = datetime(2026, 5, 1, tzinfo=UTC)
    return pl.DataFrame(
        {"lead": ids, "month": month, "moment": month, INDEX: index, "matured": True, "came": RNG.random(leads) < rate}
    )


def test_the_experiment_measures_what_the_place_brings() -> None:
    """Ten points more in the upper half are found, within the interval; those outside of the experiment do not count."""
    made = card("20%")
    rows = experiment.halves(cohort(made, 40_000, 0.1), made)
    counts = {row["value"]: row for row in counted(rows, "half").iter_rows(named=True)}
    upper, lower = (counts[half] for half in experiment.HALVES)
    assert 7_000 < upper["leads"] + lower["leads"] < 9_000
    low, high = experiment._pairs([upper, lower])
    assert low < 0.1 < high
    assert high - low < 0.05


def test_without_an_experiment_the_report_says_that_rates_are_associations() -> None:
    """And how to set one."""
    from types import SimpleNamespace  # noqa: PLC0415 - a ground of one attribute

    ground: Any = SimpleNamespace(active=SimpleNamespace(card=card(None)))
    (said,) = experiment.told(ground, pl.DataFrame()).section.said
    assert "associations" in said
    assert "`experiment: {share: 5%}`" in said


def test_leads_whose_written_index_is_not_the_drawn_one_do_not_count() -> None:
    """They are urgent, or were written before the experiment began."""
    made = card("20%")
    rows = cohort(made, 1000, 0.0).with_columns(pl.lit(101.0).alias(INDEX))
    assert experiment.halves(rows, made).is_empty()
