"""Room: how far a whole number may move before anything that is made of it changes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.motion import Motion
from vocabulary.arrays import Floats, Ints

SAFE = 1e-6
"""More than what rounding errors add up to."""


@dataclass
class Room:
    """The least and the greatest value that each lead's number may have; both include what it is now."""

    value: Ints
    lowest: Floats
    highest: Floats

    @classmethod
    def around(cls, value: Ints) -> "Room":
        """Return room without an end."""
        return cls(value, np.full(len(value), -np.inf), np.full(len(value), np.inf))

    def narrow(self, lowest: Floats, highest: Floats) -> None:
        """Leave no more room than this, but what the number is now."""
        self.lowest = np.maximum(self.lowest, np.minimum(lowest, self.value))
        self.highest = np.minimum(self.highest, np.maximum(highest, self.value))

    def between(self, bounds: Sequence[float]) -> None:
        """Keep the number on its side of each of these bounds, or on the bound where it is on one."""
        if not bounds:
            return
        ordered = np.array([-np.inf, *sorted(bounds), np.inf])
        place = np.searchsorted(ordered, self.value, side="left")
        at = ordered[place] == self.value
        self.narrow(
            np.where(at, self.value, np.floor(ordered[place - 1]) + 1),
            np.where(at, self.value, np.ceil(ordered[place]) - 1),
        )

    def near(self, told: Floats, least: float) -> None:
        """Keep the number nearer than `least` to what was written, and to what it is, which may be written next.

        `told` is NaN where nothing was written.
        """
        near = np.abs(self.value - np.nan_to_num(told, nan=np.inf)) < least - SAFE
        upper = np.where(near, np.maximum(told, self.value), self.value)
        lower = np.where(near, np.minimum(told, self.value), self.value)
        self.narrow(np.floor(upper - least + SAFE) + 1, np.ceil(lower + least - SAFE) - 1)

    def until(self, raw: Floats, falls: Motion, rises: Motion) -> Ints:
        """Return how long the number stays inside; `raw` is what it was rounded from."""
        down = raw - (self.lowest - 0.5) - SAFE
        up = (self.highest + 0.5) - raw - SAFE
        return np.minimum(falls.until(down), rises.until(up))
