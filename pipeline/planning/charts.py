"""Charts of a plan as inline SVG."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from drawing.marks import Bars, Cells, Line, Mark
from drawing.plot import Plot
from drawing.scales import Names, Numbers

BEFORE: Final = "#9aa5b1"
AFTER: Final = "#2563eb"
BINS: Final = 25


def distribution(before: Sequence[int], after: Sequence[int]) -> str:
    """Draw a histogram of the scores before and after."""
    low, high = min((*before, *after, 0)), max((*before, *after, 100))
    size = (high - low) / BINS
    heights = {name: _heights(scores, low, size) for name, scores in (("after", after), ("before", before))}
    bars = [(low + (place + 0.5) * size, 0.0, count) for place, count in enumerate(heights["after"])]
    edges = [(low + place * size, count) for place, count in enumerate([*heights["before"], 0])]
    marks: list[Mark] = [
        Bars(bars, AFTER, "after" if before else "", thick=size),
        *([Line(edges, BEFORE, "before", steps=True)] if before else []),
    ]
    most = max(map(max, heights.values()))
    x, y = Numbers(low, high, most=8, exact=True), Numbers(0, most, most=4)
    return Plot(650, 250, x, y, marks, "score", "leads").svg("How many leads have which score")


def _heights(scores: Sequence[int], low: float, size: float) -> list[int]:
    """Return how many scores each bin has; the highest score belongs to the last."""
    counts = Counter(min(int((score - low) / size), BINS - 1) for score in scores)
    return [counts[place] for place in range(BINS)]


def flows(matrix: Mapping[tuple[str, str], int], order: Sequence[str]) -> str:
    """Draw how many leads go from each priority (rows) to each other (columns); the diagonal does not change."""
    rows = list(reversed(order))
    counts = [[matrix.get((before, after), 0) for after in order] for before in rows]
    plot = Plot(420, 320, Names(order), Names(rows), [Cells(counts, AFTER)], "priority after", "priority before")
    return plot.svg("How many leads go from which priority to which")
