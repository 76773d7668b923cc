"""How many conversions are expected of some leads, and between which numbers they come in nine cases in ten."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from scoring.expecting import expected
from scoring.likelihood import Likelihood
from scoring.uncertainty import Uncertainty
from vocabulary.arrays import Floats

SHARED = 0.09
REST = 0.04


def fitted(uncertainty: Uncertainty | None, horizon: float | None = 90) -> Likelihood:
    return Likelihood(
        likelihood="ours", points="0", fitted_at=datetime(2026, 3, 1, tzinfo=UTC), horizon=horizon, look_back=180,
        intercept=-2, per_point=0.05, uncertainty=uncertainty,
    )  # fmt: skip


def results(chance: Floats, variance: float) -> pl.DataFrame:
    odds, half = np.log(chance / (1 - chance)), 1.645 * np.sqrt(variance)
    low, high = (100 / (1 + np.exp(-(odds + side * half))) for side in (-1, 1))
    return pl.DataFrame({"lead_likelihood": 100 * chance, "lead_likelihood_low": low, "lead_likelihood_high": high})


@pytest.mark.parametrize("leads", [30, 400])
def test_nine_cases_in_ten_lie_between_the_bounds(leads: int) -> None:
    """Leads whose chances are off together by one part and each by another, and who then convert or not."""
    rng = np.random.default_rng(1)
    chance = rng.uniform(0.05, 0.4, leads)
    uncertainty = Uncertainty(covariance=((SHARED,), (0.0, 0.0)), rest=REST)
    told = expected(fitted(uncertainty), results(chance, SHARED + REST))
    odds = np.log(chance / (1 - chance))
    off = rng.normal(0, SHARED**0.5, (4000, 1)) + rng.normal(0, REST**0.5, (4000, leads))
    came = (rng.random((4000, leads)) < 1 / (1 + np.exp(-(odds + off)))).sum(axis=1)
    inside = ((came >= told.low) & (came <= told.high)).mean()
    assert told.conversions == pytest.approx(chance.sum(), abs=0.01)
    assert 0.88 <= inside <= 0.97


def test_without_an_interval_only_who_of_them_converts_is_uncertain() -> None:
    frame = pl.DataFrame({"lead_likelihood": [10.0] * 100 + [None]})
    told = expected(fitted(None, None), frame)
    assert (told.leads, told.conversions, told.low, told.high) == (100, 10.0, 5, 15)
    assert told.sentence == "Of these 100, 10 are expected to convert (5 to 15)."


def test_bounds_are_neither_below_nobody_nor_above_everybody() -> None:
    assert expected(fitted(None), pl.DataFrame({"lead_likelihood": [1.0]})).low == 0
    few = expected(fitted(None), pl.DataFrame({"lead_likelihood": [50.0, 60.0]}))
    assert (few.low, few.high) == (0, 2)
    assert few.sentence == "Of these 2, 1.1 are expected to convert within 90 days (0 to 2)."
