"""Motion: how far points can fade in some time, and how long that stays within a bound."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from scoring.card.rules.ahead import NEVER, NOW, Ahead
from vocabulary.arrays import Flags, Floats, Ints

SHORTEST: Final = 3_600_000_000
LONGEST: Final = 400 * 24 * SHORTEST
"""No more than this is said of what moves, in microseconds."""
STEPS: Final = 12
"""How often the span between both is halved: the answer is at most a hundredth too early."""


@dataclass(frozen=True)
class Motion:
    """How much each lead can lose in some time: what is halved in several times, and what is lost evenly."""

    half_lives: Floats
    halved: Floats
    """One row for each half-life, one column for each lead; not negative."""
    slope: Floats
    """What is lost each microsecond, not negative."""

    @classmethod
    def of(cls, aheads: Iterable[Ahead], sign: int, leads: int) -> Self:
        """Return how much the points of some rules that have this sign can lose together."""
        halved, slope = dict[int, Floats](), np.zeros(leads)
        for ahead in aheads:
            if ahead.fading is not None:
                before = halved.get(ahead.half_life, np.zeros(leads))
                halved[ahead.half_life] = before + np.maximum(sign * ahead.fading, 0)
            if ahead.slope is not None:
                slope += np.maximum(sign * ahead.slope, 0)
        stacked = np.vstack([*halved.values(), np.zeros(leads)])
        return cls(np.array([*halved, 1], np.float64), stacked, slope)

    @property
    def moves(self) -> Flags:
        """Whether anything can be lost at all."""
        moves: Flags = (self.halved > 0).any(axis=0) | (self.slope > 0)
        return moves

    def only(self, leads: Ints) -> "Motion":
        """Return the motion of some leads."""
        return Motion(self.half_lives, self.halved[:, leads], self.slope[leads])

    def lost(self, after: Floats) -> Floats:
        """Return how much can be lost at most after some microseconds."""
        lost: Floats = self.slope * after
        for half_life, halved in zip(self.half_lives[:-1], self.halved, strict=False):
            lost = lost - halved * np.expm1(-after * (np.log(2) / half_life))
        return lost

    def until(self, slack: Floats) -> Ints:
        """Return for how many microseconds no more than `slack` can be lost; NEVER where nothing is lost at all."""
        until, moving = np.full(len(slack), NEVER), np.flatnonzero(self.moves)
        until[moving] = lasting(self.only(moving).lost, slack[moving])
        return until


def lasting(lost: Callable[[Floats], Floats], slack: Floats) -> Ints:
    """Return for how many microseconds no more than `slack` is lost, a little less than is true.

    `lost` returns what is lost at most after some microseconds; it never falls.
    """
    low, high = np.full(len(slack), np.log(SHORTEST)), np.full(len(slack), np.log(LONGEST))
    for _ in range(STEPS):
        middle = (low + high) / 2
        holds = lost(np.exp(middle)) <= slack
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    short = lost(np.full(len(slack), float(SHORTEST))) > slack
    return np.where(short, NOW, np.floor(np.exp(low)).astype(np.int64))
