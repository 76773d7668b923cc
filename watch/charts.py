"""Draws the charts of a report."""

from collections.abc import Sequence
from itertools import cycle
from typing import Final

from drawing.marks import Band, Bars, Intervals, Line, Mark
from drawing.plot import Plot
from drawing.scales import Names, Numbers
from drawing.text import shortened
from watch.tables import Chart

COLORS: Final = ("#2563eb", "#d97706", "#059669", "#9333ea", "#dc2626", "#64748b")
FAINT: Final = "#9aa5b1"
WIDTH: Final = 560.0
LONGEST: Final = 32
MOST_TIMES: Final = 6
Points = Sequence[tuple[str, float, float, float]]


def draw(chart: Chart) -> str:
    """Return a chart as inline SVG; what it shows is in the tables too."""
    return _plot(chart).svg(f"{chart.title}; the table has the numbers")


def _plot(chart: Chart) -> Plot:
    if chart.diagonal:
        return _promised(chart)
    if chart.kind == "lines":
        return _lines(chart)
    return _stacked(chart) if len(chart.series) > 1 or "" not in chart.series else _rates(chart)


def _rates(chart: Chart) -> Plot:
    """Draw rates with their intervals, one bar each."""
    points = list(chart.series[""])[::-1]
    bars = [(place, 0.0, 100 * rate) for place, (_, rate, *_) in enumerate(points)]
    spans = [(place, 100 * low, 100 * high) for place, (_, _, low, high) in enumerate(points)]
    marks: list[Mark] = [Bars(bars, COLORS[0], lies=True), Intervals(spans, lies=True)]
    scale = Numbers(0, max([0.0, *(high for *_, high in spans), *(rate for *_, rate in bars)]))
    height = 80 + 32.0 * len(points)
    return Plot(WIDTH, height, scale, Names(_names(points)), marks, f"{chart.axis} (line: interval)")


def _stacked(chart: Chart) -> Plot:
    """Draw amounts on top of each other, one bar per label."""
    names = _names(next(iter(chart.series.values())))
    base, marks = [0.0] * len(names), list[Mark]()
    for color, (name, points) in zip(cycle(COLORS), chart.series.items(), strict=False):
        tops = [low + value for low, (_, value, *_) in zip(base, points, strict=True)]
        bars = [(place, *ends) for place, ends in enumerate(zip(base, tops, strict=True))]
        marks.append(Bars(bars, color, shortened(name, LONGEST)))
        base = tops
    return Plot(WIDTH, 270, Names(names, _every(names)), Numbers(0, max(base, default=0.0)), marks, "", chart.axis)


def _lines(chart: Chart) -> Plot:
    """Draw shares over time with their intervals."""
    marks, most = list[Mark](), 0.0
    names = max((_names(points) for points in chart.series.values()), key=len)
    for color, (name, points) in zip(cycle(COLORS), chart.series.items(), strict=False):
        bounds = [(place, 100 * low, 100 * high) for place, (_, _, low, high) in enumerate(points)]
        course = [(place, 100 * share) for place, (_, share, *_) in enumerate(points)]
        marks += [Band(bounds, color), Line(course, color, shortened(name, LONGEST), dots=3)]
        most = max([most, *(high for *_, high in bounds), *(share for _, share in course)])
    return Plot(WIDTH, 240, Names(names, _every(names)), Numbers(0, most), marks, "", chart.axis)


def _promised(chart: Chart) -> Plot:
    """Draw what came against what was promised; on the line the promise is kept."""
    points = [(float(said), 100 * came, 100 * low, 100 * high) for said, came, low, high in _only(chart)]
    top = 1.1 * max([1.0, *(max(said, high) for said, _, _, high in points)])
    marks: list[Mark] = [
        Line([(0, 0), (top, top)], FAINT, "as promised", width=1, dash="5 4"),
        Intervals([(said, low, high) for said, _, low, high in points], COLORS[0], opacity=0.6),
        Line([(said, came) for said, came, *_ in points], COLORS[0], "came", dots=3.5),
    ]
    scale = Numbers(0, top, exact=True)
    return Plot(420, 340, scale, scale, marks, "% promised", chart.axis)


def _only(chart: Chart) -> Points:
    return next(iter(chart.series.values()))


def _names(points: Points) -> list[str]:
    return [shortened(name, LONGEST) for name, *_ in points]


def _every(names: Sequence[str]) -> int:
    """Return which names are written: there is room for a few."""
    return 1 + (len(names) - 1) // MOST_TIMES
