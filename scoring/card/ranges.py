"""The range that a sum of points can have."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol, Self


class Bounded(Protocol):
    """Something with an optional minimum and maximum."""

    @property
    def minimum(self) -> float | None:
        """The minimum."""

    @property
    def maximum(self) -> float | None:
        """The maximum."""


@dataclass(frozen=True, slots=True)
class Range:
    """The lowest and highest possible value of a sum. It may be too wide, but never too narrow."""

    low: float
    high: float

    def __add__(self, other: Self) -> "Range":
        return Range(self.low + other.low, self.high + other.high)

    def cut(self, limits: Bounded) -> "Range":
        """Return the range cut to the limits."""
        low = -math.inf if limits.minimum is None else limits.minimum
        high = math.inf if limits.maximum is None else limits.maximum
        return Range(min(max(self.low, low), high), max(min(self.high, high), low))


NOTHING: Final = Range(0, 0)


def total(ranges: Iterable[Range]) -> Range:
    """Return the sum of ranges."""
    return sum(ranges, NOTHING)
