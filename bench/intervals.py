"""Whether the intervals of likelihoods hold the true chances of new leads: `python -m bench.intervals [WORLDS]`.

Tables with known chances, made of levels and thresholds, or rising smoothly with two numbers.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibrate.card.proposal import plain
from calibrate.from_table import Ask, run
from calibrate.inputs.tables import Table
from calibrate.options import Options
from scoring import Scorecard, score
from scoring import touchpoints as numbered

NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)
NEW: Final = 4000
SIZES: Final = ((2000, -2.5), (6000, -2.5), (20_000, -2.5), (6000, -4.0))
NOTHING: Final = pl.Schema(
    {"lead": pl.String(), "id": pl.String(), "kind": pl.String(), "occurred_at": pl.Datetime("us", "UTC")}
    | {"url": pl.String(), "name": pl.String(), "seconds": pl.Float64(), "value": pl.Float64()}
)
Floats = NDArray[np.float64]


def people(rows: int, seed: int, base: float, *, smooth: bool) -> tuple[pl.DataFrame, Floats]:
    """Return leads and their true chances."""
    rng = np.random.default_rng(seed)
    industry = rng.choice(["Software", "Finance", "Retail", "Public"], rows, p=[0.3, 0.2, 0.3, 0.2])
    source = rng.choice(["ads", "fair", "web", "partner", "list"], rows)
    country = rng.choice(["DE", "FR", "US", "UK"], rows)
    employees, visits = np.round(np.exp(rng.normal(4, 1.5, rows))), rng.poisson(4, rows).astype(float)
    odds = base + np.select([industry == "Software", industry == "Finance", industry == "Public"], [1.0, 0.5, -0.9], 0)
    odds += np.select([source == "fair", source == "partner", source == "list"], [0.8, 1.3, -0.8], 0)
    if smooth:
        odds += 0.35 * (np.log(np.maximum(employees, 1)) - 4) + 0.15 * visits
        odds += np.select([country == "DE", country == "US"], [0.2, -0.15], 0)
    else:
        odds += 0.7 * (employees >= 100) + 0.5 * (employees >= 500)
    fields = {"industry": industry, "source": source, "country": country, "employees": employees, "visits": visits}
    return pl.DataFrame(fields), 1 / (1 + np.exp(-odds))


def held(rows: int, base: float, seed: int, *, smooth: bool) -> tuple[int, float]:
    """Return the conversions, and the share of new leads whose true chance lies in the interval."""
    leads, chance = people(rows, seed, base, smooth=smooth)
    won = np.random.default_rng(seed + 500).random(rows) < chance
    table = Table(Path("leads.csv"), leads.with_columns(pl.Series("won", np.where(won, "yes", "no"))))
    result = run(table, Ask("won", None, NOW), Options(bootstraps=20))
    if result.scorecard is None or result.likelihood is None:
        raise SystemExit(result.message)
    new, truth = people(NEW, seed + 1000, base, smooth=smooth)
    card = Scorecard.model_validate(plain(result.scorecard))
    asked = new.with_columns(pl.int_range(NEW).cast(pl.String).alias("lead"))
    found = score(asked, *numbered(NOTHING.to_frame()), card, NOW, likelihood=result.likelihood).results
    low, high = (found[f"lead_likelihood_{end}"].to_numpy() for end in ("low", "high"))
    return int(won.sum()), float(((100 * truth >= low - 0.05) & (100 * truth <= high + 0.05)).mean())


def main(worlds: int) -> None:
    """Print a line for each kind of world."""
    for smooth in (False, True):
        for rows, base in SIZES:
            found = [held(rows, base, seed, smooth=smooth) for seed in range(worlds)]
            conversions, share = (np.mean([one[place] for one in found]) for place in (0, 1))
            print(f"{'smooth' if smooth else 'levels'}: {rows:,} leads, {conversions:,.0f} conversions: {share:.1%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4)
