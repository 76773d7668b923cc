"""Scores that a simulated company has today, with their history."""

from datetime import timedelta

import numpy as np
import polars as pl

from calibrate import Calibration, run
from calibrate.inputs.frames import HISTORY, Frames
from calibrate.notes import Notes
from calibrate.options import Options
from scoring import Scorecard
from tests.calibrate.simulator import BEGIN, Floats, World, true_points

EVERY = 14.0
DAY_US = 86_400_000_000


def kept(made: World, name: str, *, luck: float, sight: float = 0.0, worth: float = 1.0, seed: int = 5) -> pl.DataFrame:
    """Return the history of a score that is set every two weeks.

    It is `worth` times the lead's true points, plus `luck` times noise of each lead, plus `sight` if the lead converts
    within 90 days, which no honest score can see.
    """
    rng = np.random.default_rng(seed)
    created, converted = born(made), won(made)
    noise, first = rng.normal(size=len(created)), BEGIN.timestamp() / 86_400
    parts = []
    for day in np.arange(first + 1.5, as_of(made), EVERY):
        lead = np.flatnonzero(created < day)
        ahead = converted[lead] - day
        value = worth * true_points(made, lead, np.full(len(lead), day)) + luck * noise[lead]
        parts.append(rows(made, name, lead, day, value + sight * ((ahead > 0) & (ahead <= 90))))
    return pl.concat(parts)


def rows(made: World, name: str, lead: np.ndarray, day: float, value: Floats) -> pl.DataFrame:
    """Return history rows of one day."""
    since = BEGIN + timedelta(days=float(day - BEGIN.timestamp() / 86_400))
    return pl.DataFrame(
        {
            "lead": made.leads["lead"].gather(lead),
            "field": [name] * len(lead),
            "since": pl.Series([since] * len(lead), dtype=pl.Datetime("us", "UTC")),
            "value": [f"{each:.4f}" for each in value],
            "before": pl.Series([None] * len(lead), dtype=pl.String),
        },
        schema=dict(HISTORY),
    )


def born(made: World) -> Floats:
    """Return when leads were created, in days since the epoch."""
    return made.leads["created_at"].cast(pl.Int64).to_numpy() / DAY_US


def won(made: World) -> Floats:
    """Return when leads converted, infinite if they have not."""
    joined = made.leads.join(made.outcomes, on="lead", how="left", maintain_order="left")["occurred_at"]
    return (joined.cast(pl.Int64) / DAY_US).fill_null(np.inf).to_numpy()


def as_of(made: World) -> float:
    """Return the day of the calibration."""
    return made.as_of.timestamp() / 86_400


def compared(
    made: World, history: pl.DataFrame, options: Options, card: Scorecard | None = None, **columns: pl.Series
) -> Calibration:
    """Calibrate with a history, and perhaps more columns of leads."""
    leads = made.leads.with_columns(**columns)
    given = Frames(leads, made.activities, made.touchpoints, made.outcomes, history)
    return run(given, card, options, made.as_of, notes=Notes())
