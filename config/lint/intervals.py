"""Sets of numbers as unions of intervals, to decide exactly whether two conditions can hold at once."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

Edge = tuple[float, int]
"""A bound and its side: (5, 0) is 5 itself, (5, 1) is just above it and (5, -1) just below it."""

LOWEST: Edge = (-math.inf, 1)
HIGHEST: Edge = (math.inf, -1)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A set of numbers: disjoint pairs of edges in ascending order, both edges included."""

    parts: tuple[tuple[Edge, Edge], ...]

    @classmethod
    def between(cls, low: Edge = LOWEST, high: Edge = HIGHEST) -> "Numbers":
        """Return all numbers from one edge to another."""
        return cls(((low, high),) if low <= high else ())

    @classmethod
    def of(cls, values: Iterable[float]) -> "Numbers":
        """Return the set of these numbers."""
        return cls(tuple(((value, 0), (value, 0)) for value in sorted(set(values))))

    def __and__(self, other: "Numbers") -> "Numbers":
        """Return the intersection."""
        pairs = ((max(a, c), min(b, d)) for a, b in self.parts for c, d in other.parts)
        return Numbers(tuple(sorted(pair for pair in pairs if pair[0] <= pair[1])))

    def __invert__(self) -> "Numbers":
        """Return the complement."""
        found, low = [], LOWEST
        for start, end in self.parts:
            found.append((low, _before(start)))
            low = _after(end)
        found.append((low, HIGHEST))
        return Numbers(tuple(pair for pair in found if pair[0] <= pair[1]))

    def __bool__(self) -> bool:
        """Return whether the set is not empty."""
        return bool(self.parts)

    @property
    def whole(self) -> bool:
        """Whether the set contains a whole number."""
        return any(_first_whole(low) <= high for low, high in self.parts)


def _before(edge: Edge) -> Edge:
    return edge[0], edge[1] - 1


def _after(edge: Edge) -> Edge:
    return edge[0], edge[1] + 1


def _first_whole(low: Edge) -> Edge:
    value, side = low
    if math.isinf(value):
        return low
    return (math.floor(value) + 1 if side > 0 else math.ceil(value)), 0
