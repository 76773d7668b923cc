"""A chart: two axes, the marks between them, a legend above."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import quoteattr

from drawing.marks import FAINT, INK, Line, Mark, Point, Rule, element
from drawing.scales import Scale
from drawing.text import SIZE, width
from vocabulary.outside import printable

GAP: Final = 8.0
SWATCH: Final = 16.0
ROW: Final = 18.0
"""The height of a row of the legend, and of a line of an axis."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart of a size in pixels. Marks are drawn in their order, the last on top."""

    width: float
    height: float
    x: Scale
    y: Scale
    marks: Sequence[Mark]
    x_title: str = ""
    y_title: str = ""

    def svg(self, label: str) -> str:
        """Return the chart as inline SVG with a label for those who do not see it."""
        room = self._room()
        inside = [*self._legend(), *self._horizontal(room), *self._vertical(room)]
        for mark in self.marks:
            inside += mark.draw(room.place(self.x, self.y))
        head = (
            f'<svg role="img" aria-label={quoteattr(printable(label))} xmlns="http://www.w3.org/2000/svg"'
            f' viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}" height="{self.height:g}"'
            f' font-family="inherit" font-size="{SIZE}" fill="{INK}">'
        )
        return f"{head}{''.join(inside)}</svg>"

    def _room(self) -> "Room":
        """Return where the marks are: what the texts around them leave."""
        left = max((width(text) for _, text in self.y.ticks()), default=0.0) + 2 * GAP + (ROW if self.y_title else 0)
        ticks = self.x.ticks()
        last = width(ticks[-1][1]) / 2 if ticks and ticks[-1][0] > 0.9 else 0.0  # noqa: PLR2004 - it stands at the end
        below = ROW + GAP + ROW * len(self.x_title.splitlines())
        return Room(left, ROW * len(self._rows()) + GAP, self.width - max(GAP, last), self.height - below)

    def _rows(self) -> list[list[Mark]]:
        """Return what the legend shows, row by row."""
        rows: list[list[Mark]] = []
        left = self.width
        for mark in (mark for mark in self.marks if mark.label):
            needs = _entry(mark)
            if left + needs > self.width:
                rows.append([])
                left = 0.0
            rows[-1].append(mark)
            left += needs
        return rows

    def _legend(self) -> Iterator[str]:
        for number, row in enumerate(self._rows()):
            left, top = GAP, number * ROW + 4
            for mark in row:
                yield _swatch(mark, left, top)
                yield element("text", {"x": left + SWATCH + 5, "y": top + 9.5}, mark.label)
                left += _entry(mark)

    def _horizontal(self, room: "Room") -> Iterator[str]:
        yield _line((room.left, room.bottom), (room.right, room.bottom))
        for at, text in self.x.ticks():
            x = room.left + at * (room.right - room.left)
            yield _line((x, room.bottom), (x, room.bottom + 4))
            yield element("text", {"x": x, "y": room.bottom + ROW, "text-anchor": "middle"}, text)
        for number, line in enumerate(self.x_title.splitlines()):
            where = {"x": (room.left + room.right) / 2, "y": room.bottom + ROW * (number + 2)}
            yield element("text", where | {"text-anchor": "middle"}, line)

    def _vertical(self, room: "Room") -> Iterator[str]:
        yield _line((room.left, room.top), (room.left, room.bottom))
        for at, text in self.y.ticks():
            y = room.bottom - at * (room.bottom - room.top)
            yield _line((room.left - 4, y), (room.left, y))
            yield element("text", {"x": room.left - GAP, "y": y + 4, "text-anchor": "end"}, text)
        if self.y_title:
            middle = (room.top + room.bottom) / 2
            turned = f"rotate(-90 {SIZE:.1f} {middle:.1f})"
            where = {"x": float(SIZE), "y": middle, "text-anchor": "middle", "transform": turned}
            yield element("text", where, self.y_title)


@dataclass(frozen=True, slots=True)
class Room:
    """The part of a chart that the marks are drawn in, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def place(self, x: Scale, y: Scale) -> "Placing":
        """Return what turns values on two scales into pixels."""
        return Placing(self, x, y)


@dataclass(frozen=True, slots=True)
class Placing:
    """Turns values on two scales into pixels."""

    room: Room
    x: Scale
    y: Scale

    def __call__(self, x: float, y: float) -> Point:
        """Return the pixels of a point."""
        room = self.room
        across, up = self.x.place(x), self.y.place(y)
        return room.left + across * (room.right - room.left), room.bottom - up * (room.bottom - room.top)


def _swatch(mark: Mark, left: float, top: float) -> str:
    """Return what stands for a mark in the legend: a line for lines."""
    if isinstance(mark, Line | Rule):
        where = {"x1": left, "y1": top + 5, "x2": left + SWATCH, "y2": top + 5}
        return element("line", {**where, "stroke": mark.color, "stroke-width": 2, "stroke-dasharray": mark.dash})
    return element("rect", {"x": left, "y": top, "width": SWATCH, "height": 10.0, "fill": mark.color})


def _entry(mark: Mark) -> float:
    """Return how wide a mark's entry in the legend is."""
    return SWATCH + 5 + width(mark.label) + 2 * GAP


def _line(start: Point, end: Point) -> str:
    where = dict(zip(("x1", "y1", "x2", "y2"), (*start, *end), strict=True))
    return element("line", {**where, "stroke": FAINT})
