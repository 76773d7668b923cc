"""A score as a waterfall: each line begins where the one before it ended, and the last bar is the score."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pipeline.explain import PREFIXED, Explanation, hundredths

FADED: Final = 0.005
"""Points below which nothing has faded, as shown."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a score. Places and widths are in percent of the chart."""

    part: str
    name: str
    points: float
    count: int | None
    latest: datetime | None
    undecayed: float | None
    """The points before decay, if some have faded."""
    start: float
    width: float
    faded_start: float
    faded_width: float
    """Where the points that have faded were."""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The bars of a score by part, and the whole of it."""

    parts: Sequence[tuple[str, Sequence[Bar]]]
    score: float
    start: float
    width: float
    zero: float
    """Where nought is."""


def waterfall(one: Explanation) -> Waterfall:
    """Return the waterfall of a score. Within a part, the strongest lines come first and what takes away last."""
    rows = list(_ordered(one))
    scale = _Scale.of(rows)
    bars, total = list[Bar](), 0.0
    for row in rows:
        bars.append(_bar(row, total, scale))
        total += row["points"]
    parts = [(part, [bar for bar in bars if bar.part == part]) for part in dict.fromkeys(bar.part for bar in bars)]
    return Waterfall(parts, total, *scale.span(0.0, total), scale.place(0.0))


def _ordered(one: Explanation) -> Iterator[dict[str, Any]]:
    rows = hundredths(one.lines).to_dicts()
    for part in dict.fromkeys(row["part"] for row in rows):
        yield from sorted((row for row in rows if row["part"] == part), key=lambda row: -row["points"])


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float

    @classmethod
    def of(cls, rows: Sequence[dict[str, Any]]) -> "_Scale":
        """Return a scale that every bar is on."""
        ends, total = [0.0], 0.0
        for row in rows:
            ends += [total + _before(row), total + row["points"]]
            total += row["points"]
        return cls(min(ends), max(*ends, min(ends) + 1))

    def place(self, points: float) -> float:
        return round(100 * (points - self.low) / (self.high - self.low), 2)

    def span(self, one: float, other: float) -> tuple[float, float]:
        """Return where a bar starts, and its width."""
        start = self.place(min(one, other))
        return start, round(self.place(max(one, other)) - start, 2)


def _before(row: dict[str, Any]) -> float:
    """Return the points of a line before any faded."""
    return float(row["undecayed"] if _has_faded(row) else row["points"])


def _has_faded(row: dict[str, Any]) -> bool:
    return row["undecayed"] is not None and abs(row["undecayed"]) - abs(row["decayed"] or 0) > FADED


def _bar(row: dict[str, Any], total: float, scale: _Scale) -> Bar:
    points, before = row["points"], _before(row)
    return Bar(
        row["part"],
        f"{PREFIXED.get(row['type'], '')}{row['name']}",
        points,
        row["count"],
        row["latest"],
        before if _has_faded(row) else None,
        *scale.span(total, total + points),
        *scale.span(total + points, total + before if _has_faded(row) else total + points),
    )
