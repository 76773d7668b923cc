"""Dates as ages: the days since a time, or until it, as of each snapshot, are numbers that rules can use."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
import polars as pl

from calibrate.card.rules import LeadRule
from calibrate.learning.amounts import Number
from calibrate.learning.bins import FEWEST_LEADS, common, cuts, words
from calibrate.notes import Notes
from calibrate.past.panel import Panel
from calibrate.statistics.fit import Floats
from scoring.card.calendar import Calendar
from scoring.card.rules.measure import Days
from scoring.frames import folded
from vocabulary.fields import FieldType

TIMES: Final = frozenset[FieldType]({"time", "date"})
DAY_US: Final = 86_400_000_000
MOSTLY: Final = 0.9
"""A date is measured since it passed, or until it comes, if this share of the known ones have passed, or have not."""
SAME_DAY: Final = 1.0
ALONG: Final = 0.95
"""A date whose correlation with the creation is higher says no more than that."""
CREATION: Final = re.compile(
    r"^((lead|record|contact|account|row)_)?(creat(ed|ion)|create|enter(ed|ing)|entry|added|import(ed)?|insert(ed)?)"
    r"(_?(at|on|date|time|day|datetime|timestamp))?$|^date_(created|added|entered|imported)$"
)


def is_creation(name: str) -> bool:
    """Return whether a field is called like the time when a lead was created."""
    return bool(CREATION.search(name))


def column_of(days: Days) -> str:
    """Return the column that the days stand in."""
    return f"{days.way} {days.field}"


@dataclass(frozen=True)
class Clock:
    """The moments as of which snapshots know dates, in days since the epoch, and the calendar of the card."""

    moment: Floats
    calendar: Calendar

    def since(self, column: pl.Series, kind: FieldType) -> pl.Series:
        """Return the days since each time; below 0 if it is in the future."""
        moment = folded(pl.col(column.name), kind, self.calendar, column.dtype).dt.timestamp("us")
        passed = column.to_frame().select(moment).to_series()
        now = pl.Series(np.rint(self.moment * DAY_US).astype(np.int64))
        return ((now - passed) / DAY_US).cast(pl.Float64)


def latest(fields: pl.DataFrame, kinds: Mapping[str, FieldType], asked: datetime, clock: Calendar) -> datetime | None:
    """Return the latest time in a table that is not after the time asked for; None without any."""
    moments = [folded(pl.col(name), kinds[name], clock, fields[name].dtype) for name in kinds if kinds[name] in TIMES]
    found = [fields.select(moment.filter(moment <= asked).max()).item() for moment in moments]
    return max((one for one in found if one is not None), default=None)


def judged(
    panel: Panel, kinds: Mapping[str, FieldType], clock: Clock, include: Collection[str], notes: Notes
) -> dict[str, Days]:
    """Return how each time field is measured, without those that cannot be."""
    found = {}
    for name in (name for name, kind in kinds.items() if kind in TIMES):
        since = clock.since(panel.fields[name], kinds[name]).to_numpy()
        if name not in include and _is_creation(since, panel):
            said = f"{notes.label(name)} is about when the {notes.unit} was created, whose age the likelihood has."
            notes.leave_out("created", said, name)
        elif (days := _way(name, since)) is not None:
            found[name] = days
        elif name in include:
            found[name] = Days(days_since=name, days_until=None)
        else:
            passed = np.mean(since[~np.isnan(since)] >= 0)
            said = (
                f"{notes.label(name)} had passed at {passed:.0%} of the times looked at and was still to come at others"
            )
            notes.leave_out("past or future", f"{said}, so it may have been filled in later.", name)
    return found


def _is_creation(since: Floats, panel: Panel) -> bool:
    """Return whether a date is the lead's creation, or goes with it."""
    if panel.age is None:
        return False
    known = ~np.isnan(since)
    one, age = since[known], panel.age[known]
    if len(one) < FEWEST_LEADS:
        return False
    created = panel.moment[known] - age
    date = panel.moment[known] - one
    along = np.corrcoef(created, date)[0, 1] if created.std() > 0 and date.std() > 0 else 0.0
    return bool(np.mean(np.abs(one - age) <= SAME_DAY) >= MOSTLY or along > ALONG)


def _way(name: str, since: Floats) -> Days | None:
    known = since[~np.isnan(since)]
    passed = float(np.mean(known >= 0)) if len(known) else 1.0
    if passed >= MOSTLY:
        return Days(days_since=name, days_until=None)
    return Days(days_since=None, days_until=name) if passed <= 1 - MOSTLY else None


def added(panel: Panel, days: Mapping[str, Days], kinds: Mapping[str, FieldType], clock: Clock) -> Panel:
    """Return the panel with the days of each time field. A date that had not passed was not known, unless it comes."""
    if not days:
        return panel
    columns = []
    for name, each in days.items():
        since = clock.since(panel.fields[name], kinds[name])
        number = since.set(since < 0, None) if each.way == "days_since" else -since
        columns.append(number.alias(column_of(each)))
    return replace(panel, fields=panel.fields.with_columns(columns), days=dict(days))


def then(panel: Panel) -> pl.DataFrame:
    """Return the fields with the dates that were known then."""
    known = [
        pl.when(pl.col(column_of(each)).is_not_null()).then(pl.col(name)).alias(name)
        for name, each in panel.days.items()
    ]
    return panel.fields.with_columns(known)


def as_numbers(panel: Panel) -> Panel:
    """Return the panel with days in place of dates."""
    numbers = [pl.col(column_of(each)).alias(name) for name, each in panel.days.items()]
    return replace(panel, fields=panel.fields.with_columns(numbers), days={})


def numbers(panel: Panel, names: Iterable[str]) -> list[Number]:
    """Return the days of these fields as numbers to give points for."""
    return [
        Number(column_of(days), name, words(name), " days ago" if _is_past(days) else " days ahead", {days.way: name})
        for name in names
        if (days := panel.days.get(name))
    ]


def _is_past(days: Days) -> bool:
    return days.way == "days_since"


def rules(panel: Panel, names: Sequence[str], fewest: int) -> list[LeadRule]:
    """Return candidates: a time at least some days ago, or within the next days."""
    found = []
    for name in (name for name in names if name in panel.days):
        days = panel.days[name]
        column = pl.col(column_of(days))
        for cut in sorted({round(cut) for cut in cuts(panel.fields[column_of(days)]) if round(cut) > 0}):
            past = _is_past(days)
            called = f"{words(name)}: {cut:,} days ago or more" if past else f"{words(name)}: within {cut:,} days"
            test = column >= cut if past else (column >= 0) & (column < cut)
            condition = {name: {"older_than" if past else "within_next": f"{cut}d"}}
            found.append(LeadRule(called, condition, test, (name,)))
    return common(panel, found, fewest)


def moment(when: datetime) -> float:
    """Return a time in days since the epoch."""
    return when.astimezone(UTC).timestamp() / (DAY_US / 1e6)
