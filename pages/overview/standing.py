"""How the leads, or accounts, of a scorecard stand: scores, grades by stage, priorities against the calls of a week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from pages.columns import Columns
from pages.keeping import Kept
from pages.site import Site
from pages.viewing import View
from pipeline.planning.movement import NONE
from pipeline.planning.overview import Reach, grades_by_stage, priorities, reach
from scoring import Scorecard

BARS: Final = 20
"""How many bars the chart of scores has at most."""
WIDTHS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class Level:
    """The leads of one priority, and how many of them the calls of a week reach."""

    name: str
    leads: int
    above: int
    """How many leads are more urgent."""
    share: float
    """Of the most frequent priority."""
    reached: int | None
    """None if no capacity is stated."""

    @property
    def verdict(self) -> str:
        """How far the calls reach, in words."""
        if self.reached is None:
            return ""
        if self.reached == self.leads:
            return "all reached"
        return f"{self.reached:,} reached" if self.reached else "not reached"


@dataclass(frozen=True, slots=True)
class Bar:
    """How many leads have a score from `low` to `high`, both included."""

    low: int
    high: int
    leads: int
    share: float
    """Of the most frequent scores."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the leads, or accounts, of a scorecard stand."""

    leads: int
    waits: int
    read_at: datetime
    bars: Sequence[Bar]
    """How many have which score, from the lowest to the highest."""
    grades: Sequence[str]
    stages: Sequence[str]
    cells: Mapping[tuple[str, str], int]
    levels: Sequence[Level]
    without: int
    """How many have no priority."""
    reach: Reach | None

    def heat(self, grade: str, stage: str) -> float:
        """Return how strong the colour of a cell is, from 0 to 1."""
        most = max(self.cells.values(), default=0)
        return (self.cells.get((grade, stage), 0) / most) ** 0.5 if most else 0.0

    @property
    def sentence(self) -> str:
        """How far the calls of a week reach, and by how much they are too few for whom they reach last."""
        if self.reach is None:
            return ""
        last = next((level for level in self.levels if level.name == self.reach.priority), None)
        if last is None or last.reached is None or last.reached == last.leads:
            return self.reach.sentence
        short = last.leads - last.reached
        return f"{self.reach.sentence} {short:,} more calls would reach all of {last.name}."


class Standings:
    """The standings of all scorecards."""

    def __init__(self, _site: Site) -> None:
        self._kept: dict[tuple[str, str], Kept[Standing]] = {}

    def of(self, view: View) -> Standing:
        """Return how the leads of a view stand."""
        columns, box = view.columns, view.box
        capacity = view.job.connection.capacity if view.of == "leads" else None
        kept = self._kept.setdefault((view.job.name, box.key), Kept())
        return kept.get((columns.change, box.label, capacity), lambda: standing(columns, box.card, capacity))


def standing(columns: Columns, card: Scorecard, capacity: int | None) -> Standing:
    """Compute how the leads stand."""
    frame = columns.frame.select(
        "lead",
        "waits",
        pl.col("lead_grade", "lead_readiness", "lead_priority").cast(pl.String),
        pl.col("lead_priority_index").cast(pl.Int64),
        pl.col("lead_score").cast(pl.Int64),
    )
    grades = tuple(card.grade.bands) if card.grade else ()
    stages = card.readiness.names if card.readiness else ()
    cells = {(cell.grade, cell.stage): cell.leads for cell in grades_by_stage(frame, grades, stages)}
    names = card.priorities
    known = frame.filter(pl.col("lead_priority").is_in(list(names)))
    found = None if capacity is None else reach(known, capacity, names)
    return Standing(
        leads=frame.height,
        waits=int(frame["waits"].sum()),
        read_at=columns.read_at,
        bars=_bars(frame["lead_score"].drop_nulls()),
        grades=list(dict.fromkeys(grade for grade, _ in cells)),
        stages=_ordered({stage for _, stage in cells}, stages),
        cells=cells,
        levels=_levels(priorities(frame, names), capacity),
        without=frame["lead_priority"].null_count(),
        reach=found,
    )


def _ordered(there: set[str], known: Sequence[str]) -> list[str]:
    return [*(name for name in known if name in there), *sorted(there.difference(known))]


def _levels(counts: Mapping[str, int], capacity: int | None) -> list[Level]:
    named = {name: leads for name, leads in counts.items() if name != NONE}
    most, above, levels = max(named.values(), default=1), 0, list[Level]()
    for name, leads in named.items():
        reached = None if capacity is None else max(0, min(leads, capacity - above))
        levels.append(Level(name, leads, above, leads / most, reached))
        above += leads
    return levels


def _bars(scores: pl.Series) -> list[Bar]:
    if scores.is_empty():
        return []
    low, high = int(scores.min() or 0), int(scores.max() or 0)  # type: ignore[arg-type]  # of numbers
    width = next((width for width in WIDTHS if (high - low) / width < BARS), WIDTHS[-1])
    counted = dict((scores // width * width).value_counts().iter_rows())
    most = max(counted.values())
    starts = range(low // width * width, high + 1, width)
    return [Bar(at, min(at + width - 1, high), leads := counted.get(at, 0), leads / most) for at in starts]
