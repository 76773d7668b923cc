"""From how many points up to call with a capacity of calls a week, and what is expected to come of it."""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from calibrate.past.panel import Panel
from calibrate.statistics.fit import Floats
from scoring.uncertainty import SPREAD, Uncertainty
from vocabulary.outputs import Of

STEPS: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
"""The capacities of the table, relative to the stated one."""
FEWEST_WEEKS: Final = 3
HUNDREDTHS: Final = 100


@dataclass(frozen=True)
class Cut:
    """Who is called from a value of a score up, in a usual week: leads that newly reach it."""

    at: float
    """Points, or a chance in percent."""
    calls: float
    came: float
    """How many of them converted within the horizon."""
    expected: float = float("nan")
    low: float = float("nan")
    """Between `low` and `high` conversions come of nine weeks in ten; NaN without percentages."""
    high: float = float("nan")


@dataclass(frozen=True)
class Cutoffs:
    """The cuts at some capacities; `line` are those at the stated one."""

    capacity: int
    weeks: int
    horizon: float
    by_points: tuple[Cut, ...] = ()
    by_likelihood: tuple[Cut, ...] = ()
    line: tuple[Cut | None, Cut | None] = (None, None)
    """By points and by likelihood; None where there is no such score."""
    of: Of = "leads"
    message: str = ""
    """Why there is no table."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return what to do with the capacity, in words."""
        calls = f"With {self.capacity:,} call{'' if self.capacity == 1 else 's'} a week, call from"
        units = ((self.line[0], "{:.0f} points"), (self.line[1], "{:.1f}%"))
        return tuple(f"{calls} {unit.format(cut.at)} up: {self._told(cut)}" for cut, unit in units if cut)

    def _told(self, cut: Cut) -> str:
        week = f"about {cut.calls:,.0f} {self.of} newly reach them in a week"
        came = f"{cut.came:.1f} a week did in the {self.weeks} weeks after the fitting"
        if math.isnan(cut.expected):
            return f"{week}; within {self.horizon:g} days, {came}."
        expected = f"of which {cut.expected:.1f} are expected to convert within {self.horizon:g} days"
        return f"{week}, {expected} ({cut.low:.0f} to {cut.high:.0f}); {came}."


@dataclass(frozen=True)
class Flow:
    """Who there was to call, on the Mondays after the fitting, and what they were given."""

    panel: Panel
    sample: float
    """The share of the leads that these are."""
    points: Floats
    chance: Floats | None
    terms: Floats
    """What the weights of the likelihood are multiplied with."""
    uncertainty: Uncertainty | None

    @property
    def weeks(self) -> int:
        """Return after how many Mondays leads could newly reach a value."""
        return len(np.unique(self.panel.moment)) - 1

    def cut(self, score: Floats, at: float, shown: float) -> Cut:
        """Return who newly reaches a value, each at the first time; those that had it on the first Monday do not."""
        panel, first = self.panel, self.panel.moment.min()
        reached = np.flatnonzero(score >= at)
        _, place = np.unique(panel.lead[reached], return_index=True)
        rows = reached[place]
        rows = rows[panel.moment[rows] > first]
        scale = 1 / (self.weeks * self.sample)
        made = Cut(shown, len(rows) * scale, float(panel.label[rows].sum()) * scale)
        return made if self.chance is None else self._expected(made, rows, scale)

    def _expected(self, made: Cut, rows: Floats, scale: float) -> Cut:
        assert self.chance is not None
        chance = self.chance[rows]
        by_chance = chance * (1 - chance)
        variance, expected = float(by_chance.sum()) * scale, float(chance.sum()) * scale
        if self.uncertainty is not None:
            shared = (self.terms[rows] * by_chance[:, None]).sum(axis=0) * scale
            variance += float(shared @ self.uncertainty.matrix @ shared)
            variance += self.uncertainty.rest * float((by_chance**2).sum()) * scale
        margin = SPREAD * math.sqrt(variance)
        low, high = math.floor(max(0.0, expected - margin)), math.ceil(min(made.calls, expected + margin))
        return replace(made, expected=expected, low=float(low), high=float(max(low, high)))

    def lowest(self, score: Floats, calls: float, values: Floats) -> float:
        """Return the lowest of some ascending values that at most this many leads newly reach in a week."""
        fitting = values[-1] if len(values) else 0.0
        for value in values[::-1]:
            if self.cut(score, value, value).calls > calls:
                break
            fitting = value
        return float(fitting)


def cutoffs(flow: Flow, capacity: int, horizon: float, of: Of) -> Cutoffs:
    """Return the cuts by points and, if there are percentages, by likelihood."""
    if not len(flow.panel) or flow.weeks < FEWEST_WEEKS:
        few = f"fewer than {FEWEST_WEEKS} weeks after the fitting have a horizon that is over"
        return Cutoffs(capacity, 0, horizon, of=of, message=f"There is no table of cut-offs: {few}.")
    points = _cuts(flow, flow.points, capacity, _whole(flow.points), 1.0)
    said = flow.chance
    chances = () if said is None else _cuts(flow, said, capacity, _tenths(said), HUNDREDTHS)
    middle = STEPS.index(1.0)
    line = points[middle], chances[middle] if chances else None
    return Cutoffs(capacity, flow.weeks, horizon, _distinct(points), _distinct(chances), line, of)


def _cuts(flow: Flow, score: Floats, capacity: int, values: Floats, scale: float) -> tuple[Cut, ...]:
    ats = [flow.lowest(score, capacity * step, values) for step in STEPS]
    return tuple(flow.cut(score, at, round(at * scale, 1)) for at in ats)


def _distinct(cuts: tuple[Cut, ...]) -> tuple[Cut, ...]:
    return tuple({cut.at: cut for cut in cuts}.values())


def _whole(points: Floats) -> Floats:
    """Return the whole points that anybody reaches."""
    return np.unique(np.floor(points))


def _tenths(chance: Floats) -> Floats:
    """Return the percentages with one decimal that anybody reaches, as chances."""
    return np.unique(np.floor(chance * 1000)) / 1000
