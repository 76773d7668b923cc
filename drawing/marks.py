"""Marks: what is drawn between the axes of a chart."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Final, Literal, Protocol, TypeVar
from xml.sax.saxutils import escape, quoteattr

Point = tuple[float, float]
Place = Callable[[float, float], Point]
"""Turns the values of a point into pixels."""

Numbered = TypeVar("Numbered", bound=tuple[float, ...])

INK: Final = "currentColor"
FAINT: Final = "var(--line, #cbd5e1)"


class Mark(Protocol):
    """Something that is drawn."""

    @property
    def color(self) -> str:
        """Its colour."""

    @property
    def label(self) -> str:
        """What the legend says of it; empty if it says nothing."""

    def draw(self, place: Place) -> Iterator[str]:
        """Yield its elements."""


def element(name: str, attributes: Mapping[str, object], text: str | None = None) -> str:
    """Return an SVG element; numbers are written with one decimal."""
    written = "".join(f" {key}={quoteattr(_value(value))}" for key, value in attributes.items() if value is not None)
    return f"<{name}{written}/>" if text is None else f"<{name}{written}>{escape(text)}</{name}>"


def _value(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points."""

    points: Sequence[Point]
    color: str
    label: str = ""
    width: float = 2.0
    dash: str | None = None
    dots: float = 0.0
    """The radius of a dot on each point."""
    steps: bool = False
    """Whether it keeps its height until the next point."""

    def draw(self, place: Place) -> Iterator[str]:
        """Yield the line and its dots."""
        at = [place(*point) for point in _known(self.points)]
        stroke = {"stroke": self.color, "stroke-width": self.width, "stroke-dasharray": self.dash}
        points = {"points": _joined(self._stepped(at)), "fill": "none", "stroke-linejoin": "round"}
        yield element("polyline", {**points, **stroke})
        if self.dots:
            for x, y in at:
                yield element("circle", {"cx": x, "cy": y, "r": self.dots, "fill": self.color})

    def _stepped(self, at: Sequence[Point]) -> Sequence[Point]:
        if not self.steps:
            return at
        corners = [(after[0], before[1]) for before, after in pairwise(at)]
        return [*(point for pair in zip(at, corners, strict=False) for point in pair), *at[-1:]]


@dataclass(frozen=True, slots=True)
class Band:
    """The room between a low and a high line: `points` are x, low and high."""

    points: Sequence[tuple[float, float, float]]
    color: str
    label: str = ""

    def draw(self, place: Place) -> Iterator[str]:
        """Yield the area."""
        low = [place(x, under) for x, under, _ in _known(self.points)]
        high = [place(x, over) for x, _, over in _known(self.points)]
        yield element("polygon", {"points": _joined([*low, *high[::-1]]), "fill": self.color, "opacity": 0.2})


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars from a base to a value: `bars` are the place, the base and the value."""

    bars: Sequence[tuple[float, float, float]]
    color: str
    label: str = ""
    lies: bool = False
    """Whether the bars lie: the places are on the vertical axis."""
    thick: float = 0.7
    """How much of the room of a place a bar takes."""

    def draw(self, place: Place) -> Iterator[str]:
        """Yield a rectangle per bar."""
        half = self.thick / 2
        for at, base, value in _known(self.bars):
            corners = ((base, at - half), (value, at + half)) if self.lies else ((at - half, base), (at + half, value))
            (left, one), (right, other) = (place(*corner) for corner in corners)
            box = {"x": min(left, right), "y": min(one, other), "width": abs(right - left), "height": abs(other - one)}
            yield element("rect", {**box, "fill": self.color, "opacity": 0.85})


@dataclass(frozen=True, slots=True)
class Dots:
    """Single points."""

    points: Sequence[Point]
    color: str
    label: str = ""
    radius: float = 4.0
    diamonds: bool = False

    def draw(self, place: Place) -> Iterator[str]:
        """Yield a circle or a diamond per point."""
        for x, y in (place(*point) for point in _known(self.points)):
            turned = f"rotate(45 {x:.1f} {y:.1f})" if self.diamonds else None
            side = 2 * self.radius
            box = {"x": x - self.radius, "y": y - self.radius, "width": side, "height": side, "fill": self.color}
            round_ = {"cx": x, "cy": y, "r": self.radius, "fill": self.color}
            yield element("rect", box | {"transform": turned}) if turned else element("circle", round_)


@dataclass(frozen=True, slots=True)
class Intervals:
    """Strokes between two values: `spans` are the place, the low and the high value."""

    spans: Sequence[tuple[float, float, float]]
    color: str = INK
    label: str = ""
    lies: bool = False
    width: float = 1.6
    opacity: float = 1.0

    def draw(self, place: Place) -> Iterator[str]:
        """Yield a stroke per span."""
        for at, low, high in _known(self.spans):
            ends = ((low, at), (high, at)) if self.lies else ((at, low), (at, high))
            (left, top), (right, bottom) = (place(*end) for end in ends)
            where = {"x1": left, "y1": top, "x2": right, "y2": bottom}
            yield element("line", {**where, "stroke": self.color, "stroke-width": self.width, "opacity": self.opacity})


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line across the chart at a value of one axis."""

    value: float
    axis: Literal["x", "y"]
    ends: tuple[float, float]
    """The ends of the other axis."""
    color: str = FAINT
    label: str = ""
    dash: str | None = None

    def draw(self, place: Place) -> Iterator[str]:
        """Yield the line."""
        points = [(self.value, end) if self.axis == "x" else (end, self.value) for end in self.ends]
        (left, top), (right, bottom) = (place(*point) for point in points)
        where = {"x1": left, "y1": top, "x2": right, "y2": bottom}
        yield element("line", {**where, "stroke": self.color, "stroke-width": 1.4, "stroke-dasharray": self.dash})


@dataclass(frozen=True, slots=True)
class Notes:
    """Texts at points, a little above them."""

    notes: Sequence[tuple[float, float, str]]
    color: str = INK
    label: str = ""
    above: float = 10.0

    def draw(self, place: Place) -> Iterator[str]:
        """Yield a text per note."""
        for x, y, text in (note for note in self.notes if _known([note[:2]])):
            left, top = place(x, y)
            yield element("text", {"x": left, "y": top - self.above, "fill": self.color, "text-anchor": "middle"}, text)


@dataclass(frozen=True, slots=True)
class Cells:
    """A table of counts whose cells are the darker the more they hold; `counts` has a row per name of the y axis."""

    counts: Sequence[Sequence[int]]
    color: str
    label: str = ""

    def draw(self, place: Place) -> Iterator[str]:
        """Yield a rectangle and its number per cell."""
        most = max((max(row, default=0) for row in self.counts), default=0) or 1
        for y, row in enumerate(self.counts):
            for x, count in enumerate(row):
                (left, one), (right, other) = place(x - 0.5, y - 0.5), place(x + 0.5, y + 0.5)
                depth = (count / most) ** 0.5
                box = {"x": left, "y": min(one, other), "width": right - left, "height": abs(other - one)}
                yield element("rect", {**box, "fill": self.color, "opacity": f"{depth:.2f}"})
                ink = "#fff" if depth > 0.6 else INK  # noqa: PLR2004 - darker than this, the page's ink is not read
                where = {"x": (left + right) / 2, "y": (one + other) / 2 + 4, "text-anchor": "middle", "fill": ink}
                yield element("text", where, f"{count:,}" if count else "·")


def _known(points: Sequence[Numbered]) -> Sequence[Numbered]:
    """Return the points without those that have no place."""
    return [point for point in points if all(map(isfinite, point))]


def _joined(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
