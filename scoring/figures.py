"""Figures of a chunk of leads: columns that are made of deals or activities."""

from collections.abc import Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from scoring.card import Scorecard
from scoring.card.conditions import ActivityCondition
from scoring.card.figures import ActivityFigure, DealFigure, Way
from scoring.card.rules.ahead import never
from scoring.card.values import TIMES
from scoring.conditions import deal_holds, tests_of_deals
from scoring.history import History
from scoring.picked import Picked
from scoring.related import Deals
from scoring.turning import turning
from scoring.wording import number_said
from vocabulary.arrays import Ints
from vocabulary.fields import TIME

EVERY: Final = ActivityCondition()
"""Every activity."""
SETTLED: Final = 1e6
"""Sums below this are settled to 1e-9, so that the order of what is added does not matter."""


FIGURES: Final = pl.Schema({"lead": pl.String(), "name": pl.String(), "number": pl.Float64(), "time": TIME})
"""Each figure of each lead: a number or a time, or neither if it is missing."""


def told(leads: pl.Series, figures: Sequence[pl.Series]) -> pl.DataFrame:
    """Return the figures as rows, one figure after the other."""
    parts = [FIGURES.to_frame()]
    for figure in figures:
        nothing = pl.Series([None]).new_from_index(0, len(leads))
        number, time = (nothing, figure) if figure.dtype == TIME else (figure, nothing)
        named = pl.DataFrame({"lead": leads, "number": number, "time": time}).with_columns(name=pl.lit(figure.name))
        parts.append(named.select(*FIGURES).cast(FIGURES))
    return pl.concat(parts)


def figures_said(figures: pl.DataFrame, zone: ZoneInfo) -> pl.Series:
    """Return each figure (`FIGURES`) in words: `12,000` or `27 Nov 2026`; null if it is missing."""
    days = figures["time"].dt.convert_time_zone(zone.key).dt.strftime("%-d %b %Y")
    numbers = pl.Series([None if one is None else number_said(one) for one in figures["number"]], dtype=pl.String)
    return numbers.zip_with(numbers.is_not_null(), days)


class Figures:
    """The figures of a scorecard, prepared for any chunk."""

    def __init__(self, card: Scorecard) -> None:
        self.of_deals = {name: one for name, one in card.figures.items() if isinstance(one, DealFigure)}
        self.of_activities = {name: one for name, one in card.figures.items() if isinstance(one, ActivityFigure)}
        self._counted = {
            name: pl.lit(value=True) if one.where is None else deal_holds(one.where, card.of_deals)
            for name, one in self.of_deals.items()
        }
        wheres = [one.where for one in self.of_deals.values() if one.where is not None]
        times = [name for name, kind in card.deals.items() if kind in TIMES]
        self._turning = {name: turning(tests_of_deals(name, wheres)) for name in times}
        """What makes time alone change the answers about the time fields of deals."""

    @property
    def conditions(self) -> Iterator[ActivityCondition]:
        """The conditions on activities."""
        return (one.where or EVERY for one in self.of_activities.values())

    def from_deals(self, deals: Deals, leads: pl.Series, as_of: Ints) -> list[pl.Series]:
        """Return the figures that are made of deals."""
        if not self.of_deals:
            return []
        rows = deals.at(leads, as_of)
        found = (rows.filter(self._counted[name].fill_null(value=False)) for name in self.of_deals)
        return [
            summarised(one.way, len(leads), kept["#row"].to_numpy(), kept[one.field] if one.field else None).alias(name)
            for (name, one), kept in zip(self.of_deals.items(), found, strict=True)
        ]

    def until(self, history: History, deals: Deals, leads: pl.Series) -> Ints:
        """Return in how many microseconds time alone can change a figure of each lead."""
        until = never(history.leads)
        for one in self.of_activities.values():
            where = one.where or EVERY
            until = np.minimum(until, history.until(where, one.within, one.during))
            if one.where is not None:
                until = np.minimum(until, history.until(where, one.where.within, one.where.during))
        return np.minimum(until, self._until_deals(deals, leads, history))

    def _until_deals(self, deals: Deals, leads: pl.Series, history: History) -> Ints:
        until = never(history.leads)
        turns = {name: one for name, one in self._turning.items() if one}
        if not turns or not history.leads:
            return until
        rows = deals.at(leads, history.as_of)
        for name, one in turns.items():
            known = rows.filter(pl.col(name).is_not_null())
            lead, as_of = known["#row"].to_numpy(), int(history.as_of[0])
            ages = as_of - known[name].cast(pl.Int64).to_numpy()
            np.minimum.at(until, lead, one.until(ages, as_of, history.calendar))
        return until

    def from_activities(self, history: History) -> list[pl.Series]:
        """Return the figures that are made of the activities of a history."""
        found = ((name, one, _picked(one, history)) for name, one in self.of_activities.items())
        return [
            summarised(
                one.way, history.leads, picked.lead, history.column(one.field, picked.at) if one.field else None
            ).alias(name)
            for name, one, picked in found
        ]


def _picked(figure: ActivityFigure, history: History) -> Picked:
    """Return the activities of a figure. What narrows it may be beside its condition, inside it, or both."""
    where = figure.where
    found = history.matching(where or EVERY, figure.within, figure.during)
    return found if where is None else history.narrowed(found, where.within, where.during)


def summarised(way: Way, leads: int, lead: Ints, values: pl.Series | None) -> pl.Series:
    """Return one value per lead; `lead` has the lead of each value, in order."""
    if values is None:
        return pl.Series(np.bincount(lead, minlength=leads).astype(np.float64))
    known = values.is_not_null().to_numpy()
    lead, values = lead[known], values.filter(known)
    if way in {"max", "min"}:
        return _extreme(way, leads, lead, values)
    numbers = values.to_numpy()
    total = np.bincount(lead, numbers[np.lexsort((numbers, lead))], leads).astype(np.float64, copy=False)
    if way == "average":
        count = np.bincount(lead, minlength=leads)
        total = np.divide(total, count, out=np.full(leads, np.nan), where=count > 0)
    settled = np.where(np.abs(total) < SETTLED, np.round(np.clip(total, -SETTLED, SETTLED), 9), total)
    return pl.Series(settled).fill_nan(None)


def _extreme(way: Way, leads: int, lead: Ints, values: pl.Series) -> pl.Series:
    nothing = pl.Series([None], dtype=values.dtype).new_from_index(0, leads)
    if values.is_empty():
        return nothing
    begins = np.flatnonzero(np.diff(lead, prepend=-1))
    best = np.maximum if way == "max" else np.minimum
    found = best.reduceat(values.to_physical().to_numpy(), begins)
    return nothing.scatter(lead[begins], pl.Series(found).cast(TIME if values.dtype == TIME else values.dtype))
