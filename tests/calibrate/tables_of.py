"""Small tables with a known pattern, for guards and bad input."""

from typing import Any

import numpy as np
import polars as pl

from calibrate.panel import Panel


def table(rows: int = 600, seed: int = 0, **columns: Any) -> pl.DataFrame:
    """Return a table where `source` and `visits` predict the outcome, plus the given columns."""
    rng = np.random.default_rng(seed)
    source = rng.choice(["ads", "fair", "web"], rows)
    visits = rng.poisson(4, rows)
    chance = 1 / (1 + np.exp(-(-2.0 + 1.2 * (source == "fair") + 0.25 * visits)))
    won = rng.random(rows) < chance
    made = {name: column(rng, won) if callable(column) else column for name, column in columns.items()}
    return pl.DataFrame({"source": source, "visits": visits.astype(float), **made, "won": np.where(won, "yes", "no")})


def panel(frame: pl.DataFrame) -> Panel:
    rows = np.arange(len(frame))
    label = (frame["won"] == "yes").cast(pl.Float64).to_numpy()
    return Panel(frame.drop("won"), label, rows, rows, rows.astype(float))
