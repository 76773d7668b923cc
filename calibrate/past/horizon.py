"""Chooses the horizon: by how long conversions take, how long the history is and what is left to fit on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from calibrate.floors import FIT, FIT_WELL
from calibrate.past.outcome import Timeline

USUAL: Final = 90.0
SHORTEST: Final = 30.0
"""The shortest one that is chosen because leads convert fast."""
HORIZONS: Final = (7.0, 14.0, 30.0, 60.0, 90.0, 180.0, 365.0)
SPANS: Final = 3.5
"""The horizons that a history must span: to fit on, for the gap, to mature and to test on."""

Left = Callable[[float], int]
"""How many leads a horizon leaves to fit on: of those that converted and those that did not, the fewer."""


@dataclass(frozen=True)
class Horizon:
    """The horizon in days, why it is not the usual one, and the one that suits better if there is one."""

    days: float
    why: str = ""
    better: float | None = None


def suggested(line: Timeline) -> float | None:
    """Return the shortest usual horizon that is at least twice the median time to convert; None without conversions."""
    times = line.time_to_convert
    if not len(times):
        return None
    wanted = 2 * float(np.median(times))
    return next((horizon for horizon in HORIZONS if horizon >= wanted), HORIZONS[-1])


def chosen(line: Timeline, wanted: float | None, left: Left) -> Horizon:
    """Return the horizon that is asked for, or 90 days, less if leads convert fast or too little would be left."""
    left = cache(left)
    suits = suggested(line)
    if wanted is None:
        most = min(USUAL, max(SHORTEST, suits or USUAL))
        covered = most if line.span >= SPANS * most else max(_covered(line), default=HORIZONS[0])
        days = longest([covered, *_shorter(covered)], left) or covered
        if days < USUAL or suits is None:
            return Horizon(days, _why(line, most, covered, days))
    else:
        days = wanted
    if suits is None or suits == days or suits not in _covered(line) or left(suits) < FIT_WELL:
        return Horizon(days)
    return Horizon(days, f"{_half(line)}, which suggests a horizon of {suits:g} days; {days:g} are used.", suits)


def _covered(line: Timeline) -> list[float]:
    return [horizon for horizon in HORIZONS if line.span >= SPANS * horizon]


def _why(line: Timeline, most: float, covered: float, days: float) -> str:
    """Return why it is shorter than the usual one, in one sentence."""
    if days < covered:
        return f"The horizon is {days:g} days, because {covered:g} days would leave too few conversions to fit on."
    if days < most:
        return (
            f"The horizon is {days:g} days, because the history of {line.span:.0f} days is too short for {most:g} days."
        )
    return f"{_half(line)}, so the horizon is {days:g} days instead of {USUAL:g}." if days < USUAL else ""


def _half(line: Timeline) -> str:
    return f"Half of the conversions come within {np.median(line.time_to_convert):.0f} days"


def longest(tried: Sequence[float], left: Left) -> float | None:
    """Return the first horizon that leaves enough to fit well on, else the first that leaves enough at all."""
    return next((one for enough in (FIT_WELL, FIT) for one in tried if left(one) >= enough), None)


def _shorter(days: float) -> list[float]:
    """Return the usual horizons below one, longest first."""
    return [horizon for horizon in reversed(HORIZONS) if horizon < days]


def advice(days: float | None, left: Left | None) -> str:
    """Return the shorter horizon that leaves enough to fit on, in words; empty if none does."""
    better = None if days is None or left is None else longest(_shorter(days), left)
    return f"A shorter horizon leaves enough: --horizon {better:g} instead of {days:g} days." if better else ""
