"""Sets of numbers as unions of intervals: exact answers to "can both hold at once?"."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

Edge = tuple[float, int]
"""A bound and its side: (5, 0) is 5 itself, (5, 1) just above it, (5, -1) just below it."""

LOWEST: Edge = (-math.inf, 1)
HIGHEST: Edge = (math.inf, -1)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A set of numbers: pairs of edges, both included, in ascending order and apart from each other."""

    parts: tuple[tuple[Edge, Edge], ...]

    @classmethod
    def between(cls, low: Edge = LOWEST, high: Edge = HIGHEST) -> "Numbers":
        """Return all numbers from one edge to another."""
        return cls(((low, high),) if low <= high else ())

    @classmethod
    def of(cls, values: Iterable[float]) -> "Numbers":
        """Return the set of just these numbers."""
        return cls(tuple(((value, 0), (value, 0)) for value in sorted(set(values))))

    def __and__(self, other: "Numbers") -> "Numbers":
        """Return what lies in both."""
        pairs = ((max(a, c), min(b, d)) for a, b in self.parts for c, d in other.parts)
        return Numbers(tuple(sorted(pair for pair in pairs if pair[0] <= pair[1])))

    def __invert__(self) -> "Numbers":
        """Return all other numbers."""
        found, low = [], LOWEST
        for start, end in self.parts:
            found.append((low, _before(start)))
            low = _after(end)
        found.append((low, HIGHEST))
        return Numbers(tuple(pair for pair in found if pair[0] <= pair[1]))

    def __bool__(self) -> bool:
        """Tell whether any number is in it."""
        return bool(self.parts)

    @property
    def whole(self) -> bool:
        """Tell whether any whole number is in it."""
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
