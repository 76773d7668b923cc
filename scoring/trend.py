"""Trend: whether the score rises, stays or falls, against the score of a week before under today's scorecard."""

from typing import Final

import numpy as np
import polars as pl

from vocabulary.arrays import Flags, Ints
from vocabulary.outputs import BY_NAME

WEEK: Final = 7 * 86_400_000_000
STEP: Final = 5
"""Points by which the score must differ."""
TREND: Final = "lead_score_trend"


def trends(now: Ints, before: Ints, without: Flags) -> pl.Series:
    """Return the trend of each lead, null for those in `without`."""
    place = np.where(now - before >= STEP, 0, np.where(before - now >= STEP, 2, 1))
    return pl.Series(BY_NAME[TREND].choices).gather(place).set(pl.Series(without), None)
