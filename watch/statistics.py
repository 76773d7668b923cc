"""Intervals of rates, of their differences, and how far two distributions are apart."""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist
from typing import Final

import numpy as np

from vocabulary.arrays import Floats

ERROR: Final = 0.05
"""The chance that an interval misses the truth or, of several, that any of them does."""
EMPTY: Final = 0.5
"""What is added to the count of each bin, so that an empty one of few leads weighs no more than chance."""
SOME, MUCH = 0.1, 0.25
"""From which population stability index on a distribution has moved, and has moved much."""


def deviations(asked: int = 1) -> float:
    """Return how many standard deviations an interval reaches, if this many are looked at (Bonferroni)."""
    return NormalDist().inv_cdf(1 - ERROR / 2 / max(1, asked))


def wilson(came: int, of: int, reach: float | None = None) -> tuple[float, float]:
    """Return Wilson's interval of the rate `came / of`: everything from 0 to 1 without a case."""
    if not of:
        return 0.0, 1.0
    z = deviations() if reach is None else reach
    rate = came / of
    middle = (rate + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(rate * (1 - rate) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def difference(one: tuple[int, int], other: tuple[int, int], reach: float | None = None) -> tuple[float, float]:
    """Return Newcombe's interval of the difference of two rates, each `(came, of)`: the first less the second."""
    if not one[1] or not other[1]:
        return -1.0, 1.0
    first, second = one[0] / one[1], other[0] / other[1]
    (low, high), (least, most) = wilson(*one, reach), wilson(*other, reach)
    down, up = sqrt((first - low) ** 2 + (most - second) ** 2), sqrt((high - first) ** 2 + (second - least) ** 2)
    return max(-1.0, first - second - down), min(1.0, first - second + up)


def psi(then: Sequence[float] | Floats, now: Sequence[float] | Floats) -> float:
    """Return the population stability index of two distributions over the same bins, given as counts."""
    old, new = (np.asarray(one, float) + EMPTY for one in (then, now))
    old, new = old / old.sum(), new / new.sum()
    return float(((new - old) * np.log(new / old)).sum())


def noise(then: float, now: float, bins: int, z: float = 0.0) -> float:
    """Return the usual index of two samples of one distribution, or one so many standard deviations beyond it.

    It is distributed like chi-square over the sizes of the samples; the quantile is that of Wilson and Hilferty.
    """
    freedom = max(1, bins - 1)
    spread = 2 / (9 * freedom)
    return freedom * (1 - spread + z * sqrt(spread)) ** 3 * (1 / max(1.0, then) + 1 / max(1.0, now))
