"""A selection of a chunk's activities, with windows, limits, counts and sums."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Final

import numpy as np

from scoring.card.values import microseconds
from vocabulary.arrays import Flags, Floats, Ints, Places

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

    def limited(self, count: int, periods: Ints, keys: Ints | None = None) -> "Picked":
        """Return the latest in each period, or of each key in each period. Periods of a lead are in order."""
        if keys is None:
            return self.only(_places_since(self._begins | _differs(periods)) < count)
        order = np.lexsort((keys, periods, self.lead))
        begins = _differs(self.lead[order]) | _differs(periods[order]) | _differs(keys[order])
        kept = np.zeros(len(order), np.bool_)
        kept[order] = _places_since(begins) < count
        return self.only(kept)

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

    def soonest(self, moments: Ints) -> Ints:
        """Return the least of their moments for each lead; NEVER for leads without any."""
        least = np.full(self.leads, NEVER)
        np.minimum.at(least, self.lead, moments)
        return least

    @cached_property
    def rank(self) -> Ints:
        """How many of the same lead are later."""
        return _places_since(self._begins)

    @property
    def youngest(self) -> Ints:
        """The age of each lead's latest activity; NEVER if it has none."""
        ages = np.full(self.leads, NEVER)
        ages[self.latest.lead] = self.latest.age
        return ages


def _places_since(begins: Flags) -> Ints:
    """Return how far each is from the last beginning."""
    order = np.arange(len(begins))
    return order - np.maximum.accumulate(np.where(begins, order, 0))


def _differs(key: Ints) -> Flags:
    """Return where a key differs from the previous one."""
    differs = np.ones(len(key), np.bool_)
    np.not_equal(key[1:], key[:-1], out=differs[1:])
    return differs
