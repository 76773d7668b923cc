"""How little and how much a sum of points can come to."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol, Self


class Bounded(Protocol):
    """Something with a least and a most, each where it is given."""

    @property
    def minimum(self) -> float | None:
        """The least."""

    @property
    def maximum(self) -> float | None:
        """The most."""


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most that a sum can come to; never narrower than the truth."""

    low: float
    high: float

    def __add__(self, other: Self) -> "Range":
        return Range(self.low + other.low, self.high + other.high)

    def cut(self, limits: Bounded) -> "Range":
        """Return what is left within the limits."""
        low = -math.inf if limits.minimum is None else limits.minimum
        high = math.inf if limits.maximum is None else limits.maximum
        return Range(min(max(self.low, low), high), max(min(self.high, high), low))


NOTHING: Final = Range(0, 0)


def total(ranges: Iterable[Range]) -> Range:
    """Add ranges up."""
    return sum(ranges, NOTHING)
