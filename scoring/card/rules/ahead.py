"""What time alone makes of the points of a rule, as long as nothing happens."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from vocabulary.arrays import Flags, Floats, Ints

NEVER: Final = np.iinfo(np.int64).max
NOW: Final = 1
"""The next microsecond: the answer of what cannot say how long it stays as it is."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """How long the points that a rule gives each lead change in no other way than by fading, and how fast they fade.

    Points that fade approach 0 and keep their sign. It is safe to say less than is true of `until`. The others are what
    fades before the rule's maximum.
    """

    until: "Ints"
    """In microseconds from the time of scoring; NEVER if they stay as they are for good."""
    fading: "Floats | None" = None
    """The points that are halved every `half_life`."""
    half_life: int = 0
    slope: "Floats | None" = None
    """The points that are lost each microsecond, with the sign of the points."""

    @property
    def fades(self) -> "Flags":
        """Whether any points of each lead fade."""
        fades = np.zeros(len(self.until), np.bool_)
        for moving in (self.fading, self.slope):
            fades = fades if moving is None else fades | (moving != 0)
        return fades

    def only(self, leads: "Flags") -> "Ahead":
        """Return the same for some leads, and nothing for the others."""
        return Ahead(
            np.where(leads, self.until, NEVER),
            None if self.fading is None else np.where(leads, self.fading, 0.0),
            self.half_life,
            None if self.slope is None else np.where(leads, self.slope, 0.0),
        )


def crossing(ages: "Ints", *bounds: int) -> "Ints":
    """Return in how many microseconds each age comes to the next of the bounds; NEVER if it is past all of them.

    An age that is at a bound leaves it in the next microsecond.
    """
    found = np.full(len(ages), NEVER)
    for bound in bounds:
        there = ages <= bound
        left = np.maximum(bound - np.where(there, ages, bound), NOW)
        found = np.where(there, np.minimum(found, left), found)
    return found


def never(leads: int) -> "Ints":
    """Return for each lead that nothing changes by time alone."""
    return np.full(leads, NEVER)


def next_sweep(leads: "Flags") -> "Ints":
    """Return for some leads that it is not known how long they stay as they are, and for the others that they do."""
    return np.where(leads, NOW, NEVER)
