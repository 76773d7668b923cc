"""A selection of a chunk's activities, with windows, limits, counts and sums."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Final

import numpy as np

from scoring.card.values import DAY, WEEK, Limit, microseconds
from vocabulary.arrays import Flags, Floats, Ints, Places

MONDAY: Final = 3 * DAY
"""1970 began on a Thursday; this is the distance from the Monday before."""
NEVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Picked:
    """A selection of the activities of `leads` leads, ordered by lead and then latest first."""

    leads: int
    lead: Ints
    age: Ints
    at: Places
    """Their positions in the history."""

    def only(self, kept: Flags | Places) -> "Picked":
        """Return a subset."""
        return Picked(self.leads, self.lead[kept], self.age[kept], self.at[kept])

    def within(self, window: timedelta | None) -> "Picked":
        """Return those inside the window."""
        return self if window is None else self.only(self.age < microseconds(window))

    def limited(self, limit: Limit | None, as_of: Ints) -> "Picked":
        """Return the latest in each period; those of one lead and period are adjacent."""
        if limit is None:
            return self
        order = np.arange(len(self.lead))
        begins = self._begins | _differs(self._periods(limit, as_of))
        since = order - np.maximum.accumulate(np.where(begins, order, 0))
        return self.only(since < limit.count)

    def _periods(self, limit: Limit, as_of: Ints) -> Ints:
        """Return the period of each."""
        match limit.period:
            case "day":
                return self._moment(as_of) // DAY
            case "week":
                return (self._moment(as_of) + MONDAY) // WEEK
            case "month":
                return self._moment(as_of).astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
            case "ever":
                return np.zeros(len(self.age), np.int64)
            case length:
                return self.age // microseconds(length)

    def _moment(self, as_of: Ints) -> Ints:
        return as_of[self.lead] - self.age

    def at_least(self, fewest: int) -> "Picked":
        """Return those of leads with at least this many."""
        return self if fewest == 1 else self.only(self.count[self.lead] >= fewest)

    @cached_property
    def latest(self) -> "Picked":
        """The latest of each lead."""
        return self.only(self._begins)

    @cached_property
    def _begins(self) -> Flags:
        return _differs(self.lead)

    @cached_property
    def count(self) -> Ints:
        """The number of activities of each lead."""
        return np.bincount(self.lead, minlength=self.leads)

    def total(self, points: Floats | Flags) -> Floats:
        """Return the sum of their points for each lead."""
        return np.bincount(self.lead, points, self.leads).astype(np.float64, copy=False)

    @property
    def youngest(self) -> Ints:
        """The age of each lead's latest activity; NEVER if it has none."""
        ages = np.full(self.leads, NEVER)
        ages[self.latest.lead] = self.latest.age
        return ages


def _differs(key: Ints) -> Flags:
    """Return where a key differs from the previous one."""
    differs = np.ones(len(key), np.bool_)
    np.not_equal(key[1:], key[:-1], out=differs[1:])
    return differs
