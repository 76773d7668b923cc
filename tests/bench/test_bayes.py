"""Odoo's method, as the benches ask it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from bench.bayes import chances, of_dates
from bench.boosting import Guarded
from bench.trials import DatedTrial

KNOWN = pl.DataFrame({"source": ["ad", "ad", "call", None]})
WON = np.array([True, False, False, True])
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_a_chance_is_the_share_of_each_value_among_won_and_lost_with_a_tenth_added() -> None:
    (chance,) = chances(KNOWN, WON, pl.DataFrame({"source": ["call"]}))
    assert chance / (1 - chance) == pytest.approx(0.1 / 1.1)


@pytest.mark.parametrize("value", [None, "never seen"])
def test_an_unknown_value_says_nothing(value: str | None) -> None:
    asked = pl.DataFrame({"source": [value]}, schema={"source": pl.String})
    assert chances(KNOWN, WON, asked).tolist() == pytest.approx([0.5])


def test_open_leads_are_not_learned_from() -> None:
    created = [NOW - timedelta(days=days) for days in (200, 200, 10, 10)]
    leads = pl.DataFrame({"id": list("abcd"), "created_at": created, "source": ["ad", "call", "call", "ad"]})
    won = pl.DataFrame({"lead_id": ["a"], "converted_at": [NOW - timedelta(days=90)]})
    trial = DatedTrial(leads, pl.DataFrame(), won, NOW)
    said = of_dates(trial, Guarded(), 90)
    assert said[0] == said[3] > 0.5 > said[1] == said[2]
