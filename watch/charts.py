"""Draws the charts of a report."""

from collections.abc import Sequence
from itertools import cycle
from typing import Final

from matplotlib.axes import Axes

from pipeline import drawing
from pipeline.drawing import INK, plain
from watch.tables import Chart

COLORS: Final = ("#2563eb", "#d97706", "#059669", "#9333ea", "#dc2626", "#64748b")
FAINT: Final = "#9aa5b1"
Points = Sequence[tuple[str, float, float, float]]


def draw(chart: Chart) -> str:
    """Return a chart as inline SVG; what it shows is in the tables too."""
    if chart.diagonal:
        return _promised(chart)
    several = len(chart.series) > 1
    if chart.kind == "lines":
        return _lines(chart)
    return _stacked(chart) if several or "" not in chart.series else _rates(chart)


def _rates(chart: Chart) -> str:
    """Draw rates with their intervals, one bar each."""
    points = list(chart.series[""])[::-1]
    figure, axes = drawing.axes(6.2, 0.9 + 0.36 * len(points))
    places = range(len(points))
    axes.barh(places, [100 * rate for _, rate, *_ in points], color=COLORS[0], alpha=0.8)
    for place, (_, _, low, high) in zip(places, points, strict=True):
        axes.plot([100 * low, 100 * high], [place, place], color=INK, linewidth=1.4)
    axes.set_yticks(list(places), [plain(name) for name, *_ in points])
    axes.set_xlabel(f"{chart.axis} (line: interval)")
    axes.set_xlim(0, None)
    return drawing.svg(figure, _label(chart))


def _stacked(chart: Chart) -> str:
    """Draw amounts on top of each other, one bar per label."""
    figure, axes = drawing.axes(6.2, 3.0)
    labels = [label for label, *_ in next(iter(chart.series.values()))]
    base = [0.0] * len(labels)
    for color, (name, points) in zip(cycle(COLORS), chart.series.items(), strict=False):
        values = [value for _, value, *_ in points]
        axes.bar(range(len(labels)), values, bottom=base, color=color, alpha=0.85, label=f" {plain(name)}")
        base = [low + value for low, value in zip(base, values, strict=True)]
    axes.set_xticks(range(len(labels)), [plain(one) for one in labels])
    axes.set_ylabel(chart.axis)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    _legend(axes)
    return drawing.svg(figure, _label(chart))


def _lines(chart: Chart) -> str:
    """Draw shares over time with their intervals."""
    figure, axes = drawing.axes(6.2, 2.6)
    for color, (name, points) in zip(cycle(COLORS), chart.series.items(), strict=False):
        places = range(len(points))
        axes.plot(places, [100 * share for _, share, *_ in points], color=color, marker="o", label=f" {plain(name)}")
        low, high = ([100 * one[side] for one in points] for side in (2, 3))
        axes.fill_between(places, low, high, color=color, alpha=0.15, linewidth=0)
        step = 1 + len(points) // 6
        axes.set_xticks(list(places)[::step], [plain(label) for label, *_ in points[::step]])
    axes.set_ylim(0, None)
    axes.set_ylabel(chart.axis)
    return drawing.svg(figure, _label(chart))


def _promised(chart: Chart) -> str:
    """Draw what came against what was promised; on the line the promise is kept."""
    figure, axes = drawing.axes(4.6, 3.8)
    points = [(float(said), 100 * came, 100 * low, 100 * high) for said, came, low, high in _only(chart)]
    top = 1.1 * max([1.0, *(max(said, high) for said, _, _, high in points)])
    axes.plot([0, top], [0, top], color=FAINT, linestyle="--", linewidth=1, label=" as promised")
    axes.plot(
        [said for said, *_ in points], [came for _, came, *_ in points], color=COLORS[0], marker="o", label=" came"
    )
    for said, _, low, high in points:
        axes.plot([said, said], [low, high], color=COLORS[0], linewidth=1.2, alpha=0.6)
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    axes.set_xlabel("% promised")
    axes.set_ylabel(chart.axis)
    _legend(axes)
    return drawing.svg(figure, _label(chart))


def _only(chart: Chart) -> Points:
    return next(iter(chart.series.values()))


def _legend(axes: Axes) -> None:
    axes.legend(frameon=False, labelcolor=INK, fontsize=9)


def _label(chart: Chart) -> str:
    return f"{chart.title}; the table has the numbers"
