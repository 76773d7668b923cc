"""Small tables with a known pattern, for guards and bad input."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from calibrate import Calibration, from_table
from calibrate.card import proposal
from calibrate.card.current_card import NO_ACTIVITIES, NO_TOUCHPOINTS
from calibrate.inputs.tables import Table
from calibrate.options import Options
from calibrate.past.panel import Panel
from calibrate.statistics.fit import Floats
from scoring import Scorecard, score

TODAY = datetime(2026, 4, 1, tzinfo=UTC)


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


def learned(frame: pl.DataFrame, outcome: str = "won", card: Any = None, **options: Any) -> Calibration:
    """Calibrate on a table, with a card given as plain data."""
    made = None if card is None else Scorecard.model_validate(card)
    ask = from_table.Ask(outcome, None, TODAY, made)
    return from_table.run(
        Table(Path("leads.csv"), frame), ask, Options(**{"bootstraps": 20, "trees": 20, "folds": 2, **options})
    )


def log_odds(found: Calibration) -> dict[str, float]:
    """Return what each rule of the proposal stands for."""
    return {rule.name: rule.after * float(np.log(2)) / found.doubling for rule in found.rules}


def points_of(
    entry: dict[str, Any],
    fields: pl.DataFrame,
    as_of: datetime = TODAY,
    kinds: Mapping[str, str] | None = None,
    zone: str = "UTC",
) -> Floats:
    """Return the points that one rule gives each row, by the engine and not rounded; fields are numbers by default."""
    declared = kinds or dict.fromkeys(fields.columns, "number")
    around = {"scorecard": "asked", "calendar": zone, "fields": dict(declared)}
    only = {**around, "score": {"fit": {"groups": [{"name": "A", "rules": [entry]}]}}}
    leads = fields.select(pl.int_range(pl.len()).cast(pl.String).alias("lead"), pl.all())
    card = Scorecard.model_validate(only)
    lines = score(leads, NO_ACTIVITIES, NO_TOUCHPOINTS, card, as_of, explain=True).lines
    assert lines is not None
    given = lines.filter(pl.col("type") == "rule").select("lead", "points")
    return leads.join(given, on="lead", how="left", maintain_order="left")["points"].fill_null(0.0).to_numpy()


def scored(found: Calibration, fields: pl.DataFrame, as_of: datetime = TODAY) -> Floats:
    """Return the score of each row under the proposal, by the engine."""
    assert found.scorecard
    card = Scorecard.model_validate(proposal.plain(found.scorecard))
    leads = fields.select(pl.int_range(pl.len()).cast(pl.String).alias("lead"), *card.fields)
    results = score(leads, NO_ACTIVITIES, NO_TOUCHPOINTS, card, as_of).results
    joined = leads.join(results, on="lead", how="left", maintain_order="left")
    return joined["lead_score"].fill_null(0).cast(pl.Float64).to_numpy()
