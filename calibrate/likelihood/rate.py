"""Checks the move of the base rate by a later cut: moved on what had matured by then, compared with what came after."""

from typing import Final

import numpy as np

from calibrate.likelihood.chances import Chance
from calibrate.past.panel import Mask, Panel
from calibrate.past.snapshots import moment_of
from calibrate.result import RateCheck
from calibrate.statistics.fit import Floats

FEWEST: Final = 10
"""Conversions on both sides of the later cut."""


def checked(chance: Chance, before: Chance, points: Floats, test: Panel) -> RateCheck | None:
    """Return the check at the last cut that leaves as much time before as after it, else at the cut of the test part.

    `chance` was moved on what had matured at the cut of the test part, `before` was not. None without conversions.
    """
    later = _later(test)
    if later is None:
        return _compared(chance, before, points, test, np.full(len(test), fill_value=True))
    known, after = later
    return _compared(chance.moved(points[known], test.take(known)), chance, points, test, after)


def _later(test: Panel) -> tuple[Mask, Mask] | None:
    """Return what of the test part had matured by a later cut, and what came after it."""
    if test.window is None:
        return None
    first, last = float(test.moment.min()), float(test.moment.max())
    cut = (first + last + test.window) / 2
    known, after = test.moment + test.window <= cut, test.moment >= cut
    enough = all(len(np.unique(test.lead[part & (test.label > 0)])) >= FEWEST for part in (known, after))
    return (known, after) if enough else None


def _compared(moved: Chance, unmoved: Chance, points: Floats, test: Panel, rows: Mask) -> RateCheck | None:
    part, score = test.take(rows), points[rows]
    observed, expected, plain = (
        float(part.weight @ one) for one in (part.label, moved.of(score, part), unmoved.of(score, part))
    )
    if not observed or not expected or not plain or part.window is None:
        return None
    since = moment_of(float(part.moment.min())).date()
    return RateCheck(since, observed, expected, observed / expected, observed / plain)
