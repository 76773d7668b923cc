"""In a simulated world, the true chance of leads lies in the interval of their likelihood."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from calibrate.card.proposal import plain
from calibrate.from_table import Ask, run
from calibrate.inputs.tables import Table
from calibrate.learning import bins, thresholds
from calibrate.likelihood import chances
from calibrate.likelihood.uncertainty import uncertainty
from calibrate.options import Options
from calibrate.past.panel import Panel
from calibrate.statistics.fit import Floats
from scoring import Scorecard, score
from scoring import touchpoints as numbered

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOTHING = pl.Schema({
    "lead": pl.String(), "id": pl.String(), "kind": pl.String(), "occurred_at": pl.Datetime("us", "UTC"),
    "url": pl.String(), "name": pl.String(), "seconds": pl.Float64(), "value": pl.Float64(),
})  # fmt: skip


def people(rows: int, seed: int) -> tuple[pl.DataFrame, Floats]:
    """Return leads and their true chances: levels and thresholds, of which some are too weak to be found."""
    rng = np.random.default_rng(seed)
    industry = rng.choice(["Software", "Finance", "Retail", "Public"], rows, p=[0.3, 0.2, 0.3, 0.2])
    source = rng.choice(["ads", "fair", "web", "partner", "list"], rows)
    employees = np.round(np.exp(rng.normal(4, 1.5, rows)))
    odds = -2.5 + np.select([industry == "Software", industry == "Finance", industry == "Public"], [1.0, 0.5, -0.9], 0)
    odds += np.select([source == "fair", source == "partner", source == "list"], [0.8, 1.3, -0.8], 0)
    odds += 0.7 * (employees >= 100) + 0.5 * (employees >= 500)
    fields = {"industry": industry, "source": source, "employees": employees, "noise": rng.choice(list("abcd"), rows)}
    return pl.DataFrame(fields), 1 / (1 + np.exp(-odds))


def covered(rows: int, seed: int) -> tuple[float, float]:
    """Return the share of new leads whose true chance lies in the interval, and the mean width in points."""
    table, chance = people(rows, seed)
    won = np.random.default_rng(seed + 500).random(rows) < chance
    file = Table(Path("leads.csv"), table.with_columns(pl.Series("won", np.where(won, "yes", "no"))))
    result = run(file, Ask("won", None, NOW), Options(trees=20, folds=2, bootstraps=10))
    assert result.likelihood is not None
    assert result.scorecard is not None
    fresh, truth = people(2000, seed + 1000)
    leads = fresh.with_columns(pl.int_range(2000).cast(pl.String).alias("lead"))
    card = Scorecard.model_validate(plain(result.scorecard))
    found = score(leads, *numbered(pl.DataFrame(schema=NOTHING)), card, NOW, likelihood=result.likelihood).results
    low, high = found["lead_likelihood_low"].to_numpy(), found["lead_likelihood_high"].to_numpy()
    inside = (100 * truth >= low - 0.05) & (100 * truth <= high + 0.05)
    return float(inside.mean()), float((high - low).mean())


def test_what_a_number_says_within_its_levels_is_part_of_the_interval() -> None:
    """Its finest thresholds go further than those that rules may have, and the rest grows by what they say."""
    rng = np.random.default_rng(4)
    size, rows = rng.normal(0, 1, 4000), np.arange(4000)
    won = (rng.random(4000) < 1 / (1 + np.exp(2 - 1.5 * size))).astype(float)
    panel = Panel(pl.DataFrame({"size": size}), won, rows, rows, rows.astype(float))
    found = bins.lead_rules(panel, {"size": "number"})
    rule, fine = found[len(found) // 2], thresholds.finest(found, panel)
    lowest, highest = ([each.condition["size"]["at_least"] for each in one] for one in (fine, found))
    assert min(lowest) < min(highest) < max(highest) < max(lowest)
    points = 10 * panel.fields.select(rule.test).to_series().cast(pl.Float64).to_numpy()
    chance = chances.fitted(points, panel, [rule], seed=0)
    without, with_ = (uncertainty(chance, points, panel, [rule], others, 500) for others in ([[]], [[], fine]))
    assert with_.rest > without.rest + 0.1
    assert with_.covariance == without.covariance


@pytest.mark.slow
def test_the_true_chance_lies_in_the_interval_of_nine_leads_in_ten() -> None:
    """Means of several worlds, since one whole fit may be off; more leads make it narrower."""
    few = [covered(1500, seed) for seed in range(4)]
    many = covered(6000, 9)
    assert 0.82 <= np.mean([share for share, _ in few]) <= 0.99
    assert many[0] >= 0.75
    assert many[1] < 0.7 * np.mean([width for _, width in few])
